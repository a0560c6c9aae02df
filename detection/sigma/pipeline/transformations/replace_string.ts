import { ANY, joinParts, ONE, parseText, type TextPart } from '../../text.ts'
import { textValue } from '../../value.ts'
import { withValues } from '../item-values.ts'
import { flag, required } from '../parameters.ts'
import { pythonRegex, pythonReplacement } from '../python-regex.ts'
import type { Transformation } from '../transformation.ts'

/** Units of a Sigma string as it would be written: a literal `*` or `?` with a backslash before it. */
function units(parts: readonly TextPart[]): { part: TextPart; text: string }[] {
  return parts.flatMap((part): { part: TextPart; text: string }[] => {
    if (part === ANY) return [{ part, text: '*' }]
    if (part === ONE) return [{ part, text: '?' }]
    return part.split('').map((unit) => ({ part: unit, text: /[*?]/.test(unit) ? `\\${unit}` : unit }))
  })
}

/** Reads what a replacement wrote: `*` and `?` are wildcards, a backslash is one unless it stands before them. */
const parseReplaced = (text: string): TextPart[] => parseText(text.replace(/\\(?![*?])/g, '\\\\'))

/** Replaces in the string as written; what the expression did not touch keeps its meaning. */
function replaceIn(parts: readonly TextPart[], regex: RegExp, replacement: string): TextPart[] {
  const own = units(parts)
  const written = own.map(({ text }) => text).join('')
  const replaced: TextPart[] = []
  let [next, at] = [0, 0]
  const keepUntil = (end: number): void => {
    for (; next < own.length && at < end; next++) {
      replaced.push(own[next]!.part)
      at += own[next]!.text.length
    }
  }
  for (const match of written.matchAll(regex)) {
    keepUntil(match.index)
    const expanded = match[0].replace(new RegExp(regex.source, regex.flags.replace('g', '')), replacement)
    replaced.push(...parseReplaced(expanded))
    for (; next < own.length && at < match.index + match[0].length; next++) at += own[next]!.text.length
  }
  keepUntil(Infinity)
  return replaced
}

/**
 * Python's `re.sub` on strings (numbers as text): on the string as written, or with `skip_special` on its literal parts
 * only, where `interpret_special` says whether wildcards that appear are wildcards.
 */
export default {
  parameters: ['regex', 'replacement', 'skip_special', 'interpret_special'],
  read(step) {
    const regex = pythonRegex(required(step, 'regex'), 'g', step)
    const replacement = pythonReplacement(required(step, 'replacement'))
    const [skipsSpecial, interprets] = [flag(step, 'skip_special'), flag(step, 'interpret_special')]
    const change = (parts: readonly TextPart[]): TextPart[] => {
      if (!skipsSpecial) return replaceIn(parts, regex, replacement)
      return parts.flatMap((part): TextPart[] => {
        if (typeof part !== 'string') return [part]
        const text = part.replace(regex, replacement)
        return interprets && text !== part ? parseReplaced(text) : [text]
      })
    }
    return {
      about: 'item',
      replace(item) {
        const replaced = withValues(item, (value) => {
          if (value.kind === 'number') return [textValue(joinParts(change([value.text])), false)]
          return value.kind === 'text' ? [textValue(joinParts(change(value.parts)), value.cased)] : undefined
        })
        return replaced && [replaced]
      },
    }
  },
} satisfies Transformation
