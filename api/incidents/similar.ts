import type { Incident, Verdict } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { getIncidents, handledLike } from '../../store/local/incidents.ts'
import { type Observable, observableKey, observablesOf, sharingObservables } from '../../store/local/observables.ts'
import type { Scope } from '../../store/store.ts'

export interface SimilarIncident {
  incident: Incident
  /** 1 to 100. */
  score: number
  /** What both have: the reasons for the score. */
  sharedRules: string[]
  sharedObservables: Observable[]
  sameEntity: boolean
}

export interface Similar {
  items: SimilarIncident[]
  /** How many of them were closed as what. */
  verdicts: Partial<Record<Verdict, number>>
  /** What at least three of them, and three quarters, were closed as. */
  suggestion?: Verdict
}

const CANDIDATES_MAX = 200
const SUGGESTION_MIN = 3
const SUGGESTION_SHARE = 0.75

/** Handled incidents of the scope that share the entity, rules or observables; the most alike first. */
export function similarIncidents(
  db: LocalDatabase,
  { incident, groupKey }: { incident: Incident; groupKey: string },
  scope: Scope,
  limit: number,
): Similar {
  const rules = incident.rules.map(({ id }) => id)
  const like = handledLike(db, {
    scope,
    id: incident.id,
    agency: incident.agency,
    groupKey,
    rules: rules.slice(0, 50),
    limit: CANDIDATES_MAX,
  })
  const sharing = sharingObservables(db, { incidentId: incident.id, scope, limit: CANDIDATES_MAX })
  const missing = sharing.map(({ incidentId }) => incidentId).filter((id) => !like.some((known) => known.id === id))
  const others = getIncidents(db, missing, scope).filter(({ state }) => state === 'resolved' || state === 'closed')
  const mine = observablesOf(db, incident.id)
  const items = [...like, ...others]
    .filter(({ verdict }) => verdict !== 'duplicate')
    .map((other) => compared(incident, mine, other, observablesOf(db, other.id)))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || b.incident.number - a.incident.number)
    .slice(0, limit)
  const verdicts: Similar['verdicts'] = {}
  for (const {
    incident: { verdict },
  } of items)
    if (verdict) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  const [most] = Object.entries(verdicts).sort(([, a], [, b]) => b - a) as [Verdict, number][]
  const clear = most !== undefined && most[1] >= SUGGESTION_MIN && most[1] >= items.length * SUGGESTION_SHARE
  return { items, verdicts, ...(clear && { suggestion: most[0] }) }
}

/** Half of the score for rules, 30 for observables, each as the part of both that is shared (Jaccard); 20 for the entity. */
function compared(
  one: Incident,
  mine: readonly Observable[],
  other: Incident,
  theirs: readonly Observable[],
): SimilarIncident {
  const sharedRules = one.rules.filter(({ id }) => other.rules.some((rule) => rule.id === id)).map(({ id }) => id)
  const shown = new Set(theirs.map(observableKey))
  const sharedObservables = mine
    .filter((each) => shown.has(observableKey(each)))
    .map(({ kind, value }) => ({ kind, value }))
  const sameEntity =
    one.agency === other.agency &&
    one.entity.kind === other.entity.kind &&
    one.entity.value.toLowerCase() === other.entity.value.toLowerCase()
  const part = (shared: number, a: number, b: number): number => (shared === 0 ? 0 : shared / (a + b - shared))
  const score =
    50 * part(sharedRules.length, one.rules.length, other.rules.length) +
    30 * part(sharedObservables.length, mine.length, theirs.length) +
    (sameEntity ? 20 : 0)
  return { incident: other, score: Math.round(score), sharedRules, sharedObservables, sameEntity }
}
