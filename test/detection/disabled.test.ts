import { describe, expect, test } from 'vitest'
import { Engine, loadRules } from '../../detection/engine.ts'
import type { EcsEvent } from '../../model/event.ts'

const uuid = (n: number): string => `6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b${String(n).padStart(4, '0')}`
const LOGSOURCES = `logsources:
  - when: { event.dataset: system.auth }
    product: linux
    service: sshd
`
const rule = (n: number, word = 'x'): string => `title: Rule ${n}
id: ${uuid(n)}
author: Nguyễn Văn A
license: DRL-1.1
logsource: { product: linux, service: sshd }
detection:
  words: { message: ${word} }
  condition: words
level: high
`
const counts = (n: number, part: number, generate = false): string => `title: Counts ${n}
id: ${uuid(n)}
correlation:
  type: event_count
  rules: [${uuid(part)}]
  group-by: [user.name]
  timespan: 1m
  condition: { gte: 1 }
  generate: ${generate}
level: high
`
const event = {
  '@timestamp': '2026-11-20T03:00:00.000Z',
  'event.ingested': '2026-11-20T03:00:00.000Z',
  'event.original': 'x',
  'event.dataset': 'system.auth',
  'ecs.version': '8.17.0',
  'soc.record': 'r-1',
  'soc.seq': 1,
  'soc.source': 's',
  'soc.agency': 'a',
  'user.name': 'u',
  message: 'x',
} as EcsEvent

/** Numbers of the rules that alert on the event, those that are matched at all, and what is said of `disabled.yml`. */
async function live(disabled: string, ...rules: string[]) {
  const set = await loadRules([
    { path: 'logsources.yml', text: LOGSOURCES },
    { path: 'disabled.yml', text: disabled },
    ...rules.map((text, i) => ({ path: `${i}.yml`, text })),
  ])
  const engine = new Engine(set)
  const number = (id: string): number => Number(id.slice(-4))
  return {
    alerts: engine
      .process(event)
      .map(({ rule: { id } }) => number(id))
      .sort((a, b) => a - b),
    matched: engine.matches(event).map(number),
    correlated: set.correlations.map(({ rule: { id } }) => number(id)),
    disabled: Object.fromEntries(
      set.rules.flatMap((one) => (one.disabled === undefined ? [] : [[number(one.id), one.disabled]])),
    ),
    said: set.problems
      .filter(({ path }) => path === 'disabled.yml')
      .map(({ path, line, code }) => `${path}:${line} ${code}`),
  }
}

test('one line switches one rule off: it costs nothing, raises nothing, and is listed with the reason', async () => {
  const found = await live(`# noise\n${uuid(1)}: the scanner of the centre does this\n`, rule(1), rule(2))
  expect(found).toEqual({
    alerts: [2],
    matched: [2],
    correlated: [],
    disabled: { 1: 'the scanner of the centre does this' },
    said: [],
  })
})

test.each([
  ['no reason', `${uuid(1)}:\n`],
  ['a quoted id', `'${uuid(1)}': x\n`],
])('%s', async (_name, text) => expect((await live(text, rule(1))).alerts).toEqual([]))

describe('with correlations', () => {
  test('a part goes on counting for one that stays, and that is said; of itself it alerts no longer', async () => {
    const found = await live(`${uuid(1)}: x\n`, rule(1), counts(2, 1, true))
    expect(found).toMatchObject({
      alerts: [2],
      matched: [1],
      disabled: { 1: 'x' },
      said: ['disabled.yml:1 disabled_part'],
    })
  })

  test('without its correlation a part that only counted stays silent', async () => {
    const found = await live(`${uuid(2)}: x\n`, rule(1), counts(2, 1))
    expect(found).toMatchObject({ alerts: [], matched: [], correlated: [] })
    expect(found.disabled).toEqual({ 1: `only counted for ${uuid(2)}`, 2: 'x' })
  })

  test('a part that alerts by itself goes on doing so', async () => {
    expect(await live(`${uuid(2)}: x\n`, rule(1), counts(2, 1, true))).toMatchObject({
      alerts: [1],
      disabled: { 2: 'x' },
    })
  })

  test('a part that another correlation counts is counted on, silently', async () => {
    const found = await live(`${uuid(2)}: x\n`, rule(1), counts(2, 1), counts(3, 1))
    expect(found).toMatchObject({ alerts: [3], matched: [1], correlated: [3], disabled: { 2: 'x' } })
  })

  test('of a chain: the inner ones go with the outermost, unless they alert by themselves', async () => {
    expect(await live(`${uuid(3)}: x\n`, rule(1), counts(2, 1), counts(3, 2))).toMatchObject({
      alerts: [],
      correlated: [],
      disabled: { 1: `only counted for ${uuid(2)}`, 2: `only counted for ${uuid(3)}`, 3: 'x' },
    })
    expect(await live(`${uuid(3)}: x\n`, rule(1), counts(2, 1), counts(3, 2, true))).toMatchObject({
      alerts: [2],
      correlated: [2],
      disabled: { 3: 'x' },
    })
  })

  test('so is the part of an inner one, were it switched off as well', async () => {
    const found = await live(`${uuid(1)}: x\n${uuid(2)}: y\n`, rule(1), counts(2, 1), counts(3, 2))
    expect(found).toMatchObject({ matched: [1], correlated: [2, 3], disabled: { 1: 'x', 2: 'y' } })
  })

  test('an inner one that is switched off is still worked out for the outer', async () => {
    const found = await live(`${uuid(2)}: x\n`, rule(1), counts(2, 1), counts(3, 2))
    expect(found).toMatchObject({ correlated: [2, 3], disabled: { 2: 'x' }, said: ['disabled.yml:1 disabled_part'] })
    expect(found.alerts).not.toContain(2)
  })
})

test.each([
  ['an id that no rule has', `${uuid(9)}: x\n`, ['disabled.yml:1 unknown_disabled']],
  ['a list', `- ${uuid(1)}\n`, ['disabled.yml:1 bad_yaml']],
  ['a rule twice', `${uuid(1)}: x\n${uuid(1)}: y\n`, ['disabled.yml:2 duplicate_key']],
])('%s is named with its line', async (_name, text, said) => expect((await live(text, rule(1))).said).toEqual(said))

test('every alert says who wrote its rule, under which licence, and which version of it', async () => {
  const set = await loadRules([
    { path: 'logsources.yml', text: LOGSOURCES },
    { path: 'sigmahq/a.yml', text: rule(1) },
    { path: 'b.yml', text: rule(2).replace('author: Nguyễn Văn A', 'author: [Nguyễn Văn A, Trần Thị B]') },
    { path: 'c.yml', text: counts(3, 1, true).replace('level:', 'author: Lê Văn C\nlevel:') },
  ])
  const alerts = new Engine(set)
    .process(event)
    .map(({ rule: { id, author, license, hash, path } }) => ({ id, author, license, hash, path }))
  const hashes = new Map(set.rules.map(({ id, hash }) => [id, hash]))
  expect(alerts).toHaveLength(3)
  expect(alerts).toEqual(
    expect.arrayContaining([
      { id: uuid(1), author: 'Nguyễn Văn A', license: 'DRL-1.1', hash: hashes.get(uuid(1)), path: 'sigmahq/a.yml' },
      { id: uuid(2), author: 'Nguyễn Văn A, Trần Thị B', license: 'DRL-1.1', hash: hashes.get(uuid(2)), path: 'b.yml' },
      { id: uuid(3), author: 'Lê Văn C', license: undefined, hash: hashes.get(uuid(3)), path: 'c.yml' },
    ]),
  )
  expect(new Set(hashes.values()).size).toBe(3)
})
