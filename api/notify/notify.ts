import type { Masking } from '../../model/personal.ts'
import type { Registry } from '../../model/registry.ts'
import { zoneOffset } from '../../model/time-zone.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { getIncident } from '../../store/local/incidents.ts'
import {
  type Message,
  type Notice,
  dueMessages,
  dueRecipients,
  forgetMessages,
  gatherMessage,
  messagesSince,
  noteMessage,
  noticeSettingsOf,
  noticesOf,
} from '../../store/local/notices.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { getUser } from '../../store/local/users.ts'
import { userMay } from '../access/incident.ts'
import { type News, compose } from './compose.ts'
import { actionFor, planNotices } from './plan.ts'
import type { NotifyRules } from './rules.ts'
import type { Outcome, Way } from './way.ts'

const HOUR_MS = 3_600_000
const SENT_AT_ONCE = 10

export interface Notifying {
  rules: NotifyRules
  ways: readonly Way[]
  registry: () => Pick<Registry, 'timeZone' | 'agencies'>
  /** A message leaves the house: what is hidden in every answer is hidden in it, for whoever may reveal it as well. */
  masking: () => Masking
  /** Where people reach the console. */
  consoleUrl?: string
  now: () => number
}

/**
 * One round: what happened becomes notices, those that are due are gathered into messages, and messages that are due are sent.
 * A message is noted before it is tried and after it was taken: it outlives whatever stops the program, and goes out twice only
 * where the program ends between the other side's answer and its being noted, then under the same name.
 * @returns what was tried and did not go out
 */
export async function notify(db: LocalDatabase, notifying: Notifying): Promise<{ message: Message; error: string }[]> {
  const { rules, ways, registry, now } = notifying
  const offset = zoneOffset(registry().timeZone)
  planNotices(db, { rules, ways: ways.map(({ key }) => key), offset, nowMs: now() })
  inTransaction(db, () => gather(db, rules, now()))
  const due = dueMessages(db, now(), SENT_AT_ONCE)
  const outcomes = await Promise.all(
    due.map(async (message) => ({ message, outcome: await deliver(db, message, notifying, offset) })),
  )
  return inTransaction(db, () => {
    forgetMessages(db, now())
    return outcomes.flatMap(({ message, outcome }) => {
      const error = note(db, message, outcome, rules, now())
      return error === undefined ? [] : [{ message, error }]
    })
  })
}

/** What is not urgent waits where somebody had as many messages as an hour may bring; what gathers meanwhile comes with it. */
function gather(db: LocalDatabase, { gatherMs, perHour }: NotifyRules, nowMs: number): void {
  for (const { user, way, urgent } of dueRecipients(db, nowMs)) {
    if (!urgent && messagesSince(db, user, way, nowMs - HOUR_MS) >= perHour) continue
    gatherMessage(db, { user, way }, { nowMs, throughMs: nowMs + gatherMs })
  }
}

/** `dropped`: nobody is to be told any more. */
async function deliver(
  db: LocalDatabase,
  message: Message,
  { ways, registry, masking, consoleUrl }: Notifying,
  offset: (atMs: number) => number,
): Promise<Outcome | { dropped: string }> {
  const { id, user, way: key } = message
  const settings = noticeSettingsOf(db, user)
  const address = settings.addresses[key]
  const way = ways.find((each) => each.key === key)
  if (way === undefined) return { error: 'way_not_set_up', final: false }
  if (address === undefined || !way.takes(address)) return { dropped: 'no_address' }
  if (getUser(db, user)?.disabled !== false) return { dropped: 'disabled' }
  const told = masking().deep(newsFor(db, user, noticesOf(db, id))) as { news: News[]; budgets: Notice[] }
  if (message.notices > 0 && told.news.length + told.budgets.length === 0) return { dropped: 'not_allowed' }
  const letter = compose(told.news, told.budgets, {
    language: settings.language,
    offset,
    agency: (agency) => registry().agencies.get(agency) ?? { vi: agency, en: agency },
    ...(consoleUrl !== undefined && { consoleUrl }),
  })
  return way.send(address, { id, ...letter })
}

/** By incident, as each is now, and what is about rules alone; without what the user may not see by now. */
function newsFor(db: LocalDatabase, user: string, notices: readonly Notice[]): { news: News[]; budgets: Notice[] } {
  const may = (incidentId: string, agency: string): boolean =>
    userMay({ local: db }, user, actionFor({ incidentId }), { agency })
  const ids = new Set(notices.map(({ incidentId }) => incidentId).filter((id) => id !== ''))
  const news = [...ids].flatMap((id) => {
    const incident = getIncident(db, id, 'all')?.incident
    const told = incident !== undefined && may(id, incident.agency)
    return told ? [{ incident, notices: notices.filter(({ incidentId }) => incidentId === id) }] : []
  })
  const budgets = notices.filter(({ incidentId, params }) => incidentId === '' && may('', String(params['agency'])))
  return { news, budgets }
}

/** Writes down how a try ended; gives the error of one that did not go out. */
function note(
  db: LocalDatabase,
  { id, attempts }: Message,
  outcome: Outcome | { dropped: string },
  { retryMs }: NotifyRules,
  nowMs: number,
): string | undefined {
  const at = new Date(nowMs).toISOString()
  if ('sent' in outcome) {
    noteMessage(db, id, { state: 'sent', nextMs: 0, attempted: true, at })
    return undefined
  }
  if ('dropped' in outcome) {
    noteMessage(db, id, { state: 'dropped', nextMs: 0, attempted: false, at, error: outcome.dropped })
    return undefined
  }
  const { error, final, waitMs } = outcome
  const next = final ? undefined : retryMs[attempts]
  noteMessage(db, id, {
    state: next === undefined ? 'failed' : 'pending',
    nextMs: nowMs + Math.max(next ?? 0, waitMs ?? 0),
    attempted: true,
    at,
    error,
  })
  return error
}
