import type { Incident, State, Verdict } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { addHistory } from '../../store/local/history.ts'
import { changeIncident, getIncident } from '../../store/local/incidents.ts'
import { type Job, itemsWith, setItem, setJobState } from '../../store/local/jobs.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { type Decision, decide } from './lifecycle.ts'

/** One transaction, and what others wait for it at most. */
const ITEMS_AT_ONCE = 250

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
  while (!stopped()) {
    const more = inTransaction(db, () => {
      const items = itemsWith(db, job.id, undoing ? 'changed' : '', ITEMS_AT_ONCE)
      for (const { incidentId, before, version } of items) {
        const found = getIncident(db, incidentId, 'all')
        if (found === null) setItem(db, job.id, { incidentId, result: 'gone' })
        else if (undoing) undo(db, job, found, { before: before ?? {}, version: version ?? 0 }, now())
        else apply(db, job, found, now())
      }
      if (items.length === 0) setJobState(db, job.id, undoing ? 'undone' : 'done', now())
      return items.length > 0
    })
    if (!more) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

type Found = NonNullable<ReturnType<typeof getIncident>>

function apply(db: LocalDatabase, job: Job<Decision>, { incident }: Found, at: string): void {
  const incidentId = incident.id
  const decided = decide(incident, job.decision, at)
  if ('refused' in decided) return setItem(db, job.id, { incidentId, result: decided.refused })
  if ('unchanged' in decided) return setItem(db, job.id, { incidentId, result: 'unchanged' })
  changeIncident(db, incident, decided.incident)
  const { before, after, code } = decided
  addHistory(db, [
    {
      at,
      actor: job.actor,
      subject: { kind: 'incident', id: incidentId },
      code,
      params: { job: job.id },
      before: { ...before },
      after: { ...after },
    },
  ])
  setItem(db, job.id, { incidentId, result: 'changed', before, version: decided.incident.version })
}

/** Puts back what the decision replaced, unless somebody changed the incident since. */
function undo(
  db: LocalDatabase,
  job: Job<Decision>,
  { incident }: Found,
  kept: { before: Record<string, unknown>; version: number },
  at: string,
): void {
  const incidentId = incident.id
  if (incident.version !== kept.version) return setItem(db, job.id, { incidentId, result: 'changed_since' })
  const back = restored(incident, kept.before, at)
  changeIncident(db, incident, back)
  const face = ({ state, verdict, assignee }: Incident) => ({
    state,
    verdict: verdict ?? null,
    assignee: assignee ?? null,
  })
  const names = Object.keys(kept.before) as (keyof ReturnType<typeof face>)[]
  const only = (from: Incident) => Object.fromEntries(names.map((name) => [name, face(from)[name]]))
  addHistory(db, [
    {
      at,
      actor: job.actor,
      subject: { kind: 'incident', id: incidentId },
      code: 'bulk_undone',
      params: { job: job.id },
      before: only(incident),
      after: only(back),
    },
  ])
  setItem(db, job.id, { incidentId, result: 'undone' })
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
    life: state === incident.state ? incident.life : [...incident.life, { state, at }],
    version: incident.version + 1,
    updatedAt: at,
  }
}
