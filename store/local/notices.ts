import { randomBytes } from 'node:crypto'
import { LEVELS, type Level } from '../../model/alert.ts'
import type { LocalDatabase } from './database.ts'
import { lastPosition } from './changes.ts'
import { prepared } from './statement.ts'

export const WAYS = ['mail', 'chat'] as const
/** How a notice reaches somebody. */
export type WayKey = (typeof WAYS)[number]

/** What a user wants to be told, where and when. */
export interface NoticeSettings {
  language: 'vi' | 'en'
  /** Where each way leads; a way without an address is not gone. */
  addresses: Partial<Record<WayKey, string>>
  /** Nothing of a lower level, unless the incident is their own. */
  levelMin: Level
  /** Hours of the day in which only what is urgent comes, `HH:MM`; `to` may be on the next day. */
  quiet?: { from: string; to: string }
  /** Whether what is urgent comes in quiet hours. */
  urgentInQuiet: boolean
}

export const NOTICE_SETTINGS: NoticeSettings = {
  language: 'vi',
  addresses: {},
  levelMin: LEVELS[0],
  urgentInQuiet: true,
}

/** Something that happened to an incident, or a rule that went over its budget, with what decides who is told. */
export interface Occurrence {
  position: number
  at: string
  actor: string
  code: string
  params: Record<string, string | number>
  /** Empty where it is about a rule alone. */
  incidentId: string
  agency: string
  level: Level
  assignee?: string
  /** Ids of its detection rules. */
  rules: string[]
}

export interface Notice {
  at: string
  code: string
  params: Record<string, string | number>
  /** Empty where it is about a rule alone. */
  incidentId: string
}

export type MessageState = 'pending' | 'sent' | 'failed' | 'dropped'

/** One message to one person by one way, about everything that had gathered. */
export interface Message {
  id: string
  user: string
  way: WayKey
  at: string
  /** Of how many notices it tells; none: a trial. */
  notices: number
  attempts: number
  state: MessageState
  sentAt?: string
  /** Code of what went wrong in the last try. */
  error?: string
}

const LOG_DAYS = 30
const OCCURRENCES_AT_ONCE = 500
/** A message tells of no more; the rest makes another. */
const NOTICES_OF_MESSAGE_MAX = 500

export function noticeSettingsOf(db: LocalDatabase, userName: string): NoticeSettings {
  const row = prepared(db, 'SELECT settings FROM notice_settings WHERE user_name = ?').get(userName) as
    | { settings: string }
    | undefined
  return row === undefined ? NOTICE_SETTINGS : (JSON.parse(row.settings) as NoticeSettings)
}

export function setNoticeSettings(db: LocalDatabase, userName: string, settings: NoticeSettings): void {
  prepared(
    db,
    `INSERT INTO notice_settings (user_name, settings) VALUES (?, ?)
     ON CONFLICT (user_name) DO UPDATE SET settings = excluded.settings`,
  ).run(userName, JSON.stringify(settings))
}

/** What happened since the last time, oldest first; from now on it counts as seen. In a transaction. */
export function takeOccurrences(db: LocalDatabase): Occurrence[] {
  const { position } = prepared(db, 'SELECT position FROM notice_position').get() as { position: number }
  const last = lastPosition(db)
  if (last === position) return []
  const rows = prepared(
    db,
    `SELECT h.id AS position, h.at, h.actor, h.code, h.params, coalesce(i.id, '') AS incidentId, i.assignee,
         coalesce(i.agency, json_extract(h.params, '$.agency')) AS agency, coalesce(i.level, 'informational') AS level,
         coalesce(i.rules, json_array(json_object('id', h.subject_id))) AS rules
       FROM history h LEFT JOIN incidents i ON h.subject_kind = 'incident' AND i.id = h.subject_id
       WHERE h.id > ? AND h.id <= ? AND (i.id IS NOT NULL OR h.code = 'rule_over_budget') ORDER BY h.id LIMIT ?`,
  ).all(position, last, OCCURRENCES_AT_ONCE) as (Omit<Occurrence, 'params' | 'rules' | 'assignee'> & {
    params: string
    rules: string
    assignee: string | null
  })[]
  const through = rows.length === OCCURRENCES_AT_ONCE ? rows.at(-1)!.position : last
  prepared(db, 'UPDATE notice_position SET position = ?').run(through)
  return rows.map(({ params, rules, assignee, ...row }) => ({
    ...row,
    params: JSON.parse(params) as Occurrence['params'],
    rules: (JSON.parse(rules) as { id: string }[]).map(({ id }) => id),
    ...(assignee !== null && { assignee }),
  }))
}

export function addNotice(
  db: LocalDatabase,
  notice: Notice & { user: string; way: WayKey; urgent: boolean; dueMs: number },
): void {
  const { user, way, incidentId, at, code, params, urgent, dueMs } = notice
  prepared(
    db,
    `INSERT INTO notices (user_name, way, incident_id, at, code, params, urgent, due_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(user, way, incidentId, at, code, JSON.stringify(params), urgent ? 1 : 0, dueMs)
}

/** People and ways for whom something is due that stands in no message yet; whether any of it is urgent. */
export function dueRecipients(db: LocalDatabase, nowMs: number): { user: string; way: WayKey; urgent: boolean }[] {
  const rows = prepared(
    db,
    `SELECT user_name AS user, way, max(urgent) AS urgent FROM notices
       WHERE message IS NULL AND due_ms <= ? GROUP BY user_name, way ORDER BY user_name, way`,
  ).all(nowMs) as { user: string; way: WayKey; urgent: number }[]
  return rows.map(({ urgent, ...row }) => ({ ...row, urgent: urgent === 1 }))
}

/** Messages made for that person and way since `sinceMs`. */
export function messagesSince(db: LocalDatabase, user: string, way: WayKey, sinceMs: number): number {
  const sql = 'SELECT count(*) AS n FROM messages WHERE user_name = ? AND way = ? AND at > ? AND notices > 0'
  return (prepared(db, sql).get(user, way, new Date(sinceMs).toISOString()) as { n: number }).n
}

/**
 * A message of all that is due for that person and way until `throughMs`, under a name that it keeps however often it is tried.
 */
export function gatherMessage(
  db: LocalDatabase,
  to: { user: string; way: WayKey },
  { nowMs, throughMs }: { nowMs: number; throughMs: number },
): void {
  const id = addMessage(db, to, nowMs)
  const { changes } = prepared(
    db,
    `UPDATE notices SET message = ? WHERE id IN (
       SELECT id FROM notices WHERE message IS NULL AND user_name = ? AND way = ? AND due_ms <= ? ORDER BY id LIMIT ?)`,
  ).run(id, to.user, to.way, throughMs, NOTICES_OF_MESSAGE_MAX)
  prepared(db, 'UPDATE messages SET notices = ? WHERE id = ?').run(changes, id)
}

/** A message of nothing yet: by itself it is a trial of the way. */
export function addMessage(db: LocalDatabase, { user, way }: { user: string; way: WayKey }, nowMs: number): string {
  const id = randomBytes(12).toString('hex')
  prepared(
    db,
    `INSERT INTO messages (id, user_name, way, at, notices, attempts, state, next_ms)
       VALUES (?, ?, ?, ?, 0, 0, 'pending', ?)`,
  ).run(id, user, way, new Date(nowMs).toISOString(), nowMs)
  return id
}

interface MessageRow {
  id: string
  user_name: string
  way: WayKey
  at: string
  notices: number
  attempts: number
  state: MessageState
  sent_at: string | null
  error: string | null
}

function toMessage(row: MessageRow): Message {
  const { id, user_name: user, way, at, notices, attempts, state, sent_at: sentAt, error } = row
  return {
    id,
    user,
    way,
    at,
    notices,
    attempts,
    state,
    ...(sentAt !== null && { sentAt }),
    ...(error !== null && { error }),
  }
}

export function dueMessages(db: LocalDatabase, nowMs: number, limit: number): Message[] {
  const sql = "SELECT * FROM messages WHERE state = 'pending' AND next_ms <= ? ORDER BY next_ms, id LIMIT ?"
  return (prepared(db, sql).all(nowMs, limit) as MessageRow[]).map(toMessage)
}

export function noticesOf(db: LocalDatabase, message: string): Notice[] {
  const sql = 'SELECT at, code, params, incident_id AS incidentId FROM notices WHERE message = ? ORDER BY id'
  const rows = prepared(db, sql).all(message) as (Omit<Notice, 'params'> & { params: string })[]
  return rows.map(({ params, ...row }) => ({ ...row, params: JSON.parse(params) as Notice['params'] }))
}

export function noteMessage(
  db: LocalDatabase,
  id: string,
  outcome: { state: MessageState; nextMs: number; attempted: boolean; at: string; error?: string },
): void {
  const { state, nextMs, attempted, at, error } = outcome
  prepared(
    db,
    'UPDATE messages SET attempts = attempts + ?, state = ?, next_ms = ?, sent_at = ?, error = ? WHERE id = ?',
  ).run(attempted ? 1 : 0, state, nextMs, state === 'sent' ? at : null, error ?? null, id)
}

/** The log, newest first; of one user where one is named. */
export function listMessages(db: LocalDatabase, query: { user?: string; limit: number }): Message[] {
  const { user, limit } = query
  const rows =
    user === undefined
      ? prepared(db, 'SELECT * FROM messages ORDER BY at DESC, id LIMIT ?').all(limit)
      : prepared(db, 'SELECT * FROM messages WHERE user_name = ? ORDER BY at DESC, id LIMIT ?').all(user, limit)
  return (rows as MessageRow[]).map(toMessage)
}

/** Puts one that failed in line again; false where there is none. */
export function resendMessage(db: LocalDatabase, id: string, nowMs: number): boolean {
  const sql = "UPDATE messages SET state = 'pending', attempts = 0, next_ms = ? WHERE id = ? AND state = 'failed'"
  return prepared(db, sql).run(nowMs, id).changes === 1
}

/** Lets go of what ended a month ago. */
export function forgetMessages(db: LocalDatabase, nowMs: number): void {
  const before = new Date(nowMs - LOG_DAYS * 86_400_000).toISOString()
  prepared(
    db,
    "DELETE FROM notices WHERE message IN (SELECT id FROM messages WHERE state <> 'pending' AND at < ?)",
  ).run(before)
  prepared(db, "DELETE FROM messages WHERE state <> 'pending' AND at < ?").run(before)
}
