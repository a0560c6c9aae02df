import { concerned } from '../../detection/concerned.ts'
import { loadRules, type EngineOptions, type HiddenCount } from '../../detection/engine.ts'
import { differenceOf, restrict } from '../../detection/restrict.ts'
import type { RuleSet } from '../../detection/rule-set.ts'
import { readsOnce } from '../../detection/sigma/yaml.ts'
import type { RuleFile, RuleProblem } from '../../detection/types.ts'
import type { Alert, Level } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { EventSource } from '../../store/event-source.ts'
import type { Scope, TimeRange } from '../../store/store.ts'
import type { GroupingSettings } from '../incidents/grouping-settings.ts'
import type { RaiseOptions } from '../incidents/raise.ts'
import { compare, type Comparison } from './compare.ts'
import { nearTo } from './near.ts'
import { prefilterOf } from './prefilter.ts'
import { inLogOrder, keeperOf, ranksOf, replay, type Replayed, type Version } from './replay.ts'
import { simulate, type Simulated } from './simulate.ts'

/** Two sets of rules and the stored events they are held against. */
export interface Question {
  before: readonly RuleFile[]
  after: readonly RuleFile[]
  /** Every rule is run, not only those that differ; stored alerts are not needed then. */
  full: boolean
  scope: Scope
  range: TimeRange
  budget: Budget
}

export interface Budget {
  /** CPU time of the process that does it. */
  cpuMs: number
  /** Events that the rules in question match. */
  matches: number
}

/** What it stands on. */
export interface Ground {
  source: EventSource
  /** Alerts that are stored of that time, in pages. */
  alerts: () => AsyncIterable<readonly Alert[]>
  engine: EngineOptions
  criticality: RaiseOptions['criticality']
  grouping: GroupingSettings
  onProgress?: (progress: Progress) => void
}

export interface Progress {
  /** Of `of`, a measure of how much there is to read. */
  done: number
  of: number
  /** Events that the store's search let through, and of them, those that a rule in question matches. */
  read: number
  matched: number
}

export interface RuleOutcome {
  id: string
  title: string
  titleVi?: string
  level: Level
  change: 'added' | 'removed' | 'changed'
  /** Alerts that stand at the end. */
  alerts: { before: number; after: number }
  /** Matches that filters kept out. */
  hidden: { before: number; after: number }
}

export interface Answer extends Comparison {
  range: TimeRange
  /** Why not all of it was read; what is told is about what was. */
  incomplete?: 'cpu' | 'matches'
  read: number
  matched: number
  /** CPU time of the process that did it. */
  cpuMs: number
  rules: RuleOutcome[]
  /** Faults of the changed rules that the rules of now do not have. */
  problems: RuleProblem[]
  /** By filter and rule, what the filters of the changed rules keep out. */
  hiddenBy: { filter: string; rule: string; events: number }[]
  /** Ids of alerts that are gone. */
  gone: string[]
}

/**
 * Which incidents would be others had the changed rules been in force: events that they or the rules of now match are taken out of
 * the store, run through both in the order of the log, and all alerts are grouped anew on either side. Equal to a replay of the raw
 * records, save that alerts of rules that do not differ stand as they are stored, in their last version.
 */
export async function backtest(question: Question, ground: Ground): Promise<Answer> {
  const sides = await bothSides(question, ground)
  const { before, after, sets, affected, far } = sides
  const known = new Set(sets[0].problems.map(keyOf))
  const compared = compare(before.grouped, after.grouped)
  const { user, system } = process.cpuUsage()
  return {
    range: question.range,
    cpuMs: Math.round((user + system) / 1_000),
    ...(sides.incomplete !== undefined && { incomplete: sides.incomplete }),
    read: sides.read,
    matched: sides.matched,
    ...compared,
    alerts: { ...compared.alerts, before: compared.alerts.before + far, after: compared.alerts.after + far },
    rules: outcomes(sets, affected, [before, after]),
    problems: sets[1].problems.filter((problem) => !known.has(keyOf(problem))),
    hiddenBy: sumOf(after.replayed.hidden),
    gone: [...before.grouped.alerts.keys()].filter((id) => !after.grouped.alerts.has(id)),
  }
}

/** What a set of rules says of the events, and the incidents that come of it. */
interface Side {
  replayed: Replayed
  grouped: Simulated
}

/** Both sides, before they are held against each other. */
export async function bothSides(question: Question, ground: Ground) {
  const { full } = question
  const alerts = full ? [] : await stored(ground)
  const alerted = new Set(alerts.map(({ rule }) => rule.id))
  const read = readsOnce()
  const files = full ? [question.before, question.after] : concerned(question.before, question.after, alerted, read)
  const [before, after] = [await loadRules(files[0], read), await loadRules(files[1], read)]
  const difference = differenceOf(before, after, full)
  const sets = [before, after] as const
  const { events, ...counted } = await matchedEvents(question, ground, sets, difference)
  const replayed = sets.map((set) => replay(set, difference, events, ground.engine))
  const raised = replayed.flatMap(({ versions }) => versions.map(({ alert }) => alert))
  const same = alerts.filter(({ rule }) => !difference.affected.has(rule.id))
  const near = nearTo(raised, same, ground.grouping)
  const ranks = ranksOf(before)
  // Of a rule that is in force no more there is no rank: it speaks last.
  const context = near.map((alert): Version => ({ alert, rank: ranks.get(alert.rule.id) ?? ranks.size }))
  const [old, now] = replayed.map((each): Side => ({
    replayed: each,
    grouped: simulate([...context, ...each.versions], ground),
  }))
  /** Alerts that stand, of which nobody need know where. */
  const far = standing(same) - standing(near)
  return { ...counted, sets, affected: difference.affected, before: old!, after: now!, far }
}

/** Whole events that matter, in the order of the log, and the newest of all, for time goes on by it. */
async function matchedEvents(
  { scope, range, budget }: Question,
  { source, onProgress }: Ground,
  sets: readonly RuleSet[],
  difference: ReturnType<typeof differenceOf>,
): Promise<{ events: EcsEvent[]; read: number; matched: number; incomplete?: Answer['incomplete'] }> {
  const found = { events: [] as EcsEvent[], read: 0, matched: 0 }
  if (difference.needed.size === 0) return found
  const restricted = sets.map((set) => restrict(set, difference.needed))
  const keeps = keeperOf(restricted)
  const events: EcsEvent[] = []
  let incomplete: Answer['incomplete']
  for await (const page of source.pages({ scope, range, keeps, ...prefilterOf(restricted) })) {
    found.read += page.read
    found.matched += page.events.length
    events.push(...page.events)
    onProgress?.({ done: page.done, of: page.of, read: found.read, matched: found.matched })
    if (found.matched > budget.matches) incomplete = 'matches'
    else if (process.cpuUsage().user / 1_000 > budget.cpuMs) incomplete = 'cpu'
    if (incomplete !== undefined) break
  }
  // Where nothing came, there is nothing for which time could go on.
  const goesOn = incomplete === undefined && events.length > 0
  const newest = goesOn ? await source.newest(scope, range) : undefined
  if (newest !== undefined && !events.some((event) => event['soc.record'] === newest['soc.record'])) events.push(newest)
  return { ...found, events: inLogOrder(events), ...(incomplete !== undefined && { incomplete }) }
}

function standing(alerts: readonly Alert[]): number {
  return alerts.filter(({ count }) => count > 0).length
}

async function stored({ alerts }: Ground): Promise<Alert[]> {
  const all: Alert[] = []
  for await (const page of alerts()) all.push(...page)
  return all
}

function outcomes(
  sets: readonly RuleSet[],
  affected: ReadonlySet<string>,
  [before, after]: readonly [Side, Side],
): RuleOutcome[] {
  const rules = sets.map((set) => new Map(set.rules.map((rule) => [rule.id, rule])))
  const [old, now] = [before, after].map(({ grouped }) =>
    countBy(
      [...grouped.alerts.values()],
      ({ rule }) => rule.id,
      () => 1,
    ),
  )
  return [...affected]
    .flatMap((id): RuleOutcome[] => {
      const [was, is] = rules.map((side) => side.get(id))
      const rule = is ?? was
      if (rule === undefined) return []
      const { title, titleVi, level } = rule
      return [
        {
          id,
          title,
          ...(titleVi !== undefined && { titleVi }),
          level,
          change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
          alerts: { before: old!.get(id) ?? 0, after: now!.get(id) ?? 0 },
          hidden: { before: before.replayed.hiddenOf(id), after: after.replayed.hiddenOf(id) },
        },
      ]
    })
    .sort((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1))
}

const weight = ({ alerts, hidden }: RuleOutcome): number =>
  Math.abs(alerts.after - alerts.before) + Math.abs(hidden.after - hidden.before)

function countBy<T>(list: readonly T[], keyOf: (one: T) => string, numberOf: (one: T) => number): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of list) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + numberOf(one))
  return counts
}

function sumOf(hidden: readonly HiddenCount[]): Answer['hiddenBy'] {
  const sums = countBy(
    hidden,
    ({ filter, rule }) => JSON.stringify([filter, rule]),
    ({ events }) => events,
  )
  return [...sums].map(([key, events]) => {
    const [filter, rule] = JSON.parse(key) as [string, string]
    return { filter, rule, events }
  })
}

function keyOf({ path, code, message, severity }: RuleProblem): string {
  return JSON.stringify([path, code, message, severity])
}
