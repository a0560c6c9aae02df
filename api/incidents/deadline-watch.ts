import type { LocalDatabase } from '../../store/local/database.ts'
import { incidentsWithLegalFacts, noteTold, reportsOf } from '../../store/local/deadlines.ts'
import { type HistoryEntry, addHistory } from '../../store/local/history.ts'
import { getIncident } from '../../store/local/incidents.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { type LegalProfile, legalClocks } from './legal.ts'

/**
 * Writes into the history of each incident, once for each deadline, that it is about to run out and that it did, and gives what
 * was written. What listens to the history (streams, webhooks) tells people.
 */
export function warnOfDeadlines(db: LocalDatabase, profiles: readonly LegalProfile[], nowMs: number): HistoryEntry[] {
  const at = new Date(nowMs).toISOString()
  return incidentsWithLegalFacts(db).flatMap((id) => {
    const found = getIncident(db, id, 'all')
    if (found === null) return []
    const due = legalClocks(profiles, found.incident, reportsOf(db, id), nowMs).filter(
      ({ state }) => state === 'warning' || state === 'overdue',
    )
    return due.flatMap(({ deadline, state, dueAt }) =>
      inTransaction(db, () => {
        if (!noteTold(db, { incidentId: id, deadline: deadline.key, state })) return []
        const entry: HistoryEntry = {
          at,
          actor: 'system',
          subject: { kind: 'incident', id },
          code: state === 'warning' ? 'deadline_warning' : 'deadline_missed',
          params: { deadline: deadline.key, title: deadline.en, titleVi: deadline.vi, dueAt },
        }
        addHistory(db, [entry])
        return [entry]
      }),
    )
  })
}
