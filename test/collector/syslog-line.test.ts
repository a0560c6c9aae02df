import type { Fields } from '../../bench/ingest/lines.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import rfc3164 from '../../collector/parsers/syslog-rfc3164.ts'
import rfc5424 from '../../collector/parsers/syslog-rfc5424.ts'
import { Refusal } from '../../collector/refusal.ts'
import { SyslogJson } from '../../collector/syslog-json.ts'
import { SyslogLine } from '../../collector/syslog-line.ts'
import { loadZone } from '../../collector/time.ts'
import type { EcsEvent } from '../../model/event.ts'
import { runs } from '../runs.ts'

const zone = loadZone('Asia/Ho_Chi_Minh')
const RECEIVED_AT_MS = Date.parse('2026-03-01T05:00:00Z')

/** The parsers' answer, which says what a line means: they find by regular expressions on text. */
function parsed(line: string, receivedAtMs: number): Fields | null {
  const event = {} as EcsEvent
  const parser = [rfc5424, rfc3164].find(({ claims }) => claims(line))
  const message = parser?.parse(line, event, { receivedAtMs, zone, stream: '' })
  if (message === undefined || message instanceof Refusal) return null
  const text = (field: string): string => {
    const value = event[field]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  return {
    timestamp: event['@timestamp'],
    host: text('host.hostname'),
    program: text('process.name'),
    pid: text('process.pid'),
    severity: event['log.syslog.severity.code'] as number,
    facility: event['log.syslog.facility.code'] as number,
    message: message.text,
  }
}

/** Null: left to the parsers. The line stands in the middle of something else, as it does in a chunk. */
function read(line: Buffer, receivedAtMs = RECEIVED_AT_MS, reader = new SyslogLine(zone)): Fields | null {
  const source = Buffer.concat([Buffer.from('<1>"\\'), line, Buffer.from('9 :]\n')])
  const end = 5 + line.length
  if (!reader.read(source, 5, end, receivedAtMs)) return null
  const json = new SyslogJson()
  json.write(reader, source, end)
  const text = json.take().toString()
  expect(text.endsWith('}\n')).toBe(true)
  return JSON.parse(text) as Fields
}

test.each<[name: string, line: string, fields: Partial<Fields>]>([
  [
    'RFC 3164',
    '<38>Feb 28 08:00:00 web1 sshd[311]: Failed',
    {
      timestamp: '2026-02-28T01:00:00.000Z',
      host: 'web1',
      program: 'sshd',
      pid: '311',
      severity: 6,
      facility: 4,
      message: 'Failed',
    },
  ],
  [
    'a day of one digit',
    '<0>Mar  1 08:00:00 a b: c',
    { timestamp: '2026-03-01T01:00:00.000Z', severity: 0, facility: 0 },
  ],
  ['last year', '<191>Dec 31 23:59:59 a b: c', { timestamp: '2025-12-31T16:59:59.000Z', severity: 7, facility: 23 }],
  ['a path before the program', '<22>Feb 28 08:00:00 mx postfix/smtpd[9]: x', { program: 'smtpd' }],
  ['no PID', '<22>Feb 28 08:00:00 mx kernel: x', { program: 'kernel', pid: '' }],
  ['no message', '<22>Feb 28 08:00:00 mx kernel-long-name:', { message: '' }],
  [
    'RFC 5424',
    '<165>1 2026-02-28T22:14:15.003+07:00 mymachine evntslog 8710 ID47 - Đăng nhập "x"\\',
    {
      timestamp: '2026-02-28T15:14:15.003Z',
      host: 'mymachine',
      program: 'evntslog',
      pid: '8710',
      facility: 20,
      message: 'Đăng nhập "x"\\',
    },
  ],
  [
    'all that may be nil is nil',
    '<14>1 2026-02-28T22:14:15Z - - - - -',
    { host: '', program: '', pid: '', message: '' },
  ],
  [
    'nanoseconds are cut',
    '<14>1 2026-02-28T22:14:15.123999999Z a b - - - x',
    { timestamp: '2026-02-28T22:14:15.123Z' },
  ],
])('%s', (_name, line, fields) => {
  expect(read(Buffer.from(line))).toMatchObject(fields)
})

test.each([
  ['FortiGate: no time', '<189>date=2026-03-01 time=08:00:00 devname="FG-SYT"'],
  ['Cisco: a sequence number', '<189>29: *Apr  8 08:00:00.123: %SYS-5-CONFIG_I: Configured'],
  ['priority above 191', '<192>Feb 28 08:00:00 web1 sshd[311]: Failed'],
  ['13th month', '<34>1 2026-13-11T22:14:15Z hostname app - - - x'],
  ['29 February of no leap year', '<34>1 2026-02-29T22:14:15Z hostname app - - - x'],
  ['30 February', '<34>Feb 30 22:14:15 hostname app: x y z'],
  ['24:00:00', '<34>Feb 28 24:00:00 hostname app: x y z'],
  ['structured data', '<34>1 2026-02-28T22:14:15Z hostname app - - [a b="c"] x'],
  ['a BOM', '<34>1 2026-02-28T22:14:15Z hostname app - - - \uFEFFx'],
  ['a zone', '<34>Feb 28 22:14:15 UTC hostname app: x'],
  ['old PAM', '<34>Feb 28 22:14:15 hostname sshd(pam_unix)[7]: x'],
  ['no host', '<34>Feb 28 22:14:15 sshd[7]: x y z'],
  ['a tag that is Cisco’s', '<34>Feb 28 22:14:15 asa %ASA-6-302013: Built'],
  ['another kind of blank', '<34>Feb 28 22:14:15 host\u00a0name app: x'],
])('left to the parsers: %s', (_name, line) => expect(read(Buffer.from(line))).toBeNull())

test('a year is not carried over from a line that came at another time', () => {
  const reader = new SyslogLine(zone)
  const line = Buffer.from('<38>Feb 28 08:00:00 web1 sshd[311]: Failed')
  const year = (received: string): string | undefined => read(line, Date.parse(received), reader)?.timestamp.slice(0, 4)
  expect(
    ['2026-03-01', '2027-03-01', '2025-03-01', '2027-02-27', '2027-02-26'].map((day) => year(`${day}T05:00:00Z`)),
  ).toEqual(['2026', '2027', '2025', '2027', '2026'])
})

describe('any line', () => {
  const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
    fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: other })
  const digits = (max: number, min = 0): fc.Arbitrary<string> =>
    mostly(fc.integer({ min, max }), fc.integer({ min: 0, max: 2 * max })).chain((n) =>
      mostly(fc.constant(String(n).padStart(2, '0')), fc.constant(String(n).padStart(2))),
    )
  const odd = (words: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    mostly(words, fc.string({ maxLength: 5, unit: 'binary' }))
  const word = odd(fc.constantFrom('web1', '-', 'a.b:c', 'x:', 'Z', 'UTC', 'Zeus', 'GMT+7', 'máy', 'a"b\\c', 'fe80::1'))
  const tag = odd(
    mostly(
      fc.constantFrom('sshd', 'postfix/smtpd', 'C\\x', 'kernel', '-'),
      fc.constantFrom('%ASA-6-1', 'a(b)', 'C:\\x', 'a\u2003b'),
    ),
  )
  const pid = odd(mostly(fc.constantFrom('', '[1]', '[a"]'), fc.constantFrom('[]', '[x y]', '[9')))
  const message = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', ' ', '  x', ': x', '\uFEFFx', '"\\\n\0', 'é'.repeat(40)),
  )
  const clock = fc.tuple(digits(23), digits(59), digits(59)).map((parts) => parts.join(':'))
  const month = mostly(fc.constantFrom('Jan', 'Feb', 'Mar', 'Dec'), fc.constantFrom('jan', 'Mai'))
  const shortTime = fc
    .tuple(month, mostly(fc.constant(' '), fc.constant('  ')), digits(30, 1), clock)
    .map(([m, gap, day, c]) => `${m}${gap}${day} ${c}`)
  const zoneText = mostly(fc.constantFrom('Z', '+07:00', '-23:59'), fc.constantFrom('+24:00', '', '+0700', ' Z'))
  const years = mostly(fc.constantFrom('2026', '2024', '1970', '9999'), fc.constantFrom('1969', '0000', '26'))
  const fractions = mostly(fc.constantFrom('', '.5', '.123456789'), fc.constantFrom('.1234567890', '.', ',5'))
  const isoTime = fc
    .tuple(years, digits(12, 1), digits(30, 1), clock, fractions, zoneText)
    .map(([year, m, day, c, fraction, z]) => `${year}-${m}-${day}T${c}${fraction}${z}`)
  const priority = digits(191).map((n) => `<${n.trim()}>`)
  const short = fc
    .tuple(
      priority,
      odd(shortTime),
      word,
      tag,
      pid,
      mostly(fc.constantFrom(':', ': '), fc.constantFrom('', ' ')),
      message,
    )
    .map(([p, t, host, program, id, colon, text]) => `${p}${t} ${host} ${program}${id}${colon}${text}`)
  const versioned = fc
    .tuple(
      priority,
      odd(isoTime),
      word,
      tag,
      word,
      word,
      mostly(fc.constantFrom('-', '- ', '-  '), fc.constantFrom('[a]', '', '-x')),
      message,
    )
    .map(([p, t, host, program, id, msg, data, text]) => `${p}1 ${t} ${host} ${program} ${id} ${msg} ${data}${text}`)

  test('is read as the parsers read it, or left to them', () => {
    let known = 0
    fc.assert(
      fc.property(fc.oneof(short, versioned), fc.integer({ min: 0, max: 4e12 }), (line, receivedAtMs) => {
        const got = read(Buffer.from(line), receivedAtMs)
        if (got === null) return
        known++
        const want = parsed(Buffer.from(line).toString(), receivedAtMs)
        // A PID is a number to ECS, and of a program; what is none stands beside it.
        if (got.program === '') got.pid = ''
        expect(want, line).not.toBeNull()
        if (want?.pid === '') got.pid = /^\d{1,15}$/.test(got.pid) ? got.pid : ''
        expect(got.pid === '' ? '' : String(Number(got.pid))).toBe(want?.pid)
        expect({ ...got, pid: '' }).toEqual({ ...want, pid: '' })
      }),
      { numRuns: runs(2_000) },
    )
    expect(known).toBeGreaterThan(50) // or it would prove nothing
  })

  test('of bytes is read or not, never a throw, and what is written is JSON in UTF-8', () => {
    const heads = ['', '<38>Feb 28 08:00:00 web1 sshd[311]: ', '<14>1 2026-02-28T22:14:15Z a b - - - '] as const
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), (head, rest) => {
        const got = read(Buffer.concat([Buffer.from(head), rest]))
        if (head === '' || rest[0] === 0xef) return
        const text = Buffer.from(rest).toString()
        expect(got?.message).toBe(head === heads[2] ? text.replace(/^ +/, '') : text)
      }),
      { numRuns: runs(500) },
    )
  })
})

test('lines that need more room than there is', () => {
  const json = new SyslogJson()
  const reader = new SyslogLine(zone)
  const line = Buffer.from(`<38>Feb 28 08:00:00 web1 sshd[311]: ${'\u0001'.repeat(100_000)}`)
  for (let i = 0; i < 3; i++)
    if (reader.read(line, 0, line.length, RECEIVED_AT_MS)) json.write(reader, line, line.length)
  const lines = json.take().toString().trimEnd().split('\n')
  expect(lines.map((one) => (JSON.parse(one) as Fields).message.length)).toEqual([100_000, 100_000, 100_000])
  expect(json.bytes).toBe(0)
})
