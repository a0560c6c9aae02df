import { LEVELS } from '../../model/alert.ts'
import { watchersOf } from '../../store/local/collaboration.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import {
  type NoticeSettings,
  type Occurrence,
  type WayKey,
  addNotice,
  noticeSettingsOf,
  takeOccurrences,
} from '../../store/local/notices.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { type User, listUsers } from '../../store/local/users.ts'
import { isAllowed } from '../access/incident.ts'
import type { Action } from '../access/policy.ts'
import { type Digest, type NotifyRule, type NotifyRules, minuteOfDay } from './rules.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

export interface Planning {
  rules: NotifyRules
  /** Ways that are set up. */
  ways: readonly WayKey[]
  /** Of the wall clock that hours of the day mean. */
  offset: (atMs: number) => number
  nowMs: number
}

/** Turns what happened since the last time into notices for those whom the rules name, each once, whatever stops the program. */
export function planNotices(db: LocalDatabase, planning: Planning): void {
  inTransaction(db, () => {
    const occurrences = takeOccurrences(db)
    if (planning.ways.length === 0 || occurrences.length === 0) return
    const readers = reachable(db, planning.ways)
    for (const occurrence of occurrences) planOne(db, planning, readers, occurrence)
  })
}

interface Reader {
  user: User
  settings: NoticeSettings
}

/** Users whom any of the ways reaches: asked once for all that happened. */
function reachable(db: LocalDatabase, ways: readonly WayKey[]): Reader[] {
  return listUsers(db)
    .map((user) => ({ user, settings: noticeSettingsOf(db, user.name) }))
    .filter(({ settings }) => ways.some((way) => settings.addresses[way] !== undefined))
}

function planOne(
  db: LocalDatabase,
  { rules, ways, offset, nowMs }: Planning,
  readers: readonly Reader[],
  occurrence: Occurrence,
): void {
  const matching = rules.rules.filter((rule) => isAbout(rule, occurrence))
  if (matching.length === 0 || readers.length === 0) return
  const watchers = watchersOf(db, occurrence.incidentId)
  const planned = new Map<string, { user: string; way: WayKey; urgent: boolean; dueMs: number }>()
  for (const { user, settings } of readers) {
    const { name } = user
    // Who did it knows it.
    if (name === occurrence.actor || !isAllowed(user, actionFor(occurrence), occurrence)) continue
    const owner = name === occurrence.params['owner']
    const own = owner || name === occurrence.assignee || watchers.includes(name)
    if (!own && LEVELS.indexOf(occurrence.level) < LEVELS.indexOf(settings.levelMin)) continue
    for (const { to, by, urgent, digest } of matching) {
      const meant =
        to.roles.includes(user.role) ||
        to.users.includes(name) ||
        (to.people.includes('assignee') && name === occurrence.assignee) ||
        (to.people.includes('watchers') && watchers.includes(name)) ||
        (to.people.includes('owner') && owner)
      if (!meant) continue
      const wantedMs = digest === undefined ? nowMs + rules.gatherMs : digestMs(digest, offset, nowMs)
      const dueMs = urgent && settings.urgentInQuiet ? wantedMs : afterQuiet(settings, offset, wantedMs)
      for (const way of by) {
        if (!ways.includes(way) || settings.addresses[way] === undefined) continue
        const former = planned.get(`${name} ${way}`)
        planned.set(`${name} ${way}`, {
          user: name,
          way,
          urgent: urgent || former?.urgent === true,
          dueMs: Math.min(dueMs, former?.dueMs ?? Infinity),
        })
      }
    }
  }
  for (const one of planned.values()) addNotice(db, { ...occurrence, ...one })
}

/** What somebody must be allowed to do to be told of it. */
export function actionFor({ incidentId }: Pick<Occurrence, 'incidentId'>): Action {
  return incidentId === '' ? 'rules:read' : 'incidents:read'
}

function isAbout({ about, levels, rules, agencies }: NotifyRule, occurrence: Occurrence): boolean {
  return (
    about.has(occurrence.code) &&
    (levels?.includes(occurrence.level) ?? true) &&
    (agencies?.includes(occurrence.agency) ?? true) &&
    (rules?.some((id) => occurrence.rules.includes(id)) ?? true)
  )
}

/** The next such hour of the day, or the end of the running span; spans are counted from midnight UTC. */
export function digestMs(digest: Digest, offset: (atMs: number) => number, nowMs: number): number {
  return 'everyMs' in digest
    ? (Math.floor(nowMs / digest.everyMs) + 1) * digest.everyMs
    : nextWall(digest.minuteOfDay, offset, nowMs)
}

/** `atMs`, or where that lies in the user's quiet hours their end. */
export function afterQuiet(
  { quiet }: Pick<NoticeSettings, 'quiet'>,
  offset: (atMs: number) => number,
  atMs: number,
): number {
  if (quiet === undefined) return atMs
  const [from, to] = [minuteOfDay(quiet.from), minuteOfDay(quiet.to)]
  const minute = Math.floor(((((atMs + offset(atMs)) % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS)
  const within = from <= to ? minute >= from && minute < to : minute >= from || minute < to
  return within ? nextWall(to, offset, atMs) : atMs
}

/** The next time after `atMs` at which the wall clock shows that minute of the day. */
function nextWall(minute: number, offset: (atMs: number) => number, atMs: number): number {
  const wall = atMs + offset(atMs)
  const today = Math.floor(wall / DAY_MS) * DAY_MS + minute * MINUTE_MS
  const next = today > wall ? today : today + DAY_MS
  return next - offset(next - offset(next))
}
