import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadNormaliser } from '../../collector/normalise.ts'
import { loadUserParsers, UserParserError } from '../../collector/user-parser.ts'
import { runs } from '../runs.ts'
import { eventOf, RECEIVED_AT_MS } from './parsers/line.ts'

const NVR = `
dataset: camera.nvr
when: { programs: [nvr], startsWith: 'NVR ' }
time: { from: time, format: DD/MM/YYYY hh:mm:ss }
set: { event.category: [authentication], event.type: [start] }
messages:
  - match: '^NVR (?P<time>\\S+ \\S+) login (?P<result>ok|failed) user=(?P<user>\\S+) ip=(?P<ip>\\S+):(?P<port>\\d+)'
    fields: { user: user.name, ip: source.ip, port: source.port, result: event.outcome }
    words: { event.outcome: { ok: success, failed: failure } }
    set: { event.action: login }
  - match: '^NVR (?P<time>\\S+ \\S+) (?P<what>.*)'
    fields: { what: camera.what }
samples:
  - line: '<13>May 12 09:00:00 nvr1 nvr: NVR 12/05/2026 09:59:58 login failed user=lan ip=203.0.113.9:4711'
    expect: { user.name: lan }
`

async function loadLine(text: string) {
  const normalise = await loadNormaliser({
    spoolId: 's',
    timeZone: 'Asia/Ho_Chi_Minh',
    enrich: () => undefined,
    userParsers: loadUserParsers([{ path: 'nvr.yml', text }]),
  })
  return (line: string) =>
    eventOf(
      normalise({
        seq: 1,
        receivedAtMs: RECEIVED_AT_MS,
        origin: { input: 'syslog-tcp', address: '192.0.2.10' },
        bytes: Buffer.from(line),
      }),
    )
}

describe('a parser of the place’s own', () => {
  test('comes before ours, and sets what its file says', async () => {
    const line = await loadLine(NVR)
    expect(
      line('<13>May 12 09:00:00 nvr1 nvr: NVR 12/05/2026 09:59:58 login failed user=lan ip=203.0.113.9:4711'),
    ).toMatchObject({
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'event.dataset': 'camera.nvr',
      'event.module': 'camera',
      'event.action': 'login',
      'event.outcome': 'failure',
      'event.category': ['authentication'],
      'user.name': 'lan',
      'source.ip': '203.0.113.9',
      'source.port': 4711,
      'related.ip': ['203.0.113.9'],
      'host.hostname': 'nvr1',
    })
    expect(line('<13>May 12 09:00:00 nvr1 nvr: NVR 12/05/2026 09:59:58 disk 3 missing')).toMatchObject({
      'camera.what': 'disk 3 missing',
    })
  })

  test('leaves alone what is not its line', async () => {
    const line = await loadLine(NVR)
    expect(line('<13>May 12 09:00:00 nvr1 nvr: another line')).toMatchObject({ 'event.dataset': 'system.syslog' })
    expect(line('<13>May 12 09:00:00 h other: NVR 12/05/2026 09:59:58 x')).toMatchObject({
      'event.dataset': 'system.syslog',
    })
  })

  test('an impossible time is told, and an address that is none is kept beside', async () => {
    const line = await loadLine(NVR)
    expect(line('<13>May 12 09:00:00 nvr1 nvr: NVR 32/05/2026 09:59:58 login ok user=lan ip=may7:4711')).toMatchObject({
      'error.code': 'bad_time',
      '@timestamp': '2026-05-12T02:00:00.000Z',
      'source.address': 'may7',
    })
  })

  test('an expression that others go back and forth on takes no longer than its line', async () => {
    const line = await loadLine(NVR.replace("'^NVR (?P<time>\\S+ \\S+) (?P<what>.*)'", () => "'^NVR (?P<what>(a+)+)$'"))
    // V8 would need 2^10,000 steps.
    expect(line(`<13>May 12 09:00:00 nvr1 nvr: NVR ${'a'.repeat(10_000)}!`)['event.dataset']).toBe('system.syslog')
  })

  test('any text behind its head gives an event', async () => {
    const line = await loadLine(NVR)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(line(`<13>May 12 09:00:00 nvr1 nvr: NVR ${text}`)['@timestamp']).toMatch(/Z$/)
      }),
      { numRuns: runs(200) },
    )
  })
})

test.each([
  ['dataset: x', /nvr\.yml/],
  [NVR.replace('camera.nvr', 'Nvr'), /dataset/],
  [NVR.replace('source.port', 'soc.agency'), /only the collector sets this field/],
  [NVR.replace('event.action: login', 'event.original: x'), /only the collector sets/],
  [NVR.replace('{ what:', '{ wat:'), /no group 'wat'/],
  [NVR.replace('(?P<result>', '(?P<result>(?=x)'), /no RE2 expression/],
  [NVR.replace('DD/MM/YYYY hh:mm:ss', 'long ago'), /no day and no hour/],
  [NVR.replace(/samples:[^]*/, ''), /samples/],
  [`${NVR}\n  - : :`, /nvr\.yml/],
])('a file that is wrong is refused, with the place: %#', (text, reason) => {
  expect(() => loadUserParsers([{ path: 'nvr.yml', text }])).toThrow(UserParserError)
  expect(() => loadUserParsers([{ path: 'nvr.yml', text }])).toThrow(reason)
})

test.each([
  ['iso', '2026-05-12 09:59:58', '2026-05-12T02:59:58.000Z'],
  ['epoch', '1778554798', '2026-05-12T02:59:58.000Z'],
  ['clf', '12/May/2026:09:59:58 +0700', '2026-05-12T02:59:58.000Z'],
  ['MMM DD hh:mm:ss.SSS', 'Dec 31 23:59:58.5', '2025-12-31T16:59:58.500Z'],
  ['hh:mm DD-MM-YYYY', '09:59 12-05-2026', '2026-05-12T02:59:00.000Z'],
])('time as %s', async (format, stamp, expected) => {
  const line = await loadLine(`
dataset: a.b
when: { startsWith: 'T:' }
time: { from: t, format: '${format}' }
messages: [{ match: '^T:(?P<t>.*)$' }]
samples: [{ line: 'T:', expect: {} }]
`)
  expect(line(`T:${stamp}`)['@timestamp']).toBe(expected)
})
