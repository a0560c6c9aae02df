import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Statement } from '../../../collector/health/statement.ts'
import { frameOf } from '../../../collector/health/statement.ts'
import { SourceWatch } from '../../../collector/health/watch.ts'
import type { KeptSource, SourceHealth } from '../../../model/health.ts'
import type { Origin } from '../../../model/record.ts'
import { parseRegistry, type Registry } from '../../../model/registry.ts'
import { runs } from '../../runs.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Monday, midnight in Việt Nam. */
const MONDAY = Date.parse('2026-03-02T00:00:00+07:00')

function registryOf({ health = '{}', sources = '' } = {}): Registry {
  return parseRegistry(
    `
format: 1
name: { vi: Thử, en: Test }
timeZone: Asia/Ho_Chi_Minh
defaults: { level: 2 }
calendar:
  workingHours: [{ days: [1, 2, 3, 4, 5], hours: ['07:00-17:30'] }]
  from: 2026-01-01
  to: 2027-01-01
  holidays:
    - { date: 2026-04-01, vi: Nghỉ, en: Day off }
agencies:
  so-a: { vi: Sở A, en: Department A, kind: department }
systems: {}
health: ${health}
sources:
${sources}
  - { match: { address: 10.0.0.0/16 }, agency: so-a }
`,
    'registry.yml',
  )
}

interface Sent {
  atMs: number
  address: string
  eventMs?: number
}

const originOf = (address: string): Origin => ({ input: 'syslog-tcp', address })

/** Everything a watch says while it hears what was sent, with a quiet record where a minute has none, as the product writes. */
function listen(
  sent: readonly Sent[],
  {
    untilMs,
    registry = registryOf(),
    restartEvery = 0,
    absent = [] as [number, number][],
  }: {
    untilMs: number
    registry?: Registry
    restartEvery?: number
    /** When the collector itself was off. */
    absent?: [number, number][]
  },
): { said: Statement[]; health: Map<string, SourceHealth> } {
  const kept = new Map<string, KeptSource>()
  let clock = ''
  let watch = new SourceWatch('s', { clock, sources: [] })
  watch.use(registry)
  const said: Statement[] = []
  let seq = 0
  let steps = 0
  const save = (): void => {
    const { clock: now, sources, gone } = watch.save()
    clock = now
    for (const source of sources) kept.set(source.key, { ...kept.get(source.key), ...source })
    for (const key of gone) kept.delete(key)
  }
  const step = (atMs: number, one?: Sent): void => {
    if (absent.some(([from, to]) => from <= atMs && atMs < to)) return
    watch.advance(atMs, ++seq)
    if (one) {
      const own = one.eventMs === undefined ? {} : { eventMs: one.eventMs }
      watch.observe({ seq, receivedAtMs: atMs, origin: originOf(one.address), ...own })
    }
    said.push(...watch.take())
    if (restartEvery > 0 && ++steps % restartEvery === 0) {
      save()
      watch = new SourceWatch('s', { clock, sources: structuredClone([...kept.values()]) })
      watch.use(registry)
    }
  }
  const ordered = sent.toSorted((a, b) => a.atMs - b.atMs)
  let quietMs = ordered[0]?.atMs ?? MONDAY
  for (const one of [...ordered, { atMs: untilMs, address: '' }]) {
    for (quietMs += MINUTE; quietMs < one.atMs; quietMs += MINUTE) step(quietMs)
    quietMs = one.atMs
    if (one.address !== '') step(one.atMs, one)
  }
  save()
  return { said, health: new Map([...kept.values()].map(({ source, health }) => [source, health])) }
}

/** One record every `everyMs` while `when` holds. */
function steady(
  address: string,
  {
    fromMs = MONDAY,
    toMs,
    everyMs = 5 * MINUTE,
    when = () => true,
    clockMs,
  }: {
    fromMs?: number
    toMs: number
    everyMs?: number
    when?: (atMs: number) => boolean
    clockMs?: number
  },
): Sent[] {
  const sent: Sent[] = []
  for (let atMs = fromMs; atMs < toMs; atMs += everyMs) {
    if (when(atMs)) sent.push({ atMs, address, ...(clockMs !== undefined && { eventMs: atMs + clockMs }) })
  }
  return sent
}

const inOffice = (atMs: number): boolean => {
  const local = new Date(atMs + 7 * HOUR)
  const [day, hour] = [local.getUTCDay(), local.getUTCHours()]
  return day >= 1 && day <= 5 && hour >= 7 && hour < 18 && local.toISOString().slice(0, 10) !== '2026-04-01'
}
const told = ({ said }: { said: Statement[] }): string[] =>
  said.map(({ kind, state, atMs }) => `${kind} ${state} ${new Date(atMs + 7 * HOUR).toISOString().slice(0, 16)}`)

describe('silence', () => {
  test('a source that always sends is missed after a quarter of an hour, once, and its return is the same episode', () => {
    const stopMs = MONDAY + 9 * DAY + 10 * HOUR
    const sent = [
      ...steady('10.0.0.1', { toMs: stopMs }),
      ...steady('10.0.0.1', { fromMs: stopMs + 30 * HOUR, toMs: stopMs + 40 * HOUR }),
    ]
    const heard = listen(sent, { untilMs: stopMs + 40 * HOUR })
    expect(told(heard)).toEqual(['silent raised 2026-03-11T10:11', 'silent ended 2026-03-12T16:00'])
    expect(new Set(heard.said.map(({ episode }) => episode)).size).toBe(1)
    expect(heard.said[0]).toMatchObject({ agency: 'so-a', address: '10.0.0.1', facts: { open: 1 } })
    expect(heard.said[1]).toMatchObject({ facts: { open: 0 } })
  })

  test('nights, weekends and a holiday of an office are no silence; a workday without it is', () => {
    const sent = steady('10.0.0.2', { toMs: MONDAY + 37 * DAY, when: inOffice })
    expect(told(listen(sent, { untilMs: MONDAY + 35 * DAY }))).toEqual([])
    const stopMs = MONDAY + 35 * DAY + 15 * HOUR // a Monday afternoon
    expect(
      told(
        listen(
          sent.filter(({ atMs }) => atMs < stopMs),
          { untilMs: stopMs + DAY },
        ),
      ),
    ).toEqual(['silent raised 2026-04-06T15:11'])
    const friday = MONDAY + 32 * DAY + 19 * HOUR
    expect(
      told(
        listen(
          sent.filter(({ atMs }) => atMs < friday),
          { untilMs: friday + 5 * DAY },
        ),
      ),
    ).toEqual([
      'silent raised 2026-04-06T09:00', // two hours into Monday: one hour later than it may come
    ])
  })

  test('a nightly batch may come late, but not stay away', () => {
    const nights = Array.from({ length: 30 }, (_, day) => MONDAY + day * DAY + 3 * HOUR - 10 * MINUTE)
    const late = nights.map((atMs, day) => (day % 5 === 0 ? atMs + 15 * MINUTE : atMs))
    const batches = (times: number[]): Sent[] =>
      times.flatMap((atMs) => Array.from({ length: 50 }, (_, i) => ({ atMs: atMs + i * 100, address: '10.0.0.3' })))
    expect(told(listen(batches(late), { untilMs: MONDAY + 30 * DAY }))).toEqual([])
    expect(told(listen(batches(nights.slice(0, 20)), { untilMs: MONDAY + 21 * DAY }))).toEqual([
      'silent raised 2026-03-22T04:00',
    ])
  })

  test.each<[string, string, [number, number], number]>([
    ['one that is too new', '10.0.0.4', [0, 6.5 * DAY], 13],
    ['one that sent once', '10.0.0.4', [0, 5 * MINUTE], 20],
    ['one of no agency', '192.0.2.1', [0, 9 * DAY], 20],
  ])('%s is not judged', (_name, address, [fromMs, toMs], days) => {
    const sent = steady(address, { fromMs: MONDAY + fromMs, toMs: MONDAY + toMs })
    const others = steady('10.0.9.9', { toMs: MONDAY + days * DAY })
    expect(told(listen([...sent, ...others], { untilMs: MONDAY + days * DAY }))).toEqual([])
  })

  test('what the registry says of a source goes before its habit', () => {
    const one = '  - { match: { address: 10.0.0.5 }, agency: so-a, health: { silentMinutes: 30 } }'
    const first = steady('10.0.0.5', { toMs: MONDAY + HOUR })
    const registry = registryOf({ sources: one })
    expect(told(listen(first, { untilMs: MONDAY + 3 * HOUR, registry }))).toEqual(['silent raised 2026-03-02T01:26'])
    const mute = '  - { match: { address: 10.0.0.5 }, agency: so-a, health: { expected: false } }'
    const { said, health } = listen(steady('10.0.0.5', { toMs: MONDAY + 9 * DAY }), {
      untilMs: MONDAY + 10 * DAY,
      registry: registryOf({ sources: mute }),
    })
    expect(said).toEqual([])
    expect(health.get('syslog-tcp/10.0.0.5')).toMatchObject({ state: 'muted' })
  })

  test('under maintenance nothing is told, and afterwards it has its time to come back', () => {
    const stopMs = MONDAY + 9 * DAY
    const registry = registryOf({
      health:
        "{ maintenance: [{ agency: so-a, from: '2026-03-10T23:55:00+07:00', to: '2026-03-11T04:00:00+07:00', reason: x }] }",
    })
    const before = steady('10.0.0.6', { toMs: stopMs })
    expect(told(listen(before, { untilMs: stopMs + 8 * HOUR, registry }))).toEqual(['silent raised 2026-03-11T04:15'])
    const back = steady('10.0.0.6', { fromMs: stopMs + 4 * HOUR + 10 * MINUTE, toMs: stopMs + 9 * HOUR })
    expect(told(listen([...before, ...back], { untilMs: stopMs + 8 * HOUR, registry }))).toEqual([])
  })

  test("the collector's own absence is nobody's silence", () => {
    const sent = Array.from({ length: 50 }, (_, i) => steady(`10.0.1.${i}`, { toMs: MONDAY + 12 * DAY })).flat()
    const off: [number, number] = [MONDAY + 9 * DAY, MONDAY + 9 * DAY + 20 * HOUR]
    expect(told(listen(sent, { untilMs: MONDAY + 11 * DAY, absent: [off] }))).toEqual([])
  })

  test('where a whole agency falls silent there are a few alerts and one for all the others', () => {
    const stopMs = MONDAY + 9 * DAY + 10 * HOUR
    const many = Array.from({ length: 200 }, (_, i) => `10.0.2.${i}`)
    const sent = many.flatMap((address) => [
      ...steady(address, { toMs: stopMs, everyMs: 20 * MINUTE }),
      ...steady(address, { fromMs: stopMs + 5 * HOUR, toMs: stopMs + 6 * HOUR, everyMs: 20 * MINUTE }),
    ])
    const { said } = listen(sent, { untilMs: stopMs + 6 * HOUR })
    const episodes = new Set(said.map(({ episode }) => episode))
    expect(episodes.size).toBe(6)
    expect(said.filter(({ state }) => state === 'raised')).toHaveLength(6)
    expect(said.find(({ facts }) => facts['many'] === true)).toMatchObject({ facts: { count: 195 }, address: '' })
    expect(said.at(-1)).toMatchObject({ state: 'ended', facts: { many: true } })
  })

  test('a source that flaps has one episode', () => {
    const fromMs = MONDAY + 8 * DAY
    const hours = Array.from({ length: 20 }, (_, i) => fromMs + i * HOUR)
    const sent = [
      ...steady('10.0.0.7', { toMs: fromMs }),
      ...hours.flatMap((atMs) => steady('10.0.0.7', { fromMs: atMs, toMs: atMs + 10 * MINUTE })),
    ]
    const { said } = listen(sent, { untilMs: fromMs + 20 * HOUR })
    expect(said.length).toBeGreaterThan(20)
    expect(new Set(said.map(({ episode }) => episode)).size).toBe(1)
  })
})

describe('volume', () => {
  const usual = (toMs: number): Sent[] => steady('10.0.0.8', { toMs, everyMs: 30_000 })

  test('nine tenths less for two hours is told, and so is the end of it', () => {
    const fallMs = MONDAY + 9 * DAY + 10 * HOUR
    const sent = [
      ...usual(fallMs),
      ...steady('10.0.0.8', { fromMs: fallMs, toMs: fallMs + 6 * HOUR, everyMs: 10 * MINUTE }),
      ...steady('10.0.0.8', { fromMs: fallMs + 6 * HOUR, toMs: fallMs + 9 * HOUR, everyMs: 30_000 }),
    ]
    const heard = listen(sent, { untilMs: fallMs + 9 * HOUR })
    expect(told(heard)).toEqual(['fallen raised 2026-03-11T12:00', 'fallen ended 2026-03-11T17:00'])
    expect(heard.said[0]!.facts).toMatchObject({ records: 12, records_usual: 240, percent: 95 })
    expect(frameOf(heard.said[0]!).bytes.toString()).toContain('giảm 95 %')
  })

  test('neither half the volume nor a fall among few records is', () => {
    const fallMs = MONDAY + 9 * DAY + 10 * HOUR
    const half = [...usual(fallMs), ...steady('10.0.0.8', { fromMs: fallMs, toMs: fallMs + DAY, everyMs: MINUTE })]
    expect(told(listen(half, { untilMs: fallMs + 20 * HOUR }))).toEqual([])
    const few = [
      ...steady('10.0.0.9', { toMs: fallMs, everyMs: 5 * MINUTE }),
      ...steady('10.0.0.9', { fromMs: fallMs, toMs: fallMs + DAY, everyMs: 14 * MINUTE }),
    ]
    expect(told(listen(few, { untilMs: fallMs + 20 * HOUR }))).toEqual([])
  })
})

describe('clocks', () => {
  test.each<[string, number, string, boolean]>([
    ['three minutes ahead', 3 * MINUTE, '3 min ahead', false],
    ['two minutes behind', -2 * MINUTE, '2 min behind', false],
    ['a time zone off', 7 * HOUR, '7 h ahead', true],
  ])('%s', (_name, clockMs, words, zone) => {
    const rightMs = MONDAY + 3 * HOUR
    const sent = [
      ...steady('10.0.0.10', { toMs: rightMs, everyMs: MINUTE, clockMs: clockMs }),
      ...steady('10.0.0.10', { fromMs: rightMs, toMs: rightMs + 2 * HOUR, everyMs: MINUTE, clockMs: -200 }),
    ]
    const { said } = listen(sent, { untilMs: rightMs + 2 * HOUR })
    expect(said.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['drifting raised', 'drifting ended'])
    expect(said[0]!.words.en).toContain(words)
    expect(said[0]!.words.en.includes('time zone')).toBe(zone)
    expect(said[0]!.facts['drift_seconds']).toBe(clockMs / 1_000)
  })

  test('a backlog that is worked off after an outage is no clock', () => {
    // Five hours of records, delivered within an hour, the oldest first; then all is as before.
    const backMs = MONDAY + 5 * HOUR
    const backlog = Array.from({ length: 600 }, (_, i) => ({
      atMs: backMs + i * 6_000,
      eventMs: MONDAY + i * 36_000,
      address: '10.0.0.11',
    }))
    const after = steady('10.0.0.11', {
      fromMs: backMs + HOUR,
      toMs: backMs + 4 * HOUR,
      everyMs: MINUTE,
      clockMs: -100,
    })
    expect(told(listen([...backlog, ...after], { untilMs: backMs + 4 * HOUR }))).toEqual([])
  })

  test('a few records that were held up say nothing of the clock of the others', () => {
    const sent = steady('10.0.0.12', { toMs: MONDAY + 6 * HOUR, everyMs: 10_000, clockMs: -100 }).map((one, i) =>
      i % 3 === 0 ? one : { ...one, eventMs: one.atMs - 20 * MINUTE },
    )
    const { said, health } = listen(sent, { untilMs: MONDAY + 6 * HOUR })
    expect(said).toEqual([])
    expect(health.get('syslog-tcp/10.0.0.12')).toMatchObject({ clockDriftMs: -100 })
  })
})

test('positions that do not read back are told of, under their own place', () => {
  const watch = new SourceWatch('s', { clock: '', sources: [] })
  watch.lost({ segment: '1.seg', seq: 7, resumeSeq: 10 }, MONDAY)
  expect(watch.take()).toMatchObject([{ kind: 'lost', episode: 'lost-s-7', facts: { count: 3, last_position: 9 } }])
})

test('wherever it is stopped and goes on from what was kept, it says the same under the same names', () => {
  const day = (n: number): number => MONDAY + n * DAY
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          address: fc.constantFrom('10.0.3.1', '10.0.3.2', '10.0.3.3'),
          stopMs: fc.integer({ min: day(8), max: day(9) }),
          pauseMs: fc.integer({ min: 0, max: 10 * HOUR }),
          clockMs: fc.constantFrom(0, 5 * MINUTE, -400),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      fc.integer({ min: 20, max: 5_000 }),
      (sources, restartEvery) => {
        const sent = sources.flatMap(({ address, stopMs, pauseMs, clockMs }) => [
          ...steady(address, { toMs: stopMs, everyMs: 14 * MINUTE, clockMs }),
          ...steady(address, { fromMs: stopMs + pauseMs, toMs: day(9.5), everyMs: 14 * MINUTE, clockMs }),
        ])
        const frames = (restart: number): string[] =>
          listen(sent, { untilMs: day(9.5), restartEvery: restart }).said.map(
            (statement) => `${frameOf(statement).senderId} ${frameOf(statement).bytes.toString()}`,
          )
        expect(frames(restartEvery)).toEqual(frames(0))
      },
    ),
    { numRuns: runs(4) },
  )
})
