import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { classifier, hasOne, type Classifier, type LogSourceRow } from '../sigma/logsource.ts'
import { covers } from '../sigma/pipeline.ts'
import type { LogSource } from '../sigma/rule.ts'
import { Subject, type Scalar } from '../sigma/scalar.ts'
import type { ValueTest } from '../test.ts'
import type { Network, Slot } from './compile.ts'
import { EventClass, keptRules, type ClassNode, type FieldPlan, type TestNode } from './event-class.ts'
import { isEmpty, keywordSubjects, rawValues, scalarsOf, visitScalars } from './event-values.ts'
import { probe, probeInside, type FieldIndex, type Hit } from './field-index.ts'
import { KindTable } from './kind-table.ts'
import { CacheShelf, type KnownValue } from './value-cache.ts'

/** Events of the same log sources; those of them that come often with the same values there have a class of their own. */
interface Family {
  /** Positions of the rules for these log sources. */
  rules: readonly number[]
  whole: EventClass
  /** By the constants: fields that log sources are told by. */
  parts: Map<string, EventClass>
}

/** Events of the same values in the fields that their log sources are told by. */
interface Kind {
  /** Those fields. */
  told: readonly string[]
  family: Family
  class: EventClass
  events: number
}

/** So many events of one kind are worth a class of its own. */
const OFTEN = 32
const PARTS_MAX = 200
/** Places, as powers of two: for what is told by the first fields, and by the further ones. */
const KIND_BITS = [9, 6] as const
const STAMP_MAX = 0x3fffffff

/**
 * Runs a network over events. It keeps law 5: a rule is skipped only when none of its witnesses' gates holds.
 *
 * Hot loop: one pass over the fields of the event, no allocation per rule or predicate, no exceptions, no awaiting. State per
 * event is stamped, never cleared.
 */
export class Matcher {
  readonly #network: Network
  readonly #classifier: Classifier
  /** By fields of which every log source asks one, then by those that the log sources still possible ask besides. */
  #kinds: KindTable<KindTable<Kind | undefined>>
  readonly #families = new Map<string, Family>()
  /** Rules have few distinct log sources. */
  readonly #byLogSource = new Map<string, { logsource: LogSource; rules: number[] }>()
  readonly #rows: number[] = []
  readonly #caches = new CacheShelf()
  /** Per predicate: (stamp << 1) | truth of the event it was last known for. */
  readonly #verdicts: Float64Array
  readonly #touched: Int32Array
  /** Per rule, the text it was last gathered for. */
  readonly #gathered: Int32Array
  #gathering = 0
  /** Per slot: the values of the event it was last read for, and that event's stamp. */
  readonly #subjects: (readonly Subject[])[]
  readonly #read: Int32Array
  /** Per slot, the subject of its value where it has just one, and an array of it: made once, used for every event. */
  readonly #pool: (readonly [Subject])[]
  readonly #probed = new Subject('')
  /** Looks through texts there were. */
  #look = 0
  /** Where hits are noted instead, while a value is looked at for the first time. */
  #noted: Hit[] | undefined
  /** Whether the event has objects that a dotted name may lead into. */
  #nested = false
  readonly #candidates: number[] = []
  #candidateCount = 0
  #stamp = 0
  #event!: EcsEvent
  #class!: EventClass
  #index!: FieldIndex
  /** Per rule, how often its condition was run. */
  readonly evaluated: Float64Array
  /** Per rule, nanoseconds its condition took on the events that were timed. */
  readonly nanos: Float64Array

  constructor(network: Network, rows: readonly LogSourceRow[]) {
    this.#network = network
    this.#classifier = classifier(rows)
    this.#kinds = this.#tables(rows)
    network.rules.forEach(({ mapped: { logsource } }, rule) => {
      const key = JSON.stringify([logsource.product, logsource.category, logsource.service])
      const own = this.#byLogSource.get(key)
      if (own === undefined) this.#byLogSource.set(key, { logsource, rules: [rule] })
      else own.rules.push(rule)
    })
    this.#verdicts = new Float64Array(network.predicates.length)
    this.#touched = new Int32Array(network.rules.length)
    this.#gathered = new Int32Array(network.rules.length)
    this.#subjects = network.slots.map(() => NONE)
    this.#read = new Int32Array(network.slots.length)
    this.#pool = network.slots.map(() => [new Subject('')])
    this.evaluated = new Float64Array(network.rules.length)
    this.nanos = new Float64Array(network.rules.length)
  }

  readonly #hit = (id: number): void => this.#found(this.#index.hits[id]!)

  readonly #found = (hit: Hit): void => {
    if (hit.found === this.#look) return
    hit.found = this.#look
    if (this.#noted === undefined) this.#apply(hit)
    else this.#noted.push(hit)
  }

  #apply({ proves, touches }: Pick<KnownValue, 'proves' | 'touches'>): void {
    const stamp = this.#stamp
    const truth = stamp * 2 + 1
    for (let i = 0; i < proves.length; i++) this.#verdicts[proves[i]!] = truth
    for (let i = 0; i < touches.length; i++) {
      const place = touches[i]!
      if (this.#touched[place] === stamp) continue
      this.#touched[place] = stamp
      this.#candidates[this.#candidateCount++] = place
    }
  }

  /**
   * Positions in the network's rules of those that match, ascending, into `matches`; returns how many, or -1 for an event of
   * no known log source.
   * @param timed whether to measure the condition of every rule that is run
   */
  match(event: EcsEvent, matches: number[], timed: boolean): number {
    if (++this.#stamp >= STAMP_MAX) this.#restart()
    this.#event = event
    this.#nested = false
    const kind = this.#kinds.find(event).find(event)
    if (kind === undefined) return -1
    if (kind.events < OFTEN && ++kind.events === OFTEN) kind.class = this.#partOf(kind)
    const own = kind.class
    own.events++
    this.#class = own
    this.#candidateCount = 0
    let plan = own.start
    for (const name in event) {
      const next = plan.next
      plan = next !== undefined && next.name === name ? next : own.follow(plan, name)
      if (!plan.idle) this.#probe(plan, event[name])
    }
    if (this.#nested) this.#probeDeep(own)
    let count = 0
    for (let i = 0; i < this.#candidateCount; i++) count = this.#run(this.#candidates[i]!, matches, count, timed)
    for (const place of own.always) {
      if (this.#touched[place] !== this.#stamp) count = this.#run(place, matches, count, timed)
    }
    own.weigh(this.#holdsPart)
    if (count > 1) {
      matches.length = count
      matches.sort((a, b) => a - b)
    }
    return count
  }

  /** Forgets the values it has met, as if it had just begun; what it knows of rules and classes stays. */
  forget(): void {
    this.#caches.clear()
  }

  #restart(): void {
    this.#stamp = 1
    this.#touched.fill(0)
    this.#gathered.fill(0)
    this.#gathering = 0
    this.#verdicts.fill(0)
    this.#read.fill(0)
    this.#kinds = this.#tables(this.#classifier.rows)
    this.#families.clear()
  }

  #probe(plan: FieldPlan, value: EcsValue | undefined): void {
    if (typeof value === 'string') {
      if (plan.index === undefined) {
        if (plan.searched) this.#search(value)
        return
      }
      const known = this.#know(plan, value)
      if (known !== undefined) this.#apply(known)
      return
    }
    this.#note(plan, value)
    if (value === undefined) return
    if (plan.leads && typeof value === 'object' && value !== null) this.#nested = true
    if (plan.index !== undefined) {
      if (plan.index.present !== undefined) this.#apply(plan.index.present)
      for (const scalar of typeof value === 'object' ? scalarsOf(this.#event, [plan.name]) : [value]) {
        this.#probeIndex(plan.index, scalar)
      }
    }
    if (plan.searched) visitScalars(value, this.#search)
  }

  /** That a field has something else than one text. */
  #note(plan: FieldPlan, value: EcsValue | undefined): void {
    plan.stamp = this.#stamp
    plan.known = undefined
    plan.absent = value === undefined || value === null
  }

  #know(plan: FieldPlan, text: string): KnownValue | undefined {
    plan.stamp = this.#stamp
    plan.absent = false
    const known = plan.cache!.get(text)
    if (known === undefined) return (plan.known = this.#learn(plan, text))
    if (!known.again) known.again = true
    return (plan.known = known)
  }

  /** What a text that the cache does not know matches; undefined where it is not worth keeping, and then noted for the event alone. */
  #learn(plan: FieldPlan, text: string): KnownValue | undefined {
    const cache = plan.cache!
    const keeps = cache.takes(text)
    const noted: Hit[] = []
    if (keeps) this.#noted = noted
    if (plan.index !== undefined) {
      this.#probeIndex(plan.index, text)
      if (plan.index.present !== undefined) this.#found(plan.index.present)
    }
    if (plan.searched) this.#search(text)
    this.#noted = undefined
    if (!keeps) return undefined
    const proves = noted.length === 1 ? noted[0]!.proves : noted.flatMap((hit) => hit.proves)
    for (const predicate of proves) this.#verdicts[predicate] = this.#stamp * 2 + 1
    const known: KnownValue = { touches: NONE_TOUCHED, proves, again: false, verdicts: undefined }
    plan.known = known
    known.touches = this.#touchedBy(noted, plan)
    cache.set(text, known)
    return known
  }

  /** The rules that hits touch, each once, but for those that the text in hand rules out by itself. */
  #touchedBy(hits: readonly Hit[], plan: FieldPlan): readonly number[] {
    if (hits.length === 0) return NONE_TOUCHED
    const own = this.#class
    const touches: number[] = []
    const stamp = ++this.#gathering
    for (const hit of hits) {
      for (const place of hit.touches) {
        if (this.#gathered[place] === stamp) continue
        this.#gathered[place] = stamp
        const guard = own.ruleAt(place).guards.get(plan)
        if (guard === undefined || this.#holds(guard)) touches.push(place)
      }
    }
    return touches
  }

  #probeIndex(index: FieldIndex, scalar: Scalar): void {
    this.#index = index
    this.#look++
    this.#probed.reset(scalar)
    probe(index, this.#probed, this.#hit, this.#found)
  }

  /** Keywords are looked for in the values as they come: copies are made only for the few that a rule then tests. */
  readonly #search = (scalar: Scalar): void => {
    const text = typeof scalar === 'string' ? scalar : String(scalar)
    const index = this.#class.keywords!
    this.#index = index
    this.#look++
    probeInside(index, text, this.#hit)
  }

  /** Fields that stand inside objects. Those at the top were probed already; to find them once more is harmless. */
  #probeDeep(own: EventClass): void {
    for (const { name, index } of own.deep) {
      const values = rawValues(this.#event, name)
      if (values.length > 0 && index!.present !== undefined) this.#apply(index!.present)
      for (const scalar of scalarsOf(this.#event, [name])) this.#probeIndex(index!, scalar)
    }
  }

  #run(place: number, matches: number[], count: number, timed: boolean): number {
    const { rule, node } = this.#class.ruleAt(place)
    this.evaluated[rule]!++
    this.#class.runs[place]!++
    const begun = timed ? performance.now() : 0
    const holds = this.#holds(node)
    if (timed) this.nanos[rule]! += (performance.now() - begun) * 1e6
    if (!holds) return count
    matches[count] = rule
    return count + 1
  }

  readonly #holdsPart = (node: ClassNode): boolean => this.#holds(node)

  #holds(node: ClassNode): boolean {
    switch (node.op) {
      case 'test': {
        const known = this.#verdicts[node.predicate]! - this.#stamp * 2
        if (known === 0) return false
        if (known === 1) return true
        if (node.settled) return false
        const truth = this.#test(node)
        this.#verdicts[node.predicate] = this.#stamp * 2 + (truth ? 1 : 0)
        return truth
      }
      case 'not':
        return !this.#holds(node.of)
      case 'text': {
        const known = this.#knownTo(node.plans)
        if (known === undefined) return this.#holds(node.of)
        let truth = known.verdicts?.get(node.id)
        if (truth === undefined) {
          truth = this.#holds(node.of)
          known.verdicts = (known.verdicts ?? new Map<number, boolean>()).set(node.id, truth)
        }
        return truth
      }
      case 'and':
        return !this.#some(node.of, false)
      case 'or':
        return this.#some(node.of, true)
    }
  }

  /** Whether some part comes out as `wanted`; it moves forward, since the next event is likely to be alike. */
  #some(parts: ClassNode[], wanted: boolean): boolean {
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!
      if (this.#holds(part) !== wanted) continue
      if (i > 0) {
        parts[i] = parts[i - 1]!
        parts[i - 1] = part
      }
      return true
    }
    return false
  }

  #test(node: TestNode): boolean {
    const known = node.plans.length === 0 ? undefined : this.#knownTo(node.plans)
    if (known === undefined) return this.#decide(node)
    let truth = known.verdicts?.get(node.predicate)
    if (truth === undefined) {
      truth = this.#decide(node)
      known.verdicts = (known.verdicts ?? new Map<number, boolean>()).set(node.predicate, truth)
    }
    return truth
  }

  /** What is known of the text that a slot has in this event, if it has just one, at the top, and not for the first time. */
  #knownTo(plans: readonly FieldPlan[]): KnownValue | undefined {
    if (this.#nested) return undefined
    let only: KnownValue | undefined
    for (let i = 0; i < plans.length; i++) {
      const plan = plans[i]!
      if (plan.stamp !== this.#stamp) this.#lookAt(plan)
      if (plan.absent) continue
      if (only !== undefined || plan.known === undefined) return undefined
      only = plan.known
    }
    return only?.again === true ? only : undefined
  }

  #lookAt(plan: FieldPlan): void {
    const value = this.#event[plan.name]
    if (typeof value === 'string') this.#know(plan, value)
    else this.#note(plan, value)
  }

  #decide({ test, slot, other }: Pick<TestNode, 'test' | 'slot' | 'other'>): boolean {
    const event = this.#event
    switch (test.about) {
      case 'value':
        return holdsForAny(test, this.#subjectsOf(slot))
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
    const only = this.#onlyValue(names)
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

  #tables(rows: readonly LogSourceRow[]): KindTable<KindTable<Kind | undefined>> {
    const first = coverOf(rows)
    return new KindTable(first, KIND_BITS[0], (event) => {
      const possible = rows.filter(({ when }) =>
        when.every(([field, values]) => !first.includes(field) || hasOne(values, event[field])),
      )
      const further = new Set(possible.flatMap(({ when }) => when.map(([field]) => field)))
      for (const field of first) further.delete(field)
      const told = [...first, ...further]
      return new KindTable([...further], further.size === 0 ? 1 : KIND_BITS[1], (own) => {
        const family = this.#familyOf(own)
        return family && { told, family, class: family.whole, events: 0 }
      })
    })
  }

  #familyOf(event: EcsEvent): Family | undefined {
    const count = this.#classifier.classify(event, this.#rows)
    if (count === 0) return undefined
    const rows = this.#rows.slice(0, count)
    const key = rows.join(' ')
    let family = this.#families.get(key)
    if (family === undefined) {
      const sources = rows.flatMap((row) => this.#classifier.rows[row]!.sources)
      const rules = [...this.#byLogSource.values()]
        .flatMap((own) => (sources.some((source) => covers(own.logsource, source)) ? own.rules : []))
        .sort((a, b) => a - b)
      const kept = keptRules(this.#network, rules, () => undefined)
      const whole = new EventClass(this.#network, kept, this.#caches)
      this.#families.set(key, (family = { rules, whole, parts: new Map() }))
    }
    return family
  }

  /** The class of those of a family that agree with the event in hand in all that log sources are told by. */
  #partOf({ told, family }: Kind): EventClass {
    const constants = new Map<string, Scalar>()
    for (const name of told) {
      const value = this.#event[name]
      if (value !== undefined && value !== null && typeof value !== 'object') constants.set(name, value)
    }
    const key = JSON.stringify([...constants])
    let part = family.parts.get(key)
    if (part === undefined) {
      if (family.parts.size >= PARTS_MAX) return family.whole
      const { predicates } = this.#network
      const known = (predicate: number): boolean | undefined => {
        const { slot, test } = predicates[predicate]!
        if (slot.names.length !== 1 || test.about === 'fields' || !constants.has(slot.names[0]!)) return undefined
        return this.#decide({ test, slot, other: undefined })
      }
      const kept = keptRules(this.#network, family.rules, known)
      const same =
        kept.length === family.rules.length && kept.every(({ rule, node }) => node === this.#network.rules[rule]!.node)
      part = same ? family.whole : new EventClass(this.#network, kept, this.#caches)
      family.parts.set(key, part)
    }
    return part
  }
}

/** Fields of which every row asks at least one. */
function coverOf(rows: readonly LogSourceRow[]): string[] {
  const cover: string[] = []
  let left = rows.map(({ when }) => when.map(([field]) => field))
  while (left.length > 0) {
    const counts = new Map<string, number>()
    for (const field of left.flat()) counts.set(field, (counts.get(field) ?? 0) + 1)
    const [best] = [...counts].reduce((most, own) => (own[1] > most[1] ? own : most))
    cover.push(best)
    left = left.filter((fields) => !fields.includes(best))
  }
  return cover
}

/** More than one value, or one that is not a scalar at the top of the event. */
const SEVERAL = Symbol('several')
const NONE: readonly Subject[] = []
const NONE_TOUCHED: readonly number[] = []

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
