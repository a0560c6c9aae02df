import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadNormaliser } from '../../collector/normalise.ts'
import type { Normalised } from '../../collector/normalise.ts'
import { arrange } from '../../collector/parsers.ts'
import { eventOf, loadLine, RECEIVED_AT_MS } from './parsers/line.ts'
import { runs } from '../runs.ts'

const line = await loadLine()

test('an event always says what it is, whence and when it came', () => {
  const event = eventOf(line('no format at all'))
  expect(event).toMatchObject({
    '@timestamp': '2026-05-12T03:30:00.000Z',
    'event.ingested': '2026-05-12T03:30:00.000Z',
    'event.original': 'no format at all',
    'event.dataset': 'generic.text',
    'event.module': 'generic',
    'event.kind': 'event',
    'log.source.address': '192.0.2.10',
    'soc.record': 'test-7',
    'soc.seq': 7,
    'soc.source': 'syslog-tcp/192.0.2.10',
    'soc.agency': 'unregistered',
    message: 'no format at all',
  })
})

test("the credential's agency is the event's until the registry says more, and enrichment comes last", async () => {
  const origin = { input: 'http-ndjson', address: '192.0.2.11', agency: 'so-tttt', stream: 'motcua' }
  expect(eventOf(line('{"a":1}', { origin }))).toMatchObject({
    'soc.agency': 'so-tttt',
    'soc.source': 'http-ndjson/192.0.2.11/motcua',
  })
  const normalise = await loadNormaliser({
    spoolId: 's',
    timeZone: 'UTC',
    enrich: (event) => {
      event['soc.system'] = JSON.stringify(event['related.ip'])
    },
  })
  const bytes = Buffer.from('{"src_ip":"203.0.113.5"}')
  expect(eventOf(normalise({ seq: 1, receivedAtMs: 0, origin, bytes }))['soc.system']).toBe('["203.0.113.5"]')
})

test('a dead letter belongs to the agency that enrichment knows, so that it finds its own', async () => {
  const normalise = await loadNormaliser({
    spoolId: 's',
    timeZone: 'UTC',
    enrich: (event) => {
      event['soc.agency'] = 'so-y-te'
    },
  })
  const origin = { input: 'syslog-tcp', address: '192.0.2.11' }
  for (const record of [
    { bytes: Buffer.from('<34>1 2003-13-11T22:14:15Z h a - - - x') },
    { bytes: Buffer.from('x'), refused: 'oversized' },
  ]) {
    const result = normalise({ seq: 1, receivedAtMs: 0, origin, ...record })
    expect(result).toMatchObject({ kind: 'dead', letter: { agency: 'so-y-te' } })
  }
})

test('a fault on the way to an event is a dead letter: thrown further it would stop the log at that record for good', async () => {
  const normalise = await loadNormaliser({
    spoolId: 's',
    timeZone: 'UTC',
    enrich: () => {
      throw new RangeError('Maximum call stack size exceeded')
    },
  })
  const origin = { input: 'syslog-tcp', address: '192.0.2.11' }
  expect(normalise({ seq: 1, receivedAtMs: 0, origin, bytes: Buffer.from('x') })).toMatchObject({
    kind: 'dead',
    letter: {
      record: 's-1',
      code: 'parser_failed',
      reason: 'RangeError: Maximum call stack size exceeded',
      bytes: 'eA==',
    },
  })
})

test.each([
  ['NUL and CR', 'a\0b\r\n', 'a\0b\r\n', 'a\0b'],
  ['byte order mark', '\uFEFFxin chào', '\uFEFFxin chào', 'xin chào'],
  [
    'Vietnamese',
    'Đăng nhập thất bại: nguyễn văn ả',
    'Đăng nhập thất bại: nguyễn văn ả',
    'Đăng nhập thất bại: nguyễn văn ả',
  ],
])('%s is kept verbatim', (_, text, original, message) => {
  expect(eventOf(line(text))).toMatchObject({ 'event.original': original, message })
})

test('bytes that are not UTF-8 are kept as base64 and still searched by header and message', () => {
  const bytes = Buffer.from([
    ...Buffer.from('<38>May 12 10:00:00 may-in sshd[9]: Failed password for '),
    0xd0,
    0x28,
    ...Buffer.from(' from 203.0.113.7 port 22 ssh2'),
  ])
  const event = eventOf(line(bytes))
  expect(event).toMatchObject({
    'soc.original_encoding': 'base64',
    'host.hostname': 'may-in',
    'source.ip': '203.0.113.7',
    'event.outcome': 'failure',
  })
  expect(Buffer.from(event['event.original'], 'base64')).toEqual(bytes)
})

test('what an input refused, and what is empty, is a dead letter with its bytes', () => {
  const origin = { input: 'syslog-tcp', address: '192.0.2.10', agency: 'so-yte' }
  expect(line('x'.repeat(10), { refused: 'oversized', origin })).toMatchObject({
    kind: 'dead',
    letter: {
      record: 'test-7',
      seq: 7,
      source: 'syslog-tcp/192.0.2.10',
      agency: 'so-yte',
      receivedAt: '2026-05-12T03:30:00.000Z',
      code: 'oversized',
      bytes: Buffer.from('x'.repeat(10)).toString('base64'),
    },
  })
  expect(line('')).toMatchObject({ kind: 'dead', letter: { code: 'empty' } })
})

test.each([
  ['<34>1 2003-13-11T22:14:15.003Z host su - - - x', 'bad_time', /2003-13-11.*offset 6/],
  ['<34>1 2026-02-29T00:00:00Z host su - - - x', 'bad_time', /2026-02-29/],
  ['<34>1 2026-02-28T24:00:00Z host su - - - x', 'bad_time', /24:00/],
  ['<192>1 2026-02-28T10:00:00Z host su - - - x', 'bad_priority', /<192>.*191/],
  ['<9999999999>Oct 11 22:14:15 host su: x', 'bad_priority', /191/],
  ['<34>Oct 32 22:14:15 host su: x', 'bad_time', /Oct 32/],
  ['<34>Feb 30 22:14:15 host su: x', 'bad_time', /Feb 30/],
  ['<34>Oct 11 25:14:15 host su: x', 'bad_time', /25:14/],
  ['<34>1 2026-02-28T10:00:00Z host', 'bad_header', /HOSTNAME/],
  ['<34>1 2026-02-28T10:00:00Z host su - - x', 'bad_structured_data', /expected - or \[/],
  ['<34>1 2026-02-28T10:00:00Z host su - - [a b="c] x', 'bad_structured_data', /without end/],
  ['<34>1 2026-02-28T10:00:00Z host su - - [a b=c] x', 'bad_structured_data', /NAME="VALUE"/],
  ['{"a":1,"b":2,"a":3}', 'duplicate_key', /"a" twice, at offset 13/],
  ['{"x":{"k":1,"k":1}}', 'duplicate_key', /"k" twice/],
  ['{"a":1', 'bad_json', /ends at offset 6/],
  ['{"a":tru}', 'bad_json', /offset 5/],
  ['{"a":"\n"}', 'bad_json', /control character/],
  ['{"a":1} x', 'bad_json', /after the end at offset 8/],
  [`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'too_deep', /deeper than 32/],
  [`{${Array.from({ length: 1_001 }, (_, i) => `"k${i}":0`).join(',')}}`, 'too_many_fields', /1000/],
  ['{"@timestamp":"2026-13-01T00:00:00Z","x":1}', 'bad_time', /2026-13-01/],
  ['{"EventID":4624,"Channel":"Security","EventTime":"2026-02-30 10:00:00"}', 'bad_time', /2026-02-30/],
  ['203.0.113.9 - - [32/Oct/2026:10:00:00 +0700] "GET / HTTP/1.1" 200 1 "-" "-"', 'bad_time', /32\/Oct/],
  ['2026/02/30 10:00:00 [error] 1#1: x', 'bad_time', /2026\/02\/30/],
  ['type=SYSCALL msg=audit(banana): x=1', 'bad_header', /audit/],
])('%.60s is refused', (text, code, reason) => {
  const result = line(text)
  expect(result).toMatchObject({ kind: 'dead', letter: { code, bytes: Buffer.from(text).toString('base64') } })
  expect(result.kind === 'dead' && result.letter.reason).toMatch(reason)
})

test.each([
  ['JSON with a duplicate key', '<14>May 12 10:00:00 app1 motcua: {"a":1,"a":2}', 'duplicate_key'],
  ['JSON of another depth', `<14>May 12 10:00:00 app1 motcua: {"a":${'['.repeat(99)}`, 'too_deep'],
  [
    'an access line of the 32nd',
    '<190>May 12 10:00:00 web1 nginx: 203.0.113.9 - - [32/May/2026:10:00:00 +0700] "GET / HTTP/1.1" 200 1',
    'bad_time',
  ],
])('a syslog header vouches for %s: kept as text, with the reason', (_, text, code) => {
  const event = eventOf(line(text))
  expect(event).toMatchObject({ 'error.code': code, '@timestamp': '2026-05-12T03:00:00.000Z' })
  expect(event['message']).toBe(text.slice(text.indexOf(': ') + 2))
})

test.each([
  ['Dec 31 23:59:58', Date.UTC(2026, 0, 1, 0, 0, 3), '2025-12-31T16:59:58.000Z'], // 07:00 on New Year's Day
  ['Jan  1 00:00:05', Date.UTC(2025, 11, 31, 16, 59, 50), '2025-12-31T17:00:05.000Z'], // a clock ten seconds ahead
  ['Feb 29 08:00:00', Date.UTC(2026, 4, 12), '2024-02-29T01:00:00.000Z'],
  ['Feb 29 08:00:00', Date.UTC(2024, 1, 29, 2), '2024-02-29T01:00:00.000Z'],
  ['May 13 09:00:00', RECEIVED_AT_MS, '2026-05-13T02:00:00.000Z'], // a clock 22.5 hours ahead is still this year's
  ['May 14 09:00:00', RECEIVED_AT_MS, '2025-05-14T02:00:00.000Z'],
])('%s, received at %d, is %s', (stamp, receivedAtMs, expected) => {
  expect(eventOf(line(`<13>${stamp} h p: x`, { receivedAtMs }))['@timestamp']).toBe(expected)
})

test('a zone with daylight saving is read right on both sides of the change', async () => {
  const berlin = await loadLine('Europe/Berlin')
  const at = (time: string): string =>
    eventOf(berlin(`<13>${time} h p: x`, { receivedAtMs: Date.UTC(2026, 11, 1) }))['@timestamp']
  expect([at('Mar 29 01:59:59'), at('Mar 29 03:00:00'), at('Oct 25 01:59:59'), at('Oct 25 03:00:00')]).toEqual([
    '2026-03-29T00:59:59.000Z',
    '2026-03-29T01:00:00.000Z',
    '2026-10-24T23:59:59.000Z',
    '2026-10-25T02:00:00.000Z',
  ])
})

test('a Windows record names itself, unless the frame has a name already', () => {
  const text =
    '{"@timestamp":"2026-11-20T01:02:03.004Z","winlog":{"channel":"Security","event_id":4624,"record_id":99,"computer_name":"DC1.tinh.vn"}}'
  expect(line(text)).toMatchObject({ senderId: 'win:DC1.tinh.vn/Security/99/2026-11-20T01:02:03.004Z' })
  expect(line(text, { senderId: 'k-1' })).not.toHaveProperty('senderId')
  expect(line('{"EventID":1,"Image":"C:\\\\a.exe"}')).not.toHaveProperty('senderId')
})

test('two parsers of a layer cannot share a place', () => {
  const parser = { layer: 'text' as const, precedence: 5, parse: () => false }
  expect(() =>
    arrange(
      new Map([
        ['a', parser],
        ['b', { ...parser }],
      ]),
    ),
  ).toThrow('parsers a and b share precedence 5')
  const late = { ...parser, precedence: 9 }
  expect(
    arrange(
      new Map([
        ['a', late],
        ['b', parser],
      ]),
    ).textFor('x'),
  ).toEqual([parser, late])
})

// Pieces that steer a generated line deep into the parsers, hostile ones among them.
const PIECES = [
  '<34>',
  '<34>1 ',
  '<999>',
  '2026-05-12T10:00:00Z ',
  'May 12 10:00:00 ',
  'host ',
  'sshd[1]: ',
  'sudo: ',
  'su: ',
  'useradd[1]: ',
  'CRON[1]: ',
  'nginx: ',
  'audispd: ',
  'Failed password for ',
  'invalid user ',
  ' from 203.0.113.1 port 22 ssh2',
  'Connection closed by ',
  ' port ',
  ' [preauth]',
  'pam_unix(sshd:auth): authentication failure; ',
  ' rhost=',
  ' user=',
  ' : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=',
  'type=EXECVE msg=audit(1.2:3): ',
  'a0="x" a1=4142 ',
  "msg='op=x res=success'",
  '203.0.113.1 - - [12/May/2026:10:00:00 +0700] "',
  'GET /?a=1 HTTP/1.1',
  '" 200 1',
  ' "-" "x"',
  '\\"',
  '"',
  '[',
  ']',
  '{',
  '}',
  '{"a":',
  '"EventID":1,',
  '"Channel":"Security",',
  '"winlog":{',
  '"__proto__":{"x":1}',
  '"soc.agency":"evil"',
  '\\u0000',
  '\0',
  '\uFEFF',
  '[a b="',
  '- - - ',
  ', client: ',
  '[Tue May 12 10:00:00 2026] [error] [client ',
  '2026/05/12 10:00:00 [error] 1#1: ',
  'message repeated 2 times: [ ',
  '12345678901234567890',
  '1e999',
  'ả',
]

function keptBy(result: Normalised): { original: string; encoding: 'base64' | 'utf8' } {
  if (result.kind === 'dead') return { original: result.letter.bytes, encoding: 'base64' }
  const encoding = result.event['soc.original_encoding'] === 'base64' ? 'base64' : 'utf8'
  return { original: result.event['event.original'], encoding }
}

test('any bytes become one event that keeps them exactly, or one dead letter that does; nothing is thrown, nothing is forged', () => {
  const lines = fc.oneof(
    fc.uint8Array({ minLength: 0, maxLength: 300 }),
    fc
      .array(
        fc.oneof(
          { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
          { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
        ),
        { maxLength: 14 },
      )
      .map((parts) => new Uint8Array(Buffer.from(parts.join('')))),
    fc.json({ maxDepth: 5 }).map((text) => new Uint8Array(Buffer.from(text))),
  )
  fc.assert(
    fc.property(lines, (bytes) => {
      const result = line(bytes)
      const { original, encoding } = keptBy(result)
      expect(Buffer.from(original, encoding).equals(bytes)).toBe(true)
      if (result.kind === 'dead') return
      const { event } = result
      expect(event['@timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(event).toMatchObject({ 'soc.agency': 'unregistered', 'soc.seq': 7, 'log.source.address': '192.0.2.10' })
      expect(Object.getPrototypeOf(event)).toBe(Object.prototype)
      for (const [field, value] of Object.entries(event))
        expect({ field, value }).not.toMatchObject({ value: undefined })
      expect(JSON.parse(JSON.stringify(event))).toEqual(JSON.parse(JSON.stringify(eventOf(line(bytes)))))
    }),
    { numRuns: runs(3_000) },
  )
})

test('a line made to make a pattern go back and forth costs no more than its length', () => {
  // Quadratic reading of these would take minutes, and the test's time limit would end it.
  const hostile = [
    '<38>May 12 10:00:00 h sshd[1]: Failed password for ' + ' from 1 port 1: '.repeat(60_000) + '\n',
    '<38>May 12 10:00:00 h sshd[1]: Connection closed by ' + 'user a '.repeat(120_000) + ' port x',
    '<86>May 12 10:00:00 h sshd[1]: pam_unix(sshd:auth): authentication failure; ' + ' rhost='.repeat(120_000),
    '<85>May 12 10:00:00 h sudo: a : ' + ' ; X=1'.repeat(150_000),
    'type=EXECVE msg=audit(1.2:3): ' + 'a1="'.repeat(200_000),
    "type=USER_CMD msg=audit(1.2:3): msg='" + "cmd='".repeat(200_000),
    'a '.repeat(400_000) + '- - [12/May/2026:10:00:00 +0700] "' + '\\"'.repeat(100_000) + '" 200 1',
    '2026/05/12 10:00:00 [error] 1#1: ' + ', client: 1.1.1.1'.repeat(50_000),
    '[Tue May 12 10:00:00 2026] [error] ' + '[client '.repeat(100_000),
    '{"a":"' + '\\'.repeat(800_000),
    '{' + '"a":{'.repeat(100_000),
    '<34>1 - - - - - ' + '[a b="'.repeat(100_000),
    `{"winlog":{"channel":"Microsoft-Windows-PowerShell/Operational","event_id":4103,"event_data":{"ContextInfo":"${'\\n Host Application '.repeat(40_000)}"}}}`,
  ]
  expect(hostile.map((text) => line(text).kind)).toHaveLength(hostile.length)
})
