import type { Check } from '../check.ts'

/** A value that no text can satisfy. */
export default {
  *check({ rule }) {
    for (const { values, modifiers } of [...rule.selections.values()].flat(2)) {
      const wide = modifiers.find((modifier) => /^(?:wide|utf16(?:le|be)?)$/.test(modifier))
      if (wide !== undefined && !modifiers.some((modifier) => modifier.startsWith('base64'))) {
        yield {
          message: `${wide} gives bytes, which no text holds, unless base64 or base64offset follows`,
          at: values[0]!.at,
        }
      }
      for (const { alternatives, at } of values) {
        const never = alternatives.find(
          (test) =>
            test.about === 'value' && test.regex !== undefined && anchorsMisplaced(test.regex.source, test.regex.flags),
        )
        if (never !== undefined) {
          yield { message: 'the regular expression never matches: ^ after text that must be there, or $ before it', at }
        }
      }
    }
  },
} satisfies Check

/** Escapes, sets and groups are one atom; groups are not looked into, and may be empty. */
const TOKEN =
  /\\(?:x\{[^}]*\}|[pP]\{[^}]*\}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|^$]|[*+?]\??|\{\d+(?:,\d*)?\}\??|[^\\]/gsu

function anchorsMisplaced(source: string, flags: string): boolean {
  if (flags.includes('m')) return false
  let depth = 0
  /** Per alternative at the top: whether text must have come, whether the end was asked for, whether both clash. */
  let way = { begun: false, ended: false, never: false }
  const ways = [way]
  const tokens = source.match(TOKEN) ?? []
  for (const [i, token] of tokens.entries()) {
    if (token === '(') depth++
    else if (token === ')') depth--
    else if (depth === 0 && token === '|') ways.push((way = { begun: false, ended: false, never: false }))
    else if (depth > 0 || /^(?:[*+?]|\{\d)/.test(token) || /^\\[bBAz]$/.test(token)) continue
    else if (token === '^') way.never ||= way.begun
    else if (token === '$') way.ended = true
    else if (!/^(?:[*?]|\{0)/.test(tokens[i + 1] ?? '')) {
      way.begun = true
      way.never ||= way.ended
    }
  }
  return ways.every(({ never }) => never)
}
