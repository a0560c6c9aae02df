import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'

let folder: string
let config: string
const SOC = join(ROOT, 'dist/soc.js')
/** A process starts in a fraction of a second, or in several where others want the processors. */
const LIMIT = { timeout: 120_000 }

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soc-parse-'))
  config = join(folder, 'config.yml')
  mkdirSync(join(folder, 'parsers'))
  writeFileSync(config, `parsersFolder: ${join(folder, 'parsers')}\n`)
  writeFileSync(
    join(folder, 'parsers/nvr.yml'),
    `dataset: camera.nvr
when: { streams: ['nvr-*'] }
messages: [{ match: '^login (?P<user>\\w+)', fields: { user: user.name } }]
samples:
  - { line: 'login lan', expect: { user.name: lan, event.dataset: camera.nvr } }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

function soc(args: string[], input = ''): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SOC, 'parse', ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, SOC_CONFIG: config },
  })
}

test('a line becomes the event that the collector would store, flat and in one line', LIMIT, () => {
  const line = '<38>May 12 10:00:00 may-chu sshd[9]: Failed password for lan from 203.0.113.7 port 22 ssh2\n'
  const { status, stdout } = soc(['--received', '2026-05-12T03:30:00Z', '-'], `${line}\n${line}`)
  expect(status).toBe(0)
  const events = stdout.trimEnd().split('\n')
  expect(events).toHaveLength(2)
  expect(JSON.parse(events[0]!)).toMatchObject({
    '@timestamp': '2026-05-12T03:00:00.000Z',
    'event.dataset': 'system.auth',
    'source.ip': '203.0.113.7',
    'user.name': 'lan',
  })
})

test('a line that is no event is told with its place and reason, without its control characters', LIMIT, () => {
  const { status, stdout, stderr } = soc(['-'], '{"a":1,"a\\u001b":2,"a":3}\nx\n')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^-:1: duplicate_key: /)
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
})

test('a source names the stream; a parser can be asked alone', LIMIT, () => {
  expect(JSON.parse(soc(['--source', 'nvr-1', '-'], 'login lan\n').stdout)).toMatchObject({ 'user.name': 'lan' })
  expect(JSON.parse(soc(['--source', 'http-ndjson/10.1.2.3/nvr-1', '-'], 'login lan\n').stdout)).toMatchObject({
    'user.name': 'lan',
    'log.source.address': '10.1.2.3',
    'soc.source': 'http-ndjson/10.1.2.3/nvr-1',
  })
  expect(JSON.parse(soc(['-'], 'login lan\n').stdout)).toMatchObject({ 'event.dataset': 'generic.text' })
  expect(JSON.parse(soc(['--parser', 'redis', '-'], 'login lan\n').stdout)).toMatchObject({
    'event.dataset': 'generic.text',
  })
  expect(soc(['--parser', 'nope', '-'], 'x\n')).toMatchObject({ status: 1, stderr: expect.stringContaining("'nope'") })
})

test('the samples of the place’s own parsers are tried', LIMIT, () => {
  expect(soc(['--check'])).toMatchObject({ status: 0, stdout: expect.stringContaining('1 samples: 0 wrong') })
  const wrong = join(folder, 'wrong')
  mkdirSync(wrong)
  writeFileSync(
    join(wrong, 'x.yml'),
    `dataset: a.b\nwhen: { startsWith: x }\nmessages: [{ match: x }]\nsamples: [{ line: x, expect: { user.name: lan } }]\n`,
  )
  expect(soc(['--check', wrong])).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('x, sample 1: user.name is null, not "lan"'),
  })
})

test('usage', LIMIT, () => {
  expect(soc([])).toMatchObject({ status: 2 })
  expect(soc([join(folder, 'none.log')])).toMatchObject({ status: 2, stderr: expect.stringContaining('is no file') })
  expect(execFileSync(process.execPath, [SOC, 'help'], { encoding: 'utf8' })).toContain('parse')
})
