import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../model/alert.ts'
import type { EngineOptions } from '../../detection/engine.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { engineOf, event, finals, load, rule } from './made-up.ts'

const START = Date.parse('2026-03-02T08:00:00.000Z')
const MINUTE = 60

const BASE = {
  'fail.yml': rule('selection: { act: fail }\ncondition: selection', 'fail'),
  'ok.yml': rule('selection: { act: ok }\ncondition: selection', 'ok'),
  'scan.yml': rule('selection: { act: scan }\ncondition: selection', 'scan'),
}

/** A correlation rule with the given lines below `correlation:`. */
const correlation = (body: string, id = 'c'): string =>
  `title: Correlation ${id}\nid: ${id}\nname: ${id}\nlevel: high\ncorrelation:\n${body.replace(/^/gm, '  ')}\n`

const GUESSING = correlation(
  'type: event_count\nrules: [fail]\ngroup-by: [source.ip]\ntimespan: 5m\ncondition: { gte: 3 }',
)

interface Step {
  /** Seconds after the start. */
  s: number
  act: string
  ip?: string
  user?: string
  bytes?: number | string
  agency?: string
}

function eventsOf(steps: readonly Step[]): EcsEvent[] {
  return steps.map(({ s, act, ip = '192.0.2.1', user, bytes, agency }, i) =>
    event(
      {
        '@timestamp': new Date(START + s * 1000).toISOString(),
        'event.original': `${s} ${act} ${ip} ${user ?? ''} ${bytes ?? ''}`,
        'source.ip': ip,
        act,
        ...(user !== undefined && { 'user.name': user }),
        ...(bytes !== undefined && { bytes }),
        ...(agency !== undefined && { 'soc.agency': agency }),
      },
      i + 1,
    ),
  )
}

/** Long after everything: the watermark passes, so that what is still open is raised. */
const END: Step = { s: 3 * 86_400, act: 'none' }
/** And again, for correlations of correlations that the first one raised. */
const AFTER: Step = { s: 6 * 86_400, act: 'none' }

async function run(files: Record<string, string>, steps: readonly Step[], options?: { latenessMs?: number }) {
  const engine = await engineOf({ ...BASE, ...files }, options)
  return eventsOf(steps).flatMap((own) => engine.process(own))
}

const at = (...seconds: number[]) => seconds.map((s): Step => ({ s, act: 'fail' }))

describe('event_count', () => {
  test('fires at the event that reaches the threshold, with all the window as evidence', async () => {
    const alerts = await run({ 'c.yml': GUESSING }, at(0, 10, 20))
    expect(alerts).toHaveLength(1)
    const [alert] = alerts
    expect(alert).toMatchObject({
      version: 1,
      seq: 3,
      '@timestamp': '2026-03-02T08:00:20.000Z',
      agency: 'so-khcn',
      group: { 'source.ip': '192.0.2.1' },
      entities: [{ kind: 'ip', value: '192.0.2.1' }],
      count: 3,
      rule: { id: 'c', level: 'high' },
    })
    expect(alert!.id).toMatch(/^[\da-f]{32}$/)
    expect(alert!.evidence.map(({ record, rule: own }) => [record, own])).toEqual([
      ['spool-1', 'fail'],
      ['spool-2', 'fail'],
      ['spool-3', 'fail'],
    ])
    expect(alert!.evidence[0]!.proof).toMatchObject([{ selection: 'selection', field: 'act', value: 'fail' }])
  })

  test.each([
    ['slides: no boundary splits it', at(290, 300, 310), 1],
    ['exactly the timespan apart still counts', at(0, 150, 300), 1],
    ['a second more does not', at(0, 150, 301), 0],
    ['groups do not mix', [...at(0, 10), { s: 20, act: 'fail', ip: '192.0.2.9' }], 0],
    ['agencies do not mix', [...at(0, 10), { s: 20, act: 'fail', agency: 'so-yte' }], 0],
    ['other rules do not count', [...at(0, 10), { s: 20, act: 'ok' }], 0],
  ])('%s', async (_name, steps, fired) => {
    expect(
      finals((await run({ 'c.yml': GUESSING }, [...steps, END])).filter(({ rule: own }) => own.id === 'c')),
    ).toHaveLength(fired)
  })

  test('one alert for an attack that goes on, and few versions', async () => {
    const steps = Array.from({ length: 1000 }, (_, i): Step => ({ s: i, act: 'fail' }))
    const alerts = await run({ 'c.yml': GUESSING }, [...steps, END])
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(1)
    expect(alerts.length).toBeLessThan(12)
    const last = alerts.at(-1)!
    expect(last).toMatchObject({ count: 1000, version: alerts.length })
    expect(last.evidence).toHaveLength(100)
    expect(last.evidence[0]!.seq).toBe(1)
    expect(last.evidence[49]!.seq).toBe(50)
    expect(last.evidence[50]!.seq).toBe(951)
    expect(last.evidence[99]!.seq).toBe(1000)
  })

  test('re-arms once nothing of the first attack is in the window', async () => {
    const alerts = finals(await run({ 'c.yml': GUESSING }, [...at(0, 10, 20), ...at(1000, 1010, 1020), END]))
    expect(alerts.map(({ evidence }) => evidence.map(({ seq }) => seq))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  test('a late event joins the windows it belongs to', async () => {
    const alerts = await run({ 'c.yml': GUESSING }, at(0, 200, 100))
    expect(alerts).toHaveLength(1)
    expect(alerts[0]!.evidence.map(({ seq }) => seq)).toEqual([1, 3, 2])
  })

  test('a late event that bridges two attacks leaves one alert', async () => {
    const alerts = await run({ 'c.yml': GUESSING }, [...at(0, 10, 20), ...at(321, 331, 341), ...at(200), END], {
      latenessMs: 10 * MINUTE * 1000,
    })
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(2)
    expect(finals(alerts)).toHaveLength(1)
    expect(finals(alerts)[0]).toMatchObject({ count: 7 })
    expect(alerts.some(({ count, evidence }) => count === 0 && evidence.length === 0)).toBe(true)
  })

  test('a source that lags by hours is still correlated with itself', async () => {
    const steps = [{ s: 36_000, act: 'ok', ip: '192.0.2.7' }, ...at(0, 10, 20)]
    expect(finals(await run({ 'c.yml': GUESSING }, steps)).filter(({ rule: own }) => own.id === 'c')).toHaveLength(1)
  })

  test('a clock far in the future does not end the windows of others', async () => {
    const engine = await engineOf({ ...BASE, 'c.yml': GUESSING })
    const [first, second, third] = eventsOf(at(0, 10, 20)).map((own): EcsEvent => ({
      ...own,
      'event.ingested': '2026-03-02T08:01:00.000Z',
    }))
    const mad = event({ '@timestamp': '2031-01-01T00:00:00.000Z', 'event.ingested': '2026-03-02T08:01:00.000Z' }, 9)
    expect([first!, second!, mad, third!].flatMap((own) => engine.process(own))).toHaveLength(1)
  })
})

describe('other types', () => {
  const body = (type: string, more: string) => ({
    'c.yml': correlation(`type: ${type}\ngroup-by: [source.ip]\ntimespan: 5m\n${more}`),
  })
  const spray = body('value_count', 'rules: [fail]\ncondition: { field: user.name, gte: 3 }')
  const users = (...names: (string | undefined)[]) =>
    names.map((user, i): Step => ({ s: i * 10, act: 'fail', ...(user !== undefined && { user }) }))

  test.each<[string, Record<string, string>, Step[], number]>([
    ['value_count: three users', spray, users('an', 'binh', 'chi'), 1],
    ['value_count: case is folded', spray, users('an', 'AN', 'An', 'binh'), 0],
    ['value_count: a missing value is not counted', spray, users('an', 'binh', undefined, undefined), 0],
    ['value_count: the window forgets', spray, [...users('an', 'binh'), { s: 320, act: 'fail', user: 'chi' }], 0],
    [
      'value_count: of combinations',
      body('value_count', 'rules: [fail]\ncondition: { field: [user.name, act], gte: 2 }'),
      users('an', 'an', 'binh'),
      1,
    ],
    [
      'temporal: any order',
      body('temporal', 'rules: [fail, ok]'),
      [
        { s: 0, act: 'ok' },
        { s: 60, act: 'fail' },
      ],
      1,
    ],
    [
      'temporal: too far apart',
      body('temporal', 'rules: [fail, ok]'),
      [
        { s: 0, act: 'ok' },
        { s: 301, act: 'fail' },
      ],
      0,
    ],
    [
      'temporal: two of three are enough where the condition says so',
      body('temporal', 'rules: [fail, ok, scan]\ncondition: { gte: 2 }'),
      [
        { s: 0, act: 'ok' },
        { s: 60, act: 'scan' },
      ],
      1,
    ],
    [
      'temporal: extended condition',
      body('temporal', 'condition: scan and (fail or ok)'),
      [
        { s: 0, act: 'scan' },
        { s: 60, act: 'ok' },
      ],
      1,
    ],
    [
      'temporal: extended condition with not waits for the watermark',
      body('temporal', 'condition: scan and not ok'),
      [
        { s: 0, act: 'scan' },
        { s: 60, act: 'ok' },
      ],
      1,
    ],
    [
      'temporal: extended condition with not that fails',
      body('temporal', 'condition: scan and not ok'),
      [
        { s: 0, act: 'ok' },
        { s: 60, act: 'scan' },
      ],
      0,
    ],
    [
      'temporal_ordered: in order, others between',
      body('temporal_ordered', 'rules: [fail, ok]'),
      [
        { s: 0, act: 'fail' },
        { s: 10, act: 'scan' },
        { s: 20, act: 'ok' },
      ],
      1,
    ],
    [
      'temporal_ordered: wrong order',
      body('temporal_ordered', 'rules: [fail, ok]'),
      [
        { s: 0, act: 'ok' },
        { s: 20, act: 'fail' },
      ],
      0,
    ],
    [
      'temporal_ordered: the same instant counts as in order',
      body('temporal_ordered', 'rules: [fail, ok]'),
      [
        { s: 0, act: 'ok' },
        { s: 0, act: 'fail' },
      ],
      1,
    ],
    [
      'temporal_ordered: a rule twice',
      body('temporal_ordered', 'rules: [fail, ok, fail]'),
      [
        { s: 0, act: 'fail' },
        { s: 20, act: 'ok' },
        { s: 30, act: 'fail' },
      ],
      1,
    ],
    [
      'value_sum',
      body('value_sum', 'rules: [ok]\ncondition: { field: bytes, gt: 100 }'),
      [
        { s: 0, act: 'ok', bytes: 60 },
        { s: 1, act: 'ok', bytes: '60' },
      ],
      1,
    ],
    [
      'value_sum: what is no number is left out',
      body('value_sum', 'rules: [ok]\ncondition: { field: bytes, gt: 100 }'),
      [
        { s: 0, act: 'ok', bytes: 60 },
        { s: 1, act: 'ok', bytes: 'many' },
      ],
      0,
    ],
    [
      'value_avg, a range',
      body('value_avg', 'rules: [ok]\ncondition: { field: bytes, gt: 10, lte: 20 }'),
      [
        { s: 0, act: 'ok', bytes: 0 },
        { s: 1, act: 'ok', bytes: 40 },
      ],
      1,
    ],
    [
      'value_median',
      body('value_median', 'rules: [ok]\ncondition: { field: bytes, eq: 2.5 }'),
      [
        { s: 0, act: 'ok', bytes: 1 },
        { s: 1, act: 'ok', bytes: 4 },
      ],
      1,
    ],
    [
      'value_percentile',
      body('value_percentile', 'rules: [ok]\ncondition: { field: bytes, gte: 90, percentile: 90 }'),
      Array.from({ length: 11 }, (_, i): Step => ({ s: i, act: 'ok', bytes: i * 10 })),
      1,
    ],
    ['lt is judged at the watermark', body('event_count', 'rules: [fail]\ncondition: { lt: 2 }'), at(0), 1],
  ])('%s', async (_name, files, steps, fired) => {
    const alerts = finals(await run(files, [...steps, END])).filter(({ rule: own }) => own.id === 'c')
    expect(alerts).toHaveLength(fired)
  })
})

describe('parts', () => {
  test('are silent, or raise their own alerts with generate', async () => {
    const ids = async (generate: string) =>
      new Set((await run({ 'c.yml': `${GUESSING}${generate}` }, at(0, 10, 20))).map(({ rule: own }) => own.id))
    expect(await ids('')).toEqual(new Set(['c']))
    expect(await ids('  generate: true\n')).toEqual(new Set(['c', 'fail']))
    expect(await ids('generate: true\n')).toEqual(new Set(['c', 'fail']))
  })

  test('that are informational feed but do not alert', async () => {
    const quiet = { 'fail.yml': BASE['fail.yml'].replace('level: high', 'level: informational') }
    expect((await run(quiet, at(0))).length).toBe(0)
    expect((await run({ ...quiet, 'c.yml': GUESSING }, at(0, 1, 2))).map(({ rule: own }) => own.id)).toEqual(['c'])
  })

  test('have fields of their own behind an alias', async () => {
    const files = {
      'out.yml': rule('selection: { act: out }\ncondition: selection', 'out'),
      'c.yml': correlation(
        'type: temporal\nrules: [fail, out]\naliases:\n  who:\n    fail: user.name\n    out: account\ngroup-by: [who]\ntimespan: 5m',
      ),
    }
    const engine = await engineOf({ ...BASE, ...files })
    const alerts = [event({ act: 'fail', 'user.name': 'An' }, 1), event({ act: 'out', account: 'AN' }, 2)].flatMap(
      (own) => engine.process(own),
    )
    expect(alerts).toMatchObject([{ group: { who: 'an' }, entities: [{ kind: 'user', value: 'an' }], count: 2 }])
  })

  test('without the group-by field take no part, and are counted', async () => {
    const engine = await engineOf({ ...BASE, 'c.yml': GUESSING })
    engine.process(event({ act: 'fail' }))
    expect(engine.stats().rules['c']!.correlation).toMatchObject({ skipped: 1, groups: 0 })
  })

  test('may be correlations: success after guessing', async () => {
    const files = {
      'c.yml': GUESSING,
      'd.yml': correlation('type: temporal_ordered\nrules: [c, ok]\ngroup-by: [source.ip]\ntimespan: 10m', 'd'),
    }
    const alerts = await run(files, [...at(0, 10, 20), { s: 60, act: 'ok' }])
    expect(alerts.map(({ rule: own }) => own.id)).toEqual(['d'])
    expect(alerts[0]).toMatchObject({
      count: 4,
      evidence: [{ seq: 1 }, { seq: 2 }, { seq: 3 }, { seq: 4, rule: 'ok' }],
    })
    expect(await run(files, [{ s: 5, act: 'ok' }, ...at(10, 20, 30)])).toEqual([])
  })
})

test.each([
  ['unknown type', 'type: event_sum\nrules: [fail]\ntimespan: 5m\ncondition: { gte: 1 }', 'bad_correlation', 6, 3],
  ['no timespan', 'type: temporal\nrules: [fail, ok]', 'bad_correlation', 5, 1],
  [
    'month and minute are told apart, x is neither',
    'type: temporal\nrules: [fail, ok]\ntimespan: 5x',
    'bad_correlation',
    8,
    3,
  ],
  ['no condition', 'type: event_count\nrules: [fail]\ntimespan: 5m', 'bad_correlation', 5, 1],
  ['unknown rule', 'type: event_count\nrules: [nope]\ntimespan: 5m\ncondition: { gte: 1 }', 'unknown_reference', 7, 3],
  ['itself', 'type: event_count\nrules: [c]\ntimespan: 5m\ncondition: { gte: 1 }', 'reference_cycle', 7, 3],
  [
    'a misspelt member',
    'type: temporal\nrules: [fail, ok]\ntimespan: 5m\ngroup_by: [user.name]',
    'bad_correlation',
    9,
    3,
  ],
  [
    'one rule by its id and by its name',
    'type: temporal\nrules: [same-id, same]\ntimespan: 5m',
    'bad_correlation',
    7,
    3,
  ],
  ['a name of two rules', 'type: temporal\nrules: [twin, ok]\ntimespan: 5m', 'unknown_reference', 7, 3],
  [
    'an alias for a rule that is not there',
    'type: temporal\nrules: [fail, ok]\ntimespan: 5m\naliases:\n  who:\n    scan: user.name',
    'bad_correlation',
    10,
    5,
  ],
  [
    'a field is missing',
    'type: value_count\nrules: [fail]\ntimespan: 5m\ncondition: { gte: 1 }',
    'bad_correlation',
    9,
    3,
  ],
])('refuses: %s', async (_name, body, code, line, column) => {
  const named = (id: string, name: string): string =>
    rule('s: { act: x }\ncondition: s', id).replace(/^name: .*$/m, `name: ${name}`)
  const others = { 'a.yml': named('same-id', 'same'), 'b.yml': named('b', 'twin'), 'd.yml': named('d', 'twin') }
  const { problems, rules } = await load({ ...BASE, ...others, 'c.yml': correlation(body) })
  const errors = problems.filter(({ severity }) => severity === 'error')
  expect(errors).toMatchObject([{ path: 'c.yml', code, line, column }])
  expect(rules).toHaveLength(6)
})

describe('parts that are correlations', () => {
  const c = correlation('type: event_count\nrules: [fail]\ngroup-by: [source.ip]\ntimespan: 1m\ncondition: { gte: 3 }')
  const of = (body: string): Record<string, string> => ({ 'c.yml': c, 'd.yml': correlation(body, 'd') })

  test('are there at every event at which they hold: a login after an hour of guessing', async () => {
    const files = of('type: temporal_ordered\nrules: [c, ok]\ngroup-by: [source.ip]\ntimespan: 2m')
    const guessing = at(...Array.from({ length: 360 }, (_, i) => i * 10))
    const alerts = finals(await run(files, [...guessing, { s: 3600, act: 'ok' }, END, AFTER]))
    // What was guessed in the two minutes before the login, and the login.
    expect(alerts).toMatchObject([{ rule: { id: 'd' }, count: 13 }])
    expect(alerts[0]!.evidence.map(({ seq }) => seq)).toEqual([...Array.from({ length: 12 }, (_, i) => 349 + i), 361])
  })

  test('count once, when their condition first holds', async () => {
    const files = of('type: event_count\nrules: [c]\ngroup-by: [source.ip]\ntimespan: 1h\ncondition: { gte: 2 }')
    const one = Array.from({ length: 30 }, (_, i) => i)
    expect(await run(files, [...at(...one), END, AFTER])).toEqual([])
    const alerts = finals(await run(files, [...at(...one, 200, 201, 202, 203), END, AFTER]))
    expect(alerts).toMatchObject([{ rule: { id: 'd' }, count: 6 }])
    expect(alerts[0]!.evidence.map(({ seq }) => seq)).toEqual([1, 2, 3, 31, 32, 33])
  })

  test('may group by more: several accounts guessed from one address', async () => {
    const files = {
      'c.yml': c.replace('[source.ip]', '[source.ip, user.name]'),
      'd.yml': correlation(
        'type: value_count\nrules: [c]\ngroup-by: [source.ip]\ntimespan: 5m\ncondition: { field: user.name, gte: 2 }',
        'd',
      ),
    }
    const guess = (user: string, s: number): Step[] => at(s, s + 1, s + 2).map((step) => ({ ...step, user }))
    expect(finals(await run(files, [...guess('an', 0), ...guess('an', 20), END, AFTER]))).toEqual([])
    const alerts = finals(await run(files, [...guess('an', 0), ...guess('binh', 100), END, AFTER]))
    expect(alerts).toMatchObject([{ rule: { id: 'd' }, group: { 'source.ip': '192.0.2.1' }, count: 6 }])
  })
})

describe('late evidence', () => {
  const within = { latenessMs: 7_200_000 }
  const fired = async (...seconds: number[]) =>
    finals(await run({ 'c.yml': GUESSING }, [...at(...seconds), END], within))

  test('does not make an alert of events that only arrived together', async () => {
    expect(await fired(3600, 3601, 0)).toEqual([])
  })

  test('makes the alert of events that happened together', async () => {
    const alerts = await fired(0, 60, 600, 120)
    expect(alerts).toHaveLength(1)
    expect(alerts[0]!.evidence.map(({ seq }) => seq)).toEqual([1, 2, 4])
  })

  test('amends: a version of the same alert, or a last one that takes it back', async () => {
    const sum = correlation(
      'type: value_sum\nrules: [ok]\ngroup-by: [source.ip]\ntimespan: 5m\ncondition: { field: bytes, gte: 100 }',
    )
    const ok = (s: number, bytes: number): Step => ({ s, act: 'ok', bytes })
    const versions = (alerts: Alert[]) => alerts.map(({ version, count }) => [version, count])
    const alerts = await run({ 'c.yml': sum }, [ok(0, 60), ok(20, 60), ok(10, -50), ok(5, 50), END])
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(1)
    expect(versions(alerts)).toEqual([
      [1, 2],
      [2, 0],
      [3, 4],
    ])
  })

  test('of an agency that states its own lateness is waited for there, and only there', async () => {
    const calm = correlation('type: temporal\ncondition: scan and not ok\ngroup-by: [source.ip]\ntimespan: 2m')
    const firstAt = async (agency: string): Promise<number | undefined> => {
      const steps = [
        { s: 0, act: 'scan', agency },
        ...Array.from({ length: 60 }, (_, i) => ({ s: (i + 1) * 60, act: 'ok', agency })),
      ]
      const engine = await engineOf({ ...BASE, 'c.yml': calm }, { latenessByAgency: new Map([['so-yte', 1_800_000]]) })
      return eventsOf(steps)
        .flatMap((own) => engine.process(own))
        .map(({ seq }) => seq)[0]
    }
    expect(await firstAt('so-khcn')).toBe(7)
    expect(await firstAt('so-yte')).toBe(32)
  })

  test('a machine whose clock is ahead does not end the wait for others', async () => {
    const calm = correlation('type: temporal\ncondition: scan and not ok\ngroup-by: [source.ip]\ntimespan: 2m')
    const engine = await engineOf({ ...BASE, 'c.yml': calm }, { latenessMs: 60_000 })
    const received = [0, 1, 20]
    const steps: Step[] = [
      { s: 0, act: 'scan' },
      { s: 60, act: 'scan' }, // received a minute before it happened
      { s: -30, act: 'ok' }, // late, but within the lateness
    ]
    const events = eventsOf(steps).map((own, i): EcsEvent => ({
      ...own,
      'event.ingested': new Date(START + received[i]! * 1000).toISOString(),
    }))
    const alerts = [...events, ...eventsOf([END, AFTER])].flatMap((own) => engine.process(own))
    expect(alerts.filter(({ rule: { id } }) => id === 'c')).toEqual([])
  })
})

describe('fields that hold several values', () => {
  const several = (fields: Record<string, EcsValue>, i: number): EcsEvent =>
    event({ act: 'fail', '@timestamp': new Date(START + i * 1000).toISOString(), ...fields }, i + 1)

  test('stand in the group of each', async () => {
    const engine = await engineOf({ ...BASE, 'c.yml': GUESSING })
    const sources = [['192.0.2.1', '192.0.2.9'], ['192.0.2.9', null], '192.0.2.9', ['192.0.2.1'], []]
    const alerts = sources.flatMap((ip, i) => engine.process(several({ 'source.ip': ip }, i)))
    expect(alerts.map(({ group, count }) => [group['source.ip'], count])).toEqual([['192.0.2.9', 3]])
    expect(engine.stats().rules['c']!.correlation).toMatchObject({ groups: 2, skipped: 1 })
  })

  test('are each counted, nested or not, numbers as their text', async () => {
    const spray = correlation('type: value_count\nrules: [fail]\ntimespan: 5m\ncondition: { field: user.id, gte: 4 }')
    const engine = await engineOf({ ...BASE, 'c.yml': spray })
    const ids: EcsValue[] = [[1, '1', 'A'], 'a', null, [2, [3]]]
    const raised = ids.map((id, i) => engine.process(several(i === 3 ? { user: { id } } : { 'user.id': id }, i)).length)
    expect(raised).toEqual([0, 0, 0, 1])
  })
})

describe('bounds', () => {
  const stranger = (i: number): Step => ({ s: 0, act: 'fail', ip: `10.0.${i >> 8}.${i & 255}` })
  const fire = async (options: EngineOptions) => {
    const engine = await engineOf({ ...BASE, 'c.yml': GUESSING }, options)
    const flood = Array.from({ length: 500 }, (_, i) => stranger(i))
    const alerts = eventsOf([...at(0, 10), ...flood, ...at(20)]).flatMap((own) => engine.process(own))
    return { alerts: alerts.length, ...engine.stats().rules['c']!.correlation! }
  }

  test('a flood of strangers pushes out strangers, not the group that is about to fire', async () => {
    expect(await fire({ groupsMax: 50 })).toMatchObject({ alerts: 1, groups: 50, evicted: 451 })
  })

  test('also where it is all contributions together that are too many, and says how many', async () => {
    const { alerts, groups, evicted, bytes } = await fire({ bytesMax: 100_000 })
    expect(alerts).toBe(1)
    expect(groups + evicted).toBe(501)
    expect(evicted).toBeGreaterThan(200)
    expect(bytes).toBeLessThanOrEqual(100_000)
    expect(bytes).toBeGreaterThan(90_000)
  })

  test('what was given up is in the ledger, once, by agency and hour of receipt', async () => {
    const engine = await engineOf({ ...BASE, 'c.yml': GUESSING }, { groupsMax: 50, latenessMs: 60_000 })
    const other = { act: 'fail', agency: 'so-yte' }
    const late = { s: 10, act: 'fail' } // more than a minute behind its group, and still within its window
    const steps = [...at(0, 100), late, ...Array.from({ length: 98 }, (_, i) => stranger(i)), { s: 0, ...other }]
    const events = eventsOf(steps)
    events.push(event({ act: 'fail' }, 999)) // without an address
    events.push({
      ...events[0]!,
      'soc.seq': 1000,
      'soc.record': 'spool-1000',
      'event.ingested': '2026-03-09T01:59:59.999Z',
    })
    for (const own of events) engine.process(own)
    const counts = engine.takeCorrelated().map(({ hour, agency, what, contributions }) => {
      return [hour.slice(8), agency, what, contributions]
    })
    expect(counts).toEqual([
      ['09T00', 'so-khcn', 'counted', 101],
      ['09T00', 'so-khcn', 'late', 1],
      ['09T00', 'so-khcn', 'skipped', 1],
      ['09T00', 'so-khcn', 'evicted', 50],
      ['09T00', 'so-yte', 'counted', 1],
      ['09T01', 'so-khcn', 'counted', 1],
      ['09T01', 'so-khcn', 'late', 1],
    ])
    expect(engine.takeCorrelated()).toEqual([])
    expect(engine.stats().rules['c']!.correlation).toMatchObject({ counted: 103, late: 2, skipped: 1, evicted: 50 })
  })

  test('what leaves a full group is in the ledger, but not what leaves in time', async () => {
    const engine = await engineOf({ ...BASE, 'c.yml': GUESSING })
    const flood = Array.from({ length: 12_000 }, (_, i): Step => ({ s: i / 100, act: 'fail' }))
    for (const own of eventsOf([...flood, { s: 86_400, act: 'fail' }, END])) engine.process(own)
    const counts = engine.takeCorrelated().map(({ what, contributions }) => [what, contributions])
    expect(counts).toEqual([
      ['counted', 12_001],
      ['truncated', 2000],
    ])
  })

  test('the rule that holds most gives way, and what it holds is the same after a restore', async () => {
    const greedy = correlation(
      'type: event_count\nrules: [scan]\ngroup-by: [source.ip]\ntimespan: 5m\ncondition: { gte: 9 }',
      'g',
    )
    const ruleSet = await load({ ...BASE, 'c.yml': GUESSING, 'g.yml': greedy })
    const { Engine } = await import('../../detection/engine.ts')
    const whole = new Engine(ruleSet, { bytesMax: 200_000 })
    const events = eventsOf([
      ...at(0, 10),
      ...Array.from({ length: 900 }, (_, i) => ({ ...stranger(i), act: 'scan' })),
      ...at(20),
    ])
    let parts = new Engine(ruleSet, { bytesMax: 200_000 })
    for (const [i, own] of events.entries()) {
      if (i % 100 === 50) {
        const state = parts.checkpoint()
        parts = new Engine(ruleSet, { bytesMax: 200_000 })
        parts.restore(state)
      }
      expect(parts.process(own)).toEqual(whole.process(own))
    }
    expect(parts.checkpoint()).toBe(whole.checkpoint())
    expect(whole.stats().rules['c']!.correlation).toMatchObject({ evicted: 0 })
    expect(whole.stats().rules['g']!.correlation!.evicted).toBeGreaterThan(400)
    expect(parts.stats().rules['g']!.correlation).toEqual(whole.stats().rules['g']!.correlation)
  })
})

// Law 4: what is final does not depend on the order of arrival within the lateness, nor on checkpoints in between.
describe('any stream', () => {
  const RULES = {
    ...BASE,
    'c1.yml': GUESSING,
    'c2.yml': correlation(
      'type: value_count\nrules: [fail, scan]\ngroup-by: [source.ip]\ntimespan: 3m\ncondition: { field: user.name, gte: 3 }',
      'c2',
    ),
    'c3.yml': correlation('type: temporal\nrules: [fail, ok, scan]\ngroup-by: [source.ip]\ntimespan: 4m', 'c3'),
    'c4.yml': correlation('type: temporal_ordered\nrules: [scan, fail, ok]\ngroup-by: [source.ip]\ntimespan: 4m', 'c4'),
    'c5.yml': correlation(
      'type: event_count\nrules: [ok]\ngroup-by: [source.ip]\ntimespan: 2m\ncondition: { eq: 2 }',
      'c5',
    ),
    'c6.yml': correlation('type: temporal\ncondition: scan and not ok\ngroup-by: [source.ip]\ntimespan: 2m', 'c6'),
    'c7.yml': correlation('type: temporal_ordered\nrules: [c, ok]\ngroup-by: [source.ip]\ntimespan: 6m', 'c7'),
  }
  const LATENESS_S = 300
  const step = fc.record({
    s: fc.nat(2400),
    act: fc.constantFrom('fail', 'ok', 'scan'),
    ip: fc.constantFrom('192.0.2.1', '192.0.2.2'),
    user: fc.constantFrom('an', 'binh', 'chi', 'dung'),
  })
  /** Few users and addresses, and hardly a login between: one group grows. */
  const flooding = {
    act: fc.constantFrom(...Array.from({ length: 20 }, () => 'fail'), 'scan', 'ok'),
    ip: fc.constant('192.0.2.1'),
    user: fc.constantFrom('an', 'binh', 'chi'),
  }
  const stream = fc.array(step, { minLength: 1, maxLength: 60 })

  const summary = (alerts: readonly Alert[]): string[] =>
    finals(alerts)
      .map(({ rule: own, group, count, evidence }) =>
        JSON.stringify([own.id, group, count, evidence.map(({ original }) => original).sort()]),
      )
      .sort()

  test('gives the same final alerts in any order within the lateness', async () => {
    const ruleSet = await load(RULES)
    const { Engine } = await import('../../detection/engine.ts')
    const alertsOf = (events: readonly EcsEvent[]): Alert[] => {
      const engine = new Engine(ruleSet, { latenessMs: LATENESS_S * 1000 })
      return events.flatMap((own) => engine.process(own))
    }
    fc.assert(
      fc.property(stream, fc.array(fc.nat(LATENESS_S), { minLength: 60, maxLength: 60 }), (steps, delays) => {
        const sorted = steps.toSorted((a, b) => a.s - b.s)
        // Arrival at event time plus a delay within the lateness.
        const shuffled = sorted
          .map((own, i) => ({ own, arrival: own.s + delays[i]! }))
          .sort((a, b) => a.arrival - b.arrival)
        const inOrder = alertsOf(eventsOf([...sorted, END, AFTER]))
        const outOfOrder = alertsOf(eventsOf([...shuffled.map(({ own }) => own), END, AFTER]))
        expect(summary(outOfOrder)).toEqual(summary(inOrder))
      }),
      { numRuns: 300 },
    )
  })

  // Sources that tell whole seconds: many contributions share an instant, in groups that are about to fire or have.
  test('gives the same alerts in any order of those that share an instant, across checkpoints', async () => {
    const ruleSet = await load(RULES)
    const { Engine } = await import('../../detection/engine.ts')
    const dense = fc.array(fc.record({ ...flooding, s: fc.nat(9) }), { minLength: 5, maxLength: 60 })
    fc.assert(
      fc.property(dense, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), fc.nat(60), (steps, draws, cut) => {
        // Lines of one text could not be told apart.
        const all = [...eventsOf(steps.map((own, i) => ({ ...own, bytes: i }))), ...eventsOf([END, AFTER])]
        const numbered = all.map((own, i): EcsEvent => ({ ...own, 'soc.record': `spool-${i + 1}`, 'soc.seq': i + 1 }))
        const [ends, happened] = [numbered.slice(-2), numbered.slice(0, -2)]
        const shuffled = happened
          .map((own, i) => ({ own, draw: draws[i]! }))
          .sort((a, b) => a.draw - b.draw)
          .map(({ own }) => own)
        const finalsOf = (events: readonly EcsEvent[], restoredAt: number): unknown => {
          let engine = new Engine(ruleSet)
          const alerts = events.flatMap((own, i) => {
            if (i === restoredAt) {
              const state = engine.checkpoint()
              engine = new Engine(ruleSet)
              engine.restore(state)
            }
            return engine.process(own)
          })
          return finals(alerts)
            .map(({ rule: own, group, count, evidence }) =>
              JSON.stringify([own.id, group, count, evidence.map(({ original }) => original)]),
            )
            .sort()
        }
        expect(finalsOf([...shuffled, ...ends], cut)).toEqual(finalsOf([...happened, ...ends], -1))
      }),
      { numRuns: 150 },
    )
  })

  test('goes on from a checkpoint as if nothing had been', async () => {
    const ruleSet = await load(RULES)
    const { Engine } = await import('../../detection/engine.ts')
    fc.assert(
      fc.property(stream, fc.nat(60), (steps, cut) => {
        const events = eventsOf([...steps, END])
        const whole = new Engine(ruleSet)
        const before = new Engine(ruleSet)
        const expected = events.map((own) => whole.process(own))
        for (const own of events.slice(0, cut)) before.process(own)
        const after = new Engine(ruleSet)
        after.restore(before.checkpoint())
        expect(events.slice(cut).map((own) => after.process(own))).toEqual(expected.slice(cut))
        expect(after.checkpoint()).toBe(whole.checkpoint())
      }),
      { numRuns: 100 },
    )
  })

  // Enough of one group that evidence is left out and contributions leave the list, which the streams above never reach.
  test('of a flood shows the same in any order and across checkpoints', async () => {
    const ruleSet = await load(RULES)
    const { Engine } = await import('../../detection/engine.ts')
    const flood = fc.array(fc.record({ ...flooding, s: fc.nat(1500) }), { minLength: 300, maxLength: 400 })
    const delays = fc.array(fc.nat(LATENESS_S), { minLength: 400, maxLength: 400 })
    const everyCut = fc.integer({ min: 20, max: 150 })
    fc.assert(
      fc.property(flood, delays, everyCut, (steps, late, every) => {
        const sorted = steps.toSorted((a, b) => a.s - b.s)
        const shuffled = sorted
          .map((own, i) => ({ own, arrival: own.s + late[i]! }))
          .sort((a, b) => a.arrival - b.arrival)
        const whole = new Engine(ruleSet, { latenessMs: LATENESS_S * 1000 })
        const inOrder = eventsOf([...sorted, END, AFTER]).flatMap((own) => whole.process(own))
        let parts = new Engine(ruleSet, { latenessMs: LATENESS_S * 1000 })
        const outOfOrder = eventsOf([...shuffled.map(({ own }) => own), END, AFTER]).flatMap((own, i) => {
          if (i % every === 0) {
            const state = parts.checkpoint()
            parts = new Engine(ruleSet, { latenessMs: LATENESS_S * 1000 })
            parts.restore(state)
          }
          return parts.process(own)
        })
        expect(summary(outOfOrder)).toEqual(summary(inOrder))
        for (const { count, evidence } of finals(outOfOrder)) expect(evidence).toHaveLength(Math.min(count, 100))
      }),
      { numRuns: 30, endOnFailure: true },
    )
  })

  test('keeps a line once in a checkpoint, and none that no alert can show', async () => {
    const other = correlation('type: temporal\nrules: [fail]\ngroup-by: [source.ip]\ntimespan: 5m', 'c3')
    const engine = await engineOf({ ...BASE, 'c.yml': GUESSING, 'c3.yml': other })
    for (const own of eventsOf(Array.from({ length: 250 }, (_, s): Step => ({ s, act: 'fail' })))) engine.process(own)
    const state = engine.checkpoint()
    const times = (s: number): number => state.split(`"${s} fail 192.0.2.1  "`).length - 1
    expect([0, 49, 50, 125, 199, 200, 249].map(times)).toEqual([1, 1, 0, 0, 0, 1, 1])
  })

  test('begins anew from state of another format', async () => {
    const engine = await engineOf({ ...BASE, 'c.yml': GUESSING })
    const [first, second, third, fourth] = eventsOf(at(0, 10, 20, 30))
    for (const own of [first!, second!]) engine.process(own)
    const { format, ...rest } = JSON.parse(engine.checkpoint()) as { format: number }
    for (const state of [rest, { ...rest, format: format + 1 }, { clock: 1, correlations: {} }]) {
      engine.restore(JSON.stringify(state))
      expect([third!, fourth!].flatMap((own) => engine.process(own))).toEqual([])
    }
  })

  test('keeps the state of a rule only while it and its parts are unchanged', async () => {
    const first = await engineOf({ ...BASE, 'c.yml': GUESSING })
    for (const own of eventsOf(at(0, 10))) first.process(own)
    const state = first.checkpoint()
    const third = { ...eventsOf(at(20))[0]!, 'soc.record': 'spool-3', 'soc.seq': 3 }
    const alertsAfter = async (files: Record<string, string>): Promise<number> => {
      const engine = await engineOf(files)
      engine.restore(state)
      return engine.process(third).length
    }
    expect(await alertsAfter({ ...BASE, 'c.yml': GUESSING })).toBe(1)
    expect(await alertsAfter({ ...BASE, 'c.yml': `${GUESSING}# changed\n` })).toBe(0)
    expect(await alertsAfter({ ...BASE, 'fail.yml': `${BASE['fail.yml']}# changed\n`, 'c.yml': GUESSING })).toBe(0)
  })
})
