import type { Partition, Store } from '../store.ts'
import type { Break, ChainReading } from './chain.ts'
import type { UnitEntry } from './entry.ts'
import { leafOf, type StoredRecord } from './leaf.ts'
import { type Frontier, grow, rootOf } from './merkle.ts'
import { isMarked, type KeptUnit, marksOf } from './units.ts'

export interface DayReport {
  day: string
  ok: boolean
  units: number
  /** Records that were read and are as they came. */
  records: number
  /** Of these, in units that are not complete yet: held against the checkpoint alone. */
  open: number
  /** Records from before the chain was begun, at most some thousands are counted: nothing is proved of them. */
  before: number
  /** That came after the last checkpoint, at most some thousands are counted: nothing is proved of them yet. */
  later: number
  files: number
  purged: { levels: string; at: string; keptDays: number; records: number }[]
  /** The signature that covers all of the day; `null` while none does. */
  signed: NonNullable<ChainReading['signed']> | null
  head: ChainReading['head']
  /** The first hundred. */
  breaks: Break[]
  moreBreaks: number
}

/** What a day is held against. All of it is read before the first record, so that what comes meanwhile is left out. */
export interface DayEvidence {
  day: string
  chain: ChainReading
  open: readonly KeptUnit[]
  /** Positions of the log that neither the chain nor an open unit answers for yet: they have only just come. */
  later: { spool: string; after: number; through: number }
  /** Marks of a unit, where they are there. */
  marks: (unit: UnitEntry) => Buffer | null
}

/** Where records come from: a store, or files of one. */
export type Records = Pick<Store, 'stored' | 'partitions' | 'fileDigest'>

const POSITIONS_AT_ONCE = 4_096
const RECORDS_MAX = 10_000
const BREAKS_MAX = 100

interface Tested {
  unit: { spool: string; from: number; through: number; level: number }
  entry?: number
  records: number
  root: string
  purged: boolean
  marks: () => Buffer | null
  tree: Frontier
  found: { seq: number; record: string; leaf: Buffer }[]
}

/**
 * Recomputes every leaf of a day from the raw lines that the store has, and every root from the leaves; yields how many records it
 * has read, now and then.
 */
export async function* verifyDay(store: Records, evidence: DayEvidence): AsyncGenerator<number, DayReport> {
  const { day, chain } = evidence
  const breaks = [...chain.breaks]
  const purgedLevels = new Set(chain.purges.flatMap(({ levels }) => Array.from(levels, Number)))
  const units = testedUnits(evidence, purgedLevels)
  let [records, open, before, later] = [0, 0, 0, 0]

  const there = new Set((await store.partitions()).filter((each) => each.day === day).map(({ levels }) => levels))
  const files = chain.files.filter((file) => !isPurged(file, chain.purges))
  for (const { path, sha256, entry } of files) {
    const digest = await store.fileDigest(path)
    if (digest !== sha256) breaks.push({ what: digest === null ? 'file_missing' : 'file_changed', entry, path })
  }

  const spans = [...units.values()].flat().map(({ unit }) => unit)
  const first = Math.min(...spans.map(({ from }) => from))
  const last = Math.max(...spans.map(({ through }) => through))
  const { begin } = chain
  const stranger = ({ spool, seq, record }: StoredRecord): void => {
    if (begin?.spool === spool && seq < begin.from) before++
    else if (spool === evidence.later.spool && evidence.later.after < seq && seq <= evidence.later.through) later++
    else breaks.push({ what: 'inserted', record })
  }
  const read = async (from: number, through: number): Promise<StoredRecord[]> => {
    try {
      return await store.stored({ day, from, through, limit: RECORDS_MAX })
    } catch (error) {
      await store.partitions() // a store that is away is no break
      breaks.push({ what: 'unreadable', record: `${from}–${through}: ${String(error).slice(0, 200)}` })
      return []
    }
  }
  const finish = (tested: Tested): void => {
    const { found, purged, entry } = tested
    if (purged && found.length === 0) return
    if (rootOf(tested.tree).toString('hex') === tested.root && found.length === tested.records) {
      records += found.length
      if (entry === undefined) open += found.length
      return
    }
    breaks.push(...differences(tested))
  }
  if (there.size > 0 && spans.length > 0) {
    for (let from = first; from <= last; from += POSITIONS_AT_ONCE) {
      const through = Math.min(from + POSITIONS_AT_ONCE - 1, last)
      for (const stored of await read(from, through)) {
        const own = units.get(`${stored.spool} ${stored.level}`)
        const tested = own?.find(({ unit }) => unit.from <= stored.seq && stored.seq <= unit.through)
        if (tested === undefined) {
          stranger(stored)
          continue
        }
        const leaf = leafOf(stored)
        tested.found.push({ seq: stored.seq, record: stored.record, leaf })
        grow(tested.tree, leaf)
      }
      for (const [name, own] of units) {
        while (own[0] !== undefined && own[0].unit.through <= through) finish(own.shift()!)
        if (own.length === 0) units.delete(name)
      }
      yield records
    }
  }
  for (const tested of [...units.values()].flat()) finish(tested)
  for (const [from, through] of spans.length === 0
    ? [[0, Number.MAX_SAFE_INTEGER]]
    : [
        [0, first - 1],
        [last + 1, Number.MAX_SAFE_INTEGER],
      ]) {
    for (const stored of await read(from!, through!)) stranger(stored)
  }
  const { signed } = chain
  return {
    day,
    ok: breaks.length === 0,
    units: chain.units.length,
    records,
    open,
    before,
    later,
    files: files.length,
    purged: chain.purges.map(({ levels, at, keptDays }) => {
      const gone = chain.units.filter(({ level }) => levels.includes(String(level)))
      return { levels, at, keptDays, records: gone.reduce((sum, unit) => sum + unit.records, 0) }
    }),
    signed: signed !== undefined && signed.entry > chain.lastOfDay ? signed : null,
    head: chain.head,
    breaks: breaks.slice(0, BREAKS_MAX),
    moreBreaks: Math.max(0, breaks.length - BREAKS_MAX),
  }
}

function isPurged({ levels }: Pick<Partition, 'levels'>, purges: ChainReading['purges']): boolean {
  return purges.some((purge) => Array.from(levels).every((level) => purge.levels.includes(level)))
}

/** By spool and level, in order of position. */
function testedUnits({ day, chain, open, marks }: DayEvidence, purged: ReadonlySet<number>): Map<string, Tested[]> {
  const units = new Map<string, Tested[]>()
  const add = (tested: Omit<Tested, 'tree' | 'found' | 'purged'>): void => {
    const name = `${tested.unit.spool} ${tested.unit.level}`
    const whole = { ...tested, purged: purged.has(tested.unit.level), tree: { size: 0, peaks: [] }, found: [] }
    const known = units.get(name)
    if (known === undefined) units.set(name, [whole])
    else known.push(whole)
  }
  for (const entry of chain.units) {
    const { spool, from, through, level, records, root } = entry
    add({ unit: { spool, from, through, level }, entry: entry.entry, records, root, marks: () => marks(entry) })
  }
  for (const { hour, spool, from, through, level, records, peaks, marks: kept } of open) {
    if (hour.slice(0, 10) !== day) continue
    const root = rootOf({ size: records, peaks: peaks.map((peak) => Buffer.from(peak, 'hex')) }).toString('hex')
    add({ unit: { spool, from, through, level }, records, root, marks: () => Buffer.from(kept, 'base64') })
  }
  return units
}

/** Which records of a unit differ; where its marks cannot tell, the unit itself. */
function differences({ unit, entry, found, marks }: Tested): Break[] {
  const at = { unit, ...(entry !== undefined && { entry }) }
  if (found.length === 0) return [{ what: 'missing', ...at }]
  const kept = marks()
  const expected = kept === null ? null : marksOf(kept, unit.from)
  const breaks: Break[] = []
  const seen = new Set<number>()
  for (const { seq, record, leaf } of found) {
    if (seen.has(seq)) breaks.push({ what: 'doubled', ...at, record })
    else if (expected !== null) {
      const mark = expected.get(seq)
      if (mark === undefined) breaks.push({ what: 'inserted', ...at, record })
      else if (!isMarked(mark, leaf)) breaks.push({ what: 'changed', ...at, record })
    }
    seen.add(seq)
  }
  for (const seq of expected?.keys() ?? []) {
    if (!seen.has(seq)) breaks.push({ what: 'missing', ...at, record: `${unit.spool}-${seq}` })
  }
  return breaks.length > 0 ? breaks : [{ what: 'changed', ...at }]
}
