import { createHash } from 'node:crypto'
import { type Incident, type State, isOpen } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { type HistoryEntry, addHistory } from '../../store/local/history.ts'
import { alertGroupsOf, hasAllFacts, mergeOf, moveAlerts, undoMove } from '../../store/local/incident-alerts.ts'
import {
  type GroupedIncident,
  addIncident,
  changeIncident,
  getIncident,
  nextIncidentNumber,
} from '../../store/local/incidents.ts'
import { copyObservables } from '../../store/local/observables.ts'
import { openIncident, rebuilt } from './grouping.ts'

/** Who does it, and when. */
export interface Deed {
  actor: string
  at: string
}

/** Why it cannot be done, as a code. */
export type Refusal =
  | 'same_incident'
  | 'other_agency'
  | 'already_merged'
  | 'target_handled'
  | 'not_merged'
  | 'nothing_moves'
  | 'everything_moves'
  | 'too_old'
  | 'too_many_alerts'

/** Alerts that change their incident in one go: about a third of a second, in which nothing else is done. */
const MOVED_MAX = 10_000

export type Outcome<T> = { refused: Refusal } | T

/**
 * Takes all alerts of `source` into `target`, which counts and ranks them as its own. What was written and attached to the
 * source stays there; it is closed as a duplicate, and further alerts of its entity go to the target. Only within an agency:
 * one agency's incident would carry another's lines. A storm takes others in; it is too large to be taken in itself.
 */
export function mergeIncidents(
  db: LocalDatabase,
  source: GroupedIncident,
  target: GroupedIncident,
  { actor, at }: Deed,
): Outcome<{ source: Incident; target: Incident }> {
  const [from, into] = [source.incident, target.incident]
  if (from.id === into.id) return { refused: 'same_incident' }
  if (from.agency !== into.agency) return { refused: 'other_agency' }
  if (from.mergedInto !== undefined || into.mergedInto !== undefined) return { refused: 'already_merged' }
  if (!isOpen(into)) return { refused: 'target_handled' }
  if (![from, into].every(({ id }) => hasAllFacts(db, id))) return { refused: 'too_old' }
  if (from.alertCount > MOVED_MAX) return { refused: 'too_many_alerts' }

  const alerts = moveAlerts(db, { kind: 'merge', source: from.id, target: into.id, at })
  copyObservables(db, from.id, into.id)
  const closed: Incident = {
    ...from,
    state: 'closed',
    verdict: 'duplicate',
    mergedInto: into.id,
    life: [...from.life, { state: 'closed', at }],
    version: from.version + 1,
    updatedAt: at,
  }
  const grown = rebuilt(into, alertGroupsOf(db, into.id), at)
  changeIncident(db, from, closed)
  changeIncident(db, into, grown)
  addHistory(db, [
    {
      ...entry(closed, { actor, at }, 'incident_merged', { targetNumber: into.number, targetId: into.id, alerts }),
      before: { state: from.state, verdict: from.verdict ?? null },
      after: { state: 'closed', verdict: 'duplicate', mergedInto: into.id },
    },
    {
      ...entry(grown, { actor, at }, 'incident_absorbed', { sourceNumber: from.number, sourceId: from.id, alerts }),
      ...compared(into, grown),
    },
  ])
  return { source: closed, target: grown }
}

/** Gives a merged incident back the alerts that it brought, as far as they are still where they went, and opens it again. */
export function unmergeIncident(
  db: LocalDatabase,
  source: GroupedIncident,
  { actor, at }: Deed,
): Outcome<{ source: Incident; target: Incident }> {
  const move = mergeOf(db, source.incident.id)
  const target = move === null ? null : getIncident(db, move.target, 'all')
  if (move === null || target === null || source.incident.mergedInto === undefined) return { refused: 'not_merged' }
  undoMove(db, move, at)
  const state = lastOpenState(source.incident)
  const { mergedInto: _mergedInto, verdict: _verdict, ...rest } = source.incident
  const before = rest.life.slice(0, -1)
  // Where it was open until the merge, its clocks have run on; else it is opened again now.
  const life = before.at(-1)?.state === state ? before : [...rest.life, { state, at }]
  const back: Incident = { ...rest, state, life }
  const reopened = rebuilt(back, alertGroupsOf(db, back.id), at)
  const shrunk = rebuilt(target.incident, alertGroupsOf(db, target.incident.id), at)
  changeIncident(db, source.incident, reopened)
  changeIncident(db, target.incident, shrunk)
  const alerts = reopened.alertCount
  addHistory(db, [
    {
      ...entry(reopened, { actor, at }, 'incident_unmerged', {
        targetNumber: shrunk.number,
        targetId: shrunk.id,
        alerts,
      }),
      before: { state: 'closed', verdict: 'duplicate', mergedInto: shrunk.id },
      after: { state, verdict: null, mergedInto: null },
    },
    {
      ...entry(shrunk, { actor, at }, 'incident_given_back', {
        sourceNumber: reopened.number,
        sourceId: reopened.id,
        alerts,
      }),
      ...compared(target.incident, shrunk),
    },
  ])
  return { source: reopened, target: shrunk }
}

function lastOpenState({ life }: Incident): State {
  return life.toReversed().find((step) => isOpen(step))?.state ?? 'in_progress'
}

/**
 * Takes some alerts out into an incident of their own: those of `alertIds`, or those of `rules`. Further alerts go to the old
 * one, which keeps its entity; only higher versions of what went follow.
 */
export function splitIncident(
  db: LocalDatabase,
  source: GroupedIncident,
  chosen: { alertIds?: readonly string[]; rules?: readonly string[] },
  { actor, at }: Deed,
): Outcome<{ source: Incident; target: Incident }> {
  const from = source.incident
  if (from.mergedInto !== undefined) return { refused: 'already_merged' }
  if (!hasAllFacts(db, from.id)) return { refused: 'too_old' }
  const ofRules = from.rules.filter(({ id }) => chosen.rules?.includes(id)).reduce((sum, { count }) => sum + count, 0)
  if (ofRules > MOVED_MAX) return { refused: 'too_many_alerts' }
  const id = createHash('sha256').update(`split\0${from.id}\0${from.version}`).digest('hex').slice(0, 32)
  const [first] = alertGroupsOf(db, from.id)
  if (first === undefined) return { refused: 'nothing_moves' }
  const { facts, firstAt, lastAt } = first
  const empty = openIncident(
    { alertId: id, facts, span: { from: firstAt, to: lastAt } },
    { id, agency: from.agency, entity: from.entity, number: nextIncidentNumber(db), at },
  )
  addIncident(db, { incident: empty, groupKey: `split:${id}` })
  const alerts = moveAlerts(db, { kind: 'split', source: from.id, target: id, at, ...chosen })
  const remaining = alertGroupsOf(db, from.id)
  // The caller's transaction takes the empty incident back.
  if (alerts === 0) return { refused: 'nothing_moves' }
  if (remaining.length === 0) return { refused: 'everything_moves' }
  copyObservables(db, from.id, id)
  const opened = { ...rebuilt(empty, alertGroupsOf(db, id), at), version: 1 }
  const shrunk = rebuilt(from, remaining, at)
  changeIncident(db, empty, opened)
  changeIncident(db, from, shrunk)
  addHistory(db, [
    {
      ...entry(shrunk, { actor, at }, 'incident_split', { targetNumber: opened.number, targetId: id, alerts }),
      ...compared(from, shrunk),
    },
    entry(opened, { actor, at }, 'incident_split_off', { sourceNumber: from.number, sourceId: from.id, alerts }),
  ])
  return { source: shrunk, target: opened }
}

function entry({ id }: Incident, { actor, at }: Deed, code: string, params: HistoryEntry['params']): HistoryEntry {
  return { at, actor, subject: { kind: 'incident', id }, code, params }
}

/** What moving alerts changed of an incident. */
function compared(before: Incident, after: Incident): Pick<HistoryEntry, 'before' | 'after'> {
  const face = ({ alertCount, level, priority }: Incident) => ({ alertCount, level, priority })
  return { before: face(before), after: face(after) }
}
