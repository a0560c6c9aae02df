import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadRules } from '../../detection/engine.ts'
import { readRulesFolder } from '../../rule-life/folder.ts'
import { countCases, loadCases, runRuleTests, testProblem } from '../../rule-work/tests.ts'
import { runs } from '../runs.ts'

const RULE = `title: Root Login
id: 5b1c52a0-7f43-4a52-9c7e-0d8f2f7a9b11
status: test
logsource: { product: linux, service: sshd }
detection:
    selection: { event.action: ssh_login, event.outcome: success, user.name: root }
    condition: selection
level: high
`
const LOG_SOURCES = `logsources:
    - when: { event.dataset: system.auth, process.name: sshd }
      product: linux
      service: sshd
`
const LOGIN =
  '<38>1 2026-11-20T09:00:00+07:00 web01 sshd 7 - - Accepted password for root from 192.0.2.7 port 4022 ssh2'

let folder: string
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rule-tests-'))
  put('logsources.yml', LOG_SOURCES)
  put('linux/root.yml', RULE)
})
afterEach(() => rmSync(folder, { recursive: true }))

const outcome = async (tests: string): Promise<[boolean, string, number]> => {
  put('linux/root.test.yml', tests)
  const [{ passed, detail, line }] = (await runRuleTests(folder)) as [Awaited<ReturnType<typeof runRuleTests>>[number]]
  return [passed, detail, line]
}
const oneCase = (lines: string, expected = ''): string => `cases:\n  - name: x\n    lines: [${lines}]\n${expected}`

describe('a case', () => {
  test.each([
    ['expected by title', oneCase(`'${LOGIN}'`, '    expect: [Root Login]'), [true, '', 2]],
    ['expected by id', oneCase(`'${LOGIN}'`, '    expect: [5b1c52a0-7f43-4a52-9c7e-0d8f2f7a9b11]'), [true, '', 2]],
    ['quiet and meant to be', oneCase(`'${LOGIN.replace('root', 'ntlan')}'`), [true, '', 2]],
    ['alert too much', oneCase(`'${LOGIN}'`), [false, 'unexpected: Root Login', 2]],
    [
      'alert missing',
      oneCase(`'${LOGIN.replace('root', 'ntlan')}'`, '    expect: [Root Login]'),
      [false, 'expected: Root Login', 2],
    ],
    [
      'no such rule',
      oneCase(`'${LOGIN.replace('root', 'ntlan')}'`, '    expect: [Other]'),
      [false, "no rule that loaded is called 'Other'", 2],
    ],
    [
      'line that becomes no event',
      oneCase("'<38>1 2026-13-20T09:00:00Z h sshd 7 - - x'"),
      [false, expect.stringContaining('record 1 is a dead letter') as string, 2],
    ],
  ])('%s', async (_name, tests, expected) => expect(await outcome(tests)).toEqual(expected))

  test('repeats a line, counting', async () => {
    put(
      'linux/root.yml',
      `${RULE}name: login\n---\ntitle: Many\nid: 1d0b0e7c-52a4-4b0c-8f55-5b9be1b8a0de\nstatus: test\ncorrelation: { type: value_count, rules: [login], group-by: [host.name], timespan: 1m, condition: { field: source.port, gte: 3 } }\nlevel: high\n`,
    )
    const line = LOGIN.replace(':00+07', ':{nn}+07').replace('4022', '402{n}')
    expect(await outcome(oneCase(`{ times: 3, line: '${line}' }`, '    expect: [Many]'))).toEqual([true, '', 2])
    expect(await outcome(oneCase(`{ times: 2, line: '${line}' }`))).toEqual([true, '', 2])
  })

  test('leaves nothing behind for the next', async () => {
    put(
      'linux/root.yml',
      `${RULE}name: login\n---\ntitle: Two\nid: 1d0b0e7c-52a4-4b0c-8f55-5b9be1b8a0de\nstatus: test\ncorrelation: { type: event_count, rules: [login], group-by: [host.name], timespan: 1m, condition: { gte: 2 } }\nlevel: high\n`,
    )
    put('linux/root.test.yml', `cases:\n  - { name: a, lines: ['${LOGIN}'] }\n  - { name: b, lines: ['${LOGIN}'] }\n`)
    expect((await runRuleTests(folder)).map(({ passed }) => passed)).toEqual([true, true])
  })
})

describe('a case with values', () => {
  const byUser = `'${LOGIN.replace('for root', 'for {value}')}'`
  const withValues = (values: string, lines = byUser): string => `${oneCase(lines)}    values: ${values}\n`

  test('is a case of its own for each', async () => {
    put('linux/root.test.yml', withValues('[ntlan, root, $&]'))
    const seen = (await runRuleTests(folder)).map(({ case: name, passed, line }) => [name, passed, line])
    expect(seen).toEqual([
      ['x: ntlan', true, 2],
      ['x: root', false, 2],
      ['x: $&', true, 2],
    ])
    const cases = await loadCases(folder)
    expect(cases.map(({ events }) => events.map((event) => event['user.name']))).toEqual([['ntlan'], ['root'], ['$&']])
    const { rules } = await loadRules(readRulesFolder(folder))
    expect([...countCases(folder, rules).values()]).toEqual([{ positive: 0, negative: 3 }])
  })

  test('is named as it says, and other braces stay', async () => {
    const text = '{value}: {values} {n} { value }'
    put(
      'linux/root.test.yml',
      withValues("['{a}', b]", `{ times: 2, line: '${LOGIN} ${text}' }`).replace(': x', ": 'of {value}'"),
    )
    const cases = await loadCases(folder)
    expect(cases.map(({ name }) => name)).toEqual(['of {a}', 'of b'])
    const [first] = cases.map(({ events }) => events.map((event) => event['event.original'].slice(LOGIN.length)))
    expect(first).toEqual([' {a}: {values} 0 { value }', ' {a}: {values} 1 { value }'])
    put('linux/root.test.yml', oneCase(`'${LOGIN} ${text}'`))
    const [untouched] = await loadCases(folder)
    expect(untouched!.events[0]!['event.original']).toBe(`${LOGIN} ${text}`)
  })

  test.each([
    ['that no line uses', withValues('[a, b]', `'${LOGIN}'`), 4, /no line of the case holds \{value\}/],
    ['that are no texts', withValues('[33, 48]'), 4, /values\/0 must be string/],
    ['that are the same', withValues('[a, a]'), 4, /values must not have duplicate items/],
    ['that are none', withValues('[]'), 4, /values must not have fewer than 1 items/],
  ])('with values %s is refused, at their line', async (_name, tests, line, message) => {
    expect(await outcome(tests)).toEqual([false, expect.stringMatching(message) as string, line])
    expect(testProblem('linux/root.test.yml', tests)).toMatchObject([{ line, severity: 'error', code: 'bad_test' }])
  })
})

test.each([
  ['broken YAML', 'cases: [', 1],
  ['no cases', 'cases: []', 1],
  ['a key that is not known', 'cases:\n  - name: x\n    lines: [a]\n    expects: []\n', 4],
  ['a time that is none', 'cases:\n  - name: x\n    lines: [a]\n    receivedAt: yesterday\n', 4],
])('a file with %s is a failed case at its line', async (_name, tests, line) => {
  expect(await outcome(tests)).toEqual([false, expect.stringMatching(/\S/) as string, line])
})

test('any file gives results, never a throw', async () => {
  const file = fc.oneof(
    fc.string(),
    fc.json(),
    fc.string().map((name) => oneCase(JSON.stringify(name))),
  )
  await fc.assert(
    fc.asyncProperty(file, async (text) => {
      expect(await outcome(text)).toHaveLength(3)
    }),
    { numRuns: runs(30) },
  )
})
