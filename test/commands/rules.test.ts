import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import rules from '../../commands/rules.ts'

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
  expect(written).toContain('2 passed, 0 failed')
})

test.each([
  ['no verb', []],
  ['a path that is not there', ['check', '/nowhere/at/all']],
  ['tests outside the rules folder', ['test', tmpdir()]],
])('refuses %s', async (_name, argv) => expect(await rules.run(argv)).toBe(2))
