import { hash } from 'node:crypto'
import { Engine, loadRules } from '../../detection/engine.ts'
import { fold } from '../../detection/sigma/fold.ts'
import type { LoadedRule } from '../../detection/types.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'

/** An event that a rule alerted on, and what analysts made of its incident. */
export interface Judged {
  event: EcsEvent
  /** `noise`: benign or false positive; `open`: nobody has decided, or could not. */
  as: 'noise' | 'threat' | 'open'
}

export interface Candidate {
  conditions: { field: string; value: string }[]
  /** Of the judged events, how many the exception would have hidden. `threat` is 0, or it is not given. */
  hides: { noise: number; open: number }
  of: { noise: number; threat: number; open: number }
  /** A Sigma filter document. */
  filter: string
}

/** Fields that tell one event from another, or where and when it was taken: an exception on them says nothing of the next one. */
const PECULIAR =
  /^(?:@timestamp$|message$|tags$|ecs\.|soc\.(?:record|seq|source|local\.)|event\.(?:original|ingested|created|start|end|id|sequence|hash|duration|dataset|module|kind|category|type)|log\.(?:offset|syslog|file|source)|observer\.|related\.|process\.(?:pid|entity_id|parent\.pid)|source\.port$|client\.port$|network\.community_id|auditd\.log\.sequence|winlog\.(?:record_id|opcode|version|process|keywords|channel|provider)|error\.)/
/** Names an exception is best written on, the best first; all others come after them. */
const PREFERRED = [
  'user.name',
  'host.name',
  'source.ip',
  'process.executable',
  'process.parent.executable',
  'soc.agency',
]
const VALUE_UNITS_MAX = 200
/** Pairs that are combined: those that cover the most noise. */
const PAIRS_MAX = 60
const CONDITIONS_MAX = 3
const CANDIDATES_MAX = 5

interface Pair {
  field: string
  value: string | number | boolean
  /** Places of the judged events that have it. */
  noise: ReadonlySet<number>
  threat: ReadonlySet<number>
}

/**
 * The smallest exceptions that hide the most noise and nothing that was real: equalities on fields of the events, up to three
 * together. Every candidate is a filter that was run on the events; the numbers are what it did. An exception that holds for all events of the rule
 * would switch it off, and is not given.
 */
export async function exceptionsFor(rule: LoadedRule, judged: readonly Judged[]): Promise<Candidate[]> {
  const { logsource } = rule
  const noisy = judged.filter(({ as }) => as === 'noise')
  if (logsource === undefined || noisy.length === 0) return []
  const of = { noise: noisy.length, threat: count(judged, 'threat'), open: count(judged, 'open') }
  const chosen = smallest(pairsOf(judged), noisy.length)
  const candidates: Candidate[] = []
  for (const pairs of chosen) {
    const { hides, threat } = await tried(pairs, judged)
    if (threat > 0 || hides.noise === 0) continue
    const conditions = pairs.map(({ field, value }) => ({ field, value: String(value) }))
    candidates.push({ conditions, hides, of, filter: filterOf(rule, pairs, hides, of) })
    if (candidates.length === CANDIDATES_MAX) break
  }
  return candidates
}

function count(judged: readonly Judged[], as: Judged['as']): number {
  return judged.filter((one) => one.as === as).length
}

function pairsOf(judged: readonly Judged[]): Pair[] {
  const found = new Map<
    string,
    { field: string; value: Pair['value']; noise: Set<number>; threat: Set<number>; all: number }
  >()
  judged.forEach(({ event, as }, place) => {
    for (const [field, written] of Object.entries(event)) {
      if (PECULIAR.test(field) || !field.includes('.')) continue
      for (const value of scalarsIn(written)) {
        const key = JSON.stringify([field, typeof value === 'string' ? fold(value) : String(value)])
        const pair = found.get(key) ?? { field, value, noise: new Set(), threat: new Set(), all: 0 }
        found.set(key, pair)
        if (as === 'noise') pair.noise.add(place)
        else if (as === 'threat') pair.threat.add(place)
        pair.all++
      }
    }
  })
  return [...found.values()]
    .filter(({ noise, all }) => noise.size > 0 && all < judged.length)
    .sort(
      (a, b) =>
        b.noise.size - a.noise.size ||
        a.threat.size - b.threat.size ||
        preference(a.field) - preference(b.field) ||
        (a.field < b.field ? -1 : 1),
    )
    .slice(0, PAIRS_MAX)
}

function scalarsIn(value: EcsValue | undefined): (string | number | boolean)[] {
  if (Array.isArray(value)) return value.flatMap((one) => scalarsIn(one))
  if (typeof value === 'string') return value === '' || value.length > VALUE_UNITS_MAX ? [] : [value]
  return typeof value === 'number' || typeof value === 'boolean' ? [value] : []
}

function preference(field: string): number {
  const place = PREFERRED.indexOf(field)
  return place < 0 ? PREFERRED.length : place
}

/** Combinations that no threat has, most noise first, then the fewest conditions; each says something that none before it did. */
function smallest(pairs: readonly Pair[], noise: number): Pair[][] {
  const free: { pairs: Pair[]; noise: ReadonlySet<number> }[] = []
  let open = pairs.map((pair, last) => ({ pairs: [pair], last, noise: pair.noise, threat: pair.threat }))
  for (let size = 1; size <= CONDITIONS_MAX; size++) {
    free.push(...open.filter(({ threat }) => threat.size === 0))
    if (free.some((one) => one.noise.size === noise)) break // nothing longer hides more
    const taken = open.filter(({ threat }) => threat.size > 0)
    open = taken.flatMap((one) =>
      pairs.slice(one.last + 1).flatMap((pair, i) => {
        const both = intersection(one.noise, pair.noise)
        if (both.size === 0) return []
        const threat = intersection(one.threat, pair.threat)
        if (threat.size === one.threat.size) return [] // it keeps no threat out
        return [{ pairs: [...one.pairs, pair], last: one.last + 1 + i, noise: both, threat }]
      }),
    )
  }
  const weight = (own: readonly Pair[]): number => own.reduce((sum, { field }) => sum + preference(field), 0)
  free.sort(
    (a, b) => b.noise.size - a.noise.size || a.pairs.length - b.pairs.length || weight(a.pairs) - weight(b.pairs),
  )
  const said = new Set<string>()
  return free
    .filter((one) => {
      const key = [...one.noise].sort((a, b) => a - b).join()
      const isNew = !said.has(key)
      said.add(key)
      return isNew
    })
    .map((one) => one.pairs)
    .slice(0, CANDIDATES_MAX * 4)
}

function intersection(a: ReadonlySet<number>, b: ReadonlySet<number>): Set<number> {
  return new Set([...a].filter((place) => b.has(place)))
}

/** What the condition does to the events, told by the engine itself. */
async function tried(
  pairs: readonly Pair[],
  judged: readonly Judged[],
): Promise<{ hides: { noise: number; open: number }; threat: number }> {
  const text = `title: t\nid: t\ntaxonomy: ecs\nlogsource: { product: t }\ndetection:\n${selectionOf(pairs, '  ')}  condition: selection\n`
  const set = await loadRules([
    { path: 'logsources.yml', text: "logsources:\n  - when: { ecs.version: '8' }\n    product: t\n" },
    { path: 't.yml', text },
  ])
  const engine = new Engine(set)
  const held = judged.filter(({ event }) => engine.matches({ ...event, 'ecs.version': '8' }).length > 0)
  return { hides: { noise: count(held, 'noise'), open: count(held, 'open') }, threat: count(held, 'threat') }
}

function selectionOf(pairs: readonly Pair[], indent: string): string {
  return `${indent}selection:\n${pairs.map(({ field, value }) => `${indent}  ${JSON.stringify(field)}: ${written(value)}\n`).join('')}`
}

/** A value of a rule that is met by this one alone: wildcards and backslashes are escaped. */
function written(value: Pair['value']): string {
  return typeof value === 'string' ? JSON.stringify(value.replace(/[\\*?]/g, String.raw`\$&`)) : String(value)
}

function filterOf(
  { id, title, logsource }: LoadedRule,
  pairs: readonly Pair[],
  hides: Candidate['hides'],
  of: Candidate['of'],
): string {
  const selection = selectionOf(pairs, '  ')
  const digits = hash('sha256', `${id}\n${selection}`)
  // RFC 9562 §5.8: version 8, of one's own making; the same suggestion has the same id.
  const uuid = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`
  const source = Object.entries(logsource!).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return `title: ${JSON.stringify(`Exception to ${title}`.slice(0, 256))}
id: ${uuid}
description: Hides ${hides.noise} of ${of.noise} alerts judged benign or false, none of ${of.threat} judged true, ${hides.open} of ${of.open} undecided.
logsource: { ${source.join(', ')} }
filter:
  rules: [${JSON.stringify(id)}]
${selection}  condition: not selection
`
}
