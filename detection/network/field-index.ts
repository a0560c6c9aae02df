import type { Subject } from '../sigma/scalar.ts'
import type { Gate } from '../test.ts'
import { AffixTrie } from './affix-trie.ts'
import { FewLiterals } from './few-literals.ts'
import { GramTable } from './gram-table.ts'
import { PairTable } from './pair-table.ts'
import { COPIED, type TextBytes } from './text-bytes.ts'
import { TextsBefore, type Sought } from './texts-before.ts'
import { WholeTable } from './whole-table.ts'

/** What is known once a gate holds. */
export interface Hit {
  /** Predicates that are thereby true. */
  readonly proves: number[]
  /** Rules that may now match. */
  readonly touches: number[]
  /** The look through a text that found it last: a literal may stand there more than once. */
  found: number
}

/** Literals of so many units are looked for apart from shorter ones: not in every run of a text, but as sparsely as the shortest of them allows. */
const LONG = 7
/** A table of literals as short as these has every unit of a text looked at; so many of them are looked for one by one instead. */
const FEW_UNITS = 2
const FEW = 8
const NOT_ASCII = /[^\0-\x7f]/
/** What the texts of numbers and of `true`, `false`, `Infinity` and `NaN` are made of, folded. */
const OF_NUMBERS = /^[-+.\daefilnrstuy]*$/

/**
 * The gates of one field. Gates come and go while events pass: what a literal takes to be found is made when a text is next
 * looked at.
 */
export class FieldIndex {
  readonly #byGate = new Map<string, Hit>()
  readonly #hits: Hit[] = []
  #whole: WholeTable<Hit> | undefined
  readonly #number = new Map<string, Hit>()
  #start: AffixTrie | undefined
  #end: AffixTrie | undefined
  readonly #inside = new Literals(false)
  /** Those of them that are no longer than `FEW_UNITS`, as long as there are few; null: they are with the others. */
  #few: FewLiterals | null = new FewLiterals()
  /** Literals that are not ASCII, as the other dashes of options are: text that is has none of them. */
  readonly #insideWide = new Literals(true)
  readonly #before = new TextsBefore()
  /** Holds whenever the field has a value. */
  present: Hit | undefined
  /** Whether a literal that may stand anywhere may stand in the text of a number or a boolean. */
  mayStandInNumbers = false

  /** The gate's predicate, if it proves it, and the rule, if there is one, will be told where the gate holds. */
  add(gate: Gate, predicate: number, rule: number | undefined): void {
    const key = `${gate.at}:${gate.text}`
    let hit = this.#byGate.get(key)
    if (hit === undefined) {
      // Most hits have one of each; an array that is pushed to would keep room for sixteen more.
      hit = { proves: gate.proves ? [predicate] : [], touches: rule === undefined ? [] : [rule], found: 0 }
      this.#byGate.set(key, hit)
      this.#file(gate, hit)
      return
    }
    if (gate.proves && !hit.proves.includes(predicate)) hit.proves.push(predicate)
    if (rule !== undefined && !hit.touches.includes(rule)) hit.touches.push(rule)
  }

  /** The rule is no longer told; what the gate proves it goes on to prove. */
  remove({ at, text }: Gate, rule: number): void {
    const touches = this.#byGate.get(`${at}:${text}`)?.touches
    const place = touches?.indexOf(rule) ?? -1
    if (place >= 0) touches!.splice(place, 1)
  }

  #file({ at, text }: Gate, hit: Hit): void {
    switch (at) {
      case 'present':
        this.present = hit
        break
      case 'number':
        this.#number.set(text, hit)
        break
      case 'whole':
        this.#whole ??= new WholeTable()
        this.#whole.add(text, hit)
        break
      case 'start':
      case 'end': {
        const trie = at === 'start' ? (this.#start ??= new AffixTrie(at)) : (this.#end ??= new AffixTrie(at))
        trie.add(text, this.#hits.push(hit) - 1)
        break
      }
      case 'inside':
        this.#fileInside(text, this.#hits.push(hit) - 1)
        if (OF_NUMBERS.test(text)) this.mayStandInNumbers = true
    }
  }

  #fileInside(text: string, id: number): void {
    if (NOT_ASCII.test(text)) {
      this.#insideWide.add(text, id)
      return
    }
    if (text.length <= FEW_UNITS && this.#few !== null) {
      if (this.#few.literals.size < FEW) {
        this.#few.add(text, id)
        return
      }
      for (const [literal, own] of this.#few.literals) this.#inside.add(literal, own)
      this.#few = null
    }
    this.#inside.add(text, id)
    this.#before.clear()
  }

  /** No literal stands in a text of fewer units. */
  get shortest(): number {
    return Math.min(this.#few?.shortest ?? Infinity, this.#inside.shortest, this.#insideWide.shortest)
  }

  /** A hit by the id that the tables of literals know it by. */
  hitOf(id: number): Hit {
    return this.#hits[id]!
  }

  /**
   * Reports every gate that holds for one value, but for `present`: `hit` by its id, `found` directly.
   * Hot: two call-backs made once and text read through the fold table, so that almost nothing is allocated per value.
   */
  probe(subject: Subject, bytes: TextBytes, hit: (id: number) => void, found: (hit: Hit) => void): void {
    if (this.#number.size > 0 && subject.number !== null) {
      const exact = this.#number.get(subject.number)
      if (exact !== undefined) found(exact)
    }
    const { text } = subject
    const whole = this.#whole?.find(text)
    if (whole !== undefined) found(whole)
    this.#start?.walk(text, hit)
    this.#end?.walk(text, hit)
    this.probeInside(text, bytes, hit)
  }

  /** Reports the literals that stand anywhere in a text. */
  probeInside(text: string, bytes: TextBytes, hit: (id: number) => void): void {
    this.#few?.scan(text, hit)
    const { length } = text
    const mayBeWide = length >= this.#insideWide.shortest
    if (!mayBeWide && (length < this.#inside.shortest || !this.#inside.mayStandIn(text))) return
    bytes.set(text)
    const { likeness } = bytes
    if (likeness === undefined) this.#inside.scan(bytes, 0, length, hit)
    else this.#before.scan(bytes, likeness, this.#inside, hit)
    if (mayBeWide && !bytes.isAscii) this.#insideWide.scan(bytes, 0, length, hit)
  }
}

/** Literals that may stand anywhere in a text, with the tables that find them. */
class Literals implements Sought {
  readonly #long: Table
  readonly #short: Table
  readonly #texts = new Map<number, string>()
  longest = 0
  /** A shorter text holds none. */
  shortest = Infinity

  constructor(isWide: boolean) {
    this.#long = new Table(isWide)
    this.#short = new Table(isWide)
  }

  add(text: string, id: number): void {
    this.shortest = Math.min(this.shortest, text.length)
    this.longest = Math.max(this.longest, text.length)
    this.#texts.set(id, text)
    ;(text.length >= LONG ? this.#long : this.#short).add(text, id)
  }

  literalOf(id: number): string {
    return this.#texts.get(id)!
  }

  /** Whether it is worth looking through a text: a few units of a short one may be enough to say that it holds nothing. */
  mayStandIn(text: string): boolean {
    if (text.length >= COPIED) return true
    return this.#short.table?.mayHold(text) === true || this.#long.table?.mayHold(text) === true
  }

  scan(bytes: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    this.#short.table?.scan(bytes, from, to, hit)
    this.#long.table?.scan(bytes, from, to, hit)
  }
}

/** A table that is made when it is first used, and anew where its literals ask for another. */
class Table {
  readonly #isWide: boolean
  readonly #ids = new Map<string, number>()
  #shortest = Infinity
  #made: GramTable | PairTable | undefined

  constructor(isWide: boolean) {
    this.#isWide = isWide
  }

  add(text: string, id: number): void {
    this.#ids.set(text, id)
    this.#shortest = Math.min(this.#shortest, text.length)
    if (this.#made instanceof GramTable && text.length >= this.#made.shortest) this.#made.add(text, id)
    else this.#made = undefined
  }

  get table(): GramTable | PairTable | undefined {
    if (this.#made === undefined && this.#ids.size > 0) {
      this.#made =
        !this.#isWide && GramTable.strideFor(this.#shortest) === 1 && PairTable.takes(this.#ids.size, this.#shortest)
          ? new PairTable(this.#ids, this.#shortest)
          : new GramTable(this.#ids, this.#shortest, this.#isWide)
    }
    return this.#made
  }
}
