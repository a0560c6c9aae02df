import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine } from '../../detection/engine.ts'
import type { Alert } from '../../model/alert.ts'
import { runs } from '../runs.ts'
import { event, load, rule } from './made-up.ts'

const counts = (id: string, parts: readonly string[], generate = false, least = 2): string => `title: Counts ${id}
id: ${id}
name: ${id}
level: high
correlation:
  type: event_count
  rules: [${parts.join(', ')}]
  group-by: [user.name]
  timespan: 1m
  condition: { gte: ${least} }
  generate: ${generate}
`
const says = (id: string, word: string): string => rule(`s: { message: ${word} }\ncondition: s`, id)

async function outcome(files: Record<string, string>, words: readonly string[], agency = 'so-khcn') {
  const set = await load(files)
  const engine = new Engine(set)
  const alerts = words.flatMap((message, i) =>
    engine.process(
      event(
        { message, 'user.name': 'u', 'soc.agency': agency, '@timestamp': `2026-03-02T08:00:0${i % 10}.000Z` },
        i + 1,
      ),
    ),
  )
  return { set, engine, alerts }
}
const ids = (alerts: readonly Alert[]): string[] => [...new Set(alerts.map(({ rule: { id } }) => id))].sort()

describe('life.yml', () => {
  const both = { 'a.yml': says('a', 'x'), 'b.yml': says('b', 'x') }

  test.each(['draft', 'retired'])('%s: it is there to be read and raises nothing; the others go on', async (state) => {
    const { set, engine, alerts } = await outcome({ ...both, 'life.yml': `a: { state: ${state}, why: too noisy }\n` }, [
      'x',
    ])
    expect(ids(alerts)).toEqual(['b'])
    expect(engine.matches(event({ message: 'x' }))).toEqual(['b'])
    expect(set.rules.find(({ id }) => id === 'a')).toMatchObject({
      state,
      disabled: `${state}: too noisy`,
      changed: { why: 'too noisy' },
    })
  })

  test('shadow: its alerts are marked, those of live rules are not', async () => {
    const { alerts } = await outcome({ ...both, 'life.yml': 'a: shadow\n' }, ['x'])
    expect(alerts.map(({ rule: { id }, shadow }) => [id, shadow])).toEqual([
      ['a', true],
      ['b', undefined],
    ])
  })

  test('what is settled beside the state stands with the rule', async () => {
    const { set } = await outcome(
      { ...both, 'life.yml': 'a: { budget: 20, owner: lan, by: minh, since: 2026-11-28 }\n' },
      [],
    )
    expect(set.rules[0]).toMatchObject({
      state: 'live',
      budget: { perDay: 20 },
      owner: 'lan',
      changed: { by: 'minh', since: '2026-11-28' },
    })
  })

  test.each([
    ['no state', 'a: asleep\n', 'life.yml:1:4 bad_rule'],
    ['a budget of nothing', 'b: live\na: { budget: 0 }\n', 'life.yml:2:14 bad_rule'],
    ['a budget beyond all', 'a: { budget: 1001 }\n', 'life.yml:1:14 bad_rule'],
    ['a key that nobody knows', 'a: { budgte: 20 }\n', 'life.yml:1:6 bad_rule'],
    ['a list', 'a: [shadow]\n', 'life.yml:1:4 bad_rule'],
    ['a rule that nobody has', 'c: shadow\n', 'life.yml:1:1 unknown_life'],
  ])('%s is said, with its place', async (_name, text, said) => {
    const { set } = await outcome({ ...both, 'life.yml': text }, [])
    expect(set.problems.map(({ path, line, column, code }) => `${path}:${line}:${column} ${code}`)).toEqual([said])
  })

  test('any text: rules, or a problem with its place, never a throw', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((value) => `a: ${value}\n`),
      fc.string().map((key) => `${key}: shadow`),
    )
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('life.yml', 'disabled.yml'), async (own, path) => {
        const { rules } = await load({ ...both, [path]: own })
        expect(rules.map(({ id }) => id)).toEqual(['a', 'b'])
      }),
    )
  })
})

describe('off for some agencies', () => {
  const files = { 'a.yml': says('a', 'x'), 'disabled.yml': 'a: { agencies: [so-y-te], why: their scanner }\n' }

  test('it raises nothing of those, is counted there, and goes on elsewhere', async () => {
    const { alerts, engine, set } = await outcome(files, ['x', 'x'], 'so-y-te')
    expect(alerts).toEqual([])
    expect(engine.stats().rules['a']).toMatchObject({ matches: 2, alerts: 0, withheld: 2 })
    expect(set.rules[0]).toMatchObject({ disabledIn: { 'so-y-te': 'their scanner' } })
    expect(ids((await outcome(files, ['x'], 'so-gtvt')).alerts)).toEqual(['a'])
  })

  test('correlations count it all the same', async () => {
    const { alerts } = await outcome({ ...files, 'c.yml': counts('c', ['a'], true) }, ['x', 'x'], 'so-y-te')
    expect(ids(alerts)).toEqual(['c'])
  })

  test.each(['a: { agencies: [] }\n', 'a: { agency: so-y-te }\n'])(
    '%s is refused: it would be off for all',
    async (text) => {
      const { set } = await outcome({ ...files, 'disabled.yml': text }, [])
      expect(set.problems).toMatchObject([{ code: 'bad_rule', path: 'disabled.yml', severity: 'error' }])
    },
  )
})

describe('correlations', () => {
  test('one in shadow makes no part silent, and says what it would say', async () => {
    const files = { 'a.yml': says('a', 'x'), 'c.yml': counts('c', ['a']) }
    const live = await outcome(files, ['x', 'x'])
    expect(ids(live.alerts)).toEqual(['c'])
    const { alerts } = await outcome({ ...files, 'life.yml': 'c: shadow\n' }, ['x', 'x'])
    expect(alerts.map(({ rule: { id }, shadow }) => [id, shadow === true])).toEqual([
      ['a', false],
      ['a', false],
      ['c', true],
    ])
  })

  test('a draft silences nobody either; one in shadow that a live one counts on does', async () => {
    const files = { 'a.yml': says('a', 'x'), 'c.yml': counts('c', ['a']), 'd.yml': counts('d', ['c'], false, 1) }
    expect(ids((await outcome({ ...files, 'life.yml': 'c: draft\nd: draft\n' }, ['x', 'x'])).alerts)).toEqual(['a'])
    const { alerts } = await outcome({ ...files, 'life.yml': 'c: shadow\n' }, ['x', 'x'])
    expect(ids(alerts.filter(({ shadow }) => shadow !== true))).toEqual(['d'])
  })

  test('what is in shadow changes nothing of what live rules raise', async () => {
    const words = ['x', 'y', 'z']
    const world = fc.record({
      live: fc.uniqueArray(fc.constantFrom(...words), { minLength: 1 }),
      shadow: fc.uniqueArray(fc.constantFrom(...words)),
      liveCounts: fc.boolean(),
      generate: fc.boolean(),
      stream: fc.array(fc.constantFrom(...words), { maxLength: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(world, async ({ live, shadow, liveCounts, generate, stream }) => {
        const lives = Object.fromEntries(live.map((word) => [`l${word}.yml`, says(`l${word}`, word)]))
        if (liveCounts) lives['lc.yml'] = counts('lc', [`l${live[0]}`], generate)
        const shadows = Object.fromEntries(shadow.map((word) => [`s${word}.yml`, says(`s${word}`, word)]))
        shadows['sc.yml'] = counts(
          'sc',
          live.map((word) => `l${word}`),
          generate,
        )
        const names = Object.keys(shadows).map((path) => path.slice(0, -'.yml'.length))
        const life = names.map((name) => `${name}: shadow\n`).join('')
        const alone = await outcome(lives, stream)
        const beside = await outcome({ ...lives, ...shadows, 'life.yml': life }, stream)
        expect(beside.alerts.filter((alert) => alert.shadow !== true)).toEqual(alone.alerts)
      }),
      { numRuns: runs(60) },
    )
  })
})
