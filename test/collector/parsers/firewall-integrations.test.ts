import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../../model/root.ts'
import { loadLine } from './line.ts'

// Elastic's own parsers of network devices as the measure, where somebody has put a copy of their test lines beside the
// repository. Nothing of it is part of this project. Compared are the fields that rules and searches use.
const FOLDER = join(process.env['VONGGAC_SHARED'] ?? join(ROOT, '../shared'), 'data/integrations')
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

/** Each line Elastic tests with, and what its parser made of it: it keeps the line in `event.original`. */
function casesOf(stream: string): { raw: string; expected: Tree }[] {
  const folder = join(FOLDER, stream)
  return readdirSync(folder)
    .filter((name) => name.endsWith('-expected.json'))
    .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { expected: (Tree | null)[] }).expected)
    .flatMap((tree) => {
      const expected = flat(tree ?? {})
      const raw = expected['event.original']
      return typeof raw === 'string' ? [{ raw, expected }] : []
    })
}

const words = (value: unknown): string =>
  (Array.isArray(value) ? value : [value])
    .map((word) => String(word).toLowerCase())
    .sort()
    .join('|')

const FIELDS = [
  'event.category',
  'event.type',
  'event.action',
  'event.outcome',
  'event.code',
  'source.ip',
  'source.port',
  'source.bytes',
  'source.packets',
  'source.nat.ip',
  'source.user.name',
  'source.mac',
  'destination.ip',
  'destination.port',
  'destination.bytes',
  'destination.packets',
  'destination.nat.ip',
  'network.transport',
  'network.protocol',
  'network.application',
  'network.direction',
  'network.bytes',
  'observer.vendor',
  'observer.product',
  'observer.type',
  'observer.serial_number',
  'observer.ingress.interface.name',
  'observer.egress.interface.name',
  'rule.id',
  'rule.name',
  'url.domain',
  'url.path',
  'file.name',
  'file.hash.sha256',
  'dns.question.name',
  'log.level',
]

function agreement(stream: string): { agreed: number; compared: number; missed: string[] } {
  let agreed = 0
  let compared = 0
  const missed: string[] = []
  for (const { raw, expected } of casesOf(stream)) {
    const result = line(raw, { receivedAtMs: Date.UTC(2023, 11, 31) })
    const event: Tree = result.kind === 'event' ? result.event : {}
    for (const field of FIELDS) {
      if (expected[field] === undefined || expected[field] === '' || expected[field] === 0) continue
      compared++
      if (words(event[field]) === words(expected[field])) agreed++
      else missed.push(`${field}: ${words(expected[field])} ≠ ${words(event[field])}`.slice(0, 160))
    }
  }
  return { agreed, compared, missed }
}

// What is missing of pfSense is its DHCP, IPsec and resolver lines; of ASA, that a built connection is one (Elastic: `info`).
test.skipIf(!there).each<[string, number, number]>([
  ['fortinet_fortigate/log', 340, 0.92],
  ['cisco_asa/log', 7_000, 0.89],
  ['cisco_ftd/log', 1_200, 0.7],
  ['cisco_ios/log', 130, 0.84],
  ['cef/log', 110, 0.83],
  ['iptables/log', 280, 0.87],
  ['pfsense/log', 600, 0.45],
  ['panw/panos', 6_000, 0.98],
  ['checkpoint/firewall', 90, 0.89],
  ['sophos/xg', 2_800, 0.87],
  ['juniper_srx/log', 350, 0.78],
])('agrees with Elastic on %s', (stream, comparedMin, floor) => {
  const { agreed, compared, missed } = agreement(stream)
  console.log(`${stream}: ${agreed} of ${compared} fields as Elastic has them (${(agreed / compared).toFixed(3)})`)
  expect(compared).toBeGreaterThanOrEqual(comparedMin)
  expect({ enough: agreed / compared >= floor, missed: agreed / compared >= floor ? [] : missed }).toEqual({
    enough: true,
    missed: [],
  })
})
