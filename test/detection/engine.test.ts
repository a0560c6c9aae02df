import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine } from '../../detection/engine.ts'
import type { EcsEvent } from '../../model/event.ts'
import { engineOf, event, load, rule } from './made-up.ts'

const MANY = {
  'fail.yml': rule('s: { act: fail }\ncondition: s', 'fail'),
  'c.yml':
    'title: Many\nid: many\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [fail]\n  group-by: [user.name]\n  timespan: 1d\n  condition: { gte: 3 }\n',
}

test('counts per rule', async () => {
  const engine = await engineOf({
    'a.yml': rule('s: { a|contains: x }\nf: { b: y }\ncondition: s and not f', 'a'),
    'b.yml': rule('s: { a|contains: x }\ncondition: s', 'b').replace('level: high', 'level: informational'),
  })
  for (let i = 0; i < 600; i++) engine.process(event({ a: i % 2 ? 'x' : 'z', b: i % 4 === 1 ? 'y' : '' }, i))
  const { events, unrouted, rules } = engine.stats()
  expect({ events, unrouted }).toEqual({ events: 600, unrouted: 0 })
  expect(rules['a']).toMatchObject({ evaluated: 300, matches: 150, alerts: 150 })
  expect(rules['b']).toMatchObject({ evaluated: 300, matches: 300, alerts: 0 })
})

test('what looking through a field costs is borne in equal parts by the rules that have a gate there', async () => {
  const engine = await engineOf({
    'a.yml': rule('s: { a|contains: never }\ncondition: s', 'a'),
    'b.yml': rule('s: { a|contains: neither }\ncondition: s', 'b'),
    'c.yml': rule('s: { absent|contains: never }\ncondition: s', 'c'),
  })
  for (let i = 0; i < 2000; i++) engine.process(event({ a: `${'x'.repeat(3000)}${i}` }, i))
  const { a, b, c } = engine.stats().rules
  expect(a).toMatchObject({ evaluated: 0, nanos: b!.nanos })
  expect(a!.nanos).toBeGreaterThan(0)
  expect(c!.nanos).toBe(0)
})

test('alerts come in the order of rules, and the same again', async () => {
  const files = { 'z.yml': rule('s: { a: x }\ncondition: s', 'z'), 'b/a.yml': rule('s: { a: x }\ncondition: s', 'a') }
  const once = (await engineOf(files)).process(event({ a: 'x' }))
  expect(once.map(({ rule: { id } }) => id)).toEqual(['a', 'z'])
  expect((await engineOf(files)).process(event({ a: 'x' }))).toEqual(once)
})

describe('state is bounded', () => {
  const failures = (count: number, user: (i: number) => string): EcsEvent[] =>
    Array.from({ length: count }, (_, i) =>
      event(
        {
          '@timestamp': new Date(Date.parse('2026-03-02T08:00:00Z') + i).toISOString(),
          act: 'fail',
          'user.name': user(i),
        },
        i + 1,
      ),
    )

  test('by groups: the least recently touched goes first, and is counted', async () => {
    const engine = await engineOf(MANY, { groupsMax: 100 })
    const ids = failures(250, (i) => `user${i}`).flatMap((own) => engine.process(own))
    expect(ids).toEqual([])
    expect(engine.stats().rules['many']!.correlation).toMatchObject({ groups: 100, evicted: 150 })
  })

  test('by contributions of a group: the count stays exact', async () => {
    const engine = await engineOf(MANY)
    const alerts = failures(12_000, () => 'an').flatMap((own) => engine.process(own))
    alerts.push(...engine.process(event({ '@timestamp': '2026-03-08T00:00:00Z', 'event.original': '' }, 99_999)))
    expect(alerts.at(-1)).toMatchObject({ count: 12_000, seq: 99_999 })
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(1)
    expect(engine.stats().rules['many']!.correlation).toMatchObject({ groups: 0, truncated: 2000 })
  })
})

test('any event: never a throw', async () => {
  const ruleSet = await load({
    ...MANY,
    'k.yml': rule(
      "s: ['needle', { '|re': 'x+y' }, { a.b: 1 }]\nt: { a|cidr: 10.0.0.0/8 }\nu: { b|fieldref: a }\ncondition: 1 of them or not t",
      'k',
    ),
  })
  const value = fc.anything({
    withNullPrototype: false,
    values: [fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)],
  })
  const fields = fc.dictionary(
    fc.constantFrom('a', 'b', 'a.b', 'act', 'user.name', '@timestamp', 'event.ingested', 'x'),
    value,
  )
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 5 }), (all) => {
      const engine = new Engine(ruleSet)
      all.forEach((given, i) => engine.process(event({ act: 'fail', ...given }, i)))
      new Engine(ruleSet).restore(engine.checkpoint())
      expect(engine.stats().events).toBe(all.length)
    }),
    { numRuns: 300 },
  )
})
