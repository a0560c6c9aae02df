import { RuleError } from '../errors.ts'
import { notFor, type Modifier } from '../modifier.ts'
import type { TextPart } from '../sigma/text.ts'
import { textValue } from '../sigma/value.ts'

/** Sigma spec, «windash»: a dash that starts an option may be written in any of five ways on Windows. */
const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'] as const
/** A dash that follows no word character and precedes one: `-a-b` holds one option, `wi-fi` none. */
const OPTION = /(?<!\w)[-/\u2013-\u2015](?=\w)/g
/** 5^3 = 125 variants of one value. */
const OPTIONS_MAX = 3

export default {
  value(value) {
    if (value.kind === 'number') return value
    if (value.kind !== 'text') throw notFor('windash', value)
    let options = 0
    let variants: TextPart[][] = [[]]
    for (const part of value.parts) {
      if (typeof part !== 'string') {
        variants = variants.map((head) => [...head, part])
        continue
      }
      const pieces = part.split(OPTION)
      options += pieces.length - 1
      if (options > OPTIONS_MAX) {
        throw new RuleError('bad_value', `windash: more than ${OPTIONS_MAX} options in one value`)
      }
      const texts = pieces
        .slice(1)
        .reduce<string[]>(
          (heads, tail) => heads.flatMap((head) => DASHES.map((dash) => head + dash + tail)),
          [pieces[0]!],
        )
      variants = variants.flatMap((head) => texts.map((text) => [...head, text]))
    }
    return variants.map((parts) => textValue(parts, value.cased))
  },
} satisfies Modifier
