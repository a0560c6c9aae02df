import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import rules from '../../commands/rules.ts'
import { writeZip } from '../rule-import/write-zip.ts'

const GOOD = `title: Root Login
id: 5b1c52a0-7f43-4a52-9c7e-0d8f2f7a9b11
logsource: { product: linux, service: sshd }
detection:
    selection: { user.name: root }
    condition: selection
level: high
`
const BAD = `${GOOD.replace('b11', 'b12')}---\n${GOOD.replace('b11', 'b13').replace('user.name', 'user.name|hasprefix')}`

let folder: string
let written: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-command-'))
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})
const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('check: a good rule', async () => {
  expect(await rules.run(['check', put('good.yml', GOOD)])).toBe(0)
  expect(written).toContain('1 loaded, 0 failed, 0 warnings')
})

test('check: a bad one is named with its place, the rest load', async () => {
  put('good.yml', GOOD)
  put('good.test.yml', 'no rule')
  put('bad.yml', BAD)
  expect(await rules.run(['check', folder, '--json'])).toBe(1)
  expect(JSON.parse(written)).toMatchObject({
    loaded: 2,
    failed: 1,
    problems: [
      { path: expect.stringMatching(/bad\.yml$/) as string, line: 13, severity: 'error', code: 'unknown_modifier' },
    ],
  })
  written = ''
  await rules.run(['check', folder])
  expect(written).toMatch(/bad\.yml:13:\d+: error unknown_modifier: /)
})

test('test: those of one rule', async () => {
  expect(await rules.run(['test', 'rules/linux/sshd-root-password-login.yml'])).toBe(0)
  expect(written).toMatch(/^\d đạt, 0 không đạt · \d passed, 0 failed$/m)
})

test.each([
  ['a path that is not there', ['check', '/nowhere/at/all']],
  ['tests outside the rules folder', ['test', tmpdir()]],
])('refuses %s', async (_name, argv) => expect(await rules.run(argv)).toBe(2))

test.each([
  ['no verb', []],
  ['a verb that there is not', ['burn']],
  ['two releases', ['import', tmpdir(), tmpdir()]],
  ['an order that there is not', ['top', '--by', 'colour']],
])('is not as the usage says: %s', async (_name, argv) => expect(await rules.run(argv)).toBeNull())

test('check: rules that are switched off are counted', async () => {
  put('good.yml', GOOD)
  put('disabled.yml', '5b1c52a0-7f43-4a52-9c7e-0d8f2f7a9b11: noise\n')
  vi.stubEnv('SOC_RULES_FOLDER', folder)
  expect(await rules.run(['check', folder])).toBe(0)
  vi.unstubAllEnvs()
  expect(written).toContain('1 disabled')
})

test('import: a line for each outcome, in two languages; once more there is nothing to do', async () => {
  mkdirSync(join(folder, 'rules'))
  put('one.yml', GOOD)
  vi.stubEnv('SOC_RULES_FOLDER', join(folder, 'rules'))
  const argv = ['import', join(folder, 'release.zip')]
  writeFileSync(argv[1]!, writeZip([{ name: 'rules/a.yml', text: GOOD }]))
  expect(await rules.run([...argv, '--dry-run'])).toBe(0)
  expect(written).toContain('dry run')
  expect(await rules.run(argv)).toBe(0)
  expect(written).toContain('thêm mới 1 · added 1\nnạp được 1 · load 1\n')
  written = ''
  expect(await rules.run([...argv, '--json'])).toBe(0)
  expect(JSON.parse(written)).toMatchObject({ outcomes: [{ path: 'rules/a.yml', outcome: 'unchanged' }], loaded: 1 })
  expect(await rules.run(['import', join(folder, 'one.yml')])).toBe(1)
  expect(await rules.run([...argv, '--as', '../linux'])).toBe(2)
  vi.unstubAllEnvs()
})
