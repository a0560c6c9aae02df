import { RuleError } from '../errors.ts'

/**
 * Syntax tree of a rule's regular expression: enough to tell whether a backtracking engine runs it in linear time, which
 * text every match must hold, and how long a match is at least.
 */
export type RegexNode =
  | { kind: 'char'; char: string }
  | { kind: 'dot' }
  | { kind: 'set'; negated: boolean; items: SetItem[] }
  | { kind: 'edge'; at: Edge }
  | { kind: 'sequence'; of: RegexNode[] }
  | { kind: 'choice'; of: RegexNode[] }
  | { kind: 'repeat'; of: RegexNode; min: number; max: number; lazy: boolean }

/** `A` and `z` are the text's ends whatever the flags, `b` and `B` word boundaries. */
type Edge = '^' | '$' | 'A' | 'z' | 'b' | 'B'

/** Code points, both ends included. */
export type Range = readonly [from: number, to: number]

/** What a set holds: characters as written, `\\w` and its kin (which know no case), Unicode properties. */
export type SetItem =
  | { kind: 'range'; range: Range }
  | { kind: 'class'; ranges: readonly Range[] }
  | { kind: 'property'; name: string; negated: boolean }

const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\u0007' }
const DEPTH_MAX = 50
export const CODE_MAX = 0x10ffff

/** The ranges between the given ones, which are in order. */
function complement(ranges: readonly Range[]): Range[] {
  const starts = [0, ...ranges.map(([, to]) => to + 1)]
  const ends = [...ranges.map(([from]) => from - 1), CODE_MAX]
  return starts.flatMap((from, i): Range[] => (from <= ends[i]! ? [[from, ends[i]!]] : []))
}

const DIGITS: readonly Range[] = [[0x30, 0x39]]
const BLANKS: readonly Range[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
]
const WORD: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** ASCII only, as in RE2 and in PCRE without its Unicode mode. */
const CLASSES: Record<string, readonly Range[]> = {
  d: DIGITS,
  D: complement(DIGITS),
  s: BLANKS,
  S: complement(BLANKS),
  w: WORD,
  W: complement(WORD),
}

/** @throws {RuleError} `bad_regex`: not a regular expression, or outside the subset (look-around, back-references …). */
export function parseRegex(source: string): RegexNode {
  let at = 0
  let depth = 0
  const refuse = (what: string): never => {
    throw new RuleError('bad_regex', `regular expression '${source}': ${what} at character ${at + 1}`)
  }

  function choice(): RegexNode {
    if (++depth > DEPTH_MAX) refuse('nested too deep')
    const of = [sequence()]
    while (source[at] === '|') {
      at++
      of.push(sequence())
    }
    depth--
    return of.length === 1 ? of[0]! : { kind: 'choice', of }
  }

  function sequence(): RegexNode {
    const of: RegexNode[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') of.push(quantified(atom()))
    return { kind: 'sequence', of }
  }

  function quantified(node: RegexNode): RegexNode {
    const [whole, symbol, low, comma, high] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})/.exec(source.slice(at, at + 24)) ?? []
    if (whole === undefined) return node
    at += whole.length
    const lazy = source[at] === '?'
    if (lazy) at++
    else if (source[at] === '+') refuse('possessive quantifiers are not supported')
    const min = symbol === undefined ? Number(low) : symbol === '+' ? 1 : 0
    const max =
      symbol === undefined
        ? comma === ''
          ? min
          : high === ''
            ? Infinity
            : Number(high)
        : symbol === '?'
          ? 1
          : Infinity
    if (max < min) refuse('numbers out of order')
    return quantified({ kind: 'repeat', of: node, min, max, lazy })
  }

  function character(): string {
    const char = String.fromCodePoint(source.codePointAt(at)!)
    at += char.length
    return char
  }

  function atom(): RegexNode {
    const char = character()
    if (char === '(') return group()
    if (char === '[') return set()
    if (char === '.') return { kind: 'dot' }
    if (char === '^' || char === '$') return { kind: 'edge', at: char }
    if (char === '*' || char === '+' || char === '?') refuse('nothing to repeat')
    if (char !== '\\') return { kind: 'char', char }
    const next = source[at]
    if (next === 'A' || next === 'z' || next === 'b' || next === 'B') {
      at++
      return { kind: 'edge', at: next }
    }
    const item = classItem()
    return item === undefined ? { kind: 'char', char: escaped() } : { kind: 'set', negated: false, items: [item] }
  }

  function group(): RegexNode {
    const [head] = /^\?(?::|P?<[A-Za-z_]\w*>)/.exec(source.slice(at, at + 64)) ?? []
    if (head !== undefined) at += head.length
    else if (source[at] === '?') refuse('look-around, conditions and inline flags inside are not supported')
    const node = choice()
    if (source[at] !== ')') refuse('missing )')
    at++
    return node
  }

  function set(): RegexNode {
    const negated = source[at] === '^'
    if (negated) at++
    const items: SetItem[] = []
    for (let first = true; first || source[at] !== ']'; first = false) {
      if (at >= source.length) refuse('missing ]')
      if (source.startsWith('[:', at)) refuse('POSIX classes are not supported')
      items.push(setItem())
    }
    at++
    return { kind: 'set', negated, items }
  }

  /** A class, a character, or a range of them; a `-` beside a class or at the end is itself. */
  function setItem(): SetItem {
    const low = member()
    if (typeof low !== 'string') return low
    const back = at
    let high: string | SetItem = low
    if (source[at] === '-' && at + 1 < source.length && source[at + 1] !== ']') {
      at++
      high = member()
    }
    if (typeof high !== 'string') {
      at = back
      high = low
    }
    const range: Range = [low.codePointAt(0)!, high.codePointAt(0)!]
    return range[0] <= range[1] ? { kind: 'range', range } : refuse('a range out of order')
  }

  function member(): string | SetItem {
    const char = character()
    if (char !== '\\') return char
    if (source[at] === 'b') {
      at++
      return '\b'
    }
    return classItem() ?? escaped()
  }

  /** `\d`, `\p{…}` and their kin after the backslash. */
  function classItem(): SetItem | undefined {
    const [whole, letter = '', sign] = /^(?:([dDwWsS])|([pP])(?:\{\w+\}|\w))/.exec(source.slice(at, at + 64)) ?? []
    if (whole === undefined) return undefined
    at += whole.length
    if (sign === undefined) return { kind: 'class', ranges: CLASSES[letter]! }
    return { kind: 'property', name: whole.slice(1).replace(/[{}]/g, ''), negated: sign === 'P' }
  }

  /** The character that an escape stands for, after the backslash. */
  function escaped(): string {
    if (at >= source.length) refuse('a backslash at the end')
    const char = character()
    const [hex] = /^(?:[\da-fA-F]{2}|\{[\da-fA-F]{1,6}\})/.exec(source.slice(at, at + 10)) ?? []
    if (char === 'x' && hex !== undefined) {
      at += hex.length
      const code = Number.parseInt(hex.replace(/[{}]/g, ''), 16)
      return code <= CODE_MAX ? String.fromCodePoint(code) : refuse('no such character')
    }
    const [unicode] = /^[\da-fA-F]{4}/.exec(source.slice(at, at + 4)) ?? []
    if (char === 'u' && unicode !== undefined) {
      at += 4
      return String.fromCharCode(Number.parseInt(unicode, 16))
    }
    if (CONTROLS[char] !== undefined) return CONTROLS[char]
    if (/[1-9]/.test(char)) refuse('back-references are not supported')
    if (char === '0') return '\0'
    if (/[A-Za-z]/.test(char)) refuse(`the escape \\${char} is not supported`)
    return char
  }

  const node = choice()
  if (at < source.length) refuse('unmatched )')
  return node
}

/** Steps a backtracking engine takes at most from one starting place; `Infinity` with an unbounded repeat. */
export function stepsOf(node: RegexNode): number {
  switch (node.kind) {
    case 'char':
    case 'dot':
    case 'set':
    case 'edge':
      return 1
    case 'sequence':
      // Alternatives inside multiply: each way through one part can be tried with each way through the next.
      return node.of.reduce((ways, part) => ways * waysOf(part), 1) * Math.max(1, node.of.length)
    case 'choice':
      return node.of.reduce((sum, part) => sum + stepsOf(part), 0)
    case 'repeat':
      return waysOf(node)
  }
}

function waysOf(node: RegexNode): number {
  if (node.kind !== 'repeat') return node.kind === 'sequence' || node.kind === 'choice' ? stepsOf(node) : 1
  if (node.max === Infinity) return Infinity
  const once = waysOf(node.of)
  return (node.max - node.min + 1) * Math.max(1, once === 1 ? node.max : once ** Math.max(1, node.max))
}

/** Fewest characters (code points) a match has. */
export function lengthMin(node: RegexNode): number {
  switch (node.kind) {
    case 'char':
    case 'dot':
    case 'set':
      return 1
    case 'edge':
      return 0
    case 'sequence':
      return node.of.reduce((sum, part) => sum + lengthMin(part), 0)
    case 'choice':
      return Math.min(...node.of.map(lengthMin))
    case 'repeat':
      return node.min * lengthMin(node.of)
  }
}

const CHOICES_MAX = 32

interface Literals {
  /** All texts the node can be, where they are few. */
  exact?: string[]
  /** Of each of these one stands in every match, behind that of the list before. */
  inOrder: string[][]
}

const worth = (texts: readonly string[]): number => Math.min(...texts.map((text) => text.length)) - texts.length / 100

/** More repeats of a part tell no more. */
const REPEATS_MAX = 8

function literalsOf(node: RegexNode): Literals {
  switch (node.kind) {
    case 'char':
      return { exact: [node.char], inOrder: [] }
    case 'edge':
      return { exact: [''], inOrder: [] }
    case 'dot':
    case 'set':
      return { inOrder: [] }
    case 'repeat': {
      const inner = literalsOf(node.of)
      if (node.min === 1 && node.max === 1) return inner
      const inOrder = listsOf(inner)
      return { inOrder: Array.from({ length: Math.min(REPEATS_MAX, node.min) }, () => inOrder).flat() }
    }
    case 'choice': {
      const parts = node.of.map(literalsOf)
      const exact = parts.every((part) => part.exact !== undefined) ? parts.flatMap((part) => part.exact!) : undefined
      if (exact !== undefined && exact.length <= CHOICES_MAX) return { exact, inOrder: [] }
      const each = parts.map((part) => bestOf(listsOf(part)))
      const one = each.every((texts) => texts !== undefined) ? each.flatMap((texts) => texts) : []
      return { inOrder: one.length > 0 && one.length <= CHOICES_MAX ? [one] : [] }
    }
    case 'sequence': {
      let run: string[] = ['']
      const inOrder: string[][] = []
      let whole = true
      const end = (): void => {
        if (!run.includes('')) inOrder.push(run)
      }
      for (const part of node.of) {
        const { exact, inOrder: inside } = literalsOf(part)
        if (exact !== undefined && run.length * exact.length <= CHOICES_MAX) {
          run = run.flatMap((head) => exact.map((tail) => head + tail))
          continue
        }
        end()
        inOrder.push(...inside)
        run = exact ?? ['']
        whole = false
      }
      if (whole) return { exact: run, inOrder: [] }
      end()
      return { inOrder }
    }
  }
}

/** The lists of a node, whether or not it can be but a few texts. */
function listsOf({ exact, inOrder }: Literals): string[][] {
  return exact === undefined ? inOrder : exact.includes('') ? [] : [exact]
}

function bestOf(lists: readonly string[][]): string[] | undefined {
  return lists.reduce<string[] | undefined>(
    (best, own) => (best === undefined || worth(own) > worth(best) ? own : best),
    undefined,
  )
}

/**
 * Lists of texts (as written, not folded): in every match stands one of each, behind the one of the list before. `best` is the list that
 * says most; undefined where the expression promises none.
 */
export function neededLiterals(node: RegexNode): { inOrder: string[][]; best: string[] | undefined } {
  const inOrder = listsOf(literalsOf(node)).map((texts) => [...new Set(texts)])
  return { inOrder, best: bestOf(inOrder) }
}
