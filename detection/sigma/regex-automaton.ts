import { codesOf } from './regex-dialect.ts'
import type { RegexNode } from './regex-syntax.ts'

/** Units that it knows; a text with any other is for another engine. */
const UNITS = 0x80
/** Instructions of an expression, repeats written out. */
const INSTRUCTIONS_MAX = 2000
/** States kept; when there are more, all are made anew. */
const STATES_MAX = 1000
/** Entries that one text may have worked out: so many, and one more for so many units. With more, another engine is faster. */
const WORKED_OUT_MAX = [1000, 16] as const

/** In place of a unit: the text is at its end. */
const NO_UNIT = -1
/** What stands before a place, or behind it, as far as edges ask. */
const OTHER = 0
const WORD = 1
const LINE = 2
const END = 3

/** Entries of the table that are no states: not worked out yet; no match can come; a match has come. */
const UNKNOWN = 0
const NEVER = 1
const MATCHED = 2
const STATES_FROM = 3

type Edge = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'wordEdge' | 'noWordEdge'

type Instruction =
  | { op: 'unit'; units: Uint8Array; next: number }
  | { op: 'edge'; at: Edge; next: number }
  | { op: 'either'; next: number; other: number }
  | { op: 'match' }

interface State {
  /** Instructions at which the text so far may be, in order. */
  places: Uint16Array
  before: number
}

/**
 * Tells whether a regular expression stands in an ASCII text, in one look at each unit (K. Thompson, 1968; RE2's lazy automaton). All places at
 * which the text may be in the expression are followed at once; where a unit leads from them is worked out when it first comes, and
 * is then an entry of a table. The time is linear in the text whatever it is: one that asks for too many entries is sent elsewhere.
 *
 * Hot: allocates nothing where all entries are known.
 */
export class RegexAutomaton {
  readonly #program: readonly Instruction[]
  readonly #start: number
  /** Whether a match begins where the text does. */
  readonly #isAnchored: boolean
  /** What every match begins with: where none has begun, the next such place is leapt to. */
  readonly #begin: string
  readonly #hasEdges: boolean
  /** Of each unit, its class: nothing in the expression tells units of one class apart. */
  readonly #classOf: Uint8Array
  /** Of each class, one of its units. */
  readonly #unitOf: readonly number[]
  /** Entries of a row: one for each class, and one for the end of the text. */
  readonly #width: number
  #table = new Int32Array(0)
  #states: State[] = []
  /** Where a state's row begins. */
  readonly #rows = new Map<string, number>()
  #first = 0
  /** What is being worked out, by its number: the instructions it came by, and those it leads to. */
  #round = 0
  readonly #walked: Float64Array
  readonly #notedIn: Float64Array
  readonly #noted: Uint16Array
  #count = 0

  private constructor(program: readonly Instruction[], start: number, isAnchored: boolean, begin: string) {
    this.#program = program
    this.#start = start
    this.#isAnchored = isAnchored
    this.#begin = begin
    this.#walked = new Float64Array(program.length)
    this.#notedIn = new Float64Array(program.length)
    this.#noted = new Uint16Array(program.length)
    this.#hasEdges = program.some(({ op }) => op === 'edge')
    const sets = [...new Set(program.flatMap((own) => (own.op === 'unit' ? [own.units] : [])))]
    const classes = new Map<string, number>()
    const unitOf: number[] = []
    this.#classOf = Uint8Array.from({ length: UNITS }, (_, unit) => {
      const key = `${this.#kindOf(unit)}${sets.map((units) => units[unit]).join('')}`
      if (!classes.has(key)) classes.set(key, unitOf.push(unit) - 1)
      return classes.get(key)!
    })
    this.#unitOf = unitOf
    this.#width = unitOf.length + 1
    this.#forget()
  }

  /**
   * @param node without Unicode properties
   * @param flags of `i`, `m`, `s`
   * @returns undefined for an expression that is too large
   */
  static of(node: RegexNode, flags: ReadonlySet<string>): RegexAutomaton | undefined {
    if (sizeOf(node) > INSTRUCTIONS_MAX) return undefined
    const program: Instruction[] = [{ op: 'match' }]
    const sets = new Map<string, Uint8Array>()
    const add = (own: Instruction): number => program.push(own) - 1
    /** Where `own` begins, when `next` comes after it. */
    const compile = (own: RegexNode, next: number): number => {
      switch (own.kind) {
        case 'char':
        case 'dot':
        case 'set': {
          const units = unitsOf(own, flags)
          const known = sets.get(units.join(''))
          if (known === undefined) sets.set(units.join(''), units)
          return add({ op: 'unit', units: known ?? units, next })
        }
        case 'edge':
          return add({ op: 'edge', at: edgeOf(own.at, flags.has('m')), next })
        case 'sequence':
          return own.of.reduceRight((after, part) => compile(part, after), next)
        case 'choice':
          return own.of
            .map((part) => compile(part, next))
            .reduceRight((other, first) => add({ op: 'either', next: first, other }))
        case 'repeat': {
          let entry = next
          if (own.max === Infinity) {
            const loop = { op: 'either' as const, next, other: next }
            entry = add(loop)
            loop.other = compile(own.of, entry)
          } else {
            for (let i = own.min; i < own.max; i++)
              entry = add({ op: 'either', next: compile(own.of, entry), other: next })
          }
          for (let i = 0; i < own.min; i++) entry = compile(own.of, entry)
          return entry
        }
      }
    }
    const start = compile(node, 0)
    return new RegexAutomaton(program, start, beginsAtStart(node, flags.has('m')), beginOf(node, flags))
  }

  /** Whether the expression stands in the text; undefined where another engine is to say. */
  test(text: string): boolean | undefined {
    const { length } = text
    const classOf = this.#classOf
    const begin = this.#begin
    let table = this.#table
    let left = WORKED_OUT_MAX[0] + length / WORKED_OUT_MAX[1]
    let row = this.#first
    for (let i = 0; i < length; i++) {
      if (begin !== '' && row === this.#first) {
        i = text.indexOf(begin, i)
        if (i < 0) return false
      }
      const unit = text.charCodeAt(i)
      if (unit >= UNITS) return undefined
      let next = table[row + classOf[unit]!]!
      if (next < STATES_FROM) {
        if (next === UNKNOWN) {
          if (--left < 0) return undefined
          next = this.#workOut(row, classOf[unit]!)
          table = this.#table
        }
        if (next === MATCHED) return true
        if (next === NEVER) return false
      }
      row = next
    }
    const end = this.#width - 1
    return (table[row + end] || this.#workOut(row, end)) === MATCHED
  }

  /** Forgets all states but the first. */
  #forget(): void {
    this.#rows.clear()
    this.#states = []
    this.#table = new Int32Array(STATES_FROM + this.#width * 8)
    this.#first = this.#rowOf(Uint16Array.of(this.#start), this.#hasEdges ? END : OTHER)
  }

  /** Where the row of a state begins. */
  #rowOf(places: Uint16Array, before: number): number {
    const key = String.fromCharCode(before, ...places)
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = STATES_FROM + this.#states.length * this.#width
      this.#states.push({ places, before })
      this.#rows.set(key, row)
      if (row + this.#width > this.#table.length) {
        const more = new Int32Array(this.#table.length * 2)
        more.set(this.#table)
        this.#table = more
      }
    }
    return row
  }

  /** Where a class, or the end of the text, leads from a state. */
  #workOut(row: number, to: number): number {
    const { places, before } = this.#states[(row - STATES_FROM) / this.#width]!
    const unit = this.#unitOf[to] ?? NO_UNIT
    const behind = unit === NO_UNIT ? END : this.#kindOf(unit)
    this.#round++
    this.#count = 0
    if (!this.#isAnchored) this.#note(this.#start)
    for (let i = 0; i < places.length; i++) {
      if (this.#walk(places[i]!, unit, before, behind)) return (this.#table[row + to] = MATCHED)
    }
    if (this.#count === 0 || unit === NO_UNIT) return (this.#table[row + to] = NEVER)
    const next = this.#noted.slice(0, this.#count).sort()
    const isFull = this.#states.length >= STATES_MAX
    if (isFull) this.#forget()
    const leadsTo = this.#rowOf(next, behind)
    if (!isFull) this.#table[row + to] = leadsTo
    return leadsTo
  }

  /** Notes where a unit leads from an instruction; true where that is a match. */
  #walk(from: number, unit: number, before: number, behind: number): boolean {
    let at = from
    for (;;) {
      if (this.#walked[at] === this.#round) return false
      this.#walked[at] = this.#round
      const own = this.#program[at]!
      switch (own.op) {
        case 'match':
          return true
        case 'either':
          if (this.#walk(own.next, unit, before, behind)) return true
          at = own.other
          break
        case 'edge':
          if (!isAt(own.at, before, behind)) return false
          at = own.next
          break
        case 'unit':
          if (unit !== NO_UNIT && own.units[unit] === 1) this.#note(own.next)
          return false
      }
    }
  }

  #note(place: number): void {
    if (this.#notedIn[place] === this.#round) return
    this.#notedIn[place] = this.#round
    this.#noted[this.#count++] = place
  }

  #kindOf(unit: number): number {
    if (!this.#hasEdges) return OTHER
    return unit === 0x0a ? LINE : /\w/.test(String.fromCharCode(unit)) ? WORD : OTHER
  }
}

function sizeOf(node: RegexNode): number {
  switch (node.kind) {
    case 'char':
    case 'dot':
    case 'set':
    case 'edge':
      return 1
    case 'sequence':
    case 'choice':
      return node.of.reduce((sum, part) => sum + sizeOf(part) + 1, 0)
    case 'repeat':
      return (sizeOf(node.of) + 1) * (node.max === Infinity ? node.min + 1 : node.max)
  }
}

/** Of each unit, 1 where it is one of the node's. */
function unitsOf(node: RegexNode & { kind: 'char' | 'dot' | 'set' }, flags: ReadonlySet<string>): Uint8Array {
  const isNegated = node.kind === 'set' && node.negated
  const units = new Uint8Array(UNITS).fill(isNegated ? 1 : 0)
  for (const [from, to] of codesOf(node, flags)) units.fill(isNegated ? 0 : 1, from, to + 1)
  return units
}

/** The characters that every match begins with, as they are written. */
function beginOf(node: RegexNode, flags: ReadonlySet<string>): string {
  if (node.kind === 'char') return codesOf(node, flags).length === 1 ? node.char : ''
  if (node.kind !== 'sequence') return ''
  const other = node.of.findIndex((part) => beginOf(part, flags) === '' || part.kind !== 'char')
  return (other < 0 ? node.of : node.of.slice(0, other)).map((part) => beginOf(part, flags)).join('')
}

function edgeOf(at: (RegexNode & { kind: 'edge' })['at'], isMultiline: boolean): Edge {
  switch (at) {
    case 'A':
      return 'textStart'
    case 'z':
      return 'textEnd'
    case '^':
      return isMultiline ? 'lineStart' : 'textStart'
    case '$':
      return isMultiline ? 'lineEnd' : 'textEnd'
    case 'b':
      return 'wordEdge'
    case 'B':
      return 'noWordEdge'
  }
}

function isAt(edge: Edge, before: number, behind: number): boolean {
  switch (edge) {
    case 'textStart':
      return before === END
    case 'textEnd':
      return behind === END
    case 'lineStart':
      return before === END || before === LINE
    case 'lineEnd':
      return behind === END || behind === LINE
    case 'wordEdge':
      return (before === WORD) !== (behind === WORD)
    case 'noWordEdge':
      return (before === WORD) === (behind === WORD)
  }
}

function beginsAtStart(node: RegexNode, isMultiline: boolean): boolean {
  if (node.kind === 'edge') return edgeOf(node.at, isMultiline) === 'textStart'
  return node.kind === 'sequence' && node.of.length > 0 && beginsAtStart(node.of[0]!, isMultiline)
}
