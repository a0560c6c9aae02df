import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { eventOf, loadLine, RECEIVED_AT_MS } from './line.ts'

const line = await loadLine()

test.each<[string, object, object, string[]]>([
  [
    'a whole message',
    {
      version: '1.1',
      host: 'MOTCUA-01',
      short_message: 'Đăng nhập thất bại',
      full_message: 'Đăng nhập thất bại\nat Login.java:42',
      timestamp: 1_778_554_798.307,
      level: 3,
      facility: 'motcua',
      file: 'Login.java',
      line: 42,
      _user: 'lan',
      _src_ip: '203.0.113.9',
      _session_id: 's1',
      _http: { status: 401 },
    },
    {
      '@timestamp': '2026-05-12T02:59:58.307Z',
      'event.dataset': 'generic.gelf',
      'event.module': 'generic',
      'host.hostname': 'MOTCUA-01',
      'host.name': 'motcua-01',
      message: 'Đăng nhập thất bại\nat Login.java:42',
      'gelf.short_message': 'Đăng nhập thất bại',
      'gelf.facility': 'motcua',
      'log.level': 'error',
      'log.syslog.severity.code': 3,
      'log.origin.file.name': 'Login.java',
      'log.origin.file.line': 42,
      'user.name': 'lan',
      'source.ip': '203.0.113.9',
      session_id: 's1',
      'http.status': 401,
    },
    ['_user', 'short_message', 'full_message', 'version', 'host', 'gelf.version'],
  ],
  [
    'the least there is, at the time it came',
    { version: '1.1', host: 'a', short_message: 'x' },
    { '@timestamp': new Date(RECEIVED_AT_MS).toISOString(), message: 'x' },
    ['log.level', 'gelf.short_message'],
  ],
  [
    'a level that is none, and names that only the collector may set',
    {
      version: '1.0',
      host: 'a',
      short_message: 'x',
      level: 9,
      '_soc.agency': 'other',
      '_event.dataset': 'x',
      _url: 'u',
    },
    { 'gelf.level': 9, 'event.dataset': 'generic.gelf', 'soc.agency': '(unregistered)', 'app.url': 'u' },
    ['log.level', 'url'],
  ],
])('%s', (_name, record, fields, absent) => {
  const event = eventOf(line(JSON.stringify(record)))
  const { 'soc.agency': agency, ...known } = fields as Record<string, unknown>
  expect(event).toMatchObject(known)
  if (agency !== undefined) expect(event['soc.agency']).not.toBe('other')
  expect(absent.filter((field) => field in event)).toEqual([])
})

test.each([
  { version: '2.0', host: 'a', short_message: 'x' },
  { version: 1.1, host: 'a', short_message: 'x' },
  { version: '1.1', host: 'a' },
  { version: '1.1', short_message: 'x' },
])('another JSON object is none: %j', (record) => {
  expect(eventOf(line(JSON.stringify(record)))).toMatchObject({ 'event.dataset': 'generic.json' })
})

test('any values: an event, which the sender cannot make say who it is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (more) => {
      const result = line(JSON.stringify({ ...more, version: '1.1', host: 'a', short_message: 'x' }))
      if (result.kind === 'dead') expect(['too_deep', 'too_many_fields']).toContain(result.letter.code)
      else expect(result.event).toMatchObject({ 'event.dataset': 'generic.gelf', 'log.source.address': '192.0.2.10' })
    }),
    { numRuns: runs(300) },
  )
})
