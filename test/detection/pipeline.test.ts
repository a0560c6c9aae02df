import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { shipped } from '../../bench/sigmahq.ts'
import { Engine, loadRules, type RuleSet } from '../../detection/engine.ts'
import { evaluate } from '../../detection/reference.ts'
import type { EcsValue } from '../../model/event.ts'
import { ROOT } from '../../model/root.ts'
import { event, load, rule } from './made-up.ts'

type Fields = Record<string, EcsValue>

const indent = (text: string): string => text.trim().replace(/^/gm, '  ')

/** A rule of one selection, or of the lines given, under a pipeline of the steps. */
function under(steps: string, detection: string, more = ''): Promise<RuleSet> {
  const lines = detection.includes('condition:') ? detection : `s: { ${detection} }\ncondition: s`
  return load({
    'pipelines/p.yml': `name: p\npriority: 1\n${more}transformations:\n${indent(steps)}\n`,
    'r.yml': rule(lines).replace(
      'level: high',
      'level: high\nstatus: test\nauthor: An\ndate: 2026-03-01\ntags: [attack.t1059]',
    ),
  })
}

function matches(ruleSet: RuleSet, fields: Fields): boolean {
  expect(ruleSet.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const own = event(fields)
  const fast = new Engine(ruleSet).matches(own).length > 0
  expect(fast, 'network and reference').toBe(evaluate(ruleSet.network.rules[0]!.mapped, own))
  return fast
}

type Row = [name: string, steps: string, detection: string, fields: Fields, matched: boolean]

function table(rows: readonly Row[]): void {
  test.each(rows)('%s', async (_name, steps, detection, fields, matched) => {
    expect(matches(await under(steps, detection), fields)).toBe(matched)
  })
}

const map = (more = ''): string => `- { type: field_name_mapping, mapping: { a: x }${more} }`

describe('steps for names', () => {
  table([
    ['one for one', map(), 'a: 1', { x: 1 }, true],
    ['one for one: the old name is gone', map(), 'a: 1', { a: 1 }, false],
    ['one for several', '- { type: field_name_mapping, mapping: { a: [x, y] } }', 'a: 1', { y: 1 }, true],
    ['several are one for null', '- { type: field_name_mapping, mapping: { a: [x, y] } }', 'a: null', { y: 1 }, false],
    [
      'a later step sees the new name',
      `${map()}\n- { type: field_name_mapping, mapping: { x: z } }`,
      'a: 1',
      { z: 1 },
      true,
    ],
    [
      'prefix of names',
      "- { type: field_name_prefix_mapping, mapping: { 'win.': w. } }",
      "'win.a': 1",
      { 'w.a': 1 },
      true,
    ],
    [
      'prefix of names, several',
      "- { type: field_name_prefix_mapping, mapping: { 'win.': [w., v.] } }",
      "'win.a': 1",
      { 'v.a': 1 },
      true,
    ],
    ['prefix', '- { type: field_name_prefix, prefix: p. }', 'a: 1', { 'p.a': 1 }, true],
    ['suffix', '- { type: field_name_suffix, suffix: .s }', 'a: 1', { 'a.s': 1 }, true],
    [
      'keywords have no name',
      '- { type: field_name_prefix, prefix: p. }',
      's: [needle]\ncondition: s',
      { a: 'needle' },
      true,
    ],
    [
      'transform',
      '- { type: field_name_transform, transform_func: snake_case }',
      'ParentImageID: 1',
      { parent_image_id: 1 },
      true,
    ],
    [
      'transform, but for the mapping',
      '- { type: field_name_transform, transform_func: upper, mapping: { a: x } }',
      'a: 1',
      { x: 1 },
      true,
    ],
    ['the other field of fieldref', map(), 'b|fieldref: a', { b: 1, x: 1 }, true],
  ])
})

const IF_A = 'field_name_conditions: [{ type: include_fields, fields: [a] }]'
const step = (text: string, more = IF_A): string => `- { ${text}, ${more} }`

describe('steps for items', () => {
  table([
    ['drop', step('type: drop_detection_item'), 'a: 1, b: 2', { b: 2 }, true],
    [
      'drop: a selection left empty goes',
      step('type: drop_detection_item'),
      's: { a: 1 }\nt: { b: 2 }\ncondition: not s and t',
      { a: 1, b: 2 },
      true,
    ],
    [
      'drop: one of a list of maps',
      step('type: drop_detection_item'),
      's: [{ a: 1 }, { b: 2 }]\ncondition: s',
      { a: 1 },
      false,
    ],
    ['replace', step("type: replace_string, regex: '^C:', replacement: 'D:'"), "a: 'C:\\x'", { a: 'D:\\x' }, true],
    [
      'replace: groups',
      step(String.raw`type: replace_string, regex: '(\w+)-(?P<n>\w+)', replacement: '\g<n>+\1'`),
      'a: one-two',
      { a: 'two+one' },
      true,
    ],
    [
      'replace: wildcards beside it stay',
      step('type: replace_string, regex: b, replacement: c'),
      "a: '*b?'",
      { a: 'xxcy' },
      true,
    ],
    [
      'replace: a wildcard may be replaced',
      step(String.raw`type: replace_string, regex: '\*$', replacement: END`),
      "a: 'b*'",
      { a: 'bEND' },
      true,
    ],
    [
      'replace: a literal star is none',
      step(String.raw`type: replace_string, regex: b, replacement: c`),
      String.raw`a: 'b\*'`,
      { a: 'c*' },
      true,
    ],
    [
      'replace: a literal star is none, no match',
      step(String.raw`type: replace_string, regex: b, replacement: c`),
      String.raw`a: 'b\*'`,
      { a: 'cxx' },
      false,
    ],
    [
      'replace: numbers as text',
      step("type: replace_string, regex: '^1', replacement: '2'"),
      'a: 10',
      { a: '20' },
      true,
    ],
    [
      'replace: new wildcards count',
      step("type: replace_string, regex: b, replacement: '*'"),
      'a: abc',
      { a: 'a---c' },
      true,
    ],
    [
      'replace: skip_special leaves them literal',
      step("type: replace_string, regex: b, replacement: '*', skip_special: true"),
      'a: abc',
      { a: 'a---c' },
      false,
    ],
    [
      'replace: interpret_special',
      step("type: replace_string, regex: b, replacement: '*', skip_special: true, interpret_special: true"),
      'a: abc',
      { a: 'a---c' },
      true,
    ],
    ['map', step('type: map_string, mapping: { one: eins }'), 'a: one', { a: 'eins' }, true],
    ['map to several', step('type: map_string, mapping: { one: [eins, un] }'), 'a: [one, two]', { a: 'un' }, true],
    [
      'map under all: each value by one',
      step('type: map_string, mapping: { one: [eins, un] }'),
      'a|all: [one, two]',
      { a: ['two', 'un'] },
      true,
    ],
    ['map: what is not in it stays', step('type: map_string, mapping: { one: eins }'), 'a: two', { a: 'two' }, true],
    [
      'map sees the wildcards of contains',
      step("type: map_string, mapping: { '*one*': eins }"),
      'a|contains: one',
      { a: 'eins' },
      true,
    ],
    ['set', step('type: set_value, value: 7'), 'a: [1, 2]', { a: 7 }, true],
    ['set null', step('type: set_value, value: null'), 'a: x', {}, true],
    ['set, as text', step('type: set_value, value: 7, force_type: str'), 'a: x', { a: '7.0' }, false],
    ['set, as a number', step("type: set_value, value: '7', force_type: num"), 'a: x', { a: '7.0' }, true],
    ['convert to text', step('type: convert_type, target_type: str'), 'a: 7', { a: '7.0' }, false],
    ['convert to a number', step('type: convert_type, target_type: num'), "a: '7'", { a: 7.0 }, true],
    ['case of cased values', step('type: case, method: upper'), 'a|cased: abc', { a: 'ABC' }, true],
    ['snake case', step('type: case, method: snake_case'), 'a: FooBar', { a: 'foo_bar' }, true],
    ['regex plain tells case', step('type: regex, method: plain'), 'a: abc', { a: 'ABC' }, false],
    ['regex ignoring case is what matching does', step('type: regex'), 'a: abc', { a: 'ABC' }, true],
    [
      'hashes',
      '- { type: hashes_fields, valid_hash_algos: [MD5, SHA1], field_prefix: h. }',
      `Hashes|contains: [MD5=${'a'.repeat(32)}, SHA1=${'b'.repeat(40)}]`,
      { 'h.SHA1': 'b'.repeat(40) },
      true,
    ],
    [
      'hashes by length',
      '- { type: hashes_fields, valid_hash_algos: [MD5] }',
      `Hashes: ${'a'.repeat(32)}`,
      { MD5: 'a'.repeat(32) },
      true,
    ],
    [
      'hashes without the name of the kind',
      '- { type: hashes_fields, valid_hash_algos: [MD5], field_prefix: h, drop_algo_prefix: true }',
      `Hashes: MD5=${'a'.repeat(32)}`,
      { h: 'a'.repeat(32) },
      true,
    ],
    [
      'hashes, negated: none of the fields',
      '- { type: hashes_fields, valid_hash_algos: [MD5, SHA1] }',
      `Hashes|neq: [MD5=${'a'.repeat(32)}, SHA1=${'b'.repeat(40)}]`,
      { MD5: 'a'.repeat(32) },
      false,
    ],
    [
      'of several fields only the one it is about',
      `- { type: field_name_mapping, mapping: { a: [x, y] } }\n${step('type: set_value, value: 2', 'field_name_conditions: [{ type: include_fields, fields: [y] }]')}`,
      'a: 1',
      { y: 2 },
      true,
    ],
    [
      'of several fields the other is as it was',
      `- { type: field_name_mapping, mapping: { a: [x, y] } }\n${step('type: set_value, value: 2', 'field_name_conditions: [{ type: include_fields, fields: [y] }]')}`,
      'a: 1',
      { x: 2 },
      false,
    ],
    [
      'a name that depends on the value',
      map(', detection_item_conditions: [{ type: match_string, cond: any, pattern: one }]'),
      's: { a: one }\nt: { a: two }\ncondition: s and t',
      { x: 'one', a: 'two' },
      true,
    ],
  ])
})

describe('steps for rules', () => {
  const placed = (more: string): string => `- { type: change_logsource, product: t, service: two${more} }`
  table([
    [
      'a condition of its own',
      '- { type: add_condition, conditions: { code: [1, 2] } }',
      'a: 1',
      { a: 1, code: 2 },
      true,
    ],
    [
      'a condition of its own does not hold',
      '- { type: add_condition, conditions: { code: [1, 2] } }',
      'a: 1',
      { a: 1 },
      false,
    ],
    ['negated', '- { type: add_condition, negated: true, conditions: { code: 1 } }', 'a: 1', { a: 1, code: 1 }, false],
    [
      'a template',
      '- { type: add_condition, template: true, conditions: { is: "$product/${product}/$else" } }',
      'a: 1',
      { a: 1, is: 't/t/$else' },
      true,
    ],
    [
      'a name that the rule has already',
      '- { type: add_condition, name: s, conditions: { code: 1 } }',
      'a: 1',
      { a: 1, code: 1 },
      true,
    ],
    [
      'only later steps see it',
      `${map()}\n- { type: add_condition, conditions: { a: 1 } }`,
      'b: 1',
      { b: 1, a: 1 },
      true,
    ],
    ['log source', placed(''), 'a: 1', { a: 1, 'event.dataset': 't.two' }, true],
    [
      'nested',
      `- type: nest\n  rule_conditions: [{ type: logsource, product: t }]\n  items:\n    ${map()}`,
      'a: 1',
      { x: 1 },
      true,
    ],
    [
      'nested, for others',
      `- type: nest\n  rule_conditions: [{ type: logsource, product: u }]\n  items:\n    ${map()}`,
      'a: 1',
      { a: 1 },
      true,
    ],
    [
      'state',
      `- { type: set_state, key: k, val: 1 }\n${map(', rule_conditions: [{ type: processing_state, key: k, val: 1 }]')}`,
      'a: 1',
      { x: 1 },
      true,
    ],
    [
      'attribute',
      `- { type: set_custom_attribute, attribute: own, value: v }\n${map(', rule_conditions: [{ type: rule_attribute, attribute: own, value: v }]')}`,
      'a: 1',
      { x: 1 },
      true,
    ],
    [
      'fields to show say nothing here',
      '- { type: add_field, field: a }\n- { type: remove_field, field: a }\n- { type: set_field, fields: [a] }',
      'a: 1',
      { a: 1 },
      true,
    ],
  ])

  test.each([
    ['rule_failure', '- { type: rule_failure, message: not here }', 'a: 1', 'not here'],
    ['detection_item_failure', step('type: detection_item_failure, message: no a'), 'a: 1', "'a': no a"],
    [
      'strict_field_mapping_failure',
      `${map()}\n- { type: strict_field_mapping_failure }`,
      'a: 1, b: 2',
      'fields without a mapping: b',
    ],
    ['nothing left', step('type: drop_detection_item'), 'a: 1', 'pipelines leave nothing of the rule'],
    ['no number', step('type: convert_type, target_type: num'), 'a: one', "'one' of 'a' is no number"],
    [
      'no hash',
      '- { type: hashes_fields, valid_hash_algos: [MD5] }',
      'Hashes: nothing',
      "'Hashes' holds no hash of MD5",
    ],
    [
      'a template without its attribute',
      '- { type: add_condition, template: true, conditions: { a: $category } }',
      'a: 1',
      'a pipeline asks for the category of a log source without one',
    ],
  ])('%s keeps the rule out', async (_name, steps, detection, message) => {
    const { problems, rules } = await under(steps, detection)
    expect(problems).toMatchObject([{ severity: 'error', code: 'bad_rule', path: 'r.yml', message }])
    expect(rules).toEqual([])
  })

  test.each([
    [
      'rule_failure for others',
      '- { type: rule_failure, message: no, rule_conditions: [{ type: logsource, product: u }] }',
      'a: 1',
    ],
    ['detection_item_failure for others', step('type: detection_item_failure, message: no'), 'b: 1'],
    [
      'all fields have a mapping',
      `${map()}\n- { type: strict_field_mapping_failure }`,
      's: [{ a: 1 }, word]\ncondition: s',
    ],
  ])('%s lets it in', async (_name, steps, detection) => {
    expect((await under(steps, detection)).problems.filter(({ severity }) => severity === 'error')).toEqual([])
  })
})

describe('placeholders', () => {
  const VARS = 'vars: { who: [an, b*], none: [] }\n'
  test.each([
    ['the tables', '- { type: value_placeholders }', "a|expand: '%who%'", { a: 'binh' }, true],
    [
      'wildcards for what has no table',
      '- { type: wildcard_placeholders }',
      "a|expand: 'x%other%'",
      { a: 'xyz' },
      true,
    ],
    ['an empty table is a table', '- { type: wildcard_placeholders }', "a|expand: '%none%'", { a: 'xyz' }, false],
    [
      'wildcards for some',
      '- { type: wildcard_placeholders, include: [other] }',
      "a|expand: '%other%'",
      { a: 'xyz' },
      true,
    ],
  ])('%s', async (_name, steps, detection, fields, matched) => {
    expect(matches(await under(steps, detection, VARS), fields)).toBe(matched)
  })

  test.each([
    ['excluded', '- { type: wildcard_placeholders, exclude: [other] }'],
    ['not included', '- { type: wildcard_placeholders, include: [more] }'],
  ])('%s', async (_name, steps) => {
    expect((await under(steps, "a|expand: '%other%'", VARS)).problems).toMatchObject([{ code: 'unknown_placeholder' }])
  })
})

describe('conditions of rules', () => {
  const on = (condition: string): string => map(`, rule_conditions: [${condition}]`)
  const holds = (name: string, condition: string): Row => [name, on(condition), "a: 1, c: '*w'", { x: 1, c: 'w' }, true]
  const not = (name: string, condition: string): Row => [name, on(condition), "a: 1, c: '*w'", { a: 1, c: 'w' }, true]
  table([
    holds('log source', '{ type: logsource, product: t }'),
    not('log source asks for more', '{ type: logsource, product: t, service: one }'),
    holds('field', '{ type: contains_field, field: a }'),
    not('field by a name it no longer has', '{ type: contains_field, field: x }'),
    holds('item', '{ type: contains_detection_item, field: a, value: 1 }'),
    not('item: a number is no text', "{ type: contains_detection_item, field: a, value: '1' }"),
    not('item: another field', '{ type: contains_detection_item, field: c, value: 1 }'),
    holds('item: a string with a wildcard', "{ type: contains_detection_item, field: c, value: '*w' }"),
    not('item: a string in another case', "{ type: contains_detection_item, field: c, value: '*W' }"),
    holds('a rule', '{ type: is_sigma_rule }'),
    not('no correlation', '{ type: is_sigma_correlation_rule }'),
    holds('tag', '{ type: tag, tag: attack.t1059 }'),
    not('another tag', '{ type: tag, tag: attack.t1060 }'),
    holds('level', '{ type: rule_attribute, attribute: level, value: medium, op: gt }'),
    not('level, the other way', '{ type: rule_attribute, attribute: level, value: medium, op: lte }'),
    holds('status', '{ type: rule_attribute, attribute: status, value: experimental, op: gte }'),
    holds('author', '{ type: rule_attribute, attribute: author, value: An }'),
    holds('date', '{ type: rule_attribute, attribute: date, value: 2026-02-28, op: gt }'),
    holds('in a list', '{ type: rule_attribute, attribute: tags, value: attack.t1059, op: in }'),
    not('not in a list', '{ type: rule_attribute, attribute: tags, value: attack.t1059, op: not_in }'),
    not('no such attribute', '{ type: rule_attribute, attribute: moon, value: full, op: ne }'),
    not('state that nobody set', '{ type: processing_state, key: k, val: 1 }'),
    not('step that is not there', '{ type: processing_item_applied, processing_item_id: k }'),
    ['both', on('{ type: is_sigma_rule }, { type: tag, tag: no }'), 'a: 1', { a: 1 }, true],
    [
      'one of both',
      map(', rule_cond_op: or, rule_conditions: [{ type: is_sigma_rule }, { type: tag, tag: no }]'),
      'a: 1',
      { x: 1 },
      true,
    ],
    ['turned round', map(', rule_cond_not: true, rule_conditions: [{ type: tag, tag: no }]'), 'a: 1', { x: 1 }, true],
    [
      'in words',
      map(
        ", rule_cond_expr: 'one and not (two or three)', rule_conditions: { one: { type: is_sigma_rule }, two: { type: tag, tag: no }, three: { type: tag, tag: nor } }",
      ),
      'a: 1',
      { x: 1 },
      true,
    ],
    [
      'in words, no',
      map(", rule_cond_expr: 'not one', rule_conditions: { one: { type: is_sigma_rule } }"),
      'a: 1',
      { a: 1 },
      true,
    ],
    [
      'a step that ran',
      `- { id: k, type: set_state, key: s, val: v }\n${on('{ type: processing_item_applied, processing_item_id: k }')}`,
      'a: 1',
      { x: 1 },
      true,
    ],
    [
      'a state of another value',
      `- { type: set_state, key: k, val: 3 }\n${on('{ type: processing_state, key: k, val: 10, op: lt }')}`,
      'a: 1',
      { x: 1 },
      true,
    ],
  ])
})

describe('conditions of items and fields', () => {
  const item = (condition: string): string => map(`, detection_item_conditions: [${condition}]`)
  const field = (condition: string, more = ''): string => map(`, field_name_conditions: [${condition}]${more}`)
  const RENAMED = '- { id: first, type: field_name_mapping, mapping: { b: a } }'
  table([
    ['string, any', item('{ type: match_string, cond: any, pattern: on }'), 'a: [one, two]', { x: 'one' }, true],
    ['string, all', item('{ type: match_string, cond: all, pattern: on }'), 'a: [one, two]', { a: 'one' }, true],
    ['string, from its start', item('{ type: match_string, cond: any, pattern: ne }'), 'a: one', { a: 'one' }, true],
    [
      'string, negated',
      item('{ type: match_string, cond: all, pattern: two, negate: true }'),
      'a: one',
      { x: 'one' },
      true,
    ],
    ['a number is no string', item("{ type: match_string, cond: any, pattern: '1' }"), 'a: 1', { a: 1 }, true],
    ['value', item('{ type: match_value, cond: any, value: 1 }'), 'a: [1, 2]', { x: 2 }, true],
    ['value, all', item('{ type: match_value, cond: all, value: 1 }'), 'a: [1, 2]', { a: 2 }, true],
    ['wildcard', item('{ type: contains_wildcard, cond: any }'), 'a|startswith: on', { x: 'one' }, true],
    ['no wildcard', item('{ type: contains_wildcard, cond: any }'), String.raw`a: 'on\*'`, { a: 'on*' }, true],
    ['null', item('{ type: is_null, cond: all }'), 'a: null', { a: 1 }, true],
    ['not null', item('{ type: is_null, cond: all }'), "a: ''", { a: '' }, true],
    [
      'item of a step',
      `${RENAMED}\n${item('{ type: processing_item_applied, processing_item_id: first }')}`,
      'b: 1',
      { x: 1 },
      true,
    ],
    [
      'item of no step',
      `${RENAMED}\n${item('{ type: processing_item_applied, processing_item_id: first }')}`,
      'a: 1',
      { a: 1 },
      true,
    ],
    [
      'item, state',
      `- { type: set_state, key: k, val: v }\n${item('{ type: processing_state, key: k, val: v }')}`,
      'a: 1',
      { x: 1 },
      true,
    ],
    ['field of a list', field('{ type: include_fields, fields: [a] }'), 'a: 1', { x: 1 }, true],
    [
      'field by expression, from its start',
      field("{ type: include_fields, mode: re, fields: ['b', '.*a$'] }"),
      'a: 1',
      { x: 1 },
      true,
    ],
    ['field excluded', field('{ type: exclude_fields, fields: [a] }'), 'a: 1', { a: 1 }, true],
    [
      'field excluded by expression',
      field('{ type: exclude_fields, mode: re, fields: ["[ab]"] }'),
      'a: 1',
      { a: 1 },
      true,
    ],
    [
      'field of a step',
      `${RENAMED}\n${field('{ type: processing_item_applied, processing_item_id: first }')}`,
      'b: 1',
      { x: 1 },
      true,
    ],
    [
      'field of no step',
      `${RENAMED}\n${field('{ type: processing_item_applied, processing_item_id: first }', ', field_name_cond_not: true')}`,
      'a: 1',
      { x: 1 },
      true,
    ],
    [
      'field, state of that moment',
      `${field('{ type: processing_state, key: k, val: v }')}\n- { type: set_state, key: k, val: v }`,
      'a: 1',
      { a: 1 },
      true,
    ],
    [
      'keywords are in no list',
      '- { type: set_value, value: other, field_name_conditions: [{ type: include_fields, fields: [a] }] }',
      's: [needle]\ncondition: s',
      { a: 'needle' },
      true,
    ],
    [
      'keywords are excluded from none',
      '- { type: drop_detection_item, field_name_conditions: [{ type: exclude_fields, fields: [a] }] }',
      's: [needle, { a: 1 }]\ncondition: s',
      { b: 'needle' },
      false,
    ],
  ])
})

describe('a pipeline', () => {
  test.each([
    ['a misspelt key of it', 'transformation: []\n', 'bad_pipeline', "a pipeline has no 'transformation'"],
    [
      'a misspelt key of a step',
      'transformations:\n  - { type: field_name_prefix, prefix: p, rule_condition: [] }\n',
      'bad_pipeline',
      "field_name_prefix has no 'rule_condition'",
    ],
    [
      'a misspelt key of a condition',
      'transformations:\n  - { type: field_name_prefix, prefix: p, rule_conditions: [{ type: logsource, sevice: x }] }\n',
      'bad_pipeline',
      "logsource has no 'sevice'",
    ],
    [
      'a missing parameter',
      'transformations:\n  - { type: field_name_prefix }\n',
      'bad_pipeline',
      "'prefix' is missing",
    ],
    [
      'a bad expression',
      'transformations:\n  - { type: replace_string, regex: "(", replacement: x }\n',
      'bad_pipeline',
      "regular expression '('",
    ],
    [
      'conditions of fields for a step about rules',
      'transformations:\n  - { type: set_state, key: k, val: v, field_name_conditions: [] }\n',
      'bad_pipeline',
      'it takes rule conditions only',
    ],
    [
      'conditions for placeholders',
      'transformations:\n  - { type: wildcard_placeholders, rule_conditions: [] }\n',
      'bad_pipeline',
      'takes no conditions',
    ],
    [
      'words about conditions without names',
      'transformations:\n  - { type: field_name_prefix, prefix: p, rule_cond_expr: a, rule_conditions: [{ type: is_sigma_rule }] }\n',
      'bad_pipeline',
      'named conditions',
    ],
    [
      'words that leave a condition out',
      'transformations:\n  - { type: field_name_prefix, prefix: p, rule_cond_expr: a, rule_conditions: { a: { type: is_sigma_rule }, b: { type: is_sigma_rule } } }\n',
      'bad_pipeline',
      'does not use b',
    ],
    [
      'words about an unknown condition',
      'transformations:\n  - { type: field_name_prefix, prefix: p, rule_cond_expr: c, rule_conditions: { a: { type: is_sigma_rule } } }\n',
      'bad_condition',
      'c',
    ],
    [
      'text of a query',
      "transformations:\n  - { type: query_expression_placeholders, expression: '{field} in {id}' }\n",
      'bad_pipeline',
      'makes the text of a query',
    ],
    [
      'a program to run',
      'transformations:\n  - { type: command_placeholders, command: [id] }\n',
      'bad_pipeline',
      'would run a program',
    ],
    [
      'a priority that is no number',
      'priority: high\ntransformations: []\n',
      'bad_pipeline',
      'the priority must be a number',
    ],
    [
      'a level that is none',
      'transformations:\n  - { type: field_name_prefix, prefix: p, rule_conditions: [{ type: rule_attribute, attribute: level, value: huge }] }\n',
      'bad_pipeline',
      "'huge' is no level",
    ],
  ])('refuses %s', async (_name, text, code, message) => {
    const { problems } = await load({ 'pipelines/x.yml': text })
    expect(problems).toMatchObject([{ severity: 'error', code, path: 'pipelines/x.yml' }])
    expect(problems[0]!.message).toContain(message)
  })

  test('says that what is about the text of queries has no effect', async () => {
    const text =
      'name: q\ntransformations: []\npostprocessing: [{ type: embed, prefix: x }]\nfinalizers: [{ type: concat }]\n'
    const { problems } = await load({ 'pipelines/q.yml': text })
    expect(problems).toMatchObject([
      { severity: 'warning', code: 'ignored_key', line: 3 },
      { severity: 'warning', code: 'ignored_key', line: 4 },
    ])
  })

  test('runs in order of priority, whatever the order of files; the later table counts', async () => {
    const ruleSet = await load({
      'pipelines/a.yml':
        'priority: 20\nvars: { who: [an] }\ntransformations:\n  - { type: field_name_mapping, mapping: { x: y } }\n',
      'pipelines/b.yml':
        'priority: 10\nvars: { who: [binh] }\ntransformations:\n  - { type: field_name_mapping, mapping: { a: x } }\n',
      'r.yml': rule("s: { a|expand: '%who%' }\ncondition: s"),
    })
    expect(matches(ruleSet, { y: 'an' })).toBe(true)
    expect(matches(ruleSet, { y: 'binh' })).toBe(false)
  })

  test('the names a correlation groups by are those of its rules', async () => {
    const ruleSet = await load({
      'pipelines/p.yml':
        'transformations:\n' +
        '  - { type: field_name_mapping, mapping: { user: user.name } }\n' +
        '  - { type: field_name_suffix, suffix: .x, detection_item_conditions: [{ type: match_string, cond: any, pattern: y }] }\n',
      'r.yml': rule('s: { a: 1 }\ncondition: s'),
      'c.yml':
        'title: C\nid: c\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [r]\n  group-by: [user]\n  timespan: 1m\n  condition: { gte: 2 }\n',
    })
    const engine = new Engine(ruleSet)
    const raised = ['an', 'binh', 'an'].flatMap((name, i) => engine.process(event({ a: 1, 'user.name': name }, i + 1)))
    expect(raised.map((alert) => [alert.rule.id, alert.count])).toEqual([['c', 2]])
  })

  test('those shipped have nothing wrong with them', async () => {
    const names = readdirSync(join(ROOT, 'rules/pipelines'))
    const { problems } = await loadRules(names.map((name) => shipped(`pipelines/${name}`)))
    expect(problems).toEqual([])
  })

  test('renames and drops as a walk over the items by hand would', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 2 })
    const value = fc.constantFrom('1', '2', '3')
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, names, { maxKeys: 3 }),
        fc.option(name, { nil: undefined }),
        fc.array(
          fc.dictionary(name, fc.uniqueArray(value, { minLength: 1, maxLength: 2 }), { minKeys: 1, maxKeys: 3 }),
          { minLength: 1, maxLength: 2 },
        ),
        fc.dictionary(name, value),
        async (mapping, dropped, maps, fields) => {
          const steps = [
            `- { type: field_name_mapping, mapping: ${JSON.stringify(mapping)} }`,
            ...(dropped === undefined
              ? []
              : [
                  `- { type: drop_detection_item, field_name_conditions: [{ type: include_fields, fields: [${dropped}] }] }`,
                ]),
          ]
          const ruleSet = await under(steps.join('\n'), `s: ${JSON.stringify(maps)}\ncondition: s`)
          const groups = maps
            .map((own) =>
              Object.entries(own).flatMap(([field, values]) => {
                const left = (mapping[field] ?? [field]).filter((to) => to !== dropped)
                return left.length === 0 ? [] : [{ left, values }]
              }),
            )
            .filter((items) => items.length > 0)
          if (groups.length === 0) expect(ruleSet.rules).toEqual([])
          else {
            const expected = groups.some((items) =>
              items.every(({ left, values }) => left.some((to) => values.includes(fields[to]!))),
            )
            expect(matches(ruleSet, fields)).toBe(expected)
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})
