import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { classifier, type Classifier, type LogSourceRow } from '../sigma/logsource.ts'
import { covers } from '../sigma/pipeline.ts'
import { Subject, type Scalar } from '../sigma/scalar.ts'
import type { ValueTest } from '../test.ts'
import { gatesOf, type Network, type Node, type Slot } from './compile.ts'
import { isEmpty, isSearched, keywordSubjects, prefixesOf, rawValues, scalarsOf, visitScalars } from './event-values.ts'
import { FieldIndexBuilder, isCostly, probe, type FieldIndex, type Hit } from './field-index.ts'
import { ValueCache, type KnownValue } from './value-cache.ts'

/** The rules that one class of events (one set of log sources) can meet, with the index of their gates. */
interface Partition {
  /** Dotted beginnings of the names its rules use. */
  prefixes: readonly string[]
  fields: readonly PartitionField[]
  /** Index of keywords, searched in the whole event. */
  keywords: FieldIndex | undefined
  /** By name of a field of the event: the slot whose cache may know its value, or one of the marks below. */
  places: Map<string, number>
  always: readonly number[]
}

const NOT_CACHED = -1
const NOT_SEARCHED = -2
const NAMES_MAX = 10_000

interface PartitionField {
  slot: Slot
  index: FieldIndex
  /** Absent where a look-up in the index is as cheap. */
  cache: ValueCache | undefined
}

/** Partitions by the rows that hold, ascending; each is built when its first event comes. */
interface PartitionTree {
  partition?: Partition
  next: Map<number, PartitionTree>
}

const STAMP_MAX = 0x3fffffff

/**
 * Runs a network over events. It keeps law 5: a rule is skipped only when none of its witnesses' gates holds.
 *
 * Hot loop: no allocation per rule or predicate, no exceptions, no awaiting. State per event is stamped, never cleared.
 */
export class Matcher {
  readonly #network: Network
  readonly #classifier: Classifier
  readonly #root: PartitionTree = { next: new Map() }
  readonly #rows: number[] = []
  /** Per predicate: (stamp << 1) | truth of the event it was last known for. */
  readonly #verdicts: Float64Array
  readonly #touched: Int32Array
  /** Per slot: the values of the event it was last read for, and that event's stamp. */
  readonly #subjects: (readonly Subject[])[]
  readonly #read: Int32Array
  /** Per slot, the subject of its value where it has just one, and an array of it: made once, used for every event. */
  readonly #pool: (readonly [Subject])[]
  /** Per slot: what is known about its only value, while the slot is read from there. */
  readonly #known: (KnownValue | undefined)[]
  /** Where hits are noted besides, while a value is looked at for the first time. */
  #noted: Hit[] | undefined
  /** Whether the event has objects that a dotted name may lead into. */
  #nested = false
  readonly #candidates: number[] = []
  #candidateCount = 0
  #stamp = 0
  #event!: EcsEvent
  #index!: FieldIndex
  /** Per rule, how often its condition was run. */
  readonly evaluated: Float64Array
  /** Per rule, nanoseconds its condition took on the events that were timed. */
  readonly nanos: Float64Array

  constructor(network: Network, rows: readonly LogSourceRow[]) {
    this.#network = network
    this.#classifier = classifier(rows)
    this.#verdicts = new Float64Array(network.predicates.length)
    this.#touched = new Int32Array(network.rules.length)
    this.#subjects = network.slots.map(() => NONE)
    this.#read = new Int32Array(network.slots.length)
    this.#pool = network.slots.map(() => [new Subject('')])
    this.#known = network.slots.map(() => undefined)
    this.evaluated = new Float64Array(network.rules.length)
    this.nanos = new Float64Array(network.rules.length)
  }

  readonly #hit = (id: number): void => this.#found(this.#index.hits[id]!)

  /** Keywords are looked for in the values as they come: copies are made only for the few that a rule then tests. */
  readonly #probeKeyword = (scalar: Scalar): void => {
    if (this.#index.present !== undefined) this.#found(this.#index.present)
    const text = typeof scalar === 'string' ? scalar : String(scalar)
    for (const table of this.#index.inside) table.scan(text, this.#hit)
  }

  readonly #found = (hit: Hit): void => {
    this.#noted?.push(hit)
    const truth = this.#stamp * 2 + 1
    for (const predicate of hit.proves) this.#verdicts[predicate] = truth
    for (const rule of hit.touches) {
      if (this.#touched[rule] === this.#stamp) continue
      this.#touched[rule] = this.#stamp
      this.#candidates[this.#candidateCount++] = rule
    }
  }

  /**
   * Positions in the network's rules of those that match, ascending, into `matches`; returns how many, or -1 for an event of
   * no known log source.
   * @param timed whether to measure the condition of every rule that is run
   */
  match(event: EcsEvent, matches: number[], timed: boolean): number {
    const partition = this.#partitionOf(event)
    if (partition === undefined) return -1
    if (++this.#stamp >= STAMP_MAX) {
      this.#stamp = 1
      this.#touched.fill(0)
      this.#verdicts.fill(0)
      this.#read.fill(0)
    }
    this.#event = event
    this.#candidateCount = 0
    this.#nested = false
    for (const prefix of partition.prefixes) if (typeof event[prefix] === 'object') this.#nested = true
    for (const field of partition.fields) this.#probeField(field)
    if (partition.keywords !== undefined) {
      this.#index = partition.keywords
      for (const name in event) this.#probeKeywords(placeOf(partition.places, name), event[name])
    }
    let count = 0
    for (let i = 0; i < this.#candidateCount; i++) count = this.#run(this.#candidates[i]!, matches, count, timed)
    for (const rule of partition.always) count = this.#run(rule, matches, count, timed)
    if (count > 1) {
      matches.length = count
      matches.sort((a, b) => a - b)
    }
    return count
  }

  #probeField({ slot, index, cache }: PartitionField): void {
    const value = this.#onlyValue(slot.names)
    this.#index = index
    if (value === undefined || value === SEVERAL || cache === undefined || !cache.takes(value)) {
      const subjects = this.#fill(slot, value)
      if (index.present !== undefined && (subjects.length > 0 || exists(slot, this.#event))) this.#found(index.present)
      for (const subject of subjects) probe(index, subject, this.#hit, this.#found)
      return
    }
    let known = cache.get(value)
    if (known === undefined) {
      known = { subjects: [new Subject(value)], hits: [], keywords: undefined, verdicts: undefined }
      cache.set(value, known)
      this.#noted = known.hits
      if (index.present !== undefined) this.#found(index.present)
      probe(index, known.subjects[0], this.#hit, this.#found)
      this.#noted = undefined
    } else for (const hit of known.hits) this.#found(hit)
    this.#read[slot.id] = this.#stamp
    this.#subjects[slot.id] = known.subjects
    this.#known[slot.id] = known
  }

  /** A value that a cache knows was searched before, mostly. */
  #probeKeywords(place: number, value: EcsValue | undefined): void {
    if (place === NOT_SEARCHED) return
    const known = place === NOT_CACHED || this.#read[place] !== this.#stamp ? undefined : this.#known[place]
    if (known === undefined || known.subjects[0].value !== value) {
      visitScalars(value, this.#probeKeyword)
    } else if (known.keywords === undefined) {
      this.#noted = known.keywords = []
      this.#probeKeyword(value)
      this.#noted = undefined
    } else for (const hit of known.keywords) this.#found(hit)
  }

  #run(rule: number, matches: number[], count: number, timed: boolean): number {
    this.evaluated[rule]!++
    const begun = timed ? performance.now() : 0
    const holds = this.#holds(this.#network.rules[rule]!.node)
    if (timed) this.nanos[rule]! += (performance.now() - begun) * 1e6
    if (!holds) return count
    matches[count] = rule
    return count + 1
  }

  #holds(node: Node): boolean {
    switch (node.op) {
      case 'test':
        return this.#truth(node.predicate)
      case 'not':
        return !this.#holds(node.of)
      case 'and':
        for (const part of node.of) if (!this.#holds(part)) return false
        return true
      case 'or':
        for (const part of node.of) if (this.#holds(part)) return true
        return false
      case 'never':
        return false
    }
  }

  #truth(predicate: number): boolean {
    const known = this.#verdicts[predicate]! - this.#stamp * 2
    if (known === 0) return false
    if (known === 1) return true
    const truth = this.#test(predicate)
    this.#verdicts[predicate] = this.#stamp * 2 + (truth ? 1 : 0)
    return truth
  }

  #test(predicate: number): boolean {
    const { test, slot, other } = this.#network.predicates[predicate]!
    const event = this.#event
    switch (test.about) {
      case 'value': {
        const subjects = this.#subjectsOf(slot)
        const known = this.#known[slot.id]
        if (known === undefined) return holdsForAny(test, subjects)
        let truth = known.verdicts?.get(predicate)
        if (truth === undefined) {
          truth = holdsForAny(test, subjects)
          known.verdicts = (known.verdicts ?? new Map<number, boolean>()).set(predicate, truth)
        }
        return truth
      }
      case 'presence':
        return test.is === 'null' ? isNull(slot, event) : exists(slot, event) === (test.is === 'exists')
      case 'fields':
        for (const subject of this.#subjectsOf(slot)) {
          for (const second of this.#subjectsOf(other!)) if (test.holds(subject, second)) return true
        }
        return false
    }
  }

  #subjectsOf(slot: Slot): readonly Subject[] {
    if (this.#read[slot.id] === this.#stamp) return this.#subjects[slot.id]!
    return this.#fill(slot, this.#onlyValue(slot.names))
  }

  #fill({ id, names }: Slot, only: Scalar | undefined | typeof SEVERAL): readonly Subject[] {
    this.#read[id] = this.#stamp
    this.#known[id] = undefined
    if (only === SEVERAL) return (this.#subjects[id] = readSubjects(names, this.#event))
    if (only === undefined) return (this.#subjects[id] = NONE)
    const pooled = this.#pool[id]!
    pooled[0].reset(only)
    return (this.#subjects[id] = pooled)
  }

  /** The value of a field that holds at most one scalar, at the top of the event: nearly all do. */
  #onlyValue(names: readonly string[]): Scalar | undefined | typeof SEVERAL {
    if (this.#nested || names.length === 0) return SEVERAL
    let only: Scalar | undefined
    for (const name of names) {
      const value = this.#event[name]
      if (value === undefined || value === null) continue
      if (typeof value === 'object' || typeof value === 'function') return SEVERAL
      if (only !== undefined && only !== value) return SEVERAL
      only = value
    }
    return only
  }

  #partitionOf(event: EcsEvent): Partition | undefined {
    const count = this.#classifier.classify(event, this.#rows)
    if (count === 0) return undefined
    let tree = this.#root
    for (let i = 0; i < count; i++) {
      const row = this.#rows[i]!
      let next = tree.next.get(row)
      if (next === undefined) tree.next.set(row, (next = { next: new Map() }))
      tree = next
    }
    return (tree.partition ??= this.#build(this.#rows.slice(0, count)))
  }

  #build(rows: readonly number[]): Partition {
    const sources = rows.flatMap((row) => this.#classifier.rows[row]!.sources)
    const always: number[] = []
    const builders = new Map<Slot, FieldIndexBuilder>()
    const prefixes = new Set<string>()
    const addPrefixes = (node: Node): void => {
      if (node.op === 'not') addPrefixes(node.of)
      else if (node.op === 'and' || node.op === 'or') node.of.forEach(addPrefixes)
      else if (node.op === 'test') {
        const { slot, other } = this.#network.predicates[node.predicate]!
        for (const name of [...slot.names, ...(other?.names ?? [])])
          for (const prefix of prefixesOf(name)) prefixes.add(prefix)
      }
    }
    this.#network.rules.forEach(({ mapped, node, witness }, rule) => {
      if (!sources.some((source) => covers(mapped.logsource, source))) return
      addPrefixes(node)
      if (witness === undefined) always.push(rule)
      for (const predicate of witness ?? []) {
        const { slot, test } = this.#network.predicates[predicate]!
        let builder = builders.get(slot)
        if (builder === undefined) builders.set(slot, (builder = new FieldIndexBuilder()))
        for (const gate of gatesOf(test)) builder.add(gate, predicate, rule)
      }
    })
    const places = new Map<string, number>()
    let keywords: FieldIndex | undefined
    const fields: PartitionField[] = []
    for (const [slot, builder] of builders) {
      const index = builder.build()
      if (slot.names.length === 0) {
        keywords = index
        continue
      }
      const cache = isCostly(index) ? new ValueCache() : undefined
      fields.push({ slot, index, cache })
      if (cache !== undefined) for (const name of slot.names) if (isSearched(name)) places.set(name, slot.id)
    }
    return { prefixes: [...prefixes], fields, keywords, places, always }
  }
}

/** More than one value, or one that is not a scalar at the top of the event. */
const SEVERAL = Symbol('several')
const NONE: readonly Subject[] = []

function placeOf(places: Map<string, number>, name: string): number {
  let place = places.get(name)
  if (place === undefined) {
    place = isSearched(name) ? NOT_CACHED : NOT_SEARCHED
    if (places.size < NAMES_MAX) places.set(name, place)
  }
  return place
}

function holdsForAny(test: ValueTest, subjects: readonly Subject[]): boolean {
  for (const subject of subjects) if (test.holds(subject)) return true
  return false
}

function readSubjects(names: readonly string[], event: EcsEvent): readonly Subject[] {
  if (names.length === 0) return keywordSubjects(event)
  const scalars = scalarsOf(event, names)
  // Where two names of one field hold the same, it is looked at once.
  if (scalars.length === 2 && scalars[0] === scalars[1]) scalars.pop()
  return scalars.length === 0 ? NONE : scalars.map((scalar) => new Subject(scalar))
}

/** Whether the event has one of the fields at all, be it null. */
function exists({ names }: Slot, event: EcsEvent): boolean {
  return names.some((name) => rawValues(event, name).length > 0)
}

/** Whether every one of the fields is absent or null. */
function isNull({ names }: Slot, event: EcsEvent): boolean {
  return names.every((name) => rawValues(event, name).every(isEmpty))
}
