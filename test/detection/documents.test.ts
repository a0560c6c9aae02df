import { describe, expect, test } from 'vitest'
import { Engine } from '../../detection/engine.ts'
import { event, load, rule } from './made-up.ts'
import { errorsOf, matches, one, type Fields } from './rows.ts'

/** What reading a rule warns of; what looking at its meaning warns of is lint.test.ts's. */
const WARNINGS = new Set(['unused_selection', 'all_of_one', 'null_in_list', 'empty_placeholder', 'odd_metadata'])

// title, id, name, level, logsource and detection are lines 1 to 6.
test.each([
  ['unknown modifier', 's:\n  a|contians: x\ncondition: s', 'unknown_modifier', 8, 7],
  ['undefined selection', 's: { a: x }\ncondition: s and t', 'bad_condition', 8, 20],
  ['a pattern that names nothing', 's: { a: x }\ncondition: s and 1 of f_*', 'bad_condition', 8, 25],
  ['a pattern without of', 's: { a: x }\ncondition: s*', 'bad_condition', 8, 14],
  ['aggregation', 's: { a: x }\ncondition: s | count() > 5', 'bad_condition', 8, 16],
  ['missing parenthesis', 's: { a: x }\ncondition: (s', 'bad_condition', 8, 16],
  ['missing operand', "s: { a: x }\ncondition: 's and'", 'bad_condition', 8, 20],
  ['no condition', 's: { a: x }', 'bad_condition', 6, 1],
  ['empty map', 's: {}\ncondition: s', 'bad_detection', 7, 3],
  ['empty list of values', 's: { a: [] }\ncondition: s', 'bad_value', 7, 8],
  ['empty list', 's: []\ncondition: s', 'bad_detection', 7, 3],
  ['duplicate key', 's:\n  a|contains: x\n  a|contains: y\ncondition: s', 'duplicate_key', 9, 5],
  ['YAML', 's: [a\ncondition: s', 'bad_yaml', 8, 3],
  ['a regular expression', "s:\n  a|re: 'a('\ncondition: s", 'bad_regex', 8, 11],
  ['look-around', "s:\n  a|re: '(?=a)'\ncondition: s", 'bad_regex', 8, 11],
  ['back-reference', String.raw`s: { a|re: '(a)\1' }` + '\ncondition: s', 'bad_regex', 7, 14],
  ['re after contains', 's:\n  a|contains|re: x\ncondition: s', 'bad_modifier', 8, 20],
  ['a flag without re', 's:\n  a|i: x\ncondition: s', 'bad_modifier', 8, 10],
  ['gt of text', 's:\n  a|gt: many\ncondition: s', 'bad_value', 8, 11],
  ['hour out of range', 's:\n  a|hour: 24\ncondition: s', 'bad_value', 8, 13],
  ['exists with another', 's:\n  a|exists|contains: true\ncondition: s', 'bad_modifier', 8, 24],
  ['exists of text', 's:\n  a|exists: maybe\ncondition: s', 'bad_value', 8, 15],
  ['cidr with host bits', 's:\n  a|cidr: 10.1.2.3/8\ncondition: s', 'bad_value', 8, 13],
  ['cidr of text', 's:\n  a|cidr: localhost\ncondition: s', 'bad_value', 8, 13],
  ['base64 of a wildcard', 's:\n  a|base64: a*\ncondition: s', 'bad_value', 8, 15],
  ['windash of very many options', "s:\n  a|windash: '-a -b -c -d'\ncondition: s", 'bad_value', 8, 16],
  ['unknown placeholder', "s:\n  a|expand: '%who%'\ncondition: s", 'unknown_placeholder', 8, 15],
  ['a null keyword', 's: [null]\ncondition: s', 'bad_value', 7, 7],
  ['a list inside a list', 's: [[a]]\ncondition: s', 'bad_detection', 7, 7],
  ['a mapping as a value', 's:\n  a: { b: c }\ncondition: s', 'bad_value', 8, 8],
  ['a number of', 's: { a: x }\ncondition: 2 of s*', 'bad_condition', 8, 14],
  ['near', 's: { a: x }\ncondition: s near s', 'bad_condition', 8, 16],
  ['two selections side by side', 's: { a: x }\ncondition: s s', 'bad_condition', 8, 16],
  ['nothing after of', "s: { a: x }\ncondition: '1 of'", 'bad_condition', 8, 19],
  ['a condition that is no text', 's: { a: x }\ncondition: { s: t }', 'bad_condition', 8, 14],
  ['an empty list of conditions', 's: { a: x }\ncondition: []', 'bad_condition', 8, 3],
  ['names in another case', 'Sel: { a: x }\ncondition: sel', 'bad_condition', 8, 14],
  ['contains of a boolean', 's:\n  a|contains: true\ncondition: s', 'bad_modifier', 8, 17],
  ['null with contains', 's:\n  a|contains: null\ncondition: s', 'bad_value', 8, 17],
  ['re not first: after cased', 's:\n  a|cased|re: x\ncondition: s', 'bad_modifier', 8, 17],
  ['re before startswith', 's:\n  a|re|startswith: x\ncondition: s', 'bad_modifier', 8, 22],
  ['re of a range out of order', "s:\n  a|re: '[z-a]'\ncondition: s", 'bad_regex', 8, 11],
  ['re with a possessive repeat', 's:\n  a|re: a++\ncondition: s', 'bad_regex', 8, 11],
  ['re with flags inside', "s:\n  a|re: 'a(?i)b'\ncondition: s", 'bad_regex', 8, 11],
  ['re with a POSIX class', "s:\n  a|re: '[[:alpha:]]'\ncondition: s", 'bad_regex', 8, 11],
  ['re with an escape that engines differ in', String.raw`s: { a|re: 'a\Z' }` + '\ncondition: s', 'bad_regex', 7, 14],
  ['cidr not first', 's:\n  a|contains|cidr: 10.0.0.0/8\ncondition: s', 'bad_modifier', 8, 22],
  ['cidr with a prefix too long', 's:\n  a|cidr: 10.0.0.0/33\ncondition: s', 'bad_value', 8, 13],
  ['cidr with zeros before', 's:\n  a|cidr: 010.0.0.0/8\ncondition: s', 'bad_value', 8, 13],
  ['base64 after contains', 's:\n  a|contains|base64: ab\ncondition: s', 'bad_value', 8, 24],
  ['base64offset before wide', 's:\n  a|base64offset|wide|x: ab\ncondition: s', 'unknown_modifier', 8, 25],
  ['base64offset of one byte', 's:\n  a|base64offset|contains: a\ncondition: s', 'bad_value', 8, 30],
  ['exists of keywords', "s: { '|exists': true }\ncondition: s", 'bad_modifier', 7, 19],
  ['fieldref of keywords', "s: { '|fieldref': b }\ncondition: s", 'bad_modifier', 7, 21],
  ['fieldref with a wildcard inside', 's:\n  a|fieldref: b*c\ncondition: s', 'bad_value', 8, 17],
  ['lt of quoted digits', "s:\n  a|lt: '5'\ncondition: s", 'bad_value', 8, 11],
  ['week 54', 's:\n  a|week: 54\ncondition: s', 'bad_value', 8, 13],
  ['hour|gte', 's:\n  a|hour|gte: 5\ncondition: s', 'bad_value', 8, 17],
  ['a merge key', 's:\n  <<: { a: x }\ncondition: s', 'bad_yaml', 8, 5],
])('refuses: %s', async (_name, detection, code, line, column) => {
  const { rules, problems } = await load({ 'bad.yml': rule(detection), 'good.yml': rule(one('a: x'), 'good') })
  expect(errorsOf(problems)).toMatchObject([{ path: 'bad.yml', severity: 'error', code, line, column }])
  expect(rules.map(({ id }) => id)).toEqual(['good'])
})

describe('documents', () => {
  const detection = 'detection:\n  s: { a: x }\n  condition: s\n'
  test.each([
    ['no title', `logsource: { product: t }\n${detection}`, 'bad_rule', 1, 1],
    ['no logsource', `title: R\n${detection}`, 'bad_logsource', 1, 1],
    ['an empty logsource', `title: R\nlogsource: { definition: x }\n${detection}`, 'bad_logsource', 2, 1],
    ['no detection', 'title: R\nlogsource: { product: t }\n', 'bad_detection', 1, 1],
    ['a level there is not', `title: R\nlevel: severe\nlogsource: { product: t }\n${detection}`, 'bad_rule', 2, 1],
    ['a foreign taxonomy', `title: R\ntaxonomy: cim\nlogsource: { product: t }\n${detection}`, 'bad_rule', 2, 1],
    ['an unknown action', 'action: explode\ntitle: R\n', 'bad_action', 1, 1],
    ['a list', '- a\n- b\n', 'bad_yaml', 1, 1],
    ['a title too long', `title: ${'x'.repeat(257)}\nlogsource: { product: t }\n${detection}`, 'bad_rule', 1, 1],
    ['an empty title', `title: ''\nlogsource: { product: t }\n${detection}`, 'bad_rule', 1, 1],
    ['a status there is not', `title: R\nstatus: new\nlogsource: { product: t }\n${detection}`, 'bad_rule', 2, 1],
    ['repeat of nothing', 'action: repeat\ntitle: R\n', 'bad_action', 1, 1],
    [
      'aliases of aliases of aliases',
      `title: R\na0: &a0 [x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`).join('\n')}\n`,
      'bad_yaml',
      7,
      9,
    ],
    ['an alias of itself', 'title: R\na: &a [*a]\n', 'bad_yaml', 2, 7],
  ])('refuses: %s', async (_name, text, code, line, column) => {
    const { problems } = await load({ 'bad.yml': text })
    expect(errorsOf(problems)).toMatchObject([{ severity: 'error', code, line, column }])
  })

  test('several in one file: the broken one is left out', async () => {
    const { rules, problems } = await load({
      'many.yml': `${rule(one('a: x'), 'one')}---\ntitle: Bad\n---\n${rule(one('a: y'), 'two')}`,
    })
    expect(rules.map(({ id }) => id)).toEqual(['one', 'two'])
    expect(errorsOf(problems)).toMatchObject([{ code: 'bad_logsource', line: 11 }])
  })

  test('two rules of one id: the second is refused', async () => {
    const { rules, problems } = await load({ 'a.yml': rule(one('a: x')), 'b.yml': rule(one('a: y')) })
    expect(rules.map(({ path }) => path)).toEqual(['a.yml'])
    expect(errorsOf(problems)).toMatchObject([{ path: 'b.yml', code: 'duplicate_id' }])
  })

  test('action: global is merged into the rules after it, reset ends it, repeat goes on from the rule before', async () => {
    const ruleSet = await load({
      'g.yml': `action: global\ntitle: G\nlogsource: { product: t }\ndetection:\n  s: { a: x }\n---\nid: one\ndetection:\n  t: { b: y }\n  condition: s and t\n---\naction: repeat\nid: two\ndetection:\n  t: { b: z }\n---\naction: reset\n---\n${rule(one('c: x'), 'three')}`,
    })
    expect(errorsOf(ruleSet.problems)).toEqual([])
    const engine = new Engine(ruleSet)
    expect(engine.matches(event({ a: 'x', b: 'y' }))).toEqual(['one'])
    expect(engine.matches(event({ a: 'x', b: 'z' }))).toEqual(['two'])
    expect(engine.matches(event({ c: 'x' }))).toEqual(['three'])
  })

  test('attributes of its own, anchors and a missing id are fine; the hash is of the document', async () => {
    const text = `title: R\ntitle_vi: Luật\nlogsource: { product: t }\ndetection:\n  s: { a: &v [x, y] }\n  t: { b: *v }\n  condition: s and t\n`
    const [first] = (await load({ 'r.yml': text })).rules
    const [second] = (await load({ 'r.yml': `${text}# comment\n` })).rules
    expect(first).toMatchObject({ title: 'R', level: 'medium', kind: 'detection', path: 'r.yml' })
    expect(first!.hash).toMatch(/^[\da-f]{64}$/)
    expect(second!.hash).not.toBe(first!.hash)
    expect(new Engine(await load({ 'r.yml': text })).matches(event({ a: 'y', b: 'x' }))).toHaveLength(1)
  })

  test.each<[string, string, Fields, boolean]>([
    ['yes is text', 'a: yes', { a: 'YES' }, true],
    ['off is text', 'a: off', { a: false }, false],
    ['a day is text', 'a: 2026-03-02', { a: '2026-03-02' }, true],
    ['a time is text', 'a: 12:30', { a: '12:30' }, true],
    ['digits with _ are text', 'a: 1_000', { a: '1_000' }, true],
    ['010 is ten', 'a: 010', { a: 10 }, true],
    ['0o17 is text', 'a: 0o17', { a: '0o17' }, true],
    ['~ is null', 'a: ~', {}, true],
    ['Null is null', 'a: Null', {}, true],
    ['quoted null is text', "a: 'null'", { a: 'NULL' }, true],
    ['a number that a tag makes text', 'a: !!str 010', { a: 10 }, false],
    ['double quotes have escapes of their own', String.raw`a: "b\\c\u0111"`, { a: String.raw`b\cđ` }, true],
    ['a folded text', 'a: >-\n    b\n    c', { a: 'b c' }, true],
    ['a literal text keeps its lines', 'a: |-\n    b\n    c', { a: 'b\nc' }, true],
    ['a quoted key', '"a b|contains": x', { 'a b': 'axa' }, true],
    ['a key that is a number', '1: x', { 1: 'x' }, true],
    ['a comment', 'a: x # not part of it', { a: 'x' }, true],
    ['a hash inside', 'a: x#y', { a: 'x#y' }, true],
  ])('YAML 1.2: %s', async (_name, item, fields, matched) => {
    expect(matches(await load({ 'r.yml': rule(one(item)) }), fields)).toBe(matched)
  })

  test('a byte order mark and Windows line ends are read over', async () => {
    const text = `\uFEFF${rule(one('a: x'))}`.replaceAll('\n', '\r\n')
    expect(matches(await load({ 'r.yml': text }), { a: 'x' })).toBe(true)
  })

  test('metadata', async () => {
    const text = `${rule(one('a: x'))}status: test\nauthor: An, Bình\nlicense: MIT\ndate: 2024/01/02\nmodified: 2026-03-02\nreferences: [https://example.vn/a]\nfields: [a, b]\nscope: server\nfalsepositives: [admins]\ntags: [attack.defense-evasion, attack.t1059.001]\nrelated: [{ id: 929a690e-bef0-4204-a928-ef5e620d6fcc, type: obsolete }]\nregression_tests_path: x\n`
    const ruleSet = await load({ 'r.yml': text })
    expect(ruleSet.problems.filter(({ code }) => WARNINGS.has(code))).toEqual([])
    expect(ruleSet.rules[0]).toMatchObject({
      status: 'test',
      author: 'An, Bình',
      license: 'MIT',
      date: '2024-01-02',
      modified: '2026-03-02',
      references: ['https://example.vn/a'],
      fields: ['a', 'b'],
      scope: ['server'],
      falsepositives: ['admins'],
      tags: ['attack.defense-evasion', 'attack.t1059.001'],
      related: [{ id: '929a690e-bef0-4204-a928-ef5e620d6fcc', type: 'obsolete' }],
    })
  })

  test('warns, and loads', async () => {
    const codes = async (detection: string) => {
      const { problems, rules } = await load({ 'r.yml': rule(detection) })
      expect(rules).toHaveLength(1)
      return problems.filter(({ code }) => WARNINGS.has(code)).map(({ code, severity, line }) => [code, severity, line])
    }
    expect(await codes('s: { a: x }\nt: { b: y }\ncondition: s')).toEqual([['unused_selection', 'warning', 8]])
    expect(await codes('s: { a|all: x }\ncondition: s')).toEqual([['all_of_one', 'warning', 7]])
    expect(await codes('s: { a: [x, null] }\ncondition: s')).toEqual([['null_in_list', 'warning', 7]])
    const { problems } = await load({ 'r.yml': rule(one('a: x')).replace('product: t', 'product: z') })
    expect(problems).toMatchObject([{ code: 'unrouted_logsource', severity: 'warning', line: 5 }])
    const { problems: odd } = await load({
      'r.yml': `${rule(one('a: x'))}date: 2026-13-01\nmodified: soon\ntags: [attack.t1059, Attack, 7]\nrelated: [{ id: x, type: cousin }, { id: y, type: derived }]\n`,
    })
    expect(odd.filter(({ code }) => code === 'odd_metadata').map(({ line, column }) => [line, column])).toEqual([
      [10, 7],
      [11, 11],
      [12, 22],
      [12, 30],
      [13, 11],
    ])
  })
})
