import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine } from '../../detection/engine.ts'
import { AffixTrie } from '../../detection/network/affix-trie.ts'
import { GramTable } from '../../detection/network/gram-table.ts'
import { ValueCache, type KnownValue } from '../../detection/network/value-cache.ts'
import { evaluate } from '../../detection/reference.ts'
import { fold } from '../../detection/sigma/fold.ts'
import { compileRegex } from '../../detection/sigma/regex.ts'
import { Subject } from '../../detection/sigma/scalar.ts'
import type { EcsValue } from '../../model/event.ts'
import { event, load, rule } from './made-up.ts'

// Short words over few letters, so that they often stand inside each other; letters that fold oddly among them.
const word = fc.string({
  unit: fc.constantFrom('a', 'b', 'B', '\\', 'İ', 'ſ', '\u212A', 'đ', 'Đ', '\u{1F600}'),
  maxLength: 6,
})
const number = fc.constantFrom(0, 1, 4624, -5, 1.5, 2 ** 53)
const scalar = fc.oneof(
  word,
  number,
  fc.boolean(),
  fc.constantFrom('4624', '4624.0', '10.0.0.7', '::1', '2026-03-02T08:00:00Z'),
)
const value: fc.Arbitrary<EcsValue> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.record({ a: scalar }) },
)
const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a.b', 'd'), value, { maxKeys: 4, noNullPrototype: true })

const texts = fc.array(
  fc.oneof(
    word,
    word.map((text) => `${text}*b`),
    word.map((text) => `?${text}`),
    number.map(String),
  ),
  {
    minLength: 1,
    maxLength: 4,
  },
)
const quoted = (values: readonly string[]): string => `[${values.map((text) => `'${text}'`).join(', ')}]`
const field = fc.constantFrom('a', 'b', 'c', 'a.b', 'd.a', '')
const item = fc.oneof(
  fc
    .tuple(
      field,
      fc.constantFrom(
        '',
        '|contains',
        '|startswith',
        '|endswith',
        '|cased',
        '|contains|all',
        '|contains|cased',
        '|neq',
      ),
      texts,
    )
    .map(([name, chain, values]) => `'${name}${chain}': ${quoted(values)}`),
  fc
    .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('lt', 'gte', 'gt'), number)
    .map(([name, op, limit]) => `${name}|${op}: ${limit}`),
  fc.tuple(fc.constantFrom('a', 'b', 'd'), fc.boolean()).map(([name, is]) => `${name}|exists: ${is}`),
  fc.constantFrom(
    'a: null',
    "b: ''",
    'a: 4624',
    'b: true',
    'a|fieldref: b',
    'a|fieldref|contains: b',
    'a|cidr: 10.0.0.0/8',
    'a|hour: 8',
    "a|re: 'a[bB]+'",
    "a|re|i: 'ab|bb'",
    "b|re: '(?i)aa?b'",
    "'|re': 'b.b'",
  ),
)
const selection = fc.oneof(
  fc
    .uniqueArray(item, { minLength: 1, maxLength: 3, selector: (text) => text.split(':')[0]!.replaceAll("'", '') })
    .map((items) => `{ ${items.join(', ')} }`),
  texts.map(quoted),
  fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => `[${items.map((text) => `{ ${text} }`).join(', ')}]`),
)
const condition = fc.constantFrom(
  's1',
  's1 and s2',
  's1 or s2',
  's1 and not s2',
  's1 or not s2',
  'not s1 and not s2',
  'not (s1 and s2)',
  '1 of s*',
  'all of them',
  'not 1 of s* or (s1 and not s2)',
)
const ruleText = fc
  .tuple(selection, selection, condition)
  .map(([first, second, how]) => `s1: ${first}\ns2: ${second}\ncondition: ${how}`)

// Law 5: the network finds what the slow evaluator finds, whatever shares an index with it.
test('any rules on any events: network and reference agree', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(ruleText, { minLength: 1, maxLength: 12 }),
      fc.array(fields, { minLength: 1, maxLength: 6 }),
      async (rules, events) => {
        const ruleSet = await load(Object.fromEntries(rules.map((text, i) => [`${i}.yml`, rule(text, `r${i}`)])))
        expect(ruleSet.problems.filter(({ severity }) => severity === 'error')).toEqual([])
        const engine = new Engine(ruleSet)
        // Twice, in another order: what is remembered of a value must serve for the next event that has it.
        for (const own of [...events, ...events.toReversed()].map((given) => event(given))) {
          const expected = ruleSet.network.rules
            .filter(({ mapped }) => evaluate(mapped, own))
            .map(({ rule: { id } }) => id)
          expect(engine.matches(own)).toEqual(expected)
        }
      },
    ),
    { numRuns: 250 },
  )
}, 60_000)

describe('indexes', () => {
  const literals = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'đ'), minLength: 1, maxLength: 7 }),
    { maxLength: 30 },
  )
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'đ'), maxLength: 40 })
  const found = (scan: (hit: (id: number) => void) => void): number[] => {
    const ids = new Set<number>()
    scan((id) => ids.add(id))
    return [...ids].sort((a, b) => a - b)
  }
  const ids = (all: ReadonlyMap<string, number>, holds: (literal: string) => boolean): number[] =>
    [...all].flatMap(([literal, id]) => (holds(literal) ? [id] : [])).sort((a, b) => a - b)

  test.each([
    { width: 1, stride: 1 },
    { width: 2, stride: 1 },
    { width: 3, stride: 1 },
    { width: 4, stride: 1 },
    { width: 4, stride: 3 },
  ])('GramTable of width $width, stride $stride finds what includes finds', (size) => {
    fc.assert(
      fc.property(literals, text, (all, line) => {
        const known = new Map(
          all.filter(({ length }) => length >= size.width + size.stride - 1).map((literal, i) => [literal, i]),
        )
        expect(found((hit) => new GramTable(known, size).scan(line, hit))).toEqual(
          ids(known, (literal) => line.includes(literal)),
        )
      }),
    )
  })

  test.each(['start', 'end'] as const)('AffixTrie at the %s', (side) => {
    fc.assert(
      fc.property(literals, text, (all, line) => {
        const known = new Map(all.map((literal, i) => [literal, i]))
        const holds = (literal: string): boolean =>
          side === 'start' ? line.startsWith(literal) : line.endsWith(literal)
        expect(found((hit) => new AffixTrie(side, known).walk(line, hit))).toEqual(ids(known, holds))
      }),
    )
  })

  test('rules without anything positive are listed', async () => {
    const ruleSet = await load({
      'a.yml': rule('s: { a: x }\ncondition: s', 'witnessed'),
      'b.yml': rule('s: { a: x }\ncondition: not s', 'negative'),
      'c.yml': rule('s: { a: x }\nt: { b: null }\ncondition: s or t', 'either'),
    })
    expect(ruleSet.unwitnessed).toEqual(['negative', 'either'])
  })

  test('a predicate that many rules share exists once', async () => {
    const ruleSet = await load({
      'a.yml': rule('s: { a|contains: [x, y] }\ncondition: s', 'one'),
      'b.yml': rule('s: { a|contains: [Y, X], b: z }\ncondition: s', 'two'),
    })
    expect(ruleSet.network.predicates).toHaveLength(3)
  })

  test('two engines over one rule set keep apart', async () => {
    const ruleSet = await load({ 'a.yml': rule('s: { a: x }\ncondition: s') })
    const [first, second] = [new Engine(ruleSet), new Engine(ruleSet)]
    expect(first.matches(event({ a: 'x' }))).toEqual(['r'])
    expect(second.matches(event({ a: 'y' }))).toEqual([])
  })
})

describe('ValueCache', () => {
  const known = (text: string): KnownValue => ({
    subjects: [new Subject(text)],
    hits: [],
    keywords: undefined,
    verdicts: undefined,
  })
  const added = (count: number, text: (i: number) => string): ValueCache => {
    const cache = new ValueCache()
    for (let i = 0; i < count; i++) cache.set(text(i), known(text(i)))
    return cache
  }

  test('holds what came lately, bounded by number and by length', () => {
    const many = added(2500, (i) => `v${i}`)
    expect(many.get('v2499')!.subjects[0].value).toBe('v2499')
    expect(many.get('v1')).toBeUndefined()
    const long = added(200, (i) => String(i).padEnd(4000))
    expect(long.get('199'.padEnd(4000))).toBeDefined()
    expect(long.get('1'.padEnd(4000))).toBeUndefined()
    expect(new ValueCache().takes('x'.repeat(4001))).toBe(false)
  })

  test('keeps what is asked for again', () => {
    const cache = added(1, () => 'often')
    const found: boolean[] = []
    for (let i = 0; i < 10_000; i++) {
      cache.set(`v${i}`, known(`v${i}`))
      if (i % 100 === 0) found.push(cache.get('often') !== undefined)
    }
    expect(found).not.toContain(false)
  })

  test('rests while nothing comes again', () => {
    const cache = new ValueCache()
    for (let i = 0; i < 1000; i++) if (cache.takes(i)) cache.get(i)
    const taken = Array.from({ length: 8001 }, (_, i) => cache.takes(i))
    expect(taken.indexOf(true)).toBe(8000)
  })
})

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
    ['a+b', 're2'],
    ['(a|aa)+$', 're2'],
    ['.*foo.*', 'v8'],
    ['(x{1,20}){1,20}y', 're2'],
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

  test('what is needed stands in every match', () => {
    const atom = fc.oneof(
      fc.constantFrom('a', 'b', '.', '[ab]', String.raw`\d`, 'ab'),
      fc.constantFrom('(a|b)', '(ab|ba)', '(?:a|)'),
    )
    const piece = fc.tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}')).map((parts) => parts.join(''))
    const source = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(source, fc.string({ unit: fc.constantFrom('a', 'b', '1'), maxLength: 12 }), (pattern, text) => {
        const regex = compileRegex(pattern, new Set())
        const native = new RegExp(pattern).test(text)
        expect(regex.test(text)).toBe(native)
        if (native && regex.needed) expect(regex.needed.some((literal) => text.includes(literal))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
