import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { eventOf, loadLine, RECEIVED_AT_MS } from './line.ts'

const line = await loadLine()
const forward = (record: unknown, time: unknown = '1778554798.307999999', tag = 'app.a'): string =>
  JSON.stringify({ forward: { tag, time, record } })

test.each<[name: string, text: string, fields: object, absent: string[]]>([
  [
    'a line of a container: to the parser of its shape, with what is known of it',
    forward({
      log: '203.0.113.9 - - [12/May/2026:09:59:58 +0700] "GET /a HTTP/1.1" 200 5 "-" "curl/8"\n',
      stream: 'stdout',
      kubernetes: { pod_name: 'web-1', namespace_name: 'egov' },
    }),
    {
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'event.dataset': 'nginx.access',
      'source.ip': '203.0.113.9',
      'kubernetes.pod_name': 'web-1',
      'fluent.tag': 'app.a',
      'fluent.stream': 'stdout',
    },
    ['stream', 'error.code'],
  ],
  [
    'what in_syslog has taken apart',
    forward({
      host: 'WEB1',
      ident: 'sshd',
      pid: '812',
      message: 'Failed password for lan from 203.0.113.9 port 4711 ssh2',
    }),
    {
      '@timestamp': '2026-05-12T02:59:58.307Z',
      'event.dataset': 'system.auth',
      'host.hostname': 'WEB1',
      'host.name': 'web1',
      'process.pid': 812,
      'user.name': 'lan',
    },
    ['fluent.host', 'fluent.pid'],
  ],
  [
    'a line with its own header',
    forward(
      { message: '<86>May 12 09:59:58 web1 sshd[9]: Accepted password for lan from 203.0.113.9 port 4711 ssh2' },
      1_778_554_000,
    ),
    { '@timestamp': '2026-05-12T02:59:58.000Z', 'event.dataset': 'system.auth', 'event.outcome': 'success' },
    [],
  ],
  [
    'a line of JSON',
    forward({ log: '{"service":"motcua","action":"login","user":"lan"}' }),
    { 'event.dataset': 'app.motcua', 'event.action': 'login', 'user.name': 'lan' },
    ['message'],
  ],
  [
    'a record of its own',
    forward({ service: 'motcua', action: 'login', user: 'lan', message: 'Đăng nhập' }),
    {
      'event.dataset': 'app.motcua',
      'event.action': 'login',
      'user.name': 'lan',
      '@timestamp': '2026-05-12T02:59:58.307Z',
    },
    [],
  ],
  [
    'a record nobody knows',
    forward({ x: { y: 1 }, big: 1 }),
    { 'event.dataset': 'generic.json', 'x.y': 1, 'fluent.tag': 'app.a' },
    [],
  ],
  [
    'text nobody knows',
    forward({ message: 'xin chào' }),
    { 'event.dataset': 'generic.forward', message: 'xin chào' },
    [],
  ],
  ['bytes are read as text', forward({ log: { $base64: 'Yf9i' } }), { message: 'a\ufffdb' }, []],
  ['seconds', forward({ message: 'x' }, 1_778_554_798), { '@timestamp': '2026-05-12T02:59:58.000Z' }, []],
  ['no time', forward({ message: 'x' }, null), { '@timestamp': new Date(RECEIVED_AT_MS).toISOString() }, []],
  ['nothing', forward({}), { 'event.dataset': 'generic.json' }, ['message']],
  [
    'names that only the collector may set',
    forward({ log: 'x', 'soc.agency': 'y', 'event.original': 'z' }),
    { 'log.source.address': '192.0.2.10', 'soc.agency': '(unregistered)' },
    [],
  ],
])('%s', (_name, text, fields, absent) => {
  const event = eventOf(line(text))
  const { 'soc.agency': agency, ...known } = fields as Record<string, unknown>
  expect(event).toMatchObject(known)
  expect(event['event.original']).toBe(text)
  if (agency !== undefined) expect(event['soc.agency']).not.toBe('y')
  expect(absent.filter((field) => field in event)).toEqual([])
})

test.each([
  ['{"forward":{"tag":"a","time":1,"record":{"a":1,"a":2}}}', 'duplicate_key'],
  ['{"forward":{"tag":"a"', 'bad_json'],
])('what is broken is a dead letter: %s', (text, code) => {
  expect(line(text)).toMatchObject({ kind: 'dead', letter: { code } })
})

test('any record: an event, which the sender cannot make say who it is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom('log', 'message', 'host', 'ident', 'pid', 'x'), fc.jsonValue()),
      ),
      (record) => {
        const result = line(forward(record))
        if (result.kind === 'dead') expect(['too_deep', 'too_many_fields']).toContain(result.letter.code)
        else expect(result.event).toMatchObject({ 'log.source.address': '192.0.2.10' })
      },
    ),
    { numRuns: runs(300) },
  )
})
