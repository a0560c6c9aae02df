import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine } from '../../detection/engine.ts'
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
