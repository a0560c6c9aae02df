import { keysOf } from '../../detection/correlation/keys.ts'
import { Witness } from '../../detection/correlation/witness.ts'
import { Engine, loadRules, type RuleSet } from '../../detection/engine.ts'
import type { LoadedRule, RuleFile } from '../../detection/types.ts'
import type { Alert } from '../../model/alert.ts'
import type { Verdict } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { judgedAlerts } from '../../store/local/rule-evidence.ts'
import { match, type Condition } from '../../store/query/query.ts'
import { LIMIT_MAX, type Scope, type Store, type TimeRange } from '../../store/store.ts'
import { alertsById } from '../incidents/alerts-by-id.ts'
import type { Judged } from './exception.ts'
import type { Contribution } from './threshold.ts'

/** Alerts of a rule that are looked at, the newest. */
const ALERTS_MAX = 2_000
/** Events of its log sources that a correlation is held against, the newest. */
const EVENTS_MAX = 50_000

export interface Desk {
  local: LocalDatabase
  store: Store
  scope: Scope
  range: TimeRange
}

const AS: Record<Verdict, Judged['as']> = {
  true_positive: 'threat',
  benign_positive: 'noise',
  false_positive: 'noise',
  inconclusive: 'open',
  duplicate: 'open',
}

/** The newest alerts of a rule with what their incidents turned out to be. */
export async function judgedOf(
  { local, store, scope, range }: Desk,
  rule: string,
): Promise<{ alert: Alert; as: Judged['as'] }[]> {
  const verdicts = new Map(
    judgedAlerts(local, { rule, from: range.from, scope }, ALERTS_MAX).map(({ alertId, verdict }) => [
      alertId,
      verdict === null ? 'open' : AS[verdict],
    ]),
  )
  const ids = [...verdicts.keys()]
  const found: { alert: Alert; as: Judged['as'] }[] = []
  for (let i = 0; i < ids.length; i += LIMIT_MAX) {
    const some = ids.slice(i, i + LIMIT_MAX)
    const alerts = await alertsById({ local, store }, some, scope)
    for (const alert of alerts.values()) found.push({ alert, as: verdicts.get(alert.id)! })
  }
  return found
}

/** The events that those alerts quote first, as far as the store still has them. */
export async function judgedEvents(
  { store, scope }: Desk,
  alerts: readonly { alert: Alert; as: Judged['as'] }[],
): Promise<Judged[]> {
  const by = new Map(
    alerts.flatMap(({ alert, as }) => alert.evidence.slice(0, 1).map(({ record }) => [record, as] as const)),
  )
  const records = [...by.keys()]
  const judged: Judged[] = []
  for (let i = 0; i < records.length; i += LIMIT_MAX) {
    const events = await store.getEvents(records.slice(i, i + LIMIT_MAX), scope)
    for (const event of events) judged.push({ event, as: by.get(event['soc.record'])! })
  }
  return judged
}

/** The one correlation of a set of rules, with what of it is counted. */
export interface Counted {
  timespanMs: number
  threshold: number
  contributions: Contribution[]
  /** Whether all events of the range were looked at. */
  complete: boolean
}

/**
 * What a counting correlation was given by the events of the store: events of its parts by group. Null where that is not what it
 * does: it has no plain lower threshold, counts correlations, or has no rule here.
 */
export async function contributionsOf(
  { store, scope, range }: Desk,
  rule: LoadedRule,
  files: readonly RuleFile[],
): Promise<Counted | null> {
  const set = await loadRules(files)
  const correlation = set.correlations.find((one) => one.rule.id === rule.id)
  if (correlation === undefined) return null
  const { type, thresholds, timespanMs } = correlation.rule
  const [only, ...more] = thresholds
  const counts = type === 'event_count' || type === 'value_count'
  if (!counts || only === undefined || more.length > 0 || !['gte', 'gt'].includes(only.operator)) return null
  if (correlation.parts.some(({ kind }) => kind !== 'detection')) return null
  const engine = new Engine(set)
  const contributions: Contribution[] = []
  const where = sourcesOf(
    set,
    correlation.parts.map(({ index }) => index),
  )
  let after: { timestamp: string; seq: number } | undefined
  let seen = 0
  while (seen < EVENTS_MAX) {
    const events = await store.searchEvents({ scope, range, where, limit: LIMIT_MAX, ...(after && { after }) })
    for (const event of events) {
      const ids = engine.matches(event)
      const atMs = Date.parse(event['@timestamp'])
      for (const part of correlation.parts) {
        const compiled = set.network.rules[part.index]!
        if (!ids.includes(compiled.rule.id)) continue
        const offer = new Witness(event, compiled, atMs)
        const groups =
          part.groupBy.length === 0 ? [[]] : [keysOf(part.groupBy, offer)].flat().map((key) => [key].flat())
        const values =
          type === 'value_count'
            ? [keysOf(part.fields, offer)].flat().map((key) => [key].flat().join(' '))
            : [undefined]
        for (const group of groups) {
          for (const value of values) {
            contributions.push({
              group: groupName(event['soc.agency'], group),
              atMs,
              ...(value !== undefined && { value }),
            })
          }
        }
      }
    }
    seen += events.length
    const last = events.at(-1)
    if (last === undefined || events.length < LIMIT_MAX) break
    after = { timestamp: last['@timestamp'], seq: last['soc.seq'] }
  }
  const threshold = only.operator === 'gte' ? only.value : Math.floor(only.value) + 1
  return { timespanMs, threshold, contributions, complete: seen < EVENTS_MAX }
}

/** How a group is called: its agency, then the values, folded as correlations fold them. */
export function groupName(agency: string, values: readonly string[]): string {
  return JSON.stringify([agency, ...values])
}

/** Events that carry a log source of the rules. */
function sourcesOf({ network, logSources }: RuleSet, rules: readonly number[]): Condition {
  const wanted = rules.map((index) => network.rules[index]!.mapped.logsource)
  const rows = logSources.filter(({ sources }) =>
    sources.some((own) =>
      wanted.some((one) =>
        (['product', 'category', 'service'] as const).every(
          (part) => one[part] === undefined || one[part] === own[part],
        ),
      ),
    ),
  )
  const of = rows.map(({ when }): Condition => ({
    kind: 'and',
    of: when.map(([field, values]): Condition => ({
      kind: 'or',
      of: [...values].map((value) => match(field, [{ text: value }])),
    })),
  }))
  return { kind: 'or', of }
}
