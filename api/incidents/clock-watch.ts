import type { WorkingTime } from '../../model/working-time.ts'
import { dueLooks, lookAgain } from '../../store/local/clock-looks.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { noteTold } from '../../store/local/deadlines.ts'
import { type HistoryEntry, addHistory } from '../../store/local/history.ts'
import { getIncident } from '../../store/local/incidents.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { type ServiceClock, type ServiceTargets, serviceClocks } from './service-clocks.ts'

/** Incidents in one transaction, between which others have their turn. */
const AT_ONCE = 200

/**
 * Writes into the history of each incident, once for each clock, that a promised time is about to pass and that it has, and gives
 * what was written. What listens to the history (notices, streams, webhooks) tells people. An incident is looked at when its state
 * or level changed, and when a clock can have come to its next mark; to all others this costs nothing.
 */
export async function warnOfClocks(
  db: LocalDatabase,
  { targets, working, nowMs }: { targets: ServiceTargets; working: WorkingTime; nowMs: number },
): Promise<HistoryEntry[]> {
  const at = new Date(nowMs).toISOString()
  const written: HistoryEntry[] = []
  for (;;) {
    const looked = inTransaction(db, () => {
      const ids = dueLooks(db, at, AT_ONCE)
      for (const id of ids) {
        const found = getIncident(db, id, 'all')
        const clocks = found === null ? [] : serviceClocks(found.incident, targets, working, nowMs).clocks
        const entries = clocks.flatMap((clock) => entryOf(db, id, clock, at))
        addHistory(db, entries)
        written.push(...entries)
        const nextMs = Math.min(...clocks.map((clock) => untilNext(clock, targets.warnAt)))
        lookAgain(db, id, nextMs === Infinity ? null : new Date(nowMs + nextMs).toISOString())
      }
      return ids.length
    })
    if (looked < AT_ONCE) return written
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const NAMES = {
  acknowledge: { title: 'acknowledge', titleVi: 'tiếp nhận' },
  resolve: { title: 'resolve', titleVi: 'xử lý xong' },
} as const

function entryOf(db: LocalDatabase, id: string, { key, state, dueAt = '' }: ServiceClock, at: string): HistoryEntry[] {
  if (state !== 'warning' && state !== 'overdue') return []
  if (!noteTold(db, { incidentId: id, deadline: `service.${key}`, state })) return []
  const code = state === 'warning' ? 'clock_warning' : 'clock_missed'
  const params = { clock: key, ...NAMES[key], dueAt }
  return [{ at, actor: 'system', subject: { kind: 'incident', id }, code, params }]
}

/**
 * Milliseconds before which the clock can come to no further mark: those of the wall clock, which are as many as those that count
 * or more. So a night between is looked at a few times, and no mark is missed.
 */
function untilNext({ state, elapsedMs, targetMs }: ServiceClock, warnAt: number): number {
  if (state === 'running') return Math.max(1, Math.ceil(targetMs * warnAt) - elapsedMs)
  return state === 'warning' ? targetMs - elapsedMs + 1 : Infinity
}
