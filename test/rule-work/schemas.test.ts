import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Schema from 'typebox/schema'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { fileKind } from '../../detection/engine.ts'
import { ROOT } from '../../model/root.ts'
import { ruleSchemas, type SchemaName } from '../../rule-work/schemas.ts'
import { findYaml } from '../../rule-life/folder.ts'

const RULES = join(ROOT, 'rules')
let fits: (name: SchemaName, value: unknown) => boolean
beforeAll(async () => {
  const schemas = await ruleSchemas()
  const compiled = new Map(Object.entries(schemas).map(([name, schema]) => [name, Schema.Compile(schema)]))
  fits = (name, value) => compiled.get(name)!.Check(value)
})

const documents = (path: string): unknown[] =>
  parseAllDocuments(readFileSync(join(RULES, path), 'utf8')).map((document) => document.toJS() as unknown)

test('every rule and every test that is shipped fits', () => {
  const files = findYaml(RULES).filter((path) => path !== 'registry.test.yml' && fileKind(path) === 'rules')
  const kindOf = (path: string): SchemaName => (path.endsWith('.test.yml') ? 'test' : 'rule')
  const unfit = files.filter((path) => !documents(path).every((document) => fits(kindOf(path), document)))
  expect(unfit).toEqual([])
  expect(files.filter((path) => kindOf(path) === 'test').length).toBeGreaterThan(50)
})

const RULE =
  'title: x\nlogsource: { product: linux }\ndetection: { s: { a|contains: [x, 1, null] }, k: [word], condition: s or k }\n'

describe.each<[SchemaName, Record<string, string>, Record<string, string>]>([
  [
    'rule',
    {
      detection: RULE,
      filter: 'title: x\nlogsource: { product: linux }\nfilter: { rules: any, s: { a: x }, condition: not s }\n',
      correlation: 'title: x\ncorrelation: { type: event_count, rules: [a], timespan: 5m, condition: { gte: 3 } }\n',
      'several alternatives': RULE.replace('k: [word]', 'k: [{ a: x }, { b|re: y }, word]'),
    },
    {
      'a modifier that is none': RULE.replace('contains', 'contians'),
      'a level that is none': `${RULE}level: hihg\n`,
      'no condition': RULE.replace(', condition: s or k', ''),
      'no log source': RULE.replace(/logsource.*\n/, ''),
      'a mapping as a value': RULE.replace('[x, 1, null]', '{ x: y }'),
      'a timespan without a unit': 'title: x\ncorrelation: { type: event_count, rules: [a], timespan: 5 }\n',
    },
  ],
  [
    'test',
    { one: 'cases: [{ name: x, lines: [y] }]' },
    { 'no lines': 'cases: [{ name: x }]', 'another key': 'cases: []\nrules: x' },
  ],
  [
    'life',
    { states: 'a: shadow\nb: { state: live, budget: 20, owner: lan, why: x }\n', empty: '' },
    {
      'a state that is none': 'a: asleep',
      'a budget beyond all': 'a: { budget: 1001 }',
      'a misspelt key': 'a: { budgte: 2 }',
    },
  ],
  [
    'disabled',
    { reasons: 'a: x\nb:\nc: { agencies: [so-y-te], why: x }\n' },
    { 'no agency': 'a: { agencies: [] }', 'a misspelt key': 'a: { agency: so-y-te }' },
  ],
])('%s', (name, good, bad) => {
  test.each(Object.entries(good))('%s fits', (_what, text) => expect(fits(name, parse(text))).toBe(true))
  test.each(Object.entries(bad))('%s does not', (_what, text) => expect(fits(name, parse(text))).toBe(false))
})
