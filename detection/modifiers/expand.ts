import { RuleError } from '../errors.ts'
import { notFor, type Modifier } from '../modifier.ts'
import { joinParts, parseText, type TextPart } from '../sigma/text.ts'
import { textValue } from '../sigma/value.ts'

const PLACEHOLDER = /\\%|%([^%\s]{1,100})%/g
const VARIANTS_MAX = 10_000

interface Piece {
  literal: string
  placeholder?: string
}

/** `a%b%c` as literal a, placeholder b, literal c; `\%` is a percent sign. */
function cut(text: string): Piece[] {
  const pieces: Piece[] = []
  let literal = ''
  let from = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    literal += text.slice(from, match.index)
    from = match.index + match[0].length
    if (match[1] === undefined) literal += '%'
    else {
      pieces.push({ literal, placeholder: match[1] })
      literal = ''
    }
  }
  return [...pieces, { literal: literal + text.slice(from) }]
}

/**
 * Sigma spec, «expand»: `%name%` stands for each value of a table (several placeholders: each with each). A table's
 * values may hold wildcards; in a regular expression they are taken literally. An empty table matches nothing.
 */
export default {
  value(value, { placeholder }) {
    const valuesOf = (name: string): readonly string[] => {
      const values = placeholder(name)
      if (values === undefined) throw new RuleError('unknown_placeholder', `no table has the placeholder %${name}%`)
      return values
    }
    const product = <T>(heads: T[], tails: readonly T[], join: (head: T, tail: T) => T): T[] => {
      if (heads.length * tails.length > VARIANTS_MAX) {
        throw new RuleError('bad_value', `expand: more than ${VARIANTS_MAX} combinations`)
      }
      return heads.flatMap((head) => tails.map((tail) => join(head, tail)))
    }
    if (value.kind === 'regex') {
      let sources = ['']
      for (const { literal, placeholder: name } of cut(value.source)) {
        sources = sources.map((source) => source + literal)
        const texts =
          name === undefined ? undefined : valuesOf(name).map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
        if (texts) sources = product(sources, texts, (head, tail) => head + tail)
      }
      return sources.map((source) => ({ ...value, source }))
    }
    if (value.kind === 'number') return value
    if (value.kind !== 'text') throw notFor('expand', value)
    let variants: TextPart[][] = [[]]
    for (const part of value.parts) {
      for (const { literal, placeholder: name } of typeof part === 'string'
        ? cut(part)
        : [{ literal: part, placeholder: undefined }]) {
        variants = variants.map((head) => [...head, literal])
        if (name !== undefined)
          variants = product(variants, valuesOf(name).map(parseText), (head, tail) => [...head, ...tail])
      }
    }
    return variants.map((parts) => textValue(joinParts(parts), value.cased))
  },
} satisfies Modifier
