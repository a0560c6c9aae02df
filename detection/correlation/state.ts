import type { Entity, Proof } from '../../model/alert.ts'
import { Bare, Showing, type Contribution } from './contribution.ts'
import { bytesOfLine, type Exhibit } from './exhibit.ts'
import type { Episode } from './episode.ts'
import type { Group } from './group.ts'
import { Item } from './item.ts'
import type { Order } from './order.ts'

/**
 * The saved form of correlation state. In a flood it holds hundreds of thousands of contributions, so that it is made of
 * tables: what is shared in memory stands once and is referred to by place, and what grows along a table is written as its
 * difference from the entry before.
 */
export interface SavedState {
  format: number
  clock?: number
  /** What the records of most events begin with: the spool they are in. */
  spool: string
  strings: string[]
  /** Rule's side of proofs: selection, field, event field, value, then modifiers. */
  predicates: number[][]
  exhibits: SavedExhibits
  contributions: SavedContributions
  correlations: Record<string, SavedCorrelation>
}

export interface SavedCorrelation {
  fingerprint: string
  counters: { counted: number; late: number; evicted: number; truncated: number; skipped: number }
  groups: SavedGroup[]
}

/** One entry per exhibit in each; of `entities` and `proofs` a number of tuples and then so many. */
interface SavedExhibits {
  /** Position; with the record where that is not `spool` and the position. */
  seqs: (number | [seq: number, record: string])[]
  /** Epoch milliseconds, or the text where it is written otherwise. */
  times: (number | [string])[]
  lines: number[]
  rules: number[]
  /** -1: none. */
  systems: number[]
  /** Kind and value. */
  entities: number[]
  /** Predicate, matched text, start and end in the line (-1: not there). */
  proofs: number[]
}

/** One entry per contribution in each. */
interface SavedContributions {
  /** Position of the record in `spool`; any other record, or an episode's id, as it is. */
  keys: (number | string)[]
  at: number[]
  orders: Order[]
  /** Only those that stand for other than one event: place and count. */
  counts: [number, number][]
  /** Exhibits that one of its items still shows; one mostly, -1 for none. */
  exhibits: (number | number[])[]
}

interface SavedGroup extends Pick<Group, 'newest' | 'touchedAt' | 'truncated' | 'judged'> {
  agency: number
  values: number[]
  settledTo?: number
  items: number[]
  /** Absent where all are of part 0. */
  parts?: number[]
  /** Several where the field held several. */
  texts?: (number | number[])[]
  /** Written as text where JSON has no such number. */
  numbers?: (number | string)[]
  carries?: number[]
  /** How far back the satisfied window reaches, -1 where there is none; absent where there is none at all. */
  fired?: number[]
  /** What correlations of this one were given: contributions, -1 for none; absent where there is none at all. */
  given?: number[]
  withdrawn?: Group['withdrawn']
  /** Lengths of runs of items that show their exhibits and that do not, in turn. */
  shown: number[]
  episodes: SavedEpisode[]
}

interface SavedEpisode extends Omit<Episode, 'settled'> {
  settled: { items: number; count: number; first: number[]; newest: number[]; firedTo?: number }
}

/** Another layout is another number: state of any other is dropped, and correlations begin anew. */
const FORMAT = 4

/** Turns differences into values, or values into differences. */
function differences() {
  let last = 0
  return {
    of(value: number): number {
      const difference = value - last
      last = value
      return difference
    },
    plus: (difference: number): number => (last += difference),
  }
}

const NOWHERE = [-1, -1] as const
/** What stands before the position in a record's name; an episode's id has no such part. */
const SPOOL = /^.*-(?=\d+$)/s

/** Collects groups; what they share is written once. */
export class StateWriter {
  #spool: string | undefined
  readonly #strings: string[] = []
  readonly #stringTable = new Map<string, number>()
  readonly #predicates: number[][] = []
  readonly #predicateTable = new Map<string, number>()
  readonly #exhibits: SavedExhibits = {
    seqs: [],
    times: [],
    lines: [],
    rules: [],
    systems: [],
    entities: [],
    proofs: [],
  }
  readonly #exhibitTable = new Map<Exhibit, number>()
  readonly #exhibitSeqs = differences()
  readonly #exhibitTimes = differences()
  readonly #contributions: SavedContributions = { keys: [], at: [], orders: [], counts: [], exhibits: [] }
  readonly #contributionTable = new Map<Contribution, number>()
  readonly #keys = differences()
  readonly #times = differences()
  readonly #carries = new Map<Record<string, string>, number>()

  finish(clock: number, correlations: Record<string, SavedCorrelation>): SavedState {
    return {
      format: FORMAT,
      ...(clock !== -Infinity && { clock }),
      spool: this.#spool ?? '',
      strings: this.#strings,
      predicates: this.#predicates,
      exhibits: this.#exhibits,
      contributions: this.#contributions,
      correlations,
    }
  }

  group(group: Group): SavedGroup {
    const { agency, values, newest, touchedAt, truncated, settledTo, judged, items, episodes, withdrawn } = group
    const places = differences()
    const saved: SavedGroup = {
      agency: this.#string(agency),
      values: values.map((value) => this.#string(value)),
      newest,
      touchedAt,
      truncated,
      judged,
      ...(settledTo !== -Infinity && { settledTo }),
      items: items.map(({ of }) => places.of(this.#contribution(of, of.shows))),
      shown: runsOf(items.map(({ of }) => of.shows)),
      episodes: episodes.map((episode) => this.#episode(episode)),
    }
    const value = items[0]?.value
    if (items.some(({ part }) => part > 0)) saved.parts = items.map(({ part }) => part)
    if (items.some(({ value: own }) => typeof own === 'string' || typeof own === 'object')) {
      saved.texts = items.map(({ value: own }) =>
        typeof own === 'string' ? this.#string(own) : (own as string[]).map((text) => this.#string(text)),
      )
    }
    if (typeof value === 'number') saved.numbers = items.map((item) => numberOf(item.value as number))
    const carries = differences()
    if (items[0]?.carry !== undefined) saved.carries = items.map(({ carry }) => carries.of(this.#carry(carry!)))
    if (items.some(({ firedFrom }) => firedFrom !== undefined)) {
      saved.fired = items.map(({ at, firedFrom }) => (firedFrom === undefined ? -1 : at - firedFrom))
    }
    if (items.some(({ given }) => given !== undefined)) {
      saved.given = items.map(({ given }) => (given === undefined ? -1 : this.#contribution(given.of, false)))
    }
    if (withdrawn.length > 0) saved.withdrawn = withdrawn
    return saved
  }

  #string(text: string): number {
    let place = this.#stringTable.get(text)
    if (place === undefined) {
      place = this.#strings.push(text) - 1
      this.#stringTable.set(text, place)
    }
    return place
  }

  #carry(carry: Record<string, string>): number {
    let place = this.#carries.get(carry)
    if (place === undefined) this.#carries.set(carry, (place = this.#string(JSON.stringify(carry))))
    return place
  }

  /** The position of a record of the spool; the first record says which spool that is. */
  #seqOf(record: string): number | undefined {
    this.#spool ??= SPOOL.exec(record)?.[0]
    return this.#spool === undefined || !record.startsWith(this.#spool)
      ? undefined
      : positionOf(record, this.#spool.length)
  }

  /** @param shows whether what it shows is saved as well */
  #contribution(of: Contribution, shows: boolean): number {
    const saved = this.#contributions
    const { knownBare = of } = of
    let place = this.#contributionTable.get(of) ?? this.#contributionTable.get(knownBare)
    if (place === undefined) {
      place = saved.keys.length
      this.#contributionTable.set(of, place)
      this.#contributionTable.set(knownBare, place)
      const seq = this.#seqOf(of.key)
      saved.keys.push(seq === undefined ? of.key : this.#keys.of(seq))
      saved.at.push(this.#times.of(of.at))
      saved.orders.push(of.order)
      saved.exhibits.push(-1)
      if (of.count !== 1) saved.counts.push([place, of.count])
    }
    if (shows && saved.exhibits[place] === -1) {
      const exhibits: Exhibit[] = []
      of.showIn(exhibits)
      const places = exhibits.map((exhibit) => this.#exhibit(exhibit))
      saved.exhibits[place] = places.length === 1 ? places[0]! : places
    }
    return place
  }

  #exhibit(exhibit: Exhibit): number {
    const known = this.#exhibitTable.get(exhibit)
    if (known !== undefined) return known
    const { evidence } = exhibit
    const { system, entities } = exhibit.about
    const { record, seq, original, rule, proof } = evidence
    const saved = this.#exhibits
    const place = saved.seqs.length
    this.#exhibitTable.set(exhibit, place)
    saved.seqs.push(this.#seqOf(record) === seq ? this.#exhibitSeqs.of(seq) : [seq, record])
    const time = timeOf(evidence['@timestamp'])
    saved.times.push(time === undefined ? [evidence['@timestamp']] : this.#exhibitTimes.of(time))
    saved.lines.push(this.#string(original))
    saved.rules.push(this.#string(rule))
    saved.systems.push(system === undefined ? -1 : this.#string(system))
    saved.entities.push(entities.length)
    for (const { kind, value } of entities) saved.entities.push(this.#string(kind), this.#string(value))
    saved.proofs.push(proof.length)
    for (const own of proof) {
      const [start, end] = own.span ?? NOWHERE
      saved.proofs.push(this.#predicate(own), this.#string(own.matched), start, end)
    }
    return place
  }

  #predicate({ selection, field, eventField, modifiers, value }: Proof): number {
    const key = `${selection}\0${field}\0${eventField}\0${value}\0${modifiers.join('\0')}`
    let place = this.#predicateTable.get(key)
    if (place === undefined) {
      const texts = [selection, field, eventField, value, ...modifiers]
      place = this.#predicates.push(texts.map((text) => this.#string(text))) - 1
      this.#predicateTable.set(key, place)
    }
    return place
  }

  #episode({ settled, ...episode }: Episode): SavedEpisode {
    const places = (exhibits: readonly Exhibit[]): number[] => exhibits.map((exhibit) => this.#exhibit(exhibit))
    return { ...episode, settled: { ...settled, first: places(settled.first), newest: places(settled.newest) } }
  }
}

/** What a saved group becomes. */
interface RestoredGroup extends Pick<Group, 'agency' | 'values' | 'newest' | 'touchedAt' | 'truncated' | 'judged'> {
  settledTo?: number
  withdrawn?: Group['withdrawn']
  items: Item[]
  episodes: Episode[]
}

interface RestoredState {
  clock: number
  correlations: Record<string, SavedCorrelation>
  group(saved: SavedGroup): RestoredGroup
}

/** Reads the tables of saved state; its groups are read one by one. State of another format reads as empty. */
export function readState(saved: SavedState): RestoredState {
  const state = saved.format === FORMAT ? saved : new StateWriter().finish(-Infinity, {})
  const { spool, strings } = state
  const text = (place: number): string => strings[place]!
  const exhibits = readExhibits(state)
  const pick = (places: readonly number[]): Exhibit[] => places.map((place) => exhibits[place]!)

  const { keys, at, orders } = state.contributions
  const counts = new Map(state.contributions.counts)
  const [seqs, times] = [differences(), differences()]
  const contributions = keys.map((key, i): Contribution => {
    const of = {
      key: typeof key === 'string' ? key : `${spool}${seqs.plus(key)}`,
      at: times.plus(at[i]!),
      order: orders[i]!,
      count: counts.get(i) ?? 1,
    }
    const shown = state.contributions.exhibits[i]!
    return shown === -1 ? new Bare(of) : new Showing(of, pick(typeof shown === 'number' ? [shown] : shown))
  })
  const valueOf = (places: number | number[]): string | string[] =>
    typeof places === 'number' ? text(places) : places.map(text)
  const carries = new Map<number, Record<string, string>>()
  const carryOf = (place: number): Record<string, string> => {
    let carry = carries.get(place)
    if (carry === undefined) carries.set(place, (carry = JSON.parse(text(place)) as Record<string, string>))
    return carry
  }

  return {
    clock: state.clock ?? -Infinity,
    correlations: state.correlations,
    group({ agency, values, items, parts, texts, numbers, carries: carried, fired, given, shown, episodes, ...own }) {
      const [places, carriedAt] = [differences(), differences()]
      const isShown = shown.flatMap((length, i) => Array.from({ length }, () => i % 2 === 0))
      return {
        ...own,
        agency: text(agency),
        values: values.map(text),
        items: items.map((difference, i): Item => {
          const place = places.plus(difference)
          const of = contributions[place]!
          const value = texts ? valueOf(texts[i]!) : numbers ? Number(numbers[i]) : undefined
          const item = new Item(
            isShown[i] ? of : of.bare,
            parts?.[i] ?? 0,
            value,
            carried && carryOf(carriedAt.plus(carried[i]!)),
          )
          const reach = fired?.[i] ?? -1
          if (reach >= 0) item.firedFrom = of.at - reach
          // Whether it opens an episode follows from its neighbours, once the group is whole.
          if (given !== undefined && given[i]! >= 0) item.given = { of: contributions[given[i]!]!, opens: false }
          return item
        }),
        episodes: episodes.map(({ settled, ...episode }) => ({
          ...episode,
          settled: { ...settled, first: pick(settled.first), newest: pick(settled.newest) },
        })),
      }
    },
  }
}

function readExhibits({ spool, strings, predicates, exhibits }: SavedState): Exhibit[] {
  const text = (place: number): string => strings[place]!
  const predicateOf = predicates.map((places) => {
    const [selection, field, eventField, value, ...modifiers] = places.map(text)
    return { selection: selection!, field: field!, eventField: eventField!, modifiers, value: value! }
  })
  const [seqs, times] = [differences(), differences()]
  const [entityTuples, proofTuples] = [tuples(exhibits.entities, 2), tuples(exhibits.proofs, 4)]
  return exhibits.seqs.map((difference, i) => {
    const [seq, record] = typeof difference === 'number' ? [seqs.plus(difference)] : difference
    const time = exhibits.times[i]!
    const evidence = {
      record: record ?? `${spool}${seq}`,
      seq,
      '@timestamp': typeof time === 'number' ? new Date(times.plus(time)).toISOString() : time[0],
      original: text(exhibits.lines[i]!),
      rule: text(exhibits.rules[i]!),
      proof: proofTuples().map(([place, matched, start, end]): Proof => ({
        ...predicateOf[place!]!,
        matched: text(matched!),
        ...(start! >= 0 && { span: [start!, end!] }),
      })),
    }
    const system = exhibits.systems[i]!
    const entities = entityTuples().map(([kind, value]) => ({
      kind: text(kind!) as Entity['kind'],
      value: text(value!),
    }))
    const about = { ...(system >= 0 && { system: text(system) }), entities }
    return { evidence, about, bytes: bytesOfLine(evidence.original) }
  })
}

/** Reads, call by call, a number of tuples and then so many. */
function tuples(values: readonly number[], size: number): () => number[][] {
  let at = 0
  return () => {
    const read = Array.from({ length: values[at]! }, (_, i) => values.slice(at + 1 + i * size, at + 1 + (i + 1) * size))
    at += 1 + read.length * size
    return read
  }
}

/** Lengths of runs of true and of false, in turn; the first is of true. */
function runsOf(values: readonly boolean[]): number[] {
  const runs = [0]
  for (const value of values) {
    if (value === (runs.length % 2 === 1)) runs[runs.length - 1]!++
    else runs.push(1)
  }
  return runs
}

/** The number that stands in `record` from `start` to its end, if it is written as it would be. */
function positionOf(record: string, start: number): number | undefined {
  if (start === record.length || record.length - start > 15 || record.charCodeAt(start) === 0x30) return undefined
  let position = 0
  for (let i = start; i < record.length; i++) {
    const digit = record.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    position = position * 10 + digit
  }
  return position
}

/** Epoch milliseconds of a time that is written as they would be. */
function timeOf(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined // by contract it is, but no record may stop the log
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString() === text ? time : undefined
}

const numberOf = (value: number): number | string => (Number.isFinite(value) ? value : String(value))
