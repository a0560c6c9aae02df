import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { ROOT } from '../../model/root.ts'
import { runRuleTests, type RuleTestResult } from '../../rule-work/tests.ts'
import { findYaml } from '../../rule-life/folder.ts'

const FOLDER = join(ROOT, 'rules')
const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
/** ATT&CK Enterprise tactics, as Sigma writes them since 2.0. */
const TACTICS = new Set(
  [
    ['reconnaissance', 'resource-development', 'initial-access', 'execution', 'persistence', 'privilege-escalation'],
    ['defense-evasion', 'credential-access', 'discovery', 'lateral-movement', 'collection', 'command-and-control'],
    ['exfiltration', 'impact'],
  ]
    .flat()
    .map((tactic) => `attack.${tactic}`),
)

interface Rule {
  title: string
  title_vi?: string
  id: string
  name?: string
  status: string
  description: string
  description_vi?: string
  triage_vi?: string
  author?: string
  date?: string
  tags?: string[]
  falsepositives?: string[]
  level: string
  path: string
}

const rules: Rule[] = findYaml(FOLDER)
  .filter((path) => !path.endsWith('.test.yml') && !path.startsWith('pipelines/') && path !== 'logsources.yml')
  .flatMap((path) =>
    parseAllDocuments(readFileSync(join(FOLDER, path), 'utf8')).map((document) =>
      Object.assign(document.toJS() as Rule, { path }),
    ),
  )
/** Those that raise alerts: a part of level informational only feeds correlations (Sigma: it must not raise one). */
const alerting = rules.filter(({ level }) => level !== 'informational')

describe('our rules', () => {
  test('are at least thirty', () => expect(alerting.length).toBeGreaterThanOrEqual(30))

  test('have ids and titles of their own', () => {
    for (const key of ['id', 'title'] as const) expect(new Set(rules.map((rule) => rule[key])).size).toBe(rules.length)
  })

  test.each(rules.map((rule) => [rule.path, rule.title, rule] as const))(
    '%s: %s says what it is',
    (_path, _title, rule) => {
      expect(rule.id).toMatch(UUID_4)
      expect(rule.title_vi).toMatch(/\S/)
      expect(rule.description_vi).toMatch(/\S/)
      expect(rule).toMatchObject({
        author: 'Vọng Gác',
        status: 'test',
        date: expect.stringMatching(/^2026-\d\d-\d\d$/) as string,
      })
    },
  )

  test.each(alerting.map((rule) => [rule.path, rule.title, rule] as const))(
    '%s: %s says what to do',
    (_path, _title, rule) => {
      expect(rule.triage_vi).toMatch(/\S/)
      expect(rule.falsepositives?.length).toBeGreaterThan(0)
      const tags = rule.tags ?? []
      expect(
        tags.filter((tag) => !TACTICS.has(tag) && !/^attack\.t\d{4}(\.\d{3})?$|^cve\.\d{4}-\d{4,7}$/.test(tag)),
      ).toEqual([])
      expect(tags.some((tag) => TACTICS.has(tag))).toBe(true)
      expect(tags.some((tag) => tag.startsWith('attack.t'))).toBe(true)
    },
  )
})

describe('tests beside the rules', () => {
  let results: RuleTestResult[]
  beforeAll(async () => {
    results = await runRuleTests(FOLDER)
  })

  test('pass', () => {
    const failed = results.filter(({ passed }) => !passed)
    expect(failed.map(({ path, line, case: name, detail }) => `${path}:${line}: ${name}: ${detail}`)).toEqual([])
  })

  test.each(alerting.map(({ path, title, id }) => [path, title, id] as const))(
    '%s: %s has both kinds',
    (path, _title, id) => {
      const own = results.filter(({ rule }) => rule === path)
      expect(own.some(({ alerted }) => alerted.includes(id))).toBe(true)
      expect(own.some(({ alerted }) => !alerted.includes(id))).toBe(true)
    },
  )
})
