import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../../model/root.ts'
import { loadLine } from './line.ts'

// Elastic's own parsers as the measure: their test lines and what they made of them, where somebody has put a copy beside the
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
      const raws = name.endsWith('.json-expected.json')
        ? (JSON.parse(source) as { events: Tree[] }).events.map((event) => JSON.stringify(event))
        : source.split('\n').filter((text) => text !== '')
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

const COMMON = [
  '@timestamp',
  'event.category',
  'event.action',
  'event.outcome',
  'source.ip',
  'user.name',
  'process.name',
]

test.skipIf(!there).each<[string, readonly string[], number, number]>([
  [
    'system/auth',
    [...COMMON, 'event.type', 'source.port', 'user.effective.name', 'host.hostname', 'process.pid', 'group.name'],
    140,
    1,
  ],
  [
    'auditd/log',
    [...COMMON, 'user.id', 'user.audit.id', 'process.pid', 'process.executable', 'auditd.log.record_type'],
    300,
    0.98,
  ],
  [
    'nginx/access',
    [
      ...COMMON,
      'url.original',
      'url.path',
      'http.response.status_code',
      'http.response.body.bytes',
      'user_agent.original',
    ],
    100,
    1,
  ],
  ['nginx/error', [...COMMON, 'log.level', 'message', 'process.pid'], 15, 1],
  [
    'apache/access',
    [...COMMON, 'url.original', 'http.request.method', 'http.response.status_code', 'user_agent.original'],
    80,
    0.98,
  ],
  [
    'apache/error',
    ['event.category', 'event.type', 'log.level', 'source.ip', 'process.pid', 'apache.error.module'],
    20,
    1,
  ],
  [
    'system/security',
    [
      ...COMMON,
      'event.type',
      'event.code',
      'user.domain',
      'user.id',
      'user.target.name',
      'group.name',
      'winlog.channel',
    ],
    600,
    0.98,
  ],
  [
    'windows/forwarded',
    [...COMMON, 'event.type', 'event.code', 'user.domain', 'group.name', 'winlog.logon.type'],
    500,
    0.98,
  ],
  [
    'windows/sysmon_operational',
    [
      '@timestamp',
      'event.category',
      'event.type',
      'process.executable',
      'process.pid',
      'dns.question.name',
      'file.path',
      'destination.ip',
      'registry.path',
      'user.name',
    ],
    650,
    0.98,
  ],
  ['windows/powershell_operational', ['@timestamp', 'event.category', 'event.type', 'event.code', 'user.name'], 10, 1],
])('agrees with Elastic on %s', (stream, fields, comparedMin, floor) => {
  const { agreed, compared, missed } = agreement(stream, fields)
  console.log(`${stream}: ${agreed} of ${compared} fields as Elastic has them`)
  expect(compared).toBeGreaterThanOrEqual(comparedMin)
  expect({ enough: agreed / compared >= floor, missed: agreed / compared >= floor ? [] : missed }).toEqual({
    enough: true,
    missed: [],
  })
})
