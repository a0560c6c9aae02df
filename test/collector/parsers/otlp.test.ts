import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { eventOf, loadLine, RECEIVED_AT_MS } from './line.ts'

const line = await loadLine()
const otlp = (record: object): string => JSON.stringify({ otlp: record })

test.each<[name: string, record: object, fields: object, absent: string[]]>([
  [
    'what OpenTelemetry knows of a record, under the names of ECS',
    {
      timeUnixNano: '1778554798307999999',
      observedTimeUnixNano: '1778554799000000000',
      severityNumber: 18,
      severityText: 'Error',
      eventName: 'user.login',
      body: 'Đăng nhập thất bại',
      attributes: {
        'client.address': '203.0.113.9',
        'client.port': 4711,
        'user.name': 'lan',
        'http.request.method': 'POST',
        'http.response.status_code': 401,
        'url.path': '/dang-nhap',
        'exception.type': 'AuthError',
        'session.id': 's1',
        'log.record.uid': '01ARZ3',
      },
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      droppedAttributesCount: 2,
      scope: { name: 'vn.motcua.Login', version: '1.2', attributes: { team: 'a' } },
      resource: {
        'service.name': 'motcua',
        'service.instance.id': 'i-1',
        'deployment.environment.name': 'production',
        'host.name': 'MOTCUA-01',
        'host.arch': 'amd64',
        'process.pid': 42,
        'k8s.namespace.name': 'egov',
        'telemetry.sdk.language': 'java',
      },
    },
    {
      '@timestamp': '2026-05-12T02:59:58.307Z',
      'event.dataset': 'generic.otlp',
      'event.module': 'generic',
      message: 'Đăng nhập thất bại',
      'event.action': 'user.login',
      'event.severity': 18,
      'log.level': 'error',
      'log.logger': 'vn.motcua.Login',
      'trace.id': '0af7651916cd43dd8448eb211c80319c',
      'span.id': 'b7ad6b7169203331',
      'source.address': '203.0.113.9',
      'source.ip': '203.0.113.9',
      'source.port': 4711,
      'user.name': 'lan',
      'http.request.method': 'POST',
      'http.response.status_code': 401,
      'url.path': '/dang-nhap',
      'error.type': 'AuthError',
      'session.id': 's1',
      'event.id': '01ARZ3',
      'service.name': 'motcua',
      'service.node.name': 'i-1',
      'service.environment': 'production',
      'host.hostname': 'MOTCUA-01',
      'host.name': 'motcua-01',
      'host.architecture': 'amd64',
      'process.pid': 42,
      'kubernetes.namespace': 'egov',
      'telemetry.sdk.language': 'java',
      'otel.scope.version': '1.2',
      'otel.scope.team': 'a',
      'otel.dropped_attributes_count': 2,
      'related.ip': ['203.0.113.9'],
      'related.user': ['lan'],
    },
    ['client.address', 'exception.type', 'otlp.body', 'error.code'],
  ],
  [
    'observed, where nobody says when it happened',
    { observedTimeUnixNano: '1778554798307000000', severityNumber: 13, body: 'x' },
    { '@timestamp': '2026-05-12T02:59:58.307Z', 'log.level': 'warn', 'event.severity': 13 },
    [],
  ],
  [
    'neither time nor level',
    { severityNumber: 0, body: 'x' },
    { '@timestamp': new Date(RECEIVED_AT_MS).toISOString(), message: 'x' },
    ['log.level', 'event.severity'],
  ],
  [
    'a line of a syslog file goes to the parser of its program',
    {
      timeUnixNano: '1778554790000000000',
      body: '2026-05-12T09:59:58+07:00 web1 sshd[812]: Failed password for invalid user admin from 203.0.113.9 port 55022 ssh2',
      attributes: { 'log.file.name': 'auth.log' },
    },
    {
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'event.dataset': 'system.auth',
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'user.name': 'admin',
      'host.hostname': 'web1',
      'process.pid': 812,
      'log.file.name': 'auth.log',
    },
    ['error.code'],
  ],
  [
    'a syslog line that no parser knows',
    { body: '<13>May 12 09:59:58 web1 backup: xong' },
    { 'event.dataset': 'system.syslog', message: 'xong', 'process.name': 'backup' },
    [],
  ],
  [
    'RFC 5424, and JSON in it',
    { body: '<165>1 2026-05-12T09:59:58+07:00 web1 motcua - - - {"service":"motcua","action":"login","user":"lan"}' },
    { 'event.dataset': 'app.motcua', 'event.action': 'login', 'user.name': 'lan', 'host.hostname': 'web1' },
    [],
  ],
  [
    'a line of a program that only the attributes name',
    {
      body: 'Accepted password for lan from 203.0.113.9 port 4711 ssh2',
      attributes: { 'process.executable.name': 'sshd' },
    },
    { 'event.dataset': 'system.auth', 'event.outcome': 'success', 'user.name': 'lan', 'process.name': 'sshd' },
    [],
  ],
  [
    'JSON as text',
    { body: '{"service":"motcua","action":"login","user":"lan","result":"failure"}', resource: { 'host.name': 'h' } },
    { 'event.dataset': 'app.motcua', 'event.outcome': 'failure', 'user.name': 'lan', 'host.name': 'h' },
    [],
  ],
  [
    'a map',
    { body: { service: 'motcua', action: 'login', user: 'lan' } },
    { 'event.dataset': 'app.motcua', 'event.action': 'login', 'user.name': 'lan' },
    [],
  ],
  [
    'an entry of the journal as a map',
    {
      body: {
        MESSAGE: 'Failed password for lan from 203.0.113.9 port 4711 ssh2',
        SYSLOG_IDENTIFIER: 'sshd',
        _HOSTNAME: 'web1',
        __REALTIME_TIMESTAMP: '1778554798307000',
      },
    },
    {
      '@timestamp': '2026-05-12T02:59:58.307Z',
      'event.dataset': 'system.auth',
      'host.hostname': 'web1',
      'user.name': 'lan',
    },
    [],
  ],
  [
    'JSON that is broken is text, with the reason',
    { body: '{"a":1,"a":2}' },
    { 'event.dataset': 'generic.otlp', message: '{"a":1,"a":2}', 'error.code': 'duplicate_key' },
    [],
  ],
  [
    'bytes are read as text',
    { body: { $base64: 'Yf9i' } },
    { message: 'a\ufffdb', 'event.dataset': 'generic.otlp' },
    [],
  ],
  ['a list is text', { body: [1, 'a'] }, { message: '[1,"a"]' }, []],
  ['no body', { eventName: 'e' }, { 'event.action': 'e', 'event.dataset': 'generic.otlp' }, ['message']],
  [
    'an envelope in an envelope is JSON like any other',
    { body: '{"otlp":{"body":"x"}}' },
    { 'event.dataset': 'generic.json', 'otlp.body': 'x' },
    [],
  ],
  [
    'names that only the collector may set, or that are objects to ECS',
    {
      body: 'x',
      attributes: { 'soc.agency': 'other', 'event.original': 'y', '@timestamp': 'z', user: 'lan', __proto__x: 1 },
      resource: { 'log.source.address': '1.2.3.4' },
    },
    { 'soc.agency': '(unregistered)', 'log.source.address': '192.0.2.10', 'app.user': 'lan' },
    ['user'],
  ],
])('%s', (_name, record, fields, absent) => {
  const sent = otlp(record)
  const event = eventOf(line(sent))
  const { 'soc.agency': agency, ...known } = fields as Record<string, unknown>
  expect(event).toMatchObject(known)
  expect(event['event.original']).toBe(sent)
  if (agency !== undefined) expect(event['soc.agency']).not.toBe('other')
  expect(absent.filter((field) => field in event)).toEqual([])
})

test.each([
  ['{"otlp":{"body":1', 'bad_json'],
  ['{"otlp":{"attributes":{"a":1,"a":2}}}', 'duplicate_key'],
  [otlp({ body: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown[] }), 'too_deep'],
  [otlp({ attributes: Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`k${i}`, i])) }), 'too_many_fields'],
])('what is broken is a dead letter: %s', (text, code) => {
  expect(line(text)).toMatchObject({ kind: 'dead', letter: { code } })
})

test('any values: an event, which the sender cannot make say who it is', () => {
  const names = fc.constantFrom(
    'body',
    'attributes',
    'resource',
    'scope',
    'severityNumber',
    'timeUnixNano',
    'traceId',
    'x',
  )
  fc.assert(
    fc.property(fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true }), (record) => {
      const result = line(otlp(record))
      if (result.kind === 'dead') expect(['too_deep', 'too_many_fields']).toContain(result.letter.code)
      else expect(result.event).toMatchObject({ 'log.source.address': '192.0.2.10' })
    }),
    { numRuns: runs(300) },
  )
})
