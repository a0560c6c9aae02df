import { Refusal } from './refusal.ts'

export const DEPTH_MAX = 32

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const STRING_PART = /[^"\\\u0000-\u001f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const BLANK = /[ \t\n\r]*/y

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or }' | ', or ]' | 'end'

/**
 * Where `text` stops being JSON (RFC 8259) or writes a key twice, for the letter that says so; undefined where it does
 * neither. Slow beside `JSON.parse`, hence only for what was already found wrong; linear, without recursion, and its words
 * are the same on every version of Node, as a replay's must be.
 */
export function findFault(text: string): Refusal | undefined {
  const open: (Set<string> | null)[] = [] // null: an array
  let expected: Expected = 'value'
  let i = 0
  const bad = (what: string, at = i): Refusal => new Refusal('bad_json', `${what} at offset ${at}`)
  const after = (): Expected => {
    const top = open.at(-1)
    return top === undefined ? 'end' : top === null ? ', or ]' : ', or }'
  }
  const skip = (pattern: RegExp): number => {
    pattern.lastIndex = i
    return pattern.test(text) ? pattern.lastIndex : -1
  }
  for (;;) {
    i = skip(BLANK)
    const char = text[i]
    if (expected === 'end') return char === undefined ? undefined : bad('text after the end')
    if (char === undefined) return bad(`expected ${expected}, but the text ends`)
    if (expected === ':') {
      if (char !== ':') return bad('expected :')
      i++
      expected = 'value'
    } else if (expected === ', or }' || expected === ', or ]') {
      const close: string = expected.endsWith('}') ? '}' : ']'
      if (char === close) {
        open.pop()
        expected = after()
      } else if (char === ',') expected = close === '}' ? 'key' : 'value'
      else return bad(`expected ${expected}`)
      i++
    } else if (char === '"') {
      const start = i
      i++
      for (;;) {
        i = skip(STRING_PART)
        if (text[i] === '"') break
        if (i >= text.length) return bad('string without end', start)
        const next = skip(ESCAPE)
        if (next < 0) return bad(text[i] === '\\' ? 'bad escape' : 'control character in a string')
        i = next
      }
      i++
      const keys = open.at(-1)
      if ((expected === 'key' || expected === 'key or }') && keys) {
        const key = JSON.parse(text.slice(start, i)) as string
        if (keys.has(key)) {
          return new Refusal('duplicate_key', `key ${JSON.stringify(key.slice(0, 100))} twice, at offset ${start}`)
        }
        keys.add(key)
        expected = ':'
      } else expected = after()
    } else if (char === '}' && expected === 'key or }') {
      open.pop()
      i++
      expected = after()
    } else if (char === ']' && expected === 'value or ]') {
      open.pop()
      i++
      expected = after()
    } else if (expected === 'key' || expected === 'key or }') {
      return bad(`expected ${expected}`)
    } else if (char === '{' || char === '[') {
      if (open.length >= DEPTH_MAX) return new Refusal('too_deep', `nested deeper than ${DEPTH_MAX}, at offset ${i}`)
      open.push(char === '{' ? new Set() : null)
      expected = char === '{' ? 'key or }' : 'value or ]'
      i++
    } else {
      const word = ['true', 'false', 'null'].find((literal) => text.startsWith(literal, i))
      const end = word === undefined ? skip(NUMBER) : i + word.length
      if (end <= i) return bad(`expected ${expected}`)
      i = end
      expected = after()
    }
  }
}
