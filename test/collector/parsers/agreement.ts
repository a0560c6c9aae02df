import type { Normalised } from '../../../collector/normalise.ts'
import type { Sample } from './elastic-samples.ts'
import { loadLine } from './line.ts'

/** The ECS fields that rules, searches and grouping use; a name with a dot at its end means all fields below it. */
const FIELDS = (
  '@timestamp event.action event.category event.type event.outcome event.code ' +
  'host. user. source. destination. process. url. http. network. rule. file. dns. related.'
).split(' ')
/** Comes from another database than ours. */
const ENRICHED = /\.(?:geo|as)\./

/** Whether a field is one of those compared. */
export function isCompared(field: string): boolean {
  if (ENRICHED.test(field)) return false
  return FIELDS.some((name) => (name.endsWith('.') ? field.startsWith(name) : field === name))
}

export interface Difference {
  field: string
  theirs: string
  ours: string
}

export interface Agreement {
  events: number
  /** Events whose dataset is one of the package's. */
  parsed: number
  compared: number
  agreed: number
  differences: Difference[]
}

/** Packages that read each other's records by right. */
const SAME_FAMILY: readonly ReadonlySet<string>[] = [
  new Set(['windows', 'system']),
  new Set(['cisco_asa', 'cisco_ftd']),
  new Set(['cisco_ios', 'cisco_nexus']),
]

function sameFamily(name: string, other: string): boolean {
  return name === other || SAME_FAMILY.some((family) => family.has(name) && family.has(other))
}

type Line = (sample: Sample, stream: string) => Normalised

/** Reads samples, each in its own zone and year. */
export async function loadReader(zones: Iterable<string>): Promise<Line> {
  const lines = new Map<string, Awaited<ReturnType<typeof loadLine>>>()
  for (const zone of new Set(zones)) lines.set(zone, await loadLine(zone))
  return ({ raw, timeZone, receivedAtMs }, stream) => {
    const named = NAMED_BY_SOURCE.get(stream)
    const origin = { input: 'http', address: '192.0.2.10', ...(named !== undefined && { stream: named }) }
    return lines.get(timeZone)!(raw, { receivedAtMs, origin })
  }
}

/** Streams whose lines look like another product's, and the name that their source sends them under. */
export const NAMED_BY_SOURCE: ReadonlyMap<string, string> = new Map([
  ['infoblox_nios/log', 'infoblox'], // beside its own lines, those of BIND and of ISC's dhcpd
  ['zeek/known_hosts', 'zeek-known_hosts'], // a time and an address
  ['zeek/traceroute', 'zeek-traceroute'],
  ['pfsense/log', 'pfsense'], // dhcpd, Unbound, strongSwan
])

/** How many of the values expected of `samples` are in our events. */
export async function agreement(
  stream: string,
  samples: readonly Sample[],
  compares: (field: string) => boolean = isCompared,
): Promise<Agreement> {
  const read = await loadReader(samples.map(({ timeZone }) => timeZone))
  const result: Agreement = { events: 0, parsed: 0, compared: 0, agreed: 0, differences: [] }
  const [family = ''] = stream.split('/')
  for (const sample of samples) {
    const normalised = read(sample, stream)
    const event: { readonly [field: string]: unknown } = normalised.kind === 'event' ? normalised.event : {}
    result.events++
    if (sameFamily(family, String(event['event.dataset']).split('.', 1)[0]!)) result.parsed++
    for (const [field, expected] of Object.entries(sample.expected)) {
      if (!compares(field) || saysNothing(expected)) continue
      const [theirs, ours] = [valueOf(field, expected), valueOf(field, event[field])]
      result.compared++
      if (theirs === ours) result.agreed++
      else result.differences.push({ field, theirs, ours })
    }
  }
  return result
}

function saysNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** A value as an index sees it: an instant whatever its zone, a list in any order, one value as a list of it. */
function valueOf(field: string, value: unknown): string {
  if (value === undefined) return ''
  if (field === '@timestamp') return new Date(value as string).toISOString()
  const words = (Array.isArray(value) ? value : [value]).map((word) =>
    typeof word === 'object' && word !== null ? JSON.stringify(sorted(word)) : String(word),
  )
  return words.sort().join(' | ')
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
