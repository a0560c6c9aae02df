import { UNITS } from './fold.ts'
import { CODE_MAX, type Range, type RegexNode, type SetItem } from './regex-syntax.ts'

/**
 * Writes a regular expression for an engine. All that engines differ in is written out, so that V8 (flag `u`) and RE2 give
 * the same answers: which letters are one without case (Sigma's own folding), what a dot and `\s` are, where lines end.
 */
export interface Dialect {
  code(code: number): string
  property(name: string, negated: boolean): string
  edges: Record<'^' | '$' | 'A' | 'z' | 'b' | 'B' | 'lineStart' | 'lineEnd', string>
}

const hex = (code: number): string => code.toString(16)
/** Letters and digits stand for themselves everywhere. */
const isPlain = (code: number): boolean => /[\p{L}\p{N}]/u.test(String.fromCodePoint(code))

export const V8: Dialect = {
  code: (code) => (isPlain(code) ? String.fromCodePoint(code) : `\\u{${hex(code)}}`),
  property: (name, negated) => `\\${negated ? 'P' : 'p'}{${/^[LMNPSZC][a-z]?$/.test(name) ? name : `Script=${name}`}}`,
  edges: { '^': '^', $: '$', A: '^', z: '$', b: '\\b', B: '\\B', lineStart: '(?<![^\\n])', lineEnd: '(?![^\\n])' },
}

export const RE2: Dialect = {
  code: (code) => (isPlain(code) ? String.fromCodePoint(code) : `\\x{${hex(code)}}`),
  property: (name, negated) => `\\${negated ? 'P' : 'p'}{${name}}`,
  edges: { '^': '\\A', $: '\\z', A: '\\A', z: '\\z', b: '\\b', B: '\\B', lineStart: '(?m:^)', lineEnd: '(?m:$)' },
}

/** @param flags of `i`, `m`, `s`; the text that comes back needs none */
export function writeRegex(node: RegexNode, flags: ReadonlySet<string>, dialect: Dialect): string {
  const write = (own: RegexNode): string => writeRegex(own, flags, dialect)
  switch (node.kind) {
    case 'char':
      return character(node.char, flags, dialect)
    case 'dot':
      return set(codesOf(node, flags), false, dialect)
    case 'set': {
      const properties = node.items.flatMap((item) =>
        item.kind === 'property' ? dialect.property(item.name, item.negated) : [],
      )
      return set(codesOf(node, flags), node.negated, dialect, properties.join(''))
    }
    case 'edge':
      if (flags.has('m') && node.at === '^') return dialect.edges.lineStart
      if (flags.has('m') && node.at === '$') return dialect.edges.lineEnd
      return dialect.edges[node.at]
    case 'sequence':
      return node.of.map((part) => (part.kind === 'choice' ? `(?:${write(part)})` : write(part))).join('')
    case 'choice':
      return node.of.map(write).join('|')
    case 'repeat': {
      const { of, min, max, lazy } = node
      const times =
        min === 0 && max === Infinity
          ? '*'
          : min === 1 && max === Infinity
            ? '+'
            : `{${min},${max === Infinity ? '' : max}}`
      const isOne = (of.kind === 'char' && of.char.length === 1) || of.kind === 'set' || of.kind === 'dot'
      return `${isOne ? write(of) : `(?:${write(of)})`}${times}${lazy ? '?' : ''}`
    }
  }
}

/** Code points that a node stands for, or, where it is negated, all others; properties are left out. */
export function codesOf(
  node: RegexNode & { kind: 'char' | 'dot' | 'set' },
  flags: ReadonlySet<string>,
): readonly Range[] {
  if (node.kind === 'set') return node.items.flatMap((item) => rangesOf(item, flags.has('i')))
  if (node.kind === 'dot') return flags.has('s') ? ALL : ALL_OF_A_LINE
  return spelled(node.char, flags).map((code): Range => [code, code])
}

const ALL: readonly Range[] = [[0, CODE_MAX]]
const ALL_OF_A_LINE: readonly Range[] = [
  [0, 9],
  [11, CODE_MAX],
]

function spelled(char: string, flags: ReadonlySet<string>): readonly number[] {
  const code = char.codePointAt(0)!
  return (flags.has('i') ? spellings().get(code) : undefined) ?? [code]
}

function character(char: string, flags: ReadonlySet<string>, dialect: Dialect): string {
  const codes = spelled(char, flags).map((code) => dialect.code(code))
  return codes.length === 1 ? codes[0]! : `[${codes.join('')}]`
}

function set(ranges: readonly Range[], negated: boolean, { code }: Dialect, properties = ''): string {
  const texts = ranges.map(([from, to]) => (from === to ? code(from) : `${code(from)}-${code(to)}`))
  return `[${negated ? '^' : ''}${texts.join('')}${properties}]`
}

function rangesOf(item: SetItem, ignoresCase: boolean): readonly Range[] {
  if (item.kind === 'property') return []
  if (item.kind === 'class') return item.ranges
  const { range } = item
  if (!ignoresCase) return [range]
  const more = new Set<number>()
  for (const [code, same] of spellings()) {
    if (range[0] <= code && code <= range[1])
      for (const own of same) if (own < range[0] || range[1] < own) more.add(own)
  }
  return [range, ...[...more].map((own): Range => [own, own])]
}

let known: Map<number, number[]> | undefined

/** Units that fold to one, by each of them; those that are alone are left out. */
function spellings(): ReadonlyMap<number, readonly number[]> {
  if (known !== undefined) return known
  const byFolded = new Map<number, number[]>()
  UNITS.forEach((folded, unit) => {
    if (folded !== unit) byFolded.set(folded, [...(byFolded.get(folded) ?? [folded]), unit])
  })
  known = new Map([...byFolded.values()].flatMap((same) => same.map((unit): [number, number[]] => [unit, same])))
  return known
}
