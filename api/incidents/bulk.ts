import type { Incident, State, Verdict } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { type HistoryEntry, addHistory } from '../../store/local/history.ts'
import { changeIncident, getIncidents } from '../../store/local/incidents.ts'
import { type Job, itemsWith, setItem, setJobState } from '../../store/local/jobs.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { type Decision, decide } from './lifecycle.ts'

/** One transaction: a few hundredths of a second, which others wait for it at most. */
const ITEMS_AT_ONCE = 100

/**
 * Works a job off, a piece in each transaction, others having their turn between them; where the program stops half-way, calling
 * it again goes on. What an incident does not allow is noted as its result and stops nothing.
 */
export async function workOff(
  db: LocalDatabase,
  job: Job<Decision>,
  now: () => string,
  stopped: () => boolean = () => false,
): Promise<void> {
  const undoing = job.state === 'undoing'
  const items = itemsWith(db, job.id, undoing ? 'changed' : '')
  for (let from = 0; from < items.length; from += ITEMS_AT_ONCE) {
    await new Promise((resolve) => setImmediate(resolve))
    if (stopped()) return
    inTransaction(db, () => {
      const piece = items.slice(from, from + ITEMS_AT_ONCE)
      const found = new Map(
        getIncidents(
          db,
          piece.map(({ incidentId }) => incidentId),
          'all',
        ).map((incident) => [incident.id, incident]),
      )
      const entries = piece.flatMap(({ incidentId, before, version }) => {
        const incident = found.get(incidentId)
        if (incident === undefined) return noted(db, job, { incidentId, result: 'gone' })
        if (undoing) return undo(db, job, incident, { before: before ?? {}, version: version ?? 0 }, now())
        return apply(db, job, incident, now())
      })
      addHistory(db, entries)
    })
  }
  setJobState(db, job.id, undoing ? 'undone' : 'done', now())
}

/** Keeps what an item came to; nothing for the history. */
function noted(db: LocalDatabase, job: Job<Decision>, item: Parameters<typeof setItem>[2]): HistoryEntry[] {
  setItem(db, job.id, item)
  return []
}

function apply(db: LocalDatabase, job: Job<Decision>, incident: Incident, at: string): HistoryEntry[] {
  const incidentId = incident.id
  const decided = decide(incident, job.decision, at)
  if ('refused' in decided) return noted(db, job, { incidentId, result: decided.refused })
  if ('unchanged' in decided) return noted(db, job, { incidentId, result: 'unchanged' })
  changeIncident(db, incident, decided.incident)
  const { before, after, code } = decided
  setItem(db, job.id, { incidentId, result: 'changed', before, version: decided.incident.version })
  return [
    {
      at,
      actor: job.actor,
      subject: { kind: 'incident', id: incidentId },
      code,
      params: { job: job.id },
      before: { ...before },
      after: { ...after },
    },
  ]
}

/** Puts back what the decision replaced, unless somebody changed the incident since. */
function undo(
  db: LocalDatabase,
  job: Job<Decision>,
  incident: Incident,
  kept: { before: Record<string, unknown>; version: number },
  at: string,
): HistoryEntry[] {
  const incidentId = incident.id
  if (incident.version !== kept.version) return noted(db, job, { incidentId, result: 'changed_since' })
  const back = restored(incident, kept.before, at)
  changeIncident(db, incident, back)
  setItem(db, job.id, { incidentId, result: 'undone' })
  const face = ({ state, verdict, assignee }: Incident) => ({
    state,
    verdict: verdict ?? null,
    assignee: assignee ?? null,
  })
  const names = Object.keys(kept.before) as (keyof ReturnType<typeof face>)[]
  const only = (from: Incident) => Object.fromEntries(names.map((name) => [name, face(from)[name]]))
  return [
    {
      at,
      actor: job.actor,
      subject: { kind: 'incident', id: incidentId },
      code: 'bulk_undone',
      params: { job: job.id },
      before: only(incident),
      after: only(back),
    },
  ]
}

function restored(incident: Incident, before: Record<string, unknown>, at: string): Incident {
  const { verdict, assignee, ...rest } = incident
  const state = 'state' in before ? (before['state'] as State) : incident.state
  const was = <T>(name: string, present: T | undefined): T | null =>
    name in before ? (before[name] as T | null) : (present ?? null)
  const [oldVerdict, oldAssignee] = [was<Verdict>('verdict', verdict), was<string>('assignee', assignee)]
  return {
    ...rest,
    state,
    ...(oldVerdict !== null && { verdict: oldVerdict }),
    ...(oldAssignee !== null && { assignee: oldAssignee }),
    // What is taken back never was: nobody took it up then, and no clock stood still.
    life: state === incident.state ? incident.life : incident.life.slice(0, -1),
    version: incident.version + 1,
    updatedAt: at,
  }
}
