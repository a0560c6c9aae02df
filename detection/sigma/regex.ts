import { RE2JS } from 're2js'
import { RuleError } from '../errors.ts'
import { RegexAutomaton } from './regex-automaton.ts'
import { codesOf, RE2, V8, writeRegex } from './regex-dialect.ts'
import { lengthMin, neededLiterals, parseRegex, type Range, stepsOf, type RegexNode } from './regex-syntax.ts'

/** A rule's regular expression, searched (not anchored) in text, in time linear in the text. */
export interface Regex {
  readonly source: string
  readonly flags: string
  test(text: string): boolean
  /** First match, as UTF-16 offsets. */
  find(text: string): [start: number, end: number] | undefined
  /** One of these texts stands in every match; undefined where none is known. */
  readonly needed: readonly string[] | undefined
  /** Of each of these lists one text stands in every match, behind that of the list before. */
  readonly inOrder: readonly (readonly string[])[]
  /** Which engine runs it. */
  readonly engine: 'v8' | 'automaton' | 're2'
}

/** Above this many steps per starting place V8's backtracking is not called linear. */
const STEPS_MAX = 5000

/**
 * Compiles a rule's regular expression. Without an unbounded repeat V8 needs at most a constant number of steps per
 * character; all others run where the time is linear whatever the text: on an automaton, or on RE2 where that cannot say. Whether an
 * expression stands in a text is asked of a shorter one, which more often is for V8; where it stands, of the whole one.
 * @throws {RuleError} `bad_regex`
 */
export function compileRegex(written: string, flags: ReadonlySet<string>): Regex {
  const [inline = '', letters = ''] = /^\(\?([imsu]+)\)/.exec(written) ?? []
  const source = written.slice(inline.length)
  const all = new Set(['i', 'm', 's'].filter((flag) => flags.has(flag) || letters.includes(flag)))
  const node = trimmed(parseRegex(source))
  const { best, inOrder } = neededLiterals(node)
  const own = { source, flags: [...all].join(''), needed: best, inOrder }
  const least = shortened(node)
  const shortest = lengthMin(node)
  const runsOnV8 = (wanted: RegexNode): boolean => stepsOf(wanted) <= STEPS_MAX && !hasProperty(wanted)
  const onV8 = (wanted: RegexNode): RegExp => built(source, () => new RegExp(writeRegex(wanted, all, V8), 'u'))

  if (runsOnV8(node)) {
    const regex = onV8(node)
    const find = (text: string): [number, number] | undefined => {
      const match = regex.exec(text)
      return match === null ? undefined : [match.index, match.index + match[0].length]
    }
    return { ...own, engine: 'v8', test: (text) => text.length >= shortest && regex.test(text), find }
  }
  const regex = built(source, () => RE2JS.compile(writeRegex(node, all, RE2)))
  const find = (text: string): [number, number] | undefined => {
    const matcher = regex.matcher(text)
    return matcher.find() ? [matcher.start(), matcher.end()] : undefined
  }
  if (runsOnV8(least)) {
    const quick = onV8(least)
    return { ...own, engine: 'v8', test: (text) => text.length >= shortest && quick.test(text), find }
  }
  const automaton = hasProperty(least) ? undefined : RegexAutomaton.of(least, all)
  if (automaton === undefined) {
    return { ...own, engine: 're2', test: (text) => text.length >= shortest && regex.test(text), find }
  }
  const test = (text: string): boolean => text.length >= shortest && (automaton.test(text) ?? regex.test(text))
  return { ...own, engine: 'automaton', test, find }
}

/** What RE2 in another program is given at most: it has a bound on memory, and refuses what is beyond. */
const RE2_PARTS_MAX = 1_000

/**
 * A regular expression for RE2 in another program: `whole` is found where it is, and `inJson` in every JSON text that has a string, or a
 * number, that it is found in. Undefined where it says nothing, asks for what another RE2 may not know of Unicode, or is too large.
 */
export function re2Of({
  source,
  flags,
}: Pick<Regex, 'source' | 'flags'>): { whole: string; inJson: string } | undefined {
  const node = shortened(trimmed(parseRegex(source)))
  if (hasProperty(node)) return undefined
  const letters = new Set(flags)
  const inJson = escaped(node, letters)
  if (lengthMin(inJson) === 0 || Math.max(partsOf(node), partsOf(inJson)) > RE2_PARTS_MAX) return undefined
  return { whole: writeRegex(node, letters, RE2), inJson: writeRegex(inJson, letters, RE2) }
}

/** What JSON may write for what an expression stands for, without edges: there is more around a string. */
function escaped(node: RegexNode, flags: ReadonlySet<string>): RegexNode {
  switch (node.kind) {
    case 'edge':
      return { kind: 'sequence', of: [] }
    case 'sequence':
    case 'choice':
      return { ...node, of: node.of.map((part) => escaped(part, flags)) }
    case 'repeat':
      return { ...node, of: escaped(node.of, flags) }
    default: {
      const ranges = codesOf(node, flags)
      const isNegated = node.kind === 'set' && node.negated
      const hasSome = (of: (typeof ESCAPES)[number]['of']): boolean =>
        of.some(([from, to]) => {
          const known = ranges.filter(([first, last]) => first <= to && from <= last)
          return isNegated ? !known.some(([first, last]) => first <= from && to <= last) : known.length > 0
        })
      const more = ESCAPES.flatMap(({ of, as }) => (hasSome(of) ? as : []))
      return more.length === 0 ? node : { kind: 'choice', of: [node, ...more] }
    }
  }
}

/** Characters that JSON escapes, lone surrogates among them, and how. */
const ESCAPES: { of: readonly Range[]; as: RegexNode[] }[] = [
  { of: [[0x22, 0x22]], as: [parseRegex(String.raw`\\"`)] },
  { of: [[0x5c, 0x5c]], as: [parseRegex(String.raw`\\\\`)] },
  {
    of: [
      [0, 0x1f],
      [0xd800, 0xdfff],
    ],
    as: [parseRegex(String.raw`\\[bfnrt]`), parseRegex(String.raw`\\u[0-9a-f]{4}`)],
  },
]

/** Characters and sets, those that are repeated as often as they are; no repeat is left out, since RE2 bounds how they multiply. */
function partsOf(node: RegexNode): number {
  switch (node.kind) {
    case 'sequence':
    case 'choice':
      return node.of.reduce((sum, part) => sum + partsOf(part), 0)
    case 'repeat':
      return Math.max(1, partsOf(node.of)) * Math.max(1, node.max === Infinity ? node.min : node.max)
    case 'set':
      return Math.max(1, node.items.length)
    default:
      return 1
  }
}

/** An expression that stands in a text wherever the given one does: what is repeated at its ends need not be more often than it must. */
function shortened(node: RegexNode): RegexNode {
  if (node.kind !== 'sequence') return node
  const least = (part: RegexNode): RegexNode => (part.kind === 'repeat' ? { ...part, max: part.min } : part)
  return { kind: 'sequence', of: node.of.map((part, i) => (i === 0 || i === node.of.length - 1 ? least(part) : part)) }
}

/** A run of anything at either end cannot change whether there is a match, only cost time. */
function trimmed(node: RegexNode): RegexNode {
  if (node.kind !== 'sequence') return node
  const isAnything = (part: RegexNode | undefined): boolean =>
    part?.kind === 'repeat' && part.of.kind === 'dot' && part.min === 0 && part.max === Infinity
  let [from, to] = [0, node.of.length]
  while (from < to && isAnything(node.of[from])) from++
  while (from < to && isAnything(node.of[to - 1])) to--
  return { kind: 'sequence', of: node.of.slice(from, to) }
}

/** V8 and RE2 differ in the Unicode they know: properties are always RE2's. */
function hasProperty(node: RegexNode): boolean {
  if (node.kind === 'set') return node.items.some(({ kind }) => kind === 'property')
  if (node.kind === 'sequence' || node.kind === 'choice') return node.of.some(hasProperty)
  return node.kind === 'repeat' && hasProperty(node.of)
}

function built<T>(source: string, build: () => T): T {
  try {
    return build()
  } catch (error) {
    throw new RuleError('bad_regex', `regular expression '${source}': ${(error as Error).message}`)
  }
}
