import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine, type EngineOptions, type RuleSet } from '../../detection/engine.ts'
import { EVIDENCE_MAX, type Alert } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import { runs } from '../runs.ts'
import { findings, type Finding, type Happening, type Spec } from './correlation-oracle.ts'
import { event, finals, load, rule } from './made-up.ts'

// Law 4 for correlations: whatever the order of arrival within the lateness, wherever the program died and went on from its
// checkpoint, the final alerts are those that the whole stream, read in order of event time, has in it.

const START = Date.parse('2026-03-02T08:00:00.000Z')
const LATENESS_MS = 120_000
const ACTS = ['fail', 'ok', 'scan']
const BASE = Object.fromEntries(ACTS.map((act) => [`${act}.yml`, rule(`s: { act: ${act} }\ncondition: s`, act)]))

function yamlOf({ id, type, rules, groupBy, spanMs, condition, field, percentile, expression }: Spec): string {
  const all = expression && [...expression.all, ...expression.none.map((name) => `not ${name}`)].join(' and ')
  const members = [
    ...condition.map(([operator, value]) => `${operator}: ${value}`),
    ...(field === undefined ? [] : [`field: ${field}`]),
    ...(percentile === undefined ? [] : [`percentile: ${percentile}`]),
  ]
  return `title: ${id}
id: ${id}
level: high
generate: true
correlation:
  type: ${type}
  rules: [${rules.join(', ')}]
  group-by: [${groupBy.join(', ')}]
  timespan: ${spanMs / 1000}s
  condition: ${all ?? `{ ${members.join(', ')} }`}
`
}

const loadSpecs = (specs: readonly Spec[]): Promise<RuleSet> =>
  load({ ...BASE, ...Object.fromEntries(specs.map((spec) => [`${spec.id}.yml`, yamlOf(spec)])) })

const range = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3)).map(([low, more]): [string, number][] => [
  ['gte', low],
  ['lte', low + more],
])
const counted = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 2, max: 5 }).map((n): [string, number][] => [['gte', n]]) },
  fc.tuple(fc.constantFrom('gt', 'lt', 'lte', 'eq', 'neq'), fc.integer({ min: 1, max: 4 })).map((own) => [own]),
  range,
)
const measured = fc.oneof(
  fc
    .tuple(fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq'), fc.integer({ min: -20, max: 80 }))
    .map((own): [string, number][] => [own]),
  fc.integer({ min: -20, max: 40 }).map((low): [string, number][] => [
    ['gt', low],
    ['lt', low + 30],
  ]),
)

/** The `i`th spec: of some acts, and of the specs before it. */
function specOf(i: number): fc.Arbitrary<Spec> {
  const known = [...ACTS, ...Array.from({ length: i }, (_, n) => `c${n}`)]
  const common = {
    id: fc.constant(`c${i}`),
    rules: fc.uniqueArray(fc.constantFrom(...known), { minLength: 1, maxLength: 3 }),
    groupBy: fc.subarray(['source.ip', 'user.name']),
    spanMs: fc.constantFrom(5_000, 20_000, 60_000, 200_000),
  }
  const of = (type: string, more: fc.Arbitrary<Partial<Spec>>): fc.Arbitrary<Spec> =>
    fc.tuple(fc.record(common), more).map(([own, added]): Spec => ({ ...own, type, condition: [], ...added }))
  return fc.oneof(
    of('event_count', fc.record({ condition: counted })),
    of('value_count', fc.record({ condition: counted, field: fc.constantFrom('user.name', 'n') })),
    fc
      .constantFrom('temporal', 'temporal_ordered')
      .chain((type) =>
        fc.record(common).map((own): Spec => ({ ...own, type, condition: [['gte', own.rules.length]] })),
      ),
    of('temporal', fc.record({ condition: counted })),
    fc.record({ ...common, split: fc.nat(2) }).map(({ split, ...own }): Spec => {
      const all = own.rules.slice(0, 1 + split)
      const none = own.rules.slice(1 + split)
      return { ...own, type: 'temporal', condition: [], expression: { all, none } }
    }),
    ...['value_sum', 'value_avg', 'value_median'].map((type) =>
      of(type, fc.record({ condition: measured, field: fc.constant('n') })),
    ),
    of('value_percentile', fc.record({ condition: measured, field: fc.constant('n'), percentile: fc.nat(100) })),
  )
}

const specs = fc.integer({ min: 1, max: 4 }).chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => specOf(i))))

interface Arriving extends Happening {
  arrival: number
}

/** Events of their own milliseconds, each late by less than the lateness. */
function streamOf(
  size: { minLength: number; maxLength: number },
  spread: number,
  acts = ACTS,
): fc.Arbitrary<Arriving[]> {
  const one = fc.record({
    s: fc.nat(spread),
    delayMs: fc.oneof({ weight: 2, arbitrary: fc.nat(3000) }, fc.nat(LATENESS_MS - 1000)),
    act: fc.constantFrom(...acts),
    ip: fc.constantFrom('192.0.2.1', '192.0.2.2'),
    user: fc.option(fc.constantFrom('an', 'binh', 'chi', 'dung'), { nil: undefined, freq: 8 }),
    n: fc.option(fc.integer({ min: -8, max: 40 }), { nil: undefined, freq: 8 }),
  })
  return fc.array(one, size).map((all) =>
    all
      .map(({ s, delayMs, act, ip, user, n }, i): Arriving => {
        const at = START + s * 1000 + i
        const fields = {
          'source.ip': ip,
          ...(user !== undefined && { 'user.name': user }),
          ...(n !== undefined && { n: String(n * 2.5) }),
        }
        return { at, act, fields, line: `${at} ${act} ${JSON.stringify(fields)}`, arrival: at + delayMs }
      })
      .toSorted((a, b) => a.arrival - b.arrival),
  )
}

/** The stream as it arrives, and after it so much time that everything ends, also what what ended began. */
function eventsOf(happenings: readonly Happening[]): EcsEvent[] {
  const day = 86_400_000
  const ends = [1, 2, 3, 4, 5, 6].map((n): Happening => ({
    at: START + n * 3 * day,
    act: 'none',
    line: '',
    fields: {},
  }))
  return [...happenings, ...ends].map(({ at, act, line, fields }, i) =>
    event(
      {
        ...fields,
        '@timestamp': new Date(at).toISOString(),
        'event.ingested': '2026-06-01T00:00:00.000Z',
        'event.original': line,
        act,
      },
      i + 1,
    ),
  )
}

/** Runs a stream through one engine after another: at each cut the state goes through a checkpoint. */
function alertsOf(
  ruleSet: RuleSet,
  events: readonly EcsEvent[],
  cuts: readonly number[] = [],
  options?: EngineOptions,
) {
  let engine = new Engine(ruleSet, { latenessMs: LATENESS_MS, ...options })
  return events.flatMap((own, i) => {
    if (cuts.includes(i)) {
      const state = engine.checkpoint()
      engine = new Engine(ruleSet, { latenessMs: LATENESS_MS, ...options })
      engine.restore(state)
    }
    return engine.process(own)
  })
}

const isCorrelated = ({ rule: { id } }: Alert): boolean => /^c\d/.test(id)

function spoken(list: readonly Finding[]): string[] {
  return list
    .map(({ id, group, count, lines }) => {
      const half = EVIDENCE_MAX / 2
      const shown = lines.length <= EVIDENCE_MAX ? lines : [...lines.slice(0, half), ...lines.slice(-half)]
      return JSON.stringify([id, Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1)), count, shown.toSorted()])
    })
    .sort()
}

const asFindings = (alerts: readonly Alert[]): Finding[] =>
  finals(alerts.filter(isCorrelated)).map(({ rule: { id }, group, count, evidence }) => ({
    id,
    group,
    count,
    lines: evidence.map(({ original }) => original),
  }))

/** Every version of an alert is the one after the version before: nothing changes in silence, nothing is said twice. */
function expectVersions(alerts: readonly Alert[]): void {
  const last = new Map<string, number>()
  for (const { id, version } of alerts.filter(isCorrelated)) {
    expect(version).toBe((last.get(id) ?? 0) + 1)
    last.set(id, version)
  }
}

describe('the final alerts of any rules are those of the whole stream', () => {
  const small = streamOf({ minLength: 1, maxLength: 50 }, 400)

  test('in any order of arrival within the lateness, across any crashes', async () => {
    await fc.assert(
      fc.asyncProperty(specs, small, fc.uniqueArray(fc.nat(50), { maxLength: 5 }), async (rules, stream, cuts) => {
        const ruleSet = await loadSpecs(rules)
        expect(ruleSet.problems.filter(({ severity }) => severity === 'error')).toEqual([])
        const alerts = alertsOf(ruleSet, eventsOf(stream), cuts)
        expectVersions(alerts)
        expect(spoken(asFindings(alerts))).toEqual(spoken(findings(rules, stream)))
      }),
      { numRuns: runs(400) },
    )
  })

  test('of floods that outgrow what an alert shows and what a group remembers', async () => {
    const flood = streamOf({ minLength: 300, maxLength: 500 }, 1500, [
      ...Array.from({ length: 20 }, () => 'fail'),
      'ok',
      'scan',
    ])
    await fc.assert(
      fc.asyncProperty(specs, flood, fc.uniqueArray(fc.nat(500), { maxLength: 5 }), async (rules, stream, cuts) => {
        const alerts = alertsOf(await loadSpecs(rules), eventsOf(stream), cuts)
        expectVersions(alerts)
        expect(spoken(asFindings(alerts))).toEqual(spoken(findings(rules, stream)))
      }),
      { numRuns: runs(40), endOnFailure: true },
    )
  })

  test('and the alerts on the way are the same after a crash at any event', async () => {
    await fc.assert(
      fc.asyncProperty(specs, small, fc.uniqueArray(fc.nat(50), { maxLength: 8 }), async (rules, stream, cuts) => {
        const ruleSet = await loadSpecs(rules)
        const events = eventsOf(stream)
        expect(alertsOf(ruleSet, events, cuts)).toEqual(alertsOf(ruleSet, events))
      }),
      { numRuns: runs(100) },
    )
  })
})
