import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadRules } from '../../detection/engine.ts'
import { ROOT } from '../../model/root.ts'
import { mutateRules } from '../../rule-work/mutation.ts'
import { countCases } from '../../rule-work/tests.ts'
import { filesAround, readRulesFolder } from '../../rule-life/folder.ts'

const ID = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001'
const rule = (level = 'high'): string => `title: Two words
id: ${ID}
name: two_words
logsource: { product: linux, service: sshd }
detection:
  a: { message|contains: [one, uno] }
  b:
    process.name: sshd
    message|contains: two
  condition: a and b
level: ${level}
`
const line = (text: string): string => `      - '<38>1 2026-11-20T09:00:00+07:00 h sshd 4411 - - ${text}'\n`
const cases = (...own: [expect: boolean, text: string][]): string =>
  `cases:\n${own.map(([alerts, text], i) => `  - name: case ${i}\n    lines:\n${line(text)}${alerts ? '    expect: [Two words]\n' : ''}`).join('')}`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vong-gac-mutate-'))
  for (const path of ['logsources.yml', 'registry.test.yml']) cpSync(join(ROOT, 'rules', path), join(folder, path))
})
afterEach(() => rmSync(folder, { recursive: true }))
const put = (path: string, text: string): void => writeFileSync(join(folder, path), text)
const survivors = async (wanted = [ID]): Promise<string[]> =>
  (await mutateRules(folder, wanted)).flatMap((report) =>
    report.survivors.map(({ line: at, column, dropped }) => `${at}:${column} ${dropped}`),
  )

test('a predicate that no test holds is found, with its place', async () => {
  put('x.yml', rule())
  put('x.test.yml', cases([true, 'one two'], [false, 'one'], [false, 'two']))
  expect(await survivors()).toEqual(['6:32 message|contains: uno', '8:5 process.name'])
  put('x.test.yml', cases([true, 'one two'], [true, 'uno two'], [false, 'one'], [false, 'two']))
  expect(await survivors()).toEqual(['8:5 process.name'])
})

test('without a test nothing is held; a part is held by the tests of the correlation that counts it', async () => {
  put('x.yml', rule('informational'))
  expect(await survivors()).toHaveLength(4)
  expect(await mutateRules(folder)).toEqual([])
  const counting = `title: Twice\nid: counting\nlevel: high\ncorrelation: { type: event_count, rules: [two_words], timespan: 1m, condition: { gte: 1 } }\n`
  put('y.yml', counting)
  put(
    'y.test.yml',
    cases([true, 'one two'], [true, 'uno two'], [false, 'one'], [false, 'two']).replaceAll('Two words', 'Twice'),
  )
  expect(await survivors()).toEqual(['8:5 process.name'])
  expect(
    filesAround(readRulesFolder(folder), 'counting')
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['logsources.yml', 'x.yml', 'y.yml'])
})

test('where an alias stands, one value is dropped and the anchor keeps it, and the other way round', async () => {
  const [first, second] = ['message|contains: [one, uno]', 'message|contains: two']
  put('x.yml', rule().replace(first, 'message|contains: &words [one, uno]').replace(second, 'message|contains: *words'))
  put('x.test.yml', cases([true, 'one'], [true, 'uno'], [false, 'two']))
  const words = ['6:34 message|contains: one', '6:39 message|contains: uno']
  expect((await survivors()).sort()).toEqual(['8:5 process.name', '9:5 message|contains'])
  put('x.test.yml', cases([false, 'two']))
  expect((await survivors()).sort()).toEqual([...words, ...words, '8:5 process.name', '9:5 message|contains'].sort())
})

test('a rule that is off or a draft is tested all the same', async () => {
  put('x.yml', rule())
  put('x.test.yml', cases([true, 'one two'], [true, 'uno two'], [false, 'one'], [false, 'two']))
  put('life.yml', `${ID}: draft\n`)
  put('disabled.yml', `${ID}: x\n`)
  expect(await survivors()).toEqual(['8:5 process.name'])
})

test('cases are counted for the rule they expect, and against the rule they stand beside', async () => {
  put('x.yml', rule())
  put('x.test.yml', cases([true, 'one two'], [false, 'one'], [false, 'two']))
  const { rules } = await loadRules(readRulesFolder(folder))
  expect(countCases(folder, rules).get(ID)).toEqual({ positive: 1, negative: 2 })
})
