import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { classifier, hasOne, type Classifier, type LogSourceRow } from '../sigma/logsource.ts'
import { covers } from '../sigma/pipeline.ts'
import type { LogSource } from '../sigma/rule.ts'
import { Subject, type Scalar } from '../sigma/scalar.ts'
import type { ValueTest } from '../test.ts'
import type { Network, Predicate, Slot } from './compile.ts'
import { EventClass, PROBED, SEARCHED, type Constants, type Family } from './event-class.ts'
import { isEmpty, isSearched, keywordSubjects, rawValues, scalarsOf, visitScalars } from './event-values.ts'
import type { FieldIndex, Hit } from './field-index.ts'
import type { Field } from './field.ts'
import { Gating } from './gating.ts'
import { Keywords } from './keywords.ts'
import { KindTable } from './kind-table.ts'
import { ALL, GUARD, MANY, NOT, TEST, TEXT, type Program } from './program.ts'
import { Shapes, type Name, type Step } from './shape.ts'
import { TextBytes } from './text-bytes.ts'
import { CacheShelf, type Effect, type KnownValue } from './value-cache.ts'

/** Classes that a text is remembered for at most. */
const EFFECTS_MAX = 64

/** Events of the same log sources; those of them that come often with the same values there have a class of their own. */
interface Sources extends Family {
  whole: EventClass
  /** By the constants: fields that log sources are told by. */
  parts: Map<string, EventClass>
}

/** Events of the same values in the fields that their log sources are told by. */
interface Kind {
  /** Those fields. */
  told: readonly string[]
  sources: Sources
  class: EventClass
  events: number
}

/** So many events of one kind are worth a class of its own. */
const OFTEN = 32
const PARTS_MAX = 200
/** Places, as powers of two: for what is told by the first fields, and by the further ones. */
const KIND_BITS = [7, 6] as const
const STAMP_MAX = 0x3fffffff
/** A predicate that was tested on so many texts is cheaper to look for in all. */
const ASKED_MAX = 16

/**
 * Runs a network over events. It keeps law 5: a rule is skipped only when none of its witnesses' gates holds.
 *
 * Hot loop: one pass over the fields of the event, no allocation per rule or predicate, no exceptions, no awaiting. State per
 * event is stamped, never cleared.
 */
export class Matcher {
  readonly #network: Network
  readonly #gating: Gating
  readonly #program: Program
  /** By their numbers. */
  readonly #fields: readonly Field[]
  readonly #classifier: Classifier
  /** By fields of which every log source asks one, then by those that the log sources still possible ask besides. */
  readonly #kinds: KindTable<KindTable<Kind | undefined>>
  readonly #shapes: Shapes
  /** Fields that log sources are told by, and the values of the event in hand. */
  readonly #told: readonly string[]
  readonly #toldValues: (EcsValue | undefined)[]
  readonly #families = new Map<string, Sources>()
  /** By the rules that ask for them. */
  readonly #keywords = new Map<string, Keywords>()
  /** Rules have few distinct log sources. */
  readonly #byLogSource = new Map<string, { logsource: LogSource; rules: number[] }>()
  readonly #rows: number[] = []
  readonly #caches = new CacheShelf()
  /** Per predicate: (stamp << 1) | truth of the event it was last known for. */
  readonly #verdicts: Int32Array
  /** Per predicate, how often it was tested on a text that nothing was known about; those tested too often. */
  readonly #asked: Uint32Array
  readonly #wanted: number[] = []
  readonly #touched: Int32Array
  /** Per rule, the text it was last gathered for. */
  readonly #gathered: Int32Array
  #gathering = 0
  /** Per slot: the values of the event it was last read for, and that event's stamp. */
  readonly #subjects: (readonly Subject[])[]
  readonly #read: Int32Array
  readonly #fieldsOf: (readonly Field[])[]
  /** Per slot, the subject of its value where it has just one, and an array of it: made once, used for every event. */
  readonly #pool: (readonly [Subject])[]
  readonly #probed = new Subject('')
  readonly #bytes = new TextBytes()
  /** Looks through texts there were. */
  #look = 0
  /** Gates that were found to hold, in all looks. */
  #finds = 0
  /** Where hits are noted instead, while a value is looked at for the first time. */
  #noted: Hit[] | undefined
  /** Whether the event has objects that a dotted name may lead into. */
  #nested = false
  readonly #candidates: number[] = []
  #candidateCount = 0
  /** What texts of the event in hand prove, and how many of those have been written down: none until a condition is run. */
  readonly #proofs: Effect[] = []
  #proofCount = 0
  #written = 0
  #stamp = 0
  #event!: EcsEvent
  #class!: EventClass
  #index!: FieldIndex
  /** What filters kept out of the event just matched: pairs of a rule's position and the filter's id. */
  readonly hidden: { rule: number; filter: string }[] = []
  /** Per rule, how often its condition was run. */
  readonly evaluated: Float64Array
  /** Per rule, nanoseconds its condition took on the events that were timed. */
  readonly #nanos: Float64Array

  constructor(network: Network, rows: readonly LogSourceRow[]) {
    this.#network = network
    this.#classifier = classifier(rows)
    this.#told = [...new Set(rows.flatMap(({ when }) => when.map(([field]) => field)))]
    this.#toldValues = this.#told.map(() => undefined)
    this.#gating = new Gating(network, new Set(this.#told))
    this.#program = this.#gating.program
    this.#fields = this.#gating.fields
    this.#kinds = this.#tables(rows)
    this.#shapes = new Shapes((name) => ({
      field: this.#gating.fieldOf(name),
      toldAt: this.#told.indexOf(name),
      leads: this.#gating.prefixes.has(name),
    }))
    network.rules.forEach(({ mapped: { logsource } }, rule) => {
      const key = JSON.stringify([logsource.product, logsource.category, logsource.service])
      const own = this.#byLogSource.get(key)
      if (own === undefined) this.#byLogSource.set(key, { logsource, rules: [rule] })
      else own.rules.push(rule)
    })
    this.#verdicts = new Int32Array(network.predicates.length)
    this.#asked = new Uint32Array(network.predicates.length)
    this.#touched = new Int32Array(network.rules.length)
    this.#gathered = new Int32Array(network.rules.length)
    this.#subjects = network.slots.map(() => NONE)
    this.#fieldsOf = network.slots.map(({ names }) => names.map((name) => this.#gating.fieldOf(name)!))
    this.#read = new Int32Array(network.slots.length)
    this.#pool = network.slots.map(() => [new Subject('')])
    this.evaluated = new Float64Array(network.rules.length)
    this.#nanos = new Float64Array(network.rules.length)
  }

  readonly #hit = (id: number): void => this.#found(this.#index.hitOf(id))

  readonly #found = (hit: Hit): void => {
    if (hit.found === this.#look) return
    hit.found = this.#look
    this.#finds++
    if (this.#noted === undefined) this.#apply(hit)
    else this.#noted.push(hit)
  }

  #apply(effect: Effect): void {
    if (effect === NO_EFFECT) return
    const { proves, touches } = effect
    if (proves.length > 0) this.#proofs[this.#proofCount++] = effect
    const stamp = this.#stamp
    for (let i = 0; i < touches.length; i++) {
      const rule = touches[i]!
      if (this.#touched[rule] === stamp) continue
      this.#touched[rule] = stamp
      if (this.#class.has(rule)) this.#candidates[this.#candidateCount++] = rule
    }
  }

  #prove(predicates: readonly number[]): void {
    const truth = this.#stamp * 2 + 1
    for (let i = 0; i < predicates.length; i++) this.#verdicts[predicates[i]!] = truth
  }

  /**
   * Positions in the network's rules of those that match, ascending, into `matches`; returns how many, or -1 for an event of
   * no known log source.
   * @param timed whether to measure what every rule costs
   */
  match(event: EcsEvent, matches: number[], timed: boolean): number {
    this.#begin()
    this.#event = event
    // An object of a shape that V8 has replaced since takes the new one where a property is read by its name, but not in a loop over
    // names; that loop would read by name ever after, 20 names in 260 ns instead of 64.
    void event['@timestamp']
    this.#tell(event)
    const told = this.#toldValues
    const kind = this.#kinds.find(told).find(told)
    if (this.hidden.length > 0) this.hidden.length = 0
    if (kind === undefined) return -1
    if (kind.events < OFTEN && ++kind.events === OFTEN) kind.class = this.#partOf(kind)
    const own = kind.class
    const { token } = own
    own.weighing.events++
    this.#class = own
    const begun = timed ? performance.now() : 0
    const { constantKeywords } = own
    for (let i = 0; i < constantKeywords.length; i++) this.#apply(constantKeywords[i]!)
    this.#probeAll(own)
    if (this.#nested || own.token !== token) this.#probeAgain(own)
    if (timed) this.#share(own, (performance.now() - begun) * 1e6)
    let count = 0
    if (this.#candidateCount > 0 || own.always.length > 0 || own.weighing.isDue) this.#writeProofs()
    for (let i = 0; i < this.#candidateCount; i++) count = this.#run(this.#candidates[i]!, matches, count, timed)
    for (const rule of own.always) {
      if (this.#touched[rule] !== this.#stamp) count = this.#run(rule, matches, count, timed)
    }
    if (own.weighing.isDue) this.#weigh(own)
    for (let i = 1; i < count; i++) insert(matches, i)
    return count
  }

  #begin(): void {
    if (++this.#stamp >= STAMP_MAX) this.#restart()
    this.#candidateCount = 0
    this.#proofCount = 0
    this.#written = 0
  }

  /** What tells the log sources of the event, and whether it has objects that fields may stand in. */
  #tell(event: EcsEvent): void {
    const told = this.#toldValues
    for (let i = 0; i < told.length; i++) told[i] = undefined
    this.#nested = false
    let step = this.#shapes.start
    for (const key in event) {
      const { next } = step
      step = next !== undefined && next.key === key ? next : this.#shapes.follow(step, key)
      if (!step.tells) continue
      const value = event[key]
      const { toldAt, leads } = step.name
      if (toldAt >= 0) told[toldAt] = value
      if (leads && typeof value === 'object' && value !== null) this.#nested = true
    }
  }

  /**
   * Looks at what the class has it look at. The values are read in the loop over the names, which costs next to nothing; to ask the
   * event for them by their names costs ten times as much.
   */
  #probeAll(own: EventClass): void {
    const event = this.#event
    const searchedFrom = own.keywords?.index.shortest ?? 0
    const inNumbers = own.keywords?.index.mayStandInNumbers ?? false
    let step = this.#shapes.start
    for (const key in event) {
      const { next } = step
      step = next !== undefined && next.key === key ? next : this.#shapes.follow(step, key)
      const action = own.actionOn(step)
      if (action === 0) continue
      const value = event[key]
      if (typeof value !== 'string') {
        if (action !== SEARCHED || typeof value !== 'number' || inNumbers) this.#probeOther(step.name, action, value)
      } else if (action !== SEARCHED) this.#probeText(step.name, action, value)
      else if (value.length >= searchedFrom && !own.isPlain(step, value)) this.#searchAs(step, value)
    }
  }

  #writeProofs(): void {
    while (this.#written < this.#proofCount) this.#prove(this.#proofs[this.#written++]!.proves)
  }

  /** Books the time of looking through an event on the fields that were looked through. */
  #share(own: EventClass, nanos: number): void {
    const fields = Object.keys(this.#event).flatMap((name) => {
      const field = this.#gating.fieldOf(name)
      return field !== undefined && own.probes(field) ? [field] : []
    })
    for (const field of fields) field.nanos += nanos / fields.length
  }

  /** Per rule, nanoseconds of the events that were timed: of its condition, and its share of what it has in common with others. */
  nanos(): Float64Array {
    return this.#gating.sharedNanos().map((shared, rule) => shared + this.#nanos[rule]!)
  }

  /** What the event has at the top in a field that rules ask about. */
  #valueOf(field: Field): EcsValue | undefined {
    return ownValue(this.#event, field.name)
  }

  #weigh(own: EventClass): void {
    for (const predicate of this.#wanted) this.#gating.settle(predicate)
    this.#wanted.length = 0
    const { keywords } = own
    if (keywords?.settle() === true) {
      for (const each of this.#classes()) if (each.keywords === keywords) each.searchAnew()
    }
    const moved = own.weighing.weigh(this.#holdsPart)
    if (moved.length === 0) return
    for (const each of this.#classes()) for (const rule of moved) each.admit(rule)
  }

  /** Forgets the values it has met, as if it had just begun; what it knows of rules and classes stays. */
  forget(): void {
    this.#caches.clear()
    for (const own of this.#classes()) own.forget()
  }

  #classes(): EventClass[] {
    return [...this.#families.values()].flatMap(({ whole, parts }) => [whole, ...parts.values()])
  }

  #restart(): void {
    this.#stamp = 1
    this.#touched.fill(0)
    this.#gathered.fill(0)
    this.#gathering = 0
    this.#verdicts.fill(0)
    this.#read.fill(0)
    this.#gating.restart()
  }

  #probeText({ field }: Name, action: number, text: string): void {
    const known = (action & PROBED) === 0 ? undefined : this.#know(field!, text)
    if (known === undefined) {
      if ((action & SEARCHED) !== 0) this.#search(text)
    } else if (known.of === this.#class.token && !this.#nested) this.#apply(known.effect)
    else this.#apply(this.#effectOf(known, field!, (action & SEARCHED) === 0 ? undefined : text))
  }

  /** No text: another scalar, a list, an object, or nothing. */
  #probeOther(own: Name, action: number, value: EcsValue | undefined): void {
    if (typeof value === 'number' || typeof value === 'boolean') {
      // To make texts of the numbers that keywords are looked for in costs more than all that follows.
      if (action !== SEARCHED || this.#class.keywords!.index.mayStandInNumbers)
        this.#probeText(own, action, String(value))
      return
    }
    const { name, field } = own
    if ((action & PROBED) !== 0) {
      this.#note(field!, value)
      if (value !== undefined && field!.index.present !== undefined) this.#apply(field!.index.present)
      for (const scalar of scalarsOf(this.#event, [name])) this.#probeIndex(field!.index, scalar)
    }
    if ((action & SEARCHED) !== 0) visitScalars(value, this.#search)
  }

  /** That a field has something else than one text. */
  #note(field: Field, value: EcsValue | undefined): void {
    field.stamp = this.#stamp
    field.known = undefined
    field.absent = value === undefined || value === null
  }

  /** What is known of a text in a field; undefined where it is not worth keeping, and its hits are applied. */
  #know(field: Field, text: string): KnownValue | undefined {
    field.stamp = this.#stamp
    field.absent = false
    const known = field.cache?.get(text)
    if (known === undefined) return (field.known = this.#learn(field, text))
    if (!known.again) known.again = true
    return (field.known = known)
  }

  #learn(field: Field, text: string): KnownValue | undefined {
    const cache = (field.cache ??= this.#caches.add())
    if (!cache.takes(text)) {
      this.#probeIndex(field.index, text)
      if (field.index.present !== undefined) this.#apply(field.index.present)
      return undefined
    }
    const hits: Hit[] = []
    this.#noted = hits
    this.#probeIndex(field.index, text)
    if (field.index.present !== undefined) this.#found(field.index.present)
    this.#noted = undefined
    const known: KnownValue = {
      again: false,
      of: 0,
      effect: NO_EFFECT,
      hits: hits.length === 0 ? NO_HITS : hits,
      others: undefined,
      verdicts: undefined,
    }
    cache.set(text, known)
    return known
  }

  /**
   * What a text, which the event in hand has, does to the class of the event; from now on that is what it is known for.
   * @param searched the text, where keywords are looked for in it
   */
  #effectOf(known: KnownValue, field: Field, searched: string | undefined): Effect {
    const { token } = this.#class
    if (this.#nested) return this.#effectOn(known, field, searched)
    let effect = known.others?.get(token)
    if (effect === undefined) {
      effect = this.#effectOn(known, field, searched)
      if (known.of !== 0) {
        known.others ??= new Map([[known.of, known.effect]])
        if (known.others.size > EFFECTS_MAX) known.others.clear()
        known.others.set(token, effect)
      }
    }
    known.of = token
    return (known.effect = effect)
  }

  #effectOn({ hits }: KnownValue, field: Field, searched: string | undefined): Effect {
    let own = hits
    if (searched !== undefined) {
      const more: Hit[] = []
      this.#noted = more
      this.#search(searched)
      this.#noted = undefined
      if (more.length > 0) own = [...hits, ...more]
    }
    if (own.length === 0) return NO_EFFECT
    const proves: number[] = []
    for (const hit of own) for (const predicate of hit.proves) proves.push(predicate)
    this.#prove(proves)
    const touches = this.#touchedBy(own, field)
    return touches.length + proves.length === 0 ? NO_EFFECT : { touches, proves }
  }

  /** The rules that hits touch, each once, but for those that the text in hand rules out by itself. */
  #touchedBy(hits: readonly Hit[], field: Field): readonly number[] {
    const own = this.#class
    const touches: number[] = []
    const stamp = ++this.#gathering
    for (const hit of hits) {
      for (const rule of hit.touches) {
        if (this.#gathered[rule] === stamp || !own.has(rule)) continue
        this.#gathered[rule] = stamp
        if (this.#nested || !this.#isRuledOut(rule, field)) touches.push(rule)
      }
    }
    return touches
  }

  /** Whether what the field in hand has is enough to say that a rule does not match. */
  #isRuledOut(rule: number, field: Field): boolean {
    const place = this.#class.placeOf(rule)
    const { words } = this.#program
    const end = this.#program.conditionOf(place)
    for (let at = place + 1; at < end; at += GUARD) {
      if (words[at] !== field.id || this.#mayBeElsewhere(words[at + 1]!, field)) continue
      if (!this.#holds(words[at + 2]!)) return true
    }
    return false
  }

  /** Whether events of the class may have the values of a slot in another field than this one. */
  #mayBeElsewhere(slot: number, field: Field): boolean {
    for (const other of this.#fieldsOf[slot]!) if (other !== field && this.#class.hasMet(other)) return true
    return false
  }

  #probeIndex(index: FieldIndex, scalar: Scalar): void {
    this.#index = index
    this.#look++
    this.#probed.reset(scalar)
    index.probe(this.#probed, this.#bytes, this.#hit, this.#found)
  }

  /** Keywords are looked for in the values as they come: copies are made only for the few that a rule then tests. */
  readonly #search = (scalar: Scalar): void => {
    const text = typeof scalar === 'string' ? scalar : String(scalar)
    const { index } = this.#class.keywords!
    this.#index = index
    this.#look++
    index.probeInside(text, this.#bytes, this.#hit)
  }

  /** `#search` in a text of a name in which nothing but keywords is looked for. */
  #searchAs(step: Step, text: string): void {
    const before = this.#finds
    this.#search(text)
    if (this.#finds === before) this.#class.notePlain(step, text)
  }

  /**
   * The event has a field that no other of its class had, so that what its texts rule out may not be so; or it has objects, in
   * which fields may stand. What was touched before stays touched.
   */
  #probeAgain(own: EventClass): void {
    this.#probeAll(own)
    if (!this.#nested) return
    for (const { name, index } of own.deep) {
      const values = rawValues(this.#event, name)
      if (values.length > 0 && index.present !== undefined) this.#apply(index.present)
      for (const scalar of scalarsOf(this.#event, [name])) this.#probeIndex(index, scalar)
    }
  }

  #run(rule: number, matches: number[], count: number, timed: boolean): number {
    const place = this.#program.conditionOf(this.#class.placeOf(rule))
    this.evaluated[rule]!++
    this.#class.weighing.runs[rule]!++
    const begun = timed ? performance.now() : 0
    const holds = this.#holds(place) && (this.#network.rules[rule]!.filters.length === 0 || this.#passes(rule))
    if (timed) this.#nanos[rule]! += (performance.now() - begun) * 1e6
    if (!holds) return count
    matches[count] = rule
    return count + 1
  }

  /** Whether every filter of a rule that holds lets the event pass; notes those that do not. */
  #passes(rule: number): boolean {
    let passes = true
    for (const { filter, place } of this.#gating.filtersAt(rule)) {
      if (this.#holds(place)) continue
      passes = false
      this.hidden.push({ rule, filter })
    }
    return passes
  }

  readonly #holdsPart = (place: number): boolean => this.#holds(place)

  #holds(place: number): boolean {
    const { words } = this.#program
    switch (words[place]) {
      case TEST: {
        const predicate = words[place + 1]!
        const known = this.#verdicts[predicate]! - this.#stamp * 2
        if (known === 0) return false
        if (known === 1) return true
        const isSettled = this.#gating.settled[predicate] === 1 && !this.#nested
        const truth = isSettled ? this.#isFound(predicate, words[place + 2]!) : this.#test(predicate)
        this.#verdicts[predicate] = this.#stamp * 2 + (truth ? 1 : 0)
        return truth
      }
      case NOT:
        return !this.#holds(words[place + 1]!)
      case TEXT: {
        const known = this.#knownTo(this.#fieldsOf[words[place + 1]!]!)
        if (known === undefined) return this.#holds(words[place + 2]!)
        let truth = known.verdicts?.get(-place)
        if (truth === undefined) {
          truth = this.#holds(words[place + 2]!)
          known.verdicts = (known.verdicts ?? new Map<number, boolean>()).set(-place, truth)
        }
        return truth
      }
      case ALL:
        return !this.#some(place, false)
      default:
        return this.#some(place, true)
    }
  }

  /** Whether some part of a list comes out as `wanted`; it moves forward, since the next event is likely to be alike. */
  #some(list: number, wanted: boolean): boolean {
    const { words } = this.#program
    const first = list + 2
    const end = first + words[list + 1]!
    for (let at = first; at < end; at++) {
      const part = words[at]!
      if (this.#holds(part) !== wanted) continue
      if (at > first) {
        words[at] = words[at - 1]!
        words[at - 1] = part
      }
      return true
    }
    return false
  }

  /** Whether the indexes found what they look for by themselves, in fields that the class may not have had them look at. */
  #isFound(predicate: number, field: number): boolean {
    if (field === MANY) {
      for (const each of this.#fieldsOf[this.#network.predicates[predicate]!.slot.id]!) this.#seeTo(each)
    } else this.#seeTo(this.#fields[field]!)
    return this.#verdicts[predicate] === this.#stamp * 2 + 1
  }

  #seeTo(field: Field): void {
    if (field.stamp !== this.#stamp) this.#lookAt(field)
  }

  #test(predicate: number): boolean {
    const asked = this.#network.predicates[predicate]!
    const { test, slot } = asked
    if (test.about !== 'value' || slot.names.length === 0) {
      return !this.#wasSearchedFor(predicate, slot) && this.#decide(asked)
    }
    const known = this.#knownTo(this.#fieldsOf[slot.id]!)
    if (known === undefined) {
      if (++this.#asked[predicate]! === ASKED_MAX) this.#wanted.push(predicate)
      return this.#decide(asked)
    }
    let truth = known.verdicts?.get(predicate)
    if (truth === undefined) {
      truth = this.#decide(asked)
      known.verdicts = (known.verdicts ?? new Map<number, boolean>()).set(predicate, truth)
    }
    return truth
  }

  /** Whether a test asks for a keyword that was looked for in all texts of the event before conditions are run. */
  #wasSearchedFor(predicate: number, slot: Slot): boolean {
    return slot.names.length === 0 && this.#class.keywords?.isSettled(predicate) === true
  }

  /** What is known of the text that a slot has in this event, if it has just one, at the top, and not for the first time. */
  #knownTo(fields: readonly Field[]): KnownValue | undefined {
    if (this.#nested) return undefined
    let only: KnownValue | undefined
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      this.#seeTo(field)
      if (field.absent) continue
      if (only !== undefined || field.known === undefined) return undefined
      only = field.known
    }
    return only?.again === true ? only : undefined
  }

  /** Reads a field that the class does not probe, because no gate of its rules is there. */
  #lookAt(field: Field): void {
    const value = this.#valueOf(field)
    if (typeof value === 'object' || value === undefined) {
      this.#note(field, value)
      for (const scalar of scalarsOf(this.#event, [field.name])) this.#probeIndex(field.index, scalar)
    } else {
      const known = this.#know(field, typeof value === 'string' ? value : String(value))
      if (known !== undefined) for (const { proves } of known.hits) this.#prove(proves)
    }
    this.#writeProofs()
  }

  #decide({ test, slot, other }: Predicate): boolean {
    switch (test.about) {
      case 'value':
        return holdsForAny(test, this.#subjectsOf(slot))
      case 'presence':
        return test.is === 'null' ? this.#isNull(slot) : this.#exists(slot) === (test.is === 'exists')
      case 'fields':
        for (const subject of this.#subjectsOf(slot)) {
          for (const second of this.#subjectsOf(other!)) if (test.holds(subject, second)) return true
        }
        return false
    }
  }

  /** Whether the event has one of the fields at all, be it null. */
  #exists({ id, names }: Slot): boolean {
    if (this.#nested) return names.some((name) => rawValues(this.#event, name).length > 0)
    for (const field of this.#fieldsOf[id]!) if (this.#valueOf(field) !== undefined) return true
    return false
  }

  /** Whether every one of the fields is absent or null. */
  #isNull({ id, names }: Slot): boolean {
    if (this.#nested) return names.every((name) => rawValues(this.#event, name).every(isEmpty))
    for (const field of this.#fieldsOf[id]!) {
      const value = this.#valueOf(field)
      if (value !== undefined && !isEmpty(value)) return false
    }
    return true
  }

  #subjectsOf({ id, names }: Slot): readonly Subject[] {
    if (this.#read[id] === this.#stamp) return this.#subjects[id]!
    this.#read[id] = this.#stamp
    const only = this.#onlyValue(this.#fieldsOf[id]!)
    if (only === SEVERAL) return (this.#subjects[id] = readSubjects(names, this.#event))
    if (only === undefined) return (this.#subjects[id] = NONE)
    const pooled = this.#pool[id]!
    pooled[0].reset(only)
    return (this.#subjects[id] = pooled)
  }

  /** The value of a field that holds at most one scalar, at the top of the event: nearly all do. */
  #onlyValue(fields: readonly Field[]): Scalar | undefined | typeof SEVERAL {
    if (this.#nested || fields.length === 0) return SEVERAL
    let only: Scalar | undefined
    for (const field of fields) {
      const value = this.#valueOf(field)
      if (value === undefined || value === null) continue
      if (typeof value === 'object' || typeof value === 'function') return SEVERAL
      if (only !== undefined && only !== value) return SEVERAL
      only = value
    }
    return only
  }

  #tables(rows: readonly LogSourceRow[]): KindTable<KindTable<Kind | undefined>> {
    const first = coverOf(rows)
    const placesOf = (fields: readonly string[]): number[] => fields.map((field) => this.#told.indexOf(field))
    return new KindTable(placesOf(first), KIND_BITS[0], () => {
      const event = this.#event
      const possible = rows.filter(({ when }) =>
        when.every(([field, values]) => !first.includes(field) || hasOne(values, event[field])),
      )
      const further = new Set(possible.flatMap(({ when }) => when.map(([field]) => field)))
      for (const field of first) further.delete(field)
      const told = [...first, ...further]
      return new KindTable(placesOf([...further]), further.size === 0 ? 1 : KIND_BITS[1], () => {
        const family = this.#familyOf(this.#event)
        return family && { told, sources: family, class: family.whole, events: 0 }
      })
    })
  }

  #familyOf(event: EcsEvent): Sources | undefined {
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
      const keywords = this.#keywordsOf(rules)
      const whole = new EventClass(this.#network, this.#gating, { rules, keywords }, undefined)
      this.#families.set(key, (family = { rules, keywords, whole, parts: new Map() }))
    }
    return family
  }

  /** What keywords of the rules are looked for: most families have the same few, and one table of them stays in the cache of a core. */
  #keywordsOf(rules: readonly number[]): Keywords | undefined {
    const asking = rules.filter((rule) => this.#gating.hasKeywords(rule))
    if (asking.length === 0) return undefined
    const key = asking.join(' ')
    let keywords = this.#keywords.get(key)
    if (keywords === undefined) {
      const gates = new Map(asking.map((rule) => [rule, this.#gating.gatesOf(rule) ?? []]))
      this.#keywords.set(key, (keywords = new Keywords(this.#network, gates)))
    }
    return keywords
  }

  /** The class of those of a family that agree with the event in hand in all that log sources are told by. */
  #partOf({ told, sources }: Kind): EventClass {
    const constants = new Map<string, Scalar>()
    for (const name of told) {
      const value = this.#event[name]
      if (value !== undefined && value !== null && typeof value !== 'object') constants.set(name, value)
    }
    const key = JSON.stringify([...constants])
    let part = sources.parts.get(key)
    if (part === undefined) {
      if (sources.parts.size >= PARTS_MAX) return sources.whole
      part = new EventClass(this.#network, this.#gating, sources, this.#constants(constants, sources))
      sources.parts.set(key, part)
    }
    return part
  }

  #constants(values: ReadonlyMap<string, Scalar>, { keywords }: Family): Constants {
    const truths = new Map<number, boolean>()
    for (const predicate of this.#gating.told) {
      const asked = this.#network.predicates[predicate]!
      if (asked.test.about === 'fields' || !values.has(asked.slot.names[0]!)) continue
      truths.set(predicate, this.#decide(asked))
    }
    return {
      truthOf: (predicate) => truths.get(predicate),
      fields: new Set(values.keys()),
      keywords: () => this.#keywordsIn(values, keywords),
    }
  }

  #keywordsIn(values: ReadonlyMap<string, Scalar>, keywords: Keywords | undefined): readonly Hit[] {
    const hits = new Set<Hit>()
    for (const [name, value] of values) {
      if (!isSearched(name)) continue
      keywords?.index.probeInside(String(value), this.#bytes, (id) => hits.add(keywords.index.hitOf(id)))
    }
    return [...hits]
  }
}

/** Puts a number among those before it, which ascend: there are few, and a call-back would be compiled for them anew by every matcher. */
function insert(numbers: number[], from: number): void {
  const number = numbers[from]!
  let at = from
  for (; at > 0 && numbers[at - 1]! > number; at--) numbers[at] = numbers[at - 1]!
  numbers[at] = number
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
const NO_HITS: readonly Hit[] = []
const NO_EFFECT: Effect = { touches: [], proves: [] }

/** What an event has at the top under a name. Its values are data: what an object inherits is none. */
function ownValue(event: EcsEvent, name: string): EcsValue | undefined {
  const value = event[name]
  return typeof value === 'function' || value === Object.prototype ? undefined : value
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
