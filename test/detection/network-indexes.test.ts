import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { AffixTrie } from '../../detection/network/affix-trie.ts'
import { FewLiterals } from '../../detection/network/few-literals.ts'
import { FieldIndex } from '../../detection/network/field-index.ts'
import { GramTable } from '../../detection/network/gram-table.ts'
import { KindTable } from '../../detection/network/kind-table.ts'
import { PairTable } from '../../detection/network/pair-table.ts'
import { Sieve, UNITS_PER_LITERAL } from '../../detection/network/sieve.ts'
import { byteOf, TextBytes } from '../../detection/network/text-bytes.ts'
import { MASKS, MEMORY, PLACES } from '../../detection/network/text-memory.ts'
import { WholeTable } from '../../detection/network/whole-table.ts'
import { CacheShelf, type KnownValue, type ValueCache } from '../../detection/network/value-cache.ts'
import { fold } from '../../detection/sigma/fold.ts'
import type { EcsValue } from '../../model/event.ts'

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

  /** What a processor without the instructions for sieves has. */
  const withoutSieves = (): void => {
    vi.spyOn(MEMORY, 'canSieve', 'get').mockReturnValue(false)
  }
  afterEach(() => {
    vi.restoreAllMocks()
  })
  const much = '~'.repeat(40 * UNITS_PER_LITERAL)
  /** Has a table look through as much as it takes for it to have a sieve, where it can have one. */
  const used = <T extends PairTable | GramTable>(table: T): T => {
    const bytes = new TextBytes()
    bytes.set(much)
    table.scan(bytes, 0, much.length, () => expect.fail('nothing is there'))
    return table
  }

  test.each([
    [1, false, true],
    [2, false, true],
    [4, false, true],
    [6, false, true],
    [1, true, true],
    [6, true, true],
    [1, false, false],
    [2, false, false],
    [4, false, false],
    [6, false, false],
    [6, true, false],
  ])(
    'GramTable of literals from %i units on, wide %s, with sieves %s, finds what includes finds',
    (shortest, isWide, sieves) => {
      if (!sieves) withoutSieves()
      fc.assert(
        fc.property(literals, text, fc.nat(5), fc.nat(80), (all, line, late, padding) => {
          const known = new Map(
            all
              .filter((literal) => isWide || !/[^a-c]/.test(literal))
              .filter(({ length }) => length >= shortest)
              .map((literal, i) => [literal, i]),
          )
          const early = [...known].slice(late)
          const table = used(new GramTable(new Map(early), shortest, isWide))
          for (const [literal, id] of [...known].slice(0, late)) table.add(literal, id)
          const bytes = new TextBytes()
          const padded = `${'c'.repeat(padding)}${line}`
          bytes.set(padded)
          expect(found((hit) => table.scan(bytes, 0, padded.length, hit))).toEqual(
            ids(known, (literal) => padded.includes(literal)),
          )
        }),
      )
    },
  )

  test.each([false, true])('GramTable of long literals, wide %s, finds what includes finds', (isWide) => {
    const unit = fc.constantFrom('a', '0', 'f', ...(isWide ? ['đ'] : []))
    const long = fc.string({ unit, minLength: 24, maxLength: 60 })
    fc.assert(
      fc.property(
        fc.uniqueArray(long, { maxLength: 20 }),
        fc.nat(5),
        fc.string({ unit, maxLength: 50 }),
        fc.nat(19),
        fc.boolean(),
        (all, late, before, which, isWhole) => {
          const known = new Map(all.map((literal, i) => [literal, i]))
          const table = new GramTable(new Map([...known].slice(late)), 24, isWide)
          expect(table.stride).toBe(16)
          for (const [literal, id] of [...known].slice(0, late)) table.add(literal, id)
          const one = all[which % Math.max(1, all.length)] ?? ''
          const line = `${before}${isWhole ? one.toUpperCase() : one.slice(1)}f`
          const bytes = new TextBytes()
          bytes.set(line)
          const expected = ids(known, (literal) => fold(line).includes(literal))
          expect(found((hit) => table.scan(bytes, 0, line.length, hit))).toEqual(expected)
          if (expected.length > 0) expect(table.mayHold(line)).toBe(true)
        },
      ),
    )
  })

  test.each([true, false])('PairTable, with sieves %s, finds what includes finds', (sieves) => {
    if (!sieves) withoutSieves()
    fc.assert(
      fc.property(literals, text, fc.nat(80), fc.integer({ min: 3, max: 6 }), (all, line, padding, shortest) => {
        const known = new Map(
          all
            .filter(({ length }) => length >= shortest)
            .flatMap((literal, i) => (literal.includes('đ') ? [] : [[literal, i]])),
        )
        const padded = `${'C'.repeat(padding)}${line}`
        const bytes = new TextBytes()
        bytes.set(padded)
        const table = used(new PairTable(known, shortest))
        const expected = ids(known, (literal) => fold(padded).includes(literal))
        expect(found((hit) => table.scan(bytes, 0, padded.length, hit))).toEqual(expected)
        if (expected.length > 0) expect(table.mayHold(padded)).toBe(true)
      }),
    )
  })

  describe('Sieve', () => {
    const unit = fc.constantFrom('a', 'b', 'c', ' ', '0', '/', '_', 'đ')
    const line = fc.string({ unit, maxLength: 60 })
    const told = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '0', '/', '_'), minLength: 1, maxLength: 9 })

    /** Places at which a literal stands, as far as a sieve was told of it. */
    const standsAt = (text: string, literal: string, place: number): number[] =>
      Array.from({ length: text.length }, (_, i) => i).filter((i) => text.startsWith(literal, i - place) && i >= place)

    test('leaves every place of a literal that it was told of, in order and between two places', () => {
      expect(MEMORY.canSieve).toBe(true)
      fc.assert(
        fc.property(
          fc.uniqueArray(told, { maxLength: 40 }),
          line,
          fc.nat(200),
          fc.nat(20),
          (all, own, padding, from) => {
            const text = `${'C'.repeat(padding)}${own}`
            const bytes = new TextBytes()
            bytes.set(text)
            expect(bytes.bytes.length).toBeGreaterThan(text.length)
            const sieve = new Sieve()
            const places = all.map((literal) => sieve.add(literal))
            const left = [...MEMORY.places.subarray(0, sieve.look(from, text.length))]
            expect(left).toEqual([...new Set(left)].sort((a, b) => a - b))
            expect(left.every((place) => place >= from && place < text.length)).toBe(true)
            all.forEach((literal, i) => {
              const stands = standsAt(fold(text), literal, places[i]!).filter((place) => place >= from)
              expect(left).toEqual(expect.arrayContaining(stands))
            })
          },
        ),
      )
    })

    test('leaves nothing of a text in which no byte is one of a literal', () => {
      const sieve = new Sieve()
      for (const literal of ['mimikatz', 'koadic', 'kali']) sieve.add(literal)
      const bytes = new TextBytes()
      bytes.set('.:!(0_5)'.repeat(100))
      expect(bytes.isAscii).toBe(true)
      expect(sieve.look(0, 800)).toBe(0)
    })

    test('with more and more literals it is not worth while any more', () => {
      const sieve = new Sieve()
      expect([1, 4, 16].map((stride) => Sieve.canHelp(stride))).toEqual([true, true, false])
      expect([1, 4, 16].map((stride) => sieve.isWorthwhile(stride))).toEqual([true, true, false])
      const words = fc.sample(
        fc.string({
          unit: fc.constantFrom('e', 't', 'a', 'o', 'i', 'n', 's', 'r', 'h', 'l'),
          minLength: 6,
          maxLength: 6,
        }),
        {
          seed: 1,
          numRuns: 1_000,
        },
      )
      for (const word of words) sieve.add(word)
      expect([4, 16].map((stride) => sieve.isWorthwhile(stride))).toEqual([false, false])
    })

    test('of more sieves than there is room for each finds its own', () => {
      const sieves = Array.from({ length: 2 * MASKS }, (_, i) => {
        const sieve = new Sieve()
        return { sieve, place: sieve.add(`w${i}x`) }
      })
      const bytes = new TextBytes()
      for (const i of [0, MASKS, 1, 0, 2 * MASKS - 1]) {
        bytes.set(`${' '.repeat(70)}w${i}x`)
        expect(bytes.isAscii).toBe(true)
        const { sieve, place } = sieves[i]!
        expect([...MEMORY.places.subarray(0, sieve.look(0, bytes.text.length))]).toEqual([70 + place])
      }
    })

    test('a literal is found wherever it stands in a text longer than what is looked at by one call, and than any before', () => {
      const known = new Map([
        ['mimikatz', 1],
        ['kali', 2],
      ])
      for (const table of [used(new PairTable(known, 4)), used(new GramTable(known, 4, false))]) {
        for (const [length, at] of [
          [3 * PLACES, PLACES - 5],
          [3 * PLACES, 2 * PLACES - 1],
          [200_000, 199_990],
          [1_000_000, 999_992],
        ] as const) {
          const bytes = new TextBytes()
          bytes.set(`${' '.repeat(at)}MimiKatz`.padEnd(length))
          expect(found((hit) => table.scan(bytes, 0, length, hit))).toEqual([1])
        }
      }
    })

    test('a flood of places is no more than there is room for', () => {
      const table = used(new PairTable(new Map([['aaaa', 1]]), 4))
      const bytes = new TextBytes()
      bytes.set('a'.repeat(3 * PLACES))
      const places: number[] = []
      table.scan(bytes, 0, bytes.text.length, (_, at) => places.push(at))
      expect(new Set(places)).toEqual(new Set([0]))
    })

    test('texts of two that take turns do not become each other', () => {
      const [first, second] = [new TextBytes(), new TextBytes()]
      first.set(`${' '.repeat(70)}mimikatz`)
      second.set(`${' '.repeat(70)}koadic`)
      const table = new PairTable(
        new Map([
          ['mimikatz', 1],
          ['koadic', 2],
        ]),
        6,
      )
      const inFirst = (): number[] => found((hit) => table.scan(first, 0, first.text.length, hit))
      expect(inFirst()).toEqual([1])
      expect(found((hit) => table.scan(second, 0, second.text.length, hit))).toEqual([2])
      expect(inFirst()).toEqual([1])
    })
  })

  test('a long text that is like the one before gives what it gives by itself', () => {
    // What an edit puts in is rare in the text, and most literals reach from there into what stays.
    const rare = fc.string({ unit: fc.constantFrom('b', 'b', 'b', 'C', 'đ'), maxLength: 2 })
    const literal = fc
      .tuple(fc.nat(6), rare, fc.nat(6))
      .map(([before, put, after]) => `${'a'.repeat(before)}${put.toLowerCase()}${'a'.repeat(after)}`)
      .filter(({ length }) => length > 1)
    const edit = fc.record({ from: fc.integer({ min: 200, max: 220 }), removed: fc.nat(9), put: rare, later: literal })
    fc.assert(
      fc.property(
        fc.uniqueArray(literal, { maxLength: 12 }),
        fc.integer({ min: 400, max: 500 }).map((length) => 'aAaa'.repeat(length / 4)),
        fc.array(edit, { maxLength: 12 }),
        (early, first, edits) => {
          const index = new FieldIndex()
          const known = new Map<string, number>()
          const add = (text: string): void => {
            if (known.has(text)) return
            known.set(text, known.size)
            index.add({ at: 'inside', text, proves: true }, known.get(text)!, undefined)
          }
          early.forEach(add)
          const bytes = new TextBytes()
          let line = first
          edits.forEach(({ from, removed, put, later }, i) => {
            if (i % 4 === 3) add(later)
            line = line.slice(0, from) + put + line.slice(from + removed)
            const hits = found((hit) => index.probeInside(line, bytes, (id) => index.hitOf(id).proves.forEach(hit)))
            expect(hits).toEqual(ids(known, (literal) => fold(line).includes(literal)))
          })
        },
      ),
    )
  })

  test('the bytes of a text tell ASCII from what is not', () => {
    const bytes = new TextBytes()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat(100), (line, padding) => {
        const padded = `${'X'.repeat(padding)}${line}`
        bytes.set(padded)
        expect(bytes.isAscii).toBe(!/[^\0-\x7f]/.test(padded))
        const ascii = (value: number): number => (value < 0x80 ? value : 0x80)
        const folded = Array.from({ length: padded.length }, (_, i) => ascii(fold(padded).charCodeAt(i)))
        expect(Array.from(bytes.bytes.subarray(0, padded.length), (byte) => ascii(byteOf(byte)))).toEqual(folded)
        expect(Array.from(bytes.folded, ascii)).toEqual(folded)
      }),
    )
  })

  test('FewLiterals finds what includes finds in folded text', () => {
    const unit = fc.constantFrom('a', 'k', 'K', '\u212a', '$', 'đ')
    const few = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'k', '$'), minLength: 1, maxLength: 2 }), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(few, fc.string({ unit, maxLength: 12 }), (all, line) => {
        const known = new Map(all.map((literal, i) => [literal, i]))
        const literals = new FewLiterals()
        for (const [literal, id] of known) literals.add(literal, id)
        expect(found((hit) => literals.scan(line, hit))).toEqual(ids(known, (literal) => fold(line).includes(literal)))
      }),
    )
  })

  test('WholeTable finds what a map of folded texts finds', () => {
    const units = fc.constantFrom('a', 'b', 'A', 'đ', 'Đ', '\\', 'İ')
    const written = fc.oneof(
      fc.string({ unit: units, maxLength: 4 }),
      fc.tuple(fc.constantFrom('a', 'A', 'đ'), fc.integer({ min: 1, max: 60 })).map(([unit, n]) => unit.repeat(n)),
    )
    fc.assert(
      fc.property(fc.uniqueArray(written, { maxLength: 60, selector: fold }), fc.array(written), (literals, texts) => {
        const expected = new Map(literals.map((literal, i) => [fold(literal), i]))
        const table = new WholeTable<number>()
        for (const [literal, i] of expected) table.add(literal, i)
        for (const line of [...texts, ...literals]) expect(table.find(line)).toBe(expected.get(fold(line)))
      }),
    )
  })

  test.each(['start', 'end'] as const)('AffixTrie at the %s', (side) => {
    fc.assert(
      fc.property(literals, text, (all, line) => {
        const known = new Map(all.map((literal, i) => [literal, i]))
        const holds = (literal: string): boolean =>
          side === 'start' ? line.startsWith(literal) : line.endsWith(literal)
        const trie = new AffixTrie(side)
        for (const [literal, id] of known) trie.add(literal, id)
        expect(found((hit) => trie.walk(line, hit))).toEqual(ids(known, holds))
      }),
    )
  })
})

describe('ValueCache', () => {
  const known = (touches: number[] = []): KnownValue => ({
    hits: [],
    of: 1,
    effect: { touches, proves: [] },
    others: undefined,
    again: false,
    verdicts: undefined,
  })
  const filled = (count: number, text: (i: number) => string): ValueCache => {
    const cache = new CacheShelf().add()
    for (let i = 0; i < count; i++) cache.set(text(i), known())
    return cache
  }

  test('a text is known by the whole of it, whatever meets in one place', () => {
    const alike = fc.string({ unit: fc.constantFrom('a', 'b', '\u0130', '\ud83d'), maxLength: 60 })
    fc.assert(
      fc.property(fc.array(fc.tuple(alike, fc.boolean()), { maxLength: 200 }), (steps) => {
        const cache = new CacheShelf().add()
        const own = new Map<string, KnownValue>()
        const wrong: string[] = []
        for (const [text, sets] of steps) {
          const found = cache.get(text)
          if (found !== undefined && found !== own.get(text)) wrong.push(text)
          if (found === undefined && sets) {
            own.set(text, known([own.size]))
            cache.set(text, own.get(text)!)
          }
        }
        expect(wrong).toEqual([])
      }),
    )
  })

  test('grows while values drive each other out, and no further', () => {
    const cache = filled(100_000, (i) => `v${i}`)
    const kept = Array.from({ length: 100_000 }, (_, i) => cache.get(`v${i}`) !== undefined).filter(Boolean)
    expect(kept.length).toBeGreaterThan(100)
    expect(kept.length).toBeLessThanOrEqual(2048)
  })

  test('keeps what is asked for again, nearly always', () => {
    const cache = filled(3000, (i) => `v${i}`)
    let missed = 0
    for (let i = 0; i < 10_000; i++) {
      cache.set(`w${i}`, known())
      if (i % 20 > 0 || cache.get('often') !== undefined) continue
      missed++
      cache.set('often', known())
    }
    expect(missed).toBeLessThan(25)
  })

  test('rests while nothing comes again', () => {
    const cache = new CacheShelf().add()
    for (let i = 0; i < 512; i++) cache.get(`v${i}`)
    const taken = Array.from({ length: 5000 }, (_, i) => {
      const takes = cache.takes('x')
      cache.get(`w${i}`)
      return takes
    })
    expect(taken.indexOf(true)).toBe(4096)
  })

  test('takes no long text, and all caches together so many units', () => {
    const shelf = new CacheShelf()
    const [first, second] = [shelf.add(), shelf.add()]
    expect(first.takes('x'.repeat(4001))).toBe(false)
    first.set('early', known())
    const long = (i: number): string => String(1e7 + i * 7919).repeat(480)
    for (let i = 0; i < 1000; i++) first.set(long(i), known())
    expect(first.get(long(999))).toBeDefined()
    for (let i = 0; i < 9000; i++) second.set(long(i), known())
    expect(first.get(long(999))).toBeUndefined()
  })
})

test('a kind is known by all its values, lists by their elements', () => {
  const value = fc.oneof(
    fc.constantFrom<EcsValue[]>('a', 'b', 'ab', 1, 2, true, null, ''),
    fc.array(fc.constantFrom<EcsValue[]>('a', 'b', 1), { maxLength: 2 }),
    fc.constant<EcsValue>({ a: 'a' }),
  )
  const events = fc.array(fc.record({ x: value, y: value }, { requiredKeys: [], noNullPrototype: true }), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(events, (all) => {
      let values: (EcsValue | undefined)[] = []
      const table = new KindTable([2, 0], 2, () => JSON.stringify([values[2], values[0]]))
      for (const own of all) {
        values = [own.x, 'apart', own.y]
        expect(table.find(values)).toBe(JSON.stringify([own.y, own.x]))
      }
    }),
  )
})

test('kinds that share a place do not drive each other out until there are many', () => {
  const table = new KindTable([0], 1, () => ({}))
  const [first, again] = [
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ].map((values) => values.map((value) => table.find([value])))
  again!.forEach((item, i) => expect(item).toBe(first![i]))
  const few = Array.from({ length: 100 }, (_, i) => table.find([i]))
  expect(few.filter((item, i) => table.find([i]) === item).length).toBeLessThan(10)
})
