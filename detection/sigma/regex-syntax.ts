import { RuleError } from '../errors.ts'

/**
 * Syntax tree of a rule's regular expression: enough to tell whether a backtracking engine runs it in linear time, which
 * text every match must hold, and how long a match is at least.
 */
export type RegexNode =
  | { kind: 'char'; char: string }
  | { kind: 'set' }
  | { kind: 'edge' }
  | { kind: 'sequence'; of: RegexNode[] }
  | { kind: 'choice'; of: RegexNode[] }
  | { kind: 'repeat'; of: RegexNode; min: number; max: number }

const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\u0007' }
const DEPTH_MAX = 50

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
    if (source[at] === '?') at++
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
    return quantified({ kind: 'repeat', of: node, min, max })
  }

  function atom(): RegexNode {
    const char = String.fromCodePoint(source.codePointAt(at)!)
    at += char.length
    if (char === '(') return group()
    if (char === '[') return set()
    if (char === '\\') return escape()
    if (char === '.') return { kind: 'set' }
    if (char === '^' || char === '$') return { kind: 'edge' }
    if (char === '*' || char === '+' || char === '?') refuse('nothing to repeat')
    return { kind: 'char', char }
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
    if (source[at] === '^') at++
    for (let first = true; first || source[at] !== ']'; first = false) {
      if (at >= source.length) refuse('missing ]')
      if (source.startsWith('[:', at)) refuse('POSIX classes are not supported')
      at += source[at] === '\\' ? 2 : 1
    }
    at++
    return { kind: 'set' }
  }

  function escape(): RegexNode {
    const char = source[at] ?? refuse('a backslash at the end')
    at++
    if (/[dDwWsSpP]/.test(char)) {
      if (char === 'p' || char === 'P') at += /^\{\w+\}|^\w/.exec(source.slice(at))?.[0].length ?? 0
      return { kind: 'set' }
    }
    if (/[bBAz]/.test(char)) return { kind: 'edge' }
    const [hex] = /^(?:[\da-fA-F]{2}|\{[\da-fA-F]{1,6}\})/.exec(source.slice(at)) ?? []
    if (char === 'x' && hex !== undefined) {
      at += hex.length
      const code = Number.parseInt(hex.replace(/[{}]/g, ''), 16)
      return code <= 0x10ffff ? { kind: 'char', char: String.fromCodePoint(code) } : refuse('no such character')
    }
    const [unicode] = /^[\da-fA-F]{4}/.exec(source.slice(at)) ?? []
    if (char === 'u' && unicode !== undefined) {
      at += 4
      return { kind: 'char', char: String.fromCharCode(Number.parseInt(unicode, 16)) }
    }
    if (CONTROLS[char] !== undefined) return { kind: 'char', char: CONTROLS[char] }
    if (/[1-9]/.test(char)) refuse('back-references are not supported')
    if (char === '0') return { kind: 'char', char: '\0' }
    if (/[A-Za-z]/.test(char)) refuse(`the escape \\${char} is not supported`)
    return { kind: 'char', char }
  }

  const node = choice()
  if (at < source.length) refuse('unmatched )')
  return node
}

/** Steps a backtracking engine takes at most from one starting place; `Infinity` with an unbounded repeat. */
export function stepsOf(node: RegexNode): number {
  switch (node.kind) {
    case 'char':
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
  /** Texts one of which every match holds; undefined where none is known. */
  needed?: string[]
}

const worth = (texts: readonly string[] | undefined): number =>
  texts === undefined || texts.length === 0 ? 0 : Math.min(...texts.map((text) => text.length)) - texts.length / 100

const better = (a: string[] | undefined, b: string[] | undefined): string[] | undefined => (worth(b) > worth(a) ? b : a)

function literalsOf(node: RegexNode): Literals {
  switch (node.kind) {
    case 'char':
      return { exact: [node.char] }
    case 'edge':
      return { exact: [''] }
    case 'set':
      return {}
    case 'repeat': {
      if (node.min === 0) return {}
      const inner = literalsOf(node.of)
      const needed = better(inner.exact, inner.needed)
      if (node.min === node.max && node.min === 1) return inner
      return needed === undefined ? {} : { needed }
    }
    case 'choice': {
      const parts = node.of.map(literalsOf)
      const exact = parts.every((part) => part.exact !== undefined) ? parts.flatMap((part) => part.exact!) : undefined
      const each = parts.map((part) => better(part.exact, part.needed))
      const needed = each.every((texts) => texts !== undefined) ? each.flatMap((texts) => texts) : undefined
      return {
        ...(exact !== undefined && exact.length <= CHOICES_MAX && { exact }),
        ...(needed !== undefined && needed.length <= CHOICES_MAX && { needed }),
      }
    }
    case 'sequence': {
      let run: string[] = ['']
      let needed: string[] | undefined
      let whole = true
      for (const part of node.of) {
        const { exact, needed: inside } = literalsOf(part)
        if (exact !== undefined && run.length * exact.length <= CHOICES_MAX) {
          run = run.flatMap((head) => exact.map((tail) => head + tail))
        } else {
          needed = better(needed, better(run, exact))
          run = exact ?? ['']
          whole = false
        }
        needed = better(needed, inside)
      }
      needed = better(needed, run)
      return whole ? { exact: run, ...(needed !== undefined && { needed }) } : needed === undefined ? {} : { needed }
    }
  }
}

/** Texts one of which stands in every match (as written, not folded); undefined where the expression promises none. */
export function neededLiterals(node: RegexNode): string[] | undefined {
  const { exact, needed } = literalsOf(node)
  const texts = better(exact, needed)
  return texts === undefined || texts.some((text) => text === '') ? undefined : [...new Set(texts)]
}
