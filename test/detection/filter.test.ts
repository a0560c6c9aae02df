import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine, loadRules } from '../../detection/engine.ts'
import { evaluate } from '../../detection/reference.ts'
import type { EcsValue } from '../../model/event.ts'
import { engineOf, event, finals, load, rule } from './made-up.ts'

const RULE = rule('selection: { a: 1 }\nselection_more: { b: 2 }\ncondition: 1 of selection*')

function filter(body: string, logsource = '{ product: t }', more = ''): string {
  return `title: Filter\nlogsource: ${logsource}\nfilter:\n${body.trim().replace(/^/gm, '  ')}\n${more}`
}

async function matches(filters: string, fields: Record<string, EcsValue>, text = RULE): Promise<boolean> {
  const ruleSet = await load({ 'f.yml': filters, 'r.yml': text })
  expect(ruleSet.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const own = event(fields)
  const fast = new Engine(ruleSet).matches(own).length > 0
  expect(fast, 'network and reference').toBe(evaluate(ruleSet.network.rules[0]!.mapped, own))
  return fast
}

type Row = [name: string, filter: string, fields: Record<string, EcsValue>, matched: boolean]
const KEEP = 'rules: any\nselection: { user: an }\ncondition: selection'
const DROP = 'rules: any\nselection: { user: an }\ncondition: not selection'

describe('polarity: the condition is joined by AND, nothing is turned round', () => {
  test.each<Row>([
    ['without not: only what it describes is left', KEEP, { a: 1, user: 'an' }, true],
    ['without not: all else is gone', KEEP, { a: 1, user: 'binh' }, false],
    ['without not: the rule must hold, too', KEEP, { a: 9, user: 'an' }, false],
    ['with not: what it describes is gone', DROP, { a: 1, user: 'an' }, false],
    ['with not: all else is left', DROP, { a: 1, user: 'binh' }, true],
    ['with not: also what lacks the field', DROP, { a: 1 }, true],
    ['a rule with or: the filter concerns both sides', DROP, { b: 2, user: 'an' }, false],
    [
      'a filter with or',
      'rules: any\nx: { user: an }\ny: { user: binh }\ncondition: x or y',
      { a: 1, user: 'binh' },
      true,
    ],
    [
      'none of several',
      'rules: any\nx: { user: an }\ny: { user: binh }\ncondition: not 1 of them',
      { a: 1, user: 'binh' },
      false,
    ],
    ['keywords', 'rules: any\nwords: [benign]\ncondition: not words', { a: 1, message: 'a benign thing' }, false],
    ['modifiers', 'rules: any\nx: { user|startswith: adm_ }\ncondition: not x', { a: 1, user: 'ADM_an' }, false],
  ])('%s', async (_name, body, fields, matched) => {
    expect(await matches(filter(body), fields)).toBe(matched)
  })
})

describe('names are apart', () => {
  test.each<Row>([
    [
      'its patterns do not see the selections of the rule',
      'rules: any\nselection: { user: an }\ncondition: all of selection*',
      { a: 1, user: 'an' },
      true,
    ],
    [
      'the patterns of the rule do not see its own',
      'rules: any\nselection_x: { user: an }\ncondition: not selection_x',
      { user: 'an' },
      false,
    ],
    ['them is its own', 'rules: any\nonly: { user: an }\ncondition: all of them', { a: 1, user: 'an' }, true],
  ])('%s', async (_name, body, fields, matched) => {
    expect(await matches(filter(body), fields)).toBe(matched)
  })

  test('two filters may use one name for two things', async () => {
    const second = 'rules: any\nselection: { host: h }\ncondition: not selection'
    const both = `${filter(DROP)}---\n${filter(second)}`
    expect(await matches(both, { a: 1 })).toBe(true)
    expect(await matches(both, { a: 1, user: 'an' })).toBe(false)
    expect(await matches(both, { a: 1, host: 'h' })).toBe(false)
  })
})

describe('which rules', () => {
  const ANY = 'selection: { user: an }\ncondition: not selection'
  const applies = (rules: string, logsource?: string): Promise<boolean> =>
    matches(
      filter(`rules: ${rules}\n${ANY}`, logsource),
      { a: 1, user: 'an' },
      RULE.replace('id: r\nname: r', 'id: 0f1e2d3c\nname: own_name'),
    ).then((matched) => !matched)
  test.each([
    ['any', 'any', true],
    ['Any', 'Any', true],
    ['an empty list is any', '[]', true],
    ['the id', '[0f1e2d3c]', true],
    ['the id alone', '0f1e2d3c', true],
    ['the name', '[own_name]', true],
    ['one of several', '[else, own_name]', true],
    ['any among others is the name of a rule', '[any, else]', false],
    ['another', '[else]', false],
    ['the title is no name', '[Rule r]', false],
  ])('%s', async (_name, rules, expected) => {
    expect(await applies(rules)).toBe(expected)
  })

  test.each([
    ['its log source covers that of the rule', '{ product: t }', true],
    ['its log source asks for more than the rule says', '{ product: t, service: one }', false],
    ['another product', '{ product: u }', false],
    ['its case does not matter', '{ product: T }', true],
  ])('%s', async (_name, logsource, expected) => {
    expect(await applies('any', logsource)).toBe(expected)
    expect(await applies('[0f1e2d3c]', logsource), 'also for a rule that it names').toBe(expected)
  })

  test('its log source is judged before pipelines change that of the rule', async () => {
    const ruleSet = await load({
      'f.yml': filter(`rules: any\n${ANY}`, '{ product: before }'),
      'pipelines/p.yml': 'transformations:\n  - { type: change_logsource, product: t }\n',
      'r.yml': RULE.replace('{ product: t }', '{ product: before }'),
    })
    expect(new Engine(ruleSet).matches(event({ a: 1, user: 'an' }))).toEqual([])
    expect(new Engine(ruleSet).matches(event({ a: 1, user: 'binh' }))).toEqual(['r'])
  })

  test('pipelines apply to what it adds', async () => {
    const ruleSet = await load({
      'f.yml': filter(`rules: any\n${ANY}`),
      'pipelines/p.yml': 'transformations:\n  - { type: field_name_mapping, mapping: { user: user.name } }\n',
      'r.yml': RULE,
    })
    expect(new Engine(ruleSet).matches(event({ a: 1, 'user.name': 'an' }))).toEqual([])
  })
})

test('a correlation is filtered through the rules it counts, not by itself', async () => {
  const count =
    'title: Count\nid: c\ncorrelation:\n  type: event_count\n  rules: [r]\n  group-by: [user]\n  timespan: 1m\n  condition: { gte: 2 }\n'
  const alertsUnder = async (filters: string): Promise<string[]> => {
    const engine = await engineOf({ 'f.yml': filters, 'r.yml': RULE, 'c.yml': count })
    const alerts = [1, 2, 3].flatMap((seq) => engine.process(event({ a: 1, user: 'an' }, seq)))
    return finals(alerts).map(({ rule: { id } }) => id)
  }
  expect(await alertsUnder(filter(DROP))).toEqual([])
  expect(await alertsUnder(filter('rules: [c]\nselection: { user: an }\ncondition: not selection'))).toEqual(['c'])
})

describe('what filters keep out is counted, and nothing else', () => {
  test('a match that several filters keep out counts for each of them, once for the rule', async () => {
    const twice = [1, 2].map((n) => filter(DROP).replace('title', `id: f${n}\ntitle`)).join('---\n')
    const engine = await engineOf({ 'f.yml': twice, 'r.yml': RULE })
    for (const fields of [
      { a: 1, user: 'an' },
      { a: 9, user: 'an' },
      { a: 1, user: 'binh' },
    ])
      engine.process(event(fields))
    engine.process(event({ b: 2, user: 'AN', 'soc.agency': 'so-y-te', 'event.ingested': '2026-03-10T01:00:00.000Z' }))
    const counted = (f: string, agency: string, day: string, lastAt: string) => ({
      filter: f,
      rule: 'r',
      agency,
      day,
      events: 1,
      lastAt,
    })
    expect(engine.takeHidden()).toEqual([
      counted('f1', 'so-khcn', '2026-03-09', '2026-03-09T00:00:00.000Z'),
      counted('f2', 'so-khcn', '2026-03-09', '2026-03-09T00:00:00.000Z'),
      counted('f1', 'so-y-te', '2026-03-10', '2026-03-10T01:00:00.000Z'),
      counted('f2', 'so-y-te', '2026-03-10', '2026-03-10T01:00:00.000Z'),
    ])
    expect(engine.takeHidden()).toEqual([])
    expect(engine.stats().rules['r']).toMatchObject({ matches: 1, hidden: 2, alerts: 1 })
  })

  test('rules and filters of any kind: as many as the matches that are missing', async () => {
    const item = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), fc.boolean())
    const events = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2')), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 3 }), item, events, async (filters, own, all) => {
        const body = ([field, value, not]: typeof own): string =>
          `s: { ${field}: '${value}' }\ncondition: ${not ? 'not s' : 's'}`
        const texts = filters.map((each, i) => `id: f${i}\n${filter(`rules: any\n${body(each)}`)}`).join('---\n')
        const plain = await engineOf({ 'r.yml': rule(body(own)) })
        const filtered = await engineOf({ 'r.yml': rule(body(own)), 'f.yml': texts })
        const matched = all.filter((fields) => plain.process(event(fields)).length > 0)
        const left = all.filter((fields) => filtered.process(event(fields)).length > 0)
        expect(filtered.stats().rules['r']!.hidden).toBe(matched.length - left.length)
        const expected = filters.map(
          ([field, value, not]) => matched.filter((fields) => (fields[field] === value) === not).length,
        )
        const hidden = filtered.takeHidden()
        const counts = filters.map((_, i) => hidden.find(({ filter: id }) => id === `f${i}`)?.events ?? 0)
        expect(counts).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })
})

describe('an exception is a filter with an id and agencies of its own', () => {
  const text =
    'title: F\nid: whatever\nlogsource: { product: t }\nfilter:\n  rules: [r]\n  s: { user: an }\n  condition: not s\n'
  const ruleFiles = [
    { path: 'logsources.yml', text: 'logsources:\n  - { when: { event.dataset: t.one }, product: t }\n' },
    { path: 'r.yml', text: RULE },
  ]
  const under = async (agencies: 'all' | string[], fields: Record<string, EcsValue>) => {
    const engine = new Engine(
      await loadRules([...ruleFiles, { path: 'exceptions/e.yml', text, exception: { id: 'e', agencies } }]),
    )
    return { alerts: engine.process(event(fields)).length, hidden: engine.takeHidden() }
  }
  const own = { a: 1, user: 'an' }
  test.each([
    ['all agencies', 'all', own, 0],
    ['its agency', ['so-khcn', 'so-y-te'], own, 0],
    ['another agency', ['so-y-te'], own, 1],
    ['the case of an agency counts', ['SO-KHCN'], own, 1],
    ['an agency is no pattern', ['so-*'], own, 1],
    ['what it does not describe', ['so-khcn'], { a: 1, user: 'binh' }, 1],
  ] as [string, 'all' | string[], Record<string, EcsValue>, number][])(
    '%s',
    async (_name, agencies, fields, alerts) => {
      const found = await under(agencies, fields)
      expect(found.alerts).toBe(alerts)
      expect(found.hidden.map(({ filter: id }) => id)).toEqual(alerts === 0 ? ['e'] : [])
    },
  )
})

test('a filter that comes later takes nothing back: correlations go on with what they have counted', async () => {
  const count =
    'title: Count\nid: c\ncorrelation:\n  type: event_count\n  rules: [r]\n  group-by: [host]\n  timespan: 1m\n  condition: { gte: 3 }\n'
  const before = await engineOf({ 'r.yml': RULE, 'c.yml': count })
  for (const seq of [1, 2]) before.process(event({ a: 1, user: 'an', host: 'h' }, seq))
  const after = await engineOf({ 'r.yml': RULE, 'c.yml': count, 'f.yml': filter(DROP) })
  after.restore(before.checkpoint())
  expect(after.process(event({ a: 1, user: 'an', host: 'h' }, 3))).toEqual([])
  expect(after.process(event({ a: 1, user: 'binh', host: 'h' }, 4))).toMatchObject([{ rule: { id: 'c' }, count: 3 }])
})

test.each([
  ['no rules', 'selection: { user: an }\ncondition: selection', 'bad_filter'],
  ['no condition', 'rules: any\nselection: { user: an }', 'bad_condition'],
  ['a condition about the rule', 'rules: any\nx: { user: an }\ncondition: not selection', 'bad_condition'],
  ['an unknown modifier', 'rules: any\nx: { user|like: an }\ncondition: x', 'unknown_modifier'],
])('refused: %s', async (_name, body, code) => {
  const { problems, rules } = await load({ 'f.yml': filter(body), 'r.yml': RULE })
  expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([{ path: 'f.yml', code }])
  expect(
    rules.map(({ id }) => id),
    'the rule stays',
  ).toEqual(['r'])
})

test.each([
  [
    'a name that no rule has',
    'rules: [r, else]',
    '{ product: t }',
    ["no detection rule of this filter's log source has the id or name 'else'"],
  ],
  [
    'a rule of another log source',
    'rules: [r]',
    '{ product: u }',
    ["no detection rule of this filter's log source has the id or name 'r'"],
  ],
  ['any of a log source without rules', 'rules: any', '{ product: u }', ['no rule has the log source of this filter']],
  ['nothing', 'rules: [r]', '{ product: t }', []],
])('says what does nothing: %s', async (_name, rules, logsource, messages) => {
  const text = filter(`${rules}\nx: { user: an }\ncondition: not x`, logsource)
  const { problems } = await load({ 'f.yml': text, 'r.yml': RULE })
  const idle = problems.filter(({ code }) => code === 'idle_filter')
  expect(idle.map(({ message }) => message)).toEqual(messages)
  expect(idle.every(({ severity, path, line }) => severity === 'warning' && path === 'f.yml' && line === 4)).toBe(true)
})

test('a filter without a log source is refused', async () => {
  const text = 'title: F\nfilter:\n  rules: any\n  x: { a: 1 }\n  condition: x\n'
  expect((await load({ 'f.yml': text })).problems).toMatchObject([{ code: 'bad_logsource' }])
})

test('rule and filters together are their conjunction', async () => {
  const field = fc.constantFrom('a', 'b', 'c')
  const value = fc.constantFrom('1', '2')
  const body = fc.tuple(field, value, fc.boolean())
  await fc.assert(
    fc.asyncProperty(
      fc.array(body, { maxLength: 3 }),
      field,
      value,
      fc.dictionary(field, value),
      async (filters, name, wanted, fields) => {
        const texts = filters.map(([own, is, not]) =>
          filter(`rules: any\ns: { ${own}: '${is}' }\ncondition: ${not ? 'not s' : 's'}`),
        )
        const expected = fields[name] === wanted && filters.every(([own, is, not]) => (fields[own] === is) !== not)
        const text = rule(`s: { ${name}: '${wanted}' }\ncondition: s`)
        expect(await matches(texts.length === 0 ? '# none\n' : texts.join('---\n'), fields, text)).toBe(expected)
      },
    ),
    { numRuns: 100 },
  )
})
