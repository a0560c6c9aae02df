import { expect, test } from 'vitest'
import { agreement } from './agreement.ts'
import { samplesOf, there } from './elastic-samples.ts'

const NETWORK = [
  '@timestamp',
  'event.kind',
  'event.category',
  'event.type',
  'event.action',
  'event.outcome',
  'source.ip',
  'source.port',
].concat(['destination.ip', 'destination.port', 'network.transport', 'network.protocol', 'network.community_id'])
const WEB = [
  'url.original',
  'url.path',
  'url.query',
  'url.domain',
  'http.request.method',
  'http.version',
  'user.name',
].concat(['http.response.status_code', 'http.request.referrer', 'user_agent.original'])
const DNS = [
  'dns.id',
  'dns.type',
  'dns.question.name',
  'dns.question.type',
  'dns.response_code',
  'dns.resolved_ip',
  'dns.header_flags',
]
const TLS = [
  'tls.version',
  'tls.client.server_name',
  'tls.cipher',
  'tls.server.subject',
  'tls.server.hash.sha1',
  'tls.established',
]
const ZEEK = [
  ...NETWORK,
  ...WEB,
  ...DNS,
  ...TLS,
  'event.duration',
  'source.bytes',
  'file.name',
  'file.size',
  'file.hash.md5',
  'user.domain',
  'rule.name',
]

type Row = [stream: string, fields: readonly string[], comparedMin: number, floor: number]

test
  .skipIf(!there)
  .each<Row>([
    [
      'suricata/eve',
      [
        ...NETWORK,
        ...WEB,
        ...DNS,
        ...TLS,
        'rule.id',
        'rule.name',
        'message',
        'event.severity',
        'source.bytes',
        'file.path',
      ],
      570,
      0.99,
    ],
    ['iis/access', [...NETWORK, ...WEB, 'event.duration', 'iis.access.sub_status', 'network.forwarded_ip'], 320, 0.92],
    ['iis/error', [...NETWORK, ...WEB], 55, 1],
    [
      'haproxy/log',
      [...NETWORK, ...WEB, ...TLS, 'event.duration', 'haproxy.frontend_name', 'haproxy.backend_name', 'process.pid'],
      70,
      1,
    ],
    ['modsecurity/auditlog', [...NETWORK, ...WEB, 'transaction.id'], 65, 0.8],
    ['coredns/log', [...NETWORK, ...DNS, 'event.duration', 'log.level'], 185, 1],
    [
      'postgresql/log',
      [
        ...NETWORK,
        'log.level',
        'message',
        'process.pid',
        'user.name',
        'event.duration',
        'postgresql.log.database',
        'postgresql.log.query',
      ],
      1200,
      0.95,
    ],
    ['mysql/error', [...NETWORK, 'log.level', 'message', 'event.code', 'mysql.thread_id'], 1450, 0.98],
    ...[
      'dce_rpc',
      'files',
      'ftp',
      'http',
      'irc',
      'mysql',
      'notice',
      'ntlm',
      'rdp',
      'smb_files',
      'smb_mapping',
      'smtp',
      'snmp',
      'ssh',
      'weird',
    ].map((log): Row => [`zeek/${log}`, ZEEK, 7, 1]),
    ...['connection', 'dhcp', 'dns', 'rfb', 'socks', 'ssl'].map((log): Row => [`zeek/${log}`, ZEEK, 10, 0.9]),
    ...['kerberos', 'radius', 'tunnel'].map((log): Row => [`zeek/${log}`, ZEEK, 9, 0.84]),
  ])('agrees with Elastic on %s', async (stream, fields, comparedMin, floor) => {
  const { agreed, compared, differences } = await agreement(stream, samplesOf(stream), (field) =>
    fields.includes(field),
  )
  console.log(`${stream}: ${agreed} of ${compared} fields as Elastic has them`)
  expect(compared).toBeGreaterThanOrEqual(comparedMin)
  expect({ enough: agreed / compared >= floor, differences: agreed / compared >= floor ? [] : differences }).toEqual({
    enough: true,
    differences: [],
  })
})
