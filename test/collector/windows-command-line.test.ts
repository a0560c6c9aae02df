import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitCommandLine } from '../../collector/windows-command-line.ts'
import { runs } from '../runs.ts'

test.each<[string, string[]]>([
  [String.raw`"C:\Program Files\a.exe" -k  x`, [String.raw`C:\Program Files\a.exe`, '-k', 'x']],
  [String.raw`a\"b c\\"d e" f\g\\`, [String.raw`a"b`, String.raw`c\d e`, String.raw`f\g\\`]],
  ['a "" b', ['a', '', 'b']],
  ['"a""b" c', ['a"b c']],
  [' \t', []],
])('%s', (line, words) => expect(splitCommandLine(line)).toEqual(words))

/** The same rules, one character after another. */
function naively(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quoted = false
  for (let rest = line; rest !== '';) {
    const [slashes = '', next = ''] = /^(\\*)(.?)/s.exec(rest)!.slice(1)
    rest = rest.slice(slashes.length)
    if (slashes !== '') word ??= ''
    word = word === undefined ? undefined : word + (next === '"' ? '\\'.repeat(slashes.length >> 1) : slashes)
    if (next === '') break
    rest = rest.slice(1)
    if (next === '"' && slashes.length % 2 === 1) word = `${word}"`
    else if (next === '"') {
      word ??= ''
      if (quoted && rest.startsWith('"')) {
        word += '"'
        rest = rest.slice(1)
      }
      quoted = !quoted
    } else if (!quoted && (next === ' ' || next === '\t')) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + next
  }
  return word === undefined ? words : [...words, word]
}

test('words are cut as one character after another would cut them', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', '\\', '"', ' ', '\t', 'đ'), maxLength: 30 })
  fc.assert(
    fc.property(line, (text) => {
      expect(splitCommandLine(text)).toEqual(naively(text))
    }),
    { numRuns: runs(2000) },
  )
})
