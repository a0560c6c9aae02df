import type { EcsEvent } from '../../model/event.ts'
import { classifier, type Classifier, type LogSourceRow } from '../sigma/logsource.ts'
import { covers } from '../sigma/pipeline.ts'
import { Subject, type Scalar } from '../sigma/scalar.ts'
import { gatesOf, type Network, type Node, type Slot } from './compile.ts'
import { isEmpty, keywordSubjects, prefixesOf, rawValues, scalarsOf, visitKeywordValues } from './event-values.ts'
import { FieldIndexBuilder, probe, type FieldIndex, type Hit } from './field-index.ts'

/** The rules that one class of events (one set of log sources) can meet, with the index of their gates. */
interface Partition {
  /** Dotted beginnings of the names its rules use. */
  prefixes: readonly string[]
  fields: readonly { slot: Slot; index: FieldIndex }[]
  always: readonly number[]
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
    for (const { slot, index } of partition.fields) {
      if (slot.names.length === 0) {
        this.#index = index
        visitKeywordValues(event, this.#probeKeyword)
        continue
      }
      const subjects = this.#subjectsOf(slot)
      this.#index = index
      if (subjects.length === 0) {
        if (index.present !== undefined && exists(slot, event)) this.#found(index.present)
        continue
      }
      if (index.present !== undefined) this.#found(index.present)
      for (const subject of subjects) probe(index, subject, this.#hit, this.#found)
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
      case 'value':
        for (const subject of this.#subjectsOf(slot)) if (test.holds(subject)) return true
        return false
      case 'presence':
        return test.is === 'null' ? isNull(slot, event) : exists(slot, event) === (test.is === 'exists')
      case 'fields':
        for (const subject of this.#subjectsOf(slot)) {
          for (const second of this.#subjectsOf(other!)) if (test.holds(subject, second)) return true
        }
        return false
    }
  }

  #subjectsOf({ id, names }: Slot): readonly Subject[] {
    if (this.#read[id] === this.#stamp) return this.#subjects[id]!
    this.#read[id] = this.#stamp
    return (this.#subjects[id] = this.#plainSubjects(id, names) ?? readSubjects(names, this.#event))
  }

  /** The values of a slot whose fields hold at most one scalar, at the top of the event: nearly all. */
  #plainSubjects(id: number, names: readonly string[]): readonly Subject[] | undefined {
    if (this.#nested || names.length === 0) return undefined
    let only: Scalar | undefined
    for (const name of names) {
      const value = this.#event[name]
      if (value === undefined || value === null) continue
      if (typeof value === 'object' || typeof value === 'function') return undefined
      if (only !== undefined && only !== value) return undefined
      only = value
    }
    if (only === undefined) return NONE
    const pooled = this.#pool[id]!
    pooled[0].reset(only)
    return pooled
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
    const fields = [...builders].map(([slot, builder]) => ({ slot, index: builder.build() }))
    return { prefixes: [...prefixes], fields, always }
  }
}

const NONE: readonly Subject[] = []

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
