import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../model/root.ts'
import { loadLine } from './line.ts'

// Elastic's own parsers as the measure: their test lines and what they made of them, where somebody has put a copy beside the
// repository. Nothing of it is part of this project.
const FOLDER = join(process.env['VONGGAC_SHARED'] ?? join(ROOT, '../shared'), 'data/integrations')
const RECEIVED_AT_MS = Date.UTC(2023, 11, 31)
const line = await loadLine('UTC')

/** Whether there is anything to compare with; said once where not. */
export const there = existsSync(FOLDER)
if (!there) console.warn(`skipped: no lines to compare with at ${FOLDER} (VONGGAC_SHARED names another place)`)

interface Tree {
  [name: string]: unknown
}

/** A raw record and the fields that are expected of it, by dotted name. */
interface Sample {
  raw: string
  expected: Tree
}

export interface Agreement {
  agreed: number
  compared: number
  missed: string[]
}

function flat(tree: Tree, prefix = '', into: Tree = {}): Tree {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      flat(value as Tree, `${prefix}${name}.`, into)
    else into[prefix + name] = value
  }
  return into
}

function expectations(stream: string): { name: string; wanted: Tree[] }[] {
  return readdirSync(join(FOLDER, stream))
    .filter((name) => name.endsWith('-expected.json'))
    .map((name) => {
      const { expected } = JSON.parse(readFileSync(join(FOLDER, stream, name), 'utf8')) as { expected: (Tree | null)[] }
      return { name, wanted: expected.map((tree) => flat(tree ?? {})) }
    })
}

/** The records of a stream's own files, each with its expectation: by the original it quotes, else by its place. */
export function samplesOf(stream: string): Sample[] {
  return expectations(stream).flatMap(({ name, wanted }) => {
    const source = readFileSync(join(FOLDER, stream, name.replace('-expected.json', '')), 'utf8')
    const raws = name.endsWith('.json-expected.json')
      ? (JSON.parse(source) as { events: Tree[] }).events.map((event) => JSON.stringify(event))
      : source.split('\n').filter((text) => text !== '' && !text.startsWith('{"preview"')) // as a search API wraps them
    const byOriginal = new Map(wanted.map((fields) => [fields['event.original'], fields]))
    return raws.flatMap((raw, i) => {
      const expected = byOriginal.get(raw) ?? (raws.length === wanted.length ? wanted[i] : undefined)
      return expected === undefined ? [] : [{ raw, expected }]
    })
  })
}

/** The lines that a stream's expectations quote. */
export function quotedSamplesOf(stream: string): Sample[] {
  return expectations(stream).flatMap(({ wanted }) =>
    wanted.flatMap((expected) => {
      const raw = expected['event.original']
      return typeof raw === 'string' ? [{ raw, expected }] : []
    }),
  )
}

/** How many of the expected `fields` our event has alike. `nothing` are values that say the field is absent. */
export function agreementOn(
  samples: readonly Sample[],
  fields: readonly string[],
  { nothing, caseless = false }: { nothing: readonly unknown[]; caseless?: boolean },
): Agreement {
  const words = (value: unknown): string => {
    const sorted = (Array.isArray(value) ? value : [value]).map((word) =>
      caseless ? String(word).toLowerCase() : String(word),
    )
    return sorted.sort().join('|')
  }
  const result: Agreement = { agreed: 0, compared: 0, missed: [] }
  for (const { raw, expected } of samples) {
    const read = line(raw, { receivedAtMs: RECEIVED_AT_MS })
    const event: Tree = read.kind === 'event' ? read.event : {}
    for (const field of fields) {
      if (expected[field] === undefined || nothing.includes(expected[field])) continue
      result.compared++
      const [ours, theirs] = [words(event[field]), words(expected[field])]
      if (ours === theirs) result.agreed++
      else result.missed.push(`${field}: ${theirs} ≠ ${ours}`.slice(0, 160))
    }
  }
  return result
}
