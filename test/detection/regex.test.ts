import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import type { ValueTest } from '../../detection/test.ts'
import { isFound } from '../../detection/reference/regex.ts'
import { fold } from '../../detection/sigma/fold.ts'
import { RegexAutomaton } from '../../detection/sigma/regex-automaton.ts'
import { parseRegex } from '../../detection/sigma/regex-syntax.ts'
import { compileRegex, re2Of } from '../../detection/sigma/regex.ts'
import { Subject } from '../../detection/sigma/scalar.ts'
import { finish } from '../../detection/sigma/value.ts'
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
    ['x(a|aa)+$', 'automaton'],
    [String.raw`net\s+user\s+`, 'automaton'],
    ['z(x{1,20}){1,20}y', 'automaton'],
    [String.raw`z\b.+y`, 'automaton'],
    ['z(abcx{1,40}){1,24}y', 're2'],
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

  test.each<[string, string, string[][]]>([
    [
      'what is between',
      '(set).*&&\\s?set.*(environment|invoke)',
      [['set'], ['&&'], ['set'], ['environment', 'invoke']],
    ],
    ['repeats', String.raw`(?:a\d){3,}b`, [['a'], ['a'], ['a'], ['b']]],
    ['what may be absent', 'a.(?:bc)?.d', [['a'], ['d']]],
    ['alternatives with more in them', 'a(?:b.c|d.ef).', [['a'], ['b', 'ef']]],
    ['one text', 'abc', [['abc']]],
  ])('literals in their order: %s', (_name, source, expected) =>
    expect(compileRegex(source, new Set()).inOrder).toEqual(expected),
  )

  test.each<[string, string, string, boolean | undefined]>([
    ['what is repeated', 'ab+c+d', 'xabbccd', true],
    ['what is not there', 'ab+c+d', 'xabbcc', false],
    ['to leave a text that is not ASCII', 'ab+c+d', 'abéabcd', undefined],
    ['the end', 'ab+c*$', 'abbbx abb', true],
    ['another end than the text has', 'ab+c*$', 'abbb ', false],
    ['the start', '^a+b+c', 'aabc', true],
    ['another start than the text has', '^a+b+c', ' aabc', false],
    ['edges of words', String.raw`\ba+b+\b`, 'xaab ab!', true],
    ['no edges of words', String.raw`\ba+b+\b`, 'xaab abx', false],
  ])('an automaton knows %s', (_name, source, text, expected) => {
    const automaton = RegexAutomaton.of(parseRegex(source), new Set())!
    expect(automaton.test(text)).toBe(expected)
    expect(compileRegex(source, new Set()).test(text)).toBe(isFound(source, [], text))
  })

  // Each place of an `a` among the last fourteen letters is a state of its own: more than are kept, and more than a text may make.
  test('an expression that asks for a great many states is answered all the same', () => {
    const source = '(?:a|b)*a(?:a|b){14}c'
    const automaton = RegexAutomaton.of(parseRegex(source), new Set())!
    const compiled = compileRegex(source, new Set())
    expect(compiled.engine).toBe('automaton')
    let state = 1
    const letters = Array.from({ length: 20_000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return 'ab'[state >>> 31]
    }).join('')
    expect(automaton.test(letters)).toBe(undefined)
    expect(compiled.test(letters)).toBe(false)
    expect(compiled.test(`${letters}${'a'.repeat(15)}c`)).toBe(true)
    for (let from = 0; from + 40 < letters.length; from += 40) {
      for (const end of ['', 'c']) {
        const text = letters.slice(from, from + 40) + end
        expect(automaton.test(text)).toBe(end === 'c' && text.at(-16) === 'a')
      }
    }
  })

  // All engines and the slow one give the same answer, whatever the letters; what is needed stands in every match.
  test('V8, the automaton, RE2 and the reference agree', () => {
    const flagsOf = (chain: string): string[] => chain.split('|').flatMap((name) => FLAGS[name] ?? [])
    fc.assert(
      fc.property(regex, fc.array(word, { maxLength: 3 }), ([source, chain], words) => {
        const [flags, text] = [flagsOf(chain), words.join('')]
        const compiled = compileRegex(source, new Set(flags))
        const matches = isFound(source, flags, text)
        expect(compiled.test(text), compiled.engine).toBe(matches)
        expect(compiled.find(text) !== undefined).toBe(matches)
        const tested = finish({ kind: 'regex', source, flags: new Set(flags) }, false) as ValueTest
        expect(tested.holds(new Subject(text)), 'literals in their order').toBe(matches)
        if (matches && compiled.needed) {
          expect(compiled.needed.some((literal) => fold(text).includes(fold(literal)))).toBe(true)
        }
      }),
      { numRuns: runs(1000) },
    )
  })

  test('for another RE2: the whole is found where it is, and what is in JSON wherever a string in it has it', () => {
    let [told, found] = [0, 0]
    const flagged = fc.subarray(['i', 'm', 's'])
    fc.assert(
      fc.property(
        regex,
        flagged,
        fc.array(word, { maxLength: 3 }),
        word,
        word,
        ([source], flags, words, before, after) => {
          const compiled = compileRegex(source, new Set(flags))
          const re2 = re2Of(compiled)
          const text = words.join('')
          const isThere = compiled.test(text)
          if (re2 === undefined) return
          told++
          if (isThere) found++
          expect(RE2JS.compile(re2.whole).matcher(text).find()).toBe(isThere)
          if (isThere)
            expect(
              RE2JS.compile(re2.inJson)
                .matcher(JSON.stringify({ [before]: [after, text] }))
                .find(),
            ).toBe(true)
        },
      ),
      { numRuns: runs(1000) },
    )
    expect(Math.min(told, found)).toBeGreaterThan(runs(50))
  })

  test.each([
    ['what any text has', 'a*'],
    ['a property of Unicode', String.raw`\p{L}{3}`],
    ['a great many repeats', '(ab{3}){300}'],
  ])('nothing for another RE2: %s', (_name, source) => expect(re2Of(compileRegex(source, new Set()))).toBeUndefined())
})

const FLAGS: Record<string, string> = { i: 'i', ignorecase: 'i', m: 'm', multiline: 'm', s: 's', dotall: 's' }
