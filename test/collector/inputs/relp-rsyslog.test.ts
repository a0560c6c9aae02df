import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { expect, onTestFinished, test } from 'vitest'
import { readAll } from '../spool/folders.ts'
import { run } from './running.ts'

const RSYSLOGD = '/usr/sbin/rsyslogd'
const ABSENT = ['/usr/lib/x86_64-linux-gnu/rsyslog/omrelp.so', RSYSLOGD].filter((path) => !existsSync(path))
const LINES = 10_000
const WINDOW = 128 // rsyslog's own
const TIMEOUT_MS = 60_000

const PAGE = readFileSync(new URL('../../../docs/shipping/relp.md', import.meta.url), 'utf8')
const WORDS =
  'Đăng nhập thất bại; người dùng "nguyễn văn quản trị" từ máy chủ một cửa, mật khẩu sai: 3 lần \\ ổ đĩa đầy 95% 💥'

function lines(): string[] {
  return Array.from({ length: LINES }, (_, i) => `«relp» ${i} ${WORDS.slice(i % 40)} ${'ữ'.repeat(i % 100)}.`)
}

/** The n-th block of the page as a reader would adapt it: what is tested is what is recommended. */
function block(n: number, replacements: Record<string, string>): string {
  let text = PAGE.split('```rsyslog\n')[n]!.split('\n```')[0]!
  for (const [from, to] of Object.entries(replacements)) {
    expect(text).toContain(from)
    text = text.replaceAll(from, to)
  }
  return text
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'vong-gac-relp-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Starts rsyslog on a file of `sent`, with `action` to ship it; it is ended after the test. */
function ship(sent: readonly string[], action: string): void {
  const own = folder()
  mkdirSync(join(own, 'queue'))
  writeFileSync(join(own, 'app.log'), `${sent.join('\n')}\n`)
  const source = `input(type="imfile" File="${join(own, 'app.log')}" Tag="app:" Severity="info" Facility="local0")`
  const config = [`global(workDirectory="${join(own, 'queue')}")`, 'module(load="imfile")', source, action, '']
  writeFileSync(join(own, 'rsyslog.conf'), config.join('\n'))
  const argv = ['-n', '-f', join(own, 'rsyslog.conf'), '-i', join(own, 'rsyslog.pid')]
  const child = spawn(RSYSLOGD, argv, { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(timer)
  })
}

/** What is stored without the header that rsyslog put before it. */
function withoutHeader(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8')
  return text.slice(text.indexOf('«relp»'))
}

const SKIPPED = ABSENT.length > 0 ? ` (skipped: ${ABSENT.join(', ')} is not here; packages rsyslog, rsyslog-relp)` : ''

test.skipIf(ABSENT.length > 0)(
  `rsyslog ships ${LINES} lines: each is stored once, byte for byte${SKIPPED}`,
  { timeout: TIMEOUT_MS },
  async () => {
    expect(execFileSync(RSYSLOGD, ['-v'], { encoding: 'utf8' })).toContain('rsyslogd')
    const { port, spool, stored, records, collector } = await run({ relp: { port: 0 } })
    const sent = lines()
    ship(sent, block(1, { 'soc.example': '127.0.0.1', '"2514"': `"${port}"` }))
    await stored(LINES)
    await new Promise((resolve) => setTimeout(resolve, 500)) // long enough for a second copy to show up
    expect(spool.durableSeq).toBe(LINES)
    expect((await records()).map(({ bytes }) => withoutHeader(bytes))).toEqual(sent)
    expect(collector.counters().sources).toMatchObject([{ frames: LINES, dropped: 0, unacknowledged: 0 }])
  },
)

test.skipIf(ABSENT.length > 0)(`rsyslog ships over TLS${SKIPPED}`, { timeout: TIMEOUT_MS }, async () => {
  const own = folder()
  const { cert, private: secret } = await generate([{ name: 'commonName', value: 'soc.example' }], {
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'soc.example' }] },
    ],
  })
  const certificate = join(own, 'certificate.pem')
  const key = join(own, 'key.pem')
  writeFileSync(certificate, cert)
  writeFileSync(key, secret, { mode: 0o600 })
  const { port, stored, records } = await run({ relp: { port: 0, certificate, key } })
  const sent = lines()
  const adapted = {
    'target="soc.example"': 'target="127.0.0.1"', // the name in the certificate stays soc.example
    '"2514"': `"${port}"`,
    '/etc/ssl/certs/vong-gac-ca.pem': certificate,
  }
  ship(sent, block(2, adapted))
  await stored(LINES)
  expect((await records()).map(({ bytes }) => withoutHeader(bytes))).toEqual(sent)
})

test.skipIf(ABSENT.length > 0)(
  `the collector stops and starts while rsyslog ships: no line is missing${SKIPPED}`,
  { timeout: TIMEOUT_MS },
  async () => {
    const first = await run({ relp: { port: 0 } })
    const sent = lines()
    const action = block(1, {
      'soc.example': '127.0.0.1',
      '"2514"': `"${first.port}"`,
      'resumeInterval="10"': 'resumeInterval="1"',
    })
    ship(sent, action)
    await first.stored(1_000)
    await first.collector.close()
    const before = await readAll(first.folder, first.spool.durableSeq)
    expect(before.length).toBeLessThan(LINES) // or nothing was interrupted
    const second = await run({ relp: { port: first.port } })
    const missing = new Set(sent)
    for (const { bytes } of before) missing.delete(withoutHeader(bytes))
    await expect
      .poll(
        async () =>
          (await second.records()).filter(({ bytes }) => missing.delete(withoutHeader(bytes))) && missing.size,
        {
          timeout: TIMEOUT_MS,
          interval: 500,
        },
      )
      .toBe(0)
    expect(before.length + second.spool.durableSeq).toBeLessThanOrEqual(LINES + WINDOW)
  },
)
