import { codesOf } from './regex-dialect.ts'
import { CODE_MAX, type RegexNode } from './regex-syntax.ts'

/** Places in an expression at most: repeats with numbers are written out. */
const PLACES_MAX = 1000
/** States kept at most; then all are forgotten, and those that are needed made anew. */
const STATES_MAX = 500
const CLASSES_MAX = 200
const ASCII = 128

/** A place in an expression, and where to go from there. */
type Place =
  | { kind: 'take'; classes: ReadonlySet<number>; to: number }
  | { kind: 'either'; to: number[] }
  | { kind: 'start' | 'end'; to: number }
  | { kind: 'match' }

/** A set of places that a text read so far can have led to. */
interface State {
  places: readonly number[]
  matches: boolean
  /** Whether it does if the text ends here. */
  matchesAtEnd: boolean
  /** By the class of the next character; made when first needed. */
  next: (State | undefined)[]
}

/**
 * Tells whether a regular expression stands anywhere in a text, in one pass: a deterministic automaton over classes of
 * characters, whose states are made as texts lead to them (Thompson's construction; Aho, Sethi, Ullman §3.7). Every character costs at
 * most one new state, so time is linear whatever the text. It does not tell where the expression stands.
 */
export class RegexAutomaton {
  readonly #places: readonly Place[]
  readonly #ascii: Uint8Array
  /** Where classes of characters begin, ascending. */
  readonly #starts: readonly number[]
  readonly #states = new Map<string, State>()
  readonly #fresh: readonly number[]
  #first: State

  private constructor(places: readonly Place[], { starts }: Classes, entry: number) {
    this.#places = places
    this.#starts = starts
    this.#ascii = Uint8Array.from({ length: ASCII }, (_, code) => this.#search(code))
    this.#fresh = this.#closure([entry], 'inside')
    this.#first = this.#stateOf(this.#closure([entry], 'start'))
  }

  /** Undefined for an expression with look at words or lines, with properties of Unicode, or too large a one. */
  static of(node: RegexNode, flags: ReadonlySet<string>): RegexAutomaton | undefined {
    if (!isSupported(node, flags)) return undefined
    const classes = classesOf(node, flags)
    if (classes.starts.length > CLASSES_MAX) return undefined
    const places: Place[] = [{ kind: 'match' }]
    const entry = build(node, 0, places, (own) => classes.of(codesOf(own, flags)))
    return entry === undefined ? undefined : new RegexAutomaton(places, classes, entry)
  }

  test(text: string): boolean {
    let state = this.#first
    if (state.matches) return true
    const ascii = this.#ascii
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i)
      if (code >= 0xd800 && code <= 0xdbff) {
        code = text.codePointAt(i)!
        if (code > 0xffff) i++
      }
      const own = code < ASCII ? ascii[code]! : this.#search(code)
      state = state.next[own] ?? this.#step(state, own)
      if (state.matches) return true
    }
    return state.matchesAtEnd
  }

  #search(code: number): number {
    let [low, high] = [0, this.#starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= code) low = middle
      else high = middle - 1
    }
    return low
  }

  #step(from: State, own: number): State {
    const taken: number[] = []
    for (const place of from.places) {
      const at = this.#places[place]!
      if (at.kind === 'take' && at.classes.has(own)) taken.push(at.to)
    }
    // A match may begin at every character.
    const next = this.#stateOf([...new Set([...this.#closure(taken, 'inside'), ...this.#fresh])])
    return (from.next[own] = next)
  }

  #stateOf(places: readonly number[]): State {
    const sorted = places.toSorted((a, b) => a - b)
    const key = sorted.join()
    let state = this.#states.get(key)
    if (state === undefined) {
      if (this.#states.size >= STATES_MAX) this.#forget()
      state = {
        places: sorted,
        matches: sorted[0] === 0,
        matchesAtEnd: this.#closure(sorted, 'end').includes(0),
        next: [],
      }
      this.#states.set(key, state)
    }
    return state
  }

  #forget(): void {
    this.#states.clear()
    this.#first = { ...this.#first, next: [] }
  }

  /** All places to be reached without a character; an anchor lets pass only where it stands. */
  #closure(from: readonly number[], at: 'start' | 'inside' | 'end'): number[] {
    const reached = new Set<number>()
    const waiting = [...from]
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (reached.has(place)) continue
      reached.add(place)
      const own = this.#places[place]!
      if (own.kind === 'either') waiting.push(...own.to)
      else if (own.kind === 'start' && at === 'start') waiting.push(own.to)
      else if (own.kind === 'end' && at === 'end') waiting.push(own.to)
    }
    return [...reached]
  }
}

function isSupported(node: RegexNode, flags: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case 'edge':
      return node.at === 'A' || node.at === 'z' || ((node.at === '^' || node.at === '$') && !flags.has('m'))
    case 'set':
      return node.items.every(({ kind }) => kind !== 'property')
    case 'sequence':
    case 'choice':
      return node.of.every((part) => isSupported(part, flags))
    case 'repeat':
      return isSupported(node.of, flags)
    default:
      return true
  }
}

type Taking = Extract<RegexNode, { kind: 'char' | 'dot' | 'set' }>

interface Classes {
  starts: readonly number[]
  of: (ranges: readonly (readonly [number, number])[]) => ReadonlySet<number>
}

/** Characters that no part of the expression tells apart are one class. */
function classesOf(node: RegexNode, flags: ReadonlySet<string>): Classes {
  const cuts = new Set([0])
  const collect = (own: RegexNode): void => {
    if (own.kind === 'sequence' || own.kind === 'choice') own.of.forEach(collect)
    else if (own.kind === 'repeat') collect(own.of)
    else if (own.kind !== 'edge') {
      for (const [from, to] of codesOf(own, flags)) {
        cuts.add(from)
        if (to < CODE_MAX) cuts.add(to + 1)
      }
    }
  }
  collect(node)
  const starts = [...cuts].sort((a, b) => a - b)
  return {
    starts,
    of: (ranges) =>
      new Set(starts.flatMap((start, i) => (ranges.some(([from, to]) => from <= start && start <= to) ? [i] : []))),
  }
}

/** Adds the places of an expression that goes on to `to`; gives where it begins, or undefined where there are too many. */
function build(
  node: RegexNode,
  to: number,
  places: Place[],
  classesOfNode: (node: Taking) => ReadonlySet<number>,
): number | undefined {
  const add = (place: Place): number | undefined => (places.length < PLACES_MAX ? places.push(place) - 1 : undefined)
  switch (node.kind) {
    case 'char':
    case 'dot':
    case 'set':
      return add({ kind: 'take', classes: classesOfNode(node), to })
    case 'edge':
      return add({ kind: node.at === '^' || node.at === 'A' ? 'start' : 'end', to })
    case 'sequence':
      return node.of.reduceRight<number | undefined>(
        (next, part) => (next === undefined ? undefined : build(part, next, places, classesOfNode)),
        to,
      )
    case 'choice': {
      const ways = node.of.map((part) => build(part, to, places, classesOfNode))
      return ways.includes(undefined) ? undefined : add({ kind: 'either', to: ways as number[] })
    }
    case 'repeat': {
      let next: number | undefined = to
      if (node.max === Infinity) {
        const again: number[] = [to]
        next = add({ kind: 'either', to: again })
        const body = next === undefined ? undefined : build(node.of, next, places, classesOfNode)
        if (body === undefined) return undefined
        again.push(body)
      } else {
        for (let i = node.min; i < node.max && next !== undefined; i++) {
          const body = build(node.of, next, places, classesOfNode)
          next = body === undefined ? undefined : add({ kind: 'either', to: [body, to] })
        }
      }
      for (let i = 0; i < node.min && next !== undefined; i++) next = build(node.of, next, places, classesOfNode)
      return next
    }
  }
}
