import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../../model/root.ts'
import { loadLine } from './line.ts'

// Elastic's own parsers as the measure of the network services' and databases': their test lines and what they made of them, where somebody has put a copy beside the
// repository. Nothing of it is part of this project.
const FOLDER = join(process.env['VONGGAC_SHARED'] ?? join(ROOT, '../shared'), 'data/integrations')
const RECEIVED_AT_MS = Date.UTC(2023, 11, 31)
const there = existsSync(FOLDER)
if (!there) console.warn(`skipped: no lines to compare with at ${FOLDER} (VONGGAC_SHARED names another place)`)
const line = await loadLine('UTC')

interface Tree {
  [name: string]: unknown
}

function flat(tree: Tree, prefix = '', into: Tree = {}): Tree {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      flat(value as Tree, `${prefix}${name}.`, into)
    else into[prefix + name] = value
  }
  return into
}

/** Pairs of a raw record and what is expected of it, for all files of a data stream. */
function casesOf(stream: string): { raw: string; expected: Tree }[] {
  const folder = join(FOLDER, stream)
  return readdirSync(folder)
    .filter((name) => name.endsWith('-expected.json'))
    .flatMap((name) => {
      const { expected } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { expected: (Tree | null)[] }
      const source = readFileSync(join(folder, name.replace('-expected.json', '')), 'utf8')
      const raws = source.split('\n').filter((text) => text !== '' && !text.startsWith('{"preview"')) // not as a search API wraps them
      const wanted = expected.map((tree) => (tree === null ? {} : flat(tree)))
      const byOriginal = new Map(wanted.map((fields) => [fields['event.original'], fields]))
      return raws.flatMap((raw, i) => {
        const fields = byOriginal.get(raw) ?? (raws.length === wanted.length ? wanted[i] : undefined)
        return fields === undefined ? [] : [{ raw, expected: fields }]
      })
    })
}

const words = (value: unknown): string => (Array.isArray(value) ? value : [value]).map(String).sort().join('|')

function agreement(stream: string, fields: readonly string[]): { agreed: number; compared: number; missed: string[] } {
  let agreed = 0
  let compared = 0
  const missed: string[] = []
  for (const { raw, expected } of casesOf(stream)) {
    const result = line(raw, { receivedAtMs: RECEIVED_AT_MS })
    const event: Tree = result.kind === 'event' ? result.event : {}
    for (const field of fields) {
      // `-` is how a log says «nothing»: an absent field says it better.
      if (expected[field] === undefined || expected[field] === '-') continue
      compared++
      const same = words(event[field]) === words(expected[field])
      if (same) agreed++
      else missed.push(`${field}: ${words(expected[field])} ≠ ${words(event[field])}`.slice(0, 160))
    }
  }
  return { agreed, compared, missed }
}

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
  ])('agrees with Elastic on %s', (stream, fields, comparedMin, floor) => {
  const { agreed, compared, missed } = agreement(stream, fields)
  console.log(`${stream}: ${agreed} of ${compared} fields as Elastic has them`)
  expect(compared).toBeGreaterThanOrEqual(comparedMin)
  expect({ enough: agreed / compared >= floor, missed: agreed / compared >= floor ? [] : missed }).toEqual({
    enough: true,
    missed: [],
  })
})
