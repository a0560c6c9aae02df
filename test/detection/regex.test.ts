import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFound } from '../../detection/reference/regex.ts'
import { fold } from '../../detection/sigma/fold.ts'
import { compileRegex } from '../../detection/sigma/regex.ts'
import { runs } from '../runs.ts'
import { regex, word } from './arbitrary.ts'

test('folding keeps length and offsets, and equals toLowerCase for ASCII', () => {
  const any = fc.string({ unit: 'binary', maxLength: 10_000 })
  fc.assert(fc.property(any, (text) => fold(text).length === text.length))
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (text) => fold(text) === text.toLowerCase()))
  expect(fold('CÀ CUỐNG \u0130\u03A3')).toBe('cà cuống \u0130\u03C3')
})

describe('regular expressions', () => {
  test.each([
    [String.raw`\s-[FTd]\s`, 'v8'],
    [String.raw`https?://0[0-9]{1,11}`, 'v8'],
    ['.*foo.*', 'v8'],
    ['a+b', 'v8'],
    ['.{1000,}', 'v8'],
    ['x(a|aa)+$', 're2'],
    [String.raw`net\s+user\s+`, 're2'],
    ['z(x{1,20}){1,20}y', 're2'],
    [String.raw`z\b.+y`, 're2'],
    [String.raw`z\p{L}+y`, 're2'],
  ])('%s runs on %s', (source, engine) => expect(compileRegex(source, new Set()).engine).toBe(engine))

  test.each<[string, string, string[] | undefined]>([
    ['one text', 'ab+cde', ['cde']],
    ['alternatives', '(foo|bar)baz', ['foobaz', 'barbaz']],
    ['escapes', String.raw`\$PSHome\[\s*\d`, ['$PSHome[']],
    ['nothing certain', '[ab]+c?', undefined],
    ['a branch without', '(foo|.)x?', undefined],
  ])('needed literals: %s', (_name, source, expected) =>
    expect(compileRegex(source, new Set()).needed).toEqual(expected),
  )

  // Both engines and the slow one give the same answer, whatever the letters; what is needed stands in every match.
  test('V8, RE2 and the reference agree', () => {
    const flagsOf = (chain: string): string[] => chain.split('|').flatMap((name) => FLAGS[name] ?? [])
    fc.assert(
      fc.property(regex, fc.array(word, { maxLength: 3 }), ([source, chain], words) => {
        const [flags, text] = [flagsOf(chain), words.join('')]
        const compiled = compileRegex(source, new Set(flags))
        const matches = isFound(source, flags, text)
        expect(compiled.test(text), compiled.engine).toBe(matches)
        expect(compiled.find(text) !== undefined).toBe(matches)
        if (matches && compiled.needed) {
          expect(compiled.needed.some((literal) => fold(text).includes(fold(literal)))).toBe(true)
        }
      }),
      { numRuns: runs(1000) },
    )
  })
})

const FLAGS: Record<string, string> = { i: 'i', ignorecase: 'i', m: 'm', multiline: 'm', s: 's', dotall: 's' }
