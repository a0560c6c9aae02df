import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { type Aggregation, aggregateOf } from '../../store/query/aggregate.ts'
import { holds } from '../../store/query/evaluate.ts'
import { networkOf } from '../../store/query/address.ts'
import { parseQuery } from '../../store/query/parse.ts'
import { type Condition, rangeOf } from '../../store/query/query.ts'
import { eventEvidence, letterEvidence } from '../../store/integrity/leaf.ts'
import type { Batch, EventQuery, Scope, Store } from '../../store/store.ts'
import { ALL_LEVELS, StoreError } from '../../store/store.ts'
import { queryOf, term } from './query/sample-query.ts'
import {
  ALL_TIME,
  batchOf,
  DAY_MS,
  dropBefore,
  iso,
  sampleAlert,
  sampleDeadLetter,
  sampleEvent,
  seqs,
  SPOOL,
} from './sample.ts'

const TEXT = fc.string({
  unit: fc.constantFrom(
    'a',
    'B',
    'ạ',
    'Đ',
    'd',
    'ς',
    'Σ',
    'e\u0301',
    '\u0301',
    '*',
    '?',
    '\\',
    '%',
    '_',
    "'",
    '"',
    '.',
    ' ',
    '\0',
    '1',
    '🔒',
  ),
  maxLength: 6,
})
const BOUND = fc.oneof(
  fc.constantFrom('5', '-1', '12.5', '9000', '1e3'),
  fc.constantFrom('10.0.0.9', '10.0.1.1', '192.0.2.255', '2001:db8::1', '::1', '::ffff:10.0.0.9', 'fe80::1:0:0:1'),
  fc.constantFrom('2026-03-02T01:00:05.000Z', '2026-03-02T01:01:00.000Z', '2026-03-02T01:03:00.000Z'),
)
const NEAR = fc.constantFrom(
  '07',
  '5.0',
  '10.0.0.256',
  '10.0.0.09',
  '2001:DB8:0::1',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::',
  '1:2',
  ':::',
  '::FFFF:a00:9',
  '2026-03-02',
)
const VALUE = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(TEXT, BOUND, NEAR) },
  fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(12.5, -1, 9000), fc.boolean()),
  fc.array(fc.oneof(TEXT, BOUND, fc.integer({ max: 20 })), { maxLength: 3 }),
  fc.constant(null),
)
const FIELD = fc.constantFrom('message', 'user.name', 'source.ip', 'process.pid', 'x.y', "x'z", 'related.ip')
const RANDOM_EVENT = fc.record({
  fields: fc.dictionary(FIELD, VALUE, { maxKeys: 5, noNullPrototype: true }),
  agency: fc.constantFrom('a', 'A', 'b', 'c'),
})

const ANY_FIELD = fc.oneof(
  { weight: 4, arbitrary: FIELD },
  fc.constantFrom('', '@timestamp', 'soc.seq', 'soc.record', 'event.category'),
)
const RANDOM_TERM = fc.oneof(
  fc
    .tuple(
      ANY_FIELD,
      fc.oneof(
        TEXT,
        TEXT.map((t) => `*${t}*`),
        TEXT.map((t) => `${t}*`),
        TEXT.map((t) => `*${t}`),
        BOUND,
      ),
    )
    .map(([field, value]) => term(field, value)),
  fc
    .tuple(ANY_FIELD, fc.constantFrom('gt', 'gte', 'lt', 'lte'), BOUND)
    .map(([field, name, bound]): Condition => rangeOf(field, { [name]: bound })!),
  fc
    .tuple(ANY_FIELD, fc.constantFrom('10.0.0.0/24', '10.0.0.9/32', '2001:db8::/33', '::/0', '0.0.0.0/0'))
    .map(([field, network]): Condition => ({ kind: 'range', field, as: 'address', ...networkOf(network)! })),
)
const { condition: RANDOM_CONDITION } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    RANDOM_TERM,
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('condition'), { minLength: 1, maxLength: 3 }))
      .map(([kind, of]): Condition => ({ kind, of })),
    tie('condition').map((of): Condition => ({ kind: 'not', of })),
  ),
}))

const RANDOM_AGGREGATION = fc.oneof(
  fc
    .record({
      by: fc.uniqueArray(fc.oneof(FIELD, fc.constantFrom('@timestamp', 'soc.agency', 'event.category')), {
        maxLength: 3,
      }),
      top: fc.integer({ min: 1, max: 30 }),
      first: fc.boolean(),
      descending: fc.boolean(),
    })
    .map(({ by, top, first, descending }): Aggregation => {
      return { kind: 'count', by, top, sort: { by: first && by.length > 0 ? 0 : 'count', descending } }
    }),
  fc
    .record({
      intervalMs: fc.constantFrom(60_000, 86_400_000),
      offsetMs: fc.constantFrom(0, 25_200_000),
      top: fc.integer({ min: 1, max: 4 }),
      by: fc.option(FIELD),
    })
    .map(({ by, ...rest }): Aggregation => ({ kind: 'histogram', ...rest, ...(by !== null && { by }) })),
)

/** One empty store, wherever it lives. */
export interface Harness {
  /** Opens it: again, after the one opened before was closed. */
  open(): Promise<Store>
  /** Resolves when everything appended is visible to searches. */
  settle(store: Store): Promise<void>
  remove(): Promise<void>
}

/** What every engine promises. `runs` is how many cases a property tries. */
export function storeContract(makeHarness: () => Promise<Harness>, runs: number): void {
  let harness: Harness
  let store: Store

  beforeEach(async () => {
    harness = await makeHarness()
    store = await harness.open()
  })
  afterEach(async () => {
    await store.close()
    await harness.remove()
  })

  const append = async (...batches: Batch[]): Promise<void> => {
    for (const batch of batches) expect(await store.append(batch)).toEqual({ refused: [] })
    await harness.settle(store)
  }
  const search = (query: Partial<EventQuery> = {}): Promise<EcsEvent[]> =>
    store.searchEvents({ scope: 'all', range: ALL_TIME, limit: 1_000, ...query })
  const found = async (...of: Condition[]): Promise<number[]> =>
    (await search({ where: { kind: 'and', of } })).map((e) => e['soc.seq']).sort((a, b) => a - b)
  const events = (from: number, through: number): EcsEvent[] => seqs(from, through).map((seq) => sampleEvent(seq))
  const codeOf = async (call: Promise<unknown>): Promise<string> => {
    try {
      await call
      return 'no error'
    } catch (error) {
      return error instanceof StoreError ? error.code : String(error)
    }
  }

  describe('append', () => {
    test('gives back what was put in, newest first', async () => {
      await append(batchOf(1, 5, { events: events(1, 5) }))
      expect(await search()).toEqual(events(1, 5).reverse())
      expect(await store.counts('all')).toMatchObject({ events: 5, alerts: 0, deadLetters: 0 })
    })

    test('a batch twice, and overlapping batches, change nothing', async () => {
      await append(batchOf(1, 10, { events: events(1, 10) }), batchOf(1, 10, { events: events(1, 10) }))
      await append(batchOf(6, 15, { events: events(6, 15) }))
      expect(await search()).toEqual(events(1, 15).reverse())
      expect((await store.counts('all')).events).toBe(15)
    })

    test('a replay cut elsewhere, after the store was closed and opened, changes nothing', async () => {
      const letters = (from: number, through: number) =>
        seqs(from, through)
          .filter((n) => n % 4 === 0)
          .map((n) => sampleDeadLetter(n))
      const some = (from: number, through: number) => events(from, through).filter((e) => e['soc.seq'] % 4 !== 0)
      const alerts = (from: number, through: number) =>
        seqs(from, through)
          .filter((n) => n % 5 === 0)
          .map((n) => sampleAlert(`a${n % 2}`, n, { seq: n }))
      const cut = (ends: number[]) =>
        ends.map((end, i) => {
          const from = (ends[i - 1] ?? 0) + 1
          return batchOf(from, end, {
            events: some(from, end),
            deadLetters: letters(from, end),
            alerts: alerts(from, end),
          })
        })
      await append(...cut([7, 20, 33]))
      const before = [
        await search(),
        await store.searchAlerts({ scope: 'all', limit: 10 }),
        await store.searchDeadLetters({ scope: 'all', limit: 100 }),
      ]
      await store.close()
      store = await harness.open()
      await append(...cut([1, 2, 19, 30, 33, 40]))
      const after = [
        await search(),
        await store.searchAlerts({ scope: 'all', limit: 10 }),
        await store.searchDeadLetters({ scope: 'all', limit: 100 }),
      ]
      expect(after[0]!.slice(-before[0]!.length)).toEqual(before[0])
      expect((after[0] as EcsEvent[]).map((e) => e['soc.seq'])).toEqual(
        some(1, 40)
          .map((e) => e['soc.seq'])
          .reverse(),
      )
      expect(after[2]).toEqual(letters(1, 40).reverse())
      expect((after[1] as { id: string; version: number }[]).map(({ id, version }) => [id, version])).toEqual([
        ['a0', 40],
        ['a1', 35],
      ])
    })

    test('any cutting into batches, with repeats, stores each record once', async () => {
      let spool = 0
      const ends = fc
        .uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 6 })
        .map((list) => list.sort((a, b) => a - b).concat(30))
      await fc.assert(
        fc.asyncProperty(ends, ends, fc.nat(29), async (first, second, restart) => {
          const name = `spool${spool++}`
          const event = (seq: number) => sampleEvent(seq, { 'soc.record': `${name}-${seq}`, 'soc.agency': name })
          const play = async (cuts: number[], start: number) => {
            let from = start
            for (const end of [...new Set(cuts)].filter((e) => e >= start)) {
              await store.append(batchOf(from, end, { events: seqs(from, end).map(event) }))
              from = end + 1
            }
          }
          await play(first, 1)
          await play(second, restart + 1)
          await harness.settle(store)
          expect((await search({ scope: [name] })).map((e) => e['soc.seq'])).toEqual(seqs(1, 30).reverse())
          expect((await store.counts([name])).events).toBe(30)
        }),
        { numRuns: Math.ceil(runs / 5) },
      )
    })

    test('an event that cannot be stored is refused each time it comes, and the rest is stored', async () => {
      const batch = batchOf(1, 4, {
        events: [
          sampleEvent(1),
          sampleEvent(2, { '@timestamp': '2026-13-01T00:00:00.000Z' }),
          sampleEvent(3, { 'event.ingested': 'yesterday' }),
          sampleEvent(4),
        ],
      })
      for (const _ of [1, 2]) {
        const { refused } = await store.append(batch)
        expect(refused.map(({ seq }) => seq)).toEqual([2, 3])
        expect(refused[0]!.reason).toContain('@timestamp')
      }
      await append(batchOf(2, 3, { deadLetters: [sampleDeadLetter(2), sampleDeadLetter(3)] }))
      expect((await search()).map((e) => e['soc.seq']).sort((a, b) => a - b)).toEqual([1, 4])
      expect((await store.searchDeadLetters({ scope: 'all', limit: 9 })).map(({ seq }) => seq)).toEqual([3, 2])
    })

    test('survives closing and opening', async () => {
      await append(batchOf(1, 3, { events: events(1, 3), alerts: [sampleAlert('a', 1)] }))
      await store.close()
      expect(await codeOf(search())).toBe('unavailable')
      expect(await codeOf(store.append(batchOf(4, 4, { events: events(4, 4) })))).toBe('unavailable')
      store = await harness.open()
      await harness.settle(store)
      expect(await search()).toEqual(events(1, 3).reverse())
      expect(await store.searchAlerts({ scope: 'all', limit: 9 })).toEqual([sampleAlert('a', 1)])
    })
  })

  describe('what an event may hold', () => {
    const wide = Object.fromEntries(seqs(1, 1_200).map((n) => [`custom.field_${n}`, n % 3 === 0 ? `giá trị ${n}` : n]))
    test.each<[string, Record<string, EcsValue>]>([
      ['1,200 fields', wide],
      ['a line of 64 KiB', { 'event.original': 'x'.repeat(60_000) + 'cuối dòng' + 'y'.repeat(5_527) }],
      ['Vietnamese, emoji, right to left', { message: 'Đăng nhập thất bại 🔒 \u202eabc', 'user.name': 'Nguyễn Văn Ạ' }],
      ['NUL and other control characters', { message: 'a\0b\u0001\u001b[31m', 'x.raw': '\0', 'user.name': 'ro\0ot' }],
      [
        'lists, objects, null, numbers',
        {
          'x.list': ['a', 1, null, true],
          'x.object': { a: { b: [1] } },
          'x.null': null,
          'x.n': 1.5e300,
          'x.big': 9_007_199_254_740_991,
        },
      ],
      [
        'a list where text is usual',
        { 'source.ip': ['203.0.113.1', '203.0.113.2'], 'user.name': 7, message: ['a', 'b'] },
      ],
      [
        'text where a number or an address is usual',
        { 'http.response.status_code': 'abc', 'source.port': 'ssh', 'source.ip': 'unknown' },
      ],
      [
        'odd names',
        {
          '': 1,
          ' ': 2,
          _id: 'mine',
          _source: 'x',
          'a..b': 3,
          '.a': 4,
          'a.': 5,
          "x'; DROP TABLE hot": 6,
          'x"y': 7,
          'a/b~c': 8,
          fields: 'f',
          rest: 'r',
          'tab\tname': 9,
          Message: 'M',
        },
      ],
      ['a prefix that is a value', { user: 'bob', 'user.name': 'bob', process: 'sshd', source: ['a'] }],
      [
        'prototype names',
        JSON.parse('{"__proto__": "p", "constructor": "c", "toString": 1}') as Record<string, EcsValue>,
      ],
      ['empty text and lists', { message: '', 'user.name': '', 'x.list': [], 'event.category': [] }],
    ])('%s come back as they were', async (_name, fields) => {
      const event = sampleEvent(1, fields)
      // A literal's spread loses an own `__proto__`; defining it keeps it.
      if (Object.hasOwn(fields, '__proto__'))
        Object.defineProperty(event, '__proto__', { value: 'p', enumerable: true, configurable: true, writable: true })
      await append(batchOf(1, 1, { events: [event] }))
      expect(await search()).toEqual([event])
      expect(await store.getEvents([event['soc.record']], 'all')).toEqual([event])
      expect(Object.keys((await search())[0]!).sort()).toEqual(Object.keys(event).sort())
    })

    test('a lone surrogate becomes U+FFFD; nothing crashes', async () => {
      await append(batchOf(1, 1, { events: [sampleEvent(1, { message: 'a\ud800b', 'x.y': ['\udfff', 'z\ud83d'] })] }))
      expect((await search())[0]).toMatchObject({ message: 'a\ufffdb', 'x.y': ['\ufffd', 'z\ufffd'] })
      expect(await found(term('x.y', 'z?'))).toEqual([1])
    })

    test('any JSON value in any field comes back', async () => {
      let seq = 0
      const value = fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'binary-ascii' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
        fc.boolean(),
        fc.constant(null),
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
        fc.dictionary(
          fc.string({ unit: 'grapheme', maxLength: 5 }).filter((k) => k !== '__proto__'),
          fc.string(),
          { maxKeys: 2, noNullPrototype: true },
        ),
      )
      const name = fc
        .oneof(
          fc.constantFrom('source.ip', 'message', 'user.name', 'process.pid', 'x.y'),
          fc.string({ unit: 'grapheme', maxLength: 10 }),
        )
        .filter((n) => !n.startsWith('soc.') && n !== '__proto__')
      await fc.assert(
        fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true }), async (fields) => {
          const wellFormed = JSON.parse(
            Buffer.from(JSON.stringify(fields))
              .toString()
              .replace(/\\ud[89a-f]../gi, 'S'),
          ) as Record<string, EcsValue>
          const event = sampleEvent(++seq, wellFormed)
          expect(await store.append(batchOf(seq, seq, { events: [event] }))).toEqual({ refused: [] })
          await harness.settle(store)
          expect(await store.getEvents([event['soc.record']], 'all')).toEqual([event])
        }),
        { numRuns: runs },
      )
    })
  })

  describe('terms', () => {
    const rows: Record<string, EcsValue>[] = [
      { 'user.name': 'Administrator', 'x.path': String.raw`C:\Windows\System32\cmd.exe`, 'x.n': 42, 'x.flag': true },
      { 'user.name': 'ĐẶNG.VĂN', 'x.path': String.raw`\\server\share*\a?b`, 'x.n': 4.25, 'x.flag': false },
      { 'user.name': '100%_sure', 'x.path': '%_', 'x.tags': ['Alpha', 'BETA gamma', 7] },
      { 'user.name': 'o\'brien"; DROP TABLE alerts; --', "x'y": 'inject', 'x."q"': 'quote', 'x/y~z': 'pointer' },
      {
        'user.name': ['root', 'ADMIN2'],
        'http.response.status_code': 404,
        'event.original': 'GET /Wp-Login.PHP 404 thất bại',
      },
      { 'http.response.status_code': '404', message: 'Không tìm thấy trang', 'event.original': 'khác' },
      { 'source.ip': ['198.51.100.7', '198.51.100.8'], 'x.empty': '', 'x.null': null, 'x.object': { deep: 'v' } },
      { 'x.path': 'line\nbreak\0nul', 'x.tags': [['nested'], { a: 'b' }] },
    ]
    const stored = rows.map((fields, i) => sampleEvent(i + 1, fields))

    test.each<[string, string, number[]]>([
      ['user.name', 'ADMINISTRATOR', [1]],
      ['user.name', 'admin*', [1, 5]],
      ['user.name', 'đặng.văn', [2]],
      ['user.name', 'đặng*', [2]],
      ['user.name', '100%_sure', [3]],
      ['user.name', '100%*', [3]],
      ['user.name', '1000%_sure', []],
      ['user.name', 'o\'brien"; drop table alerts; --', [4]],
      ['user.name', "' OR 1=1 --", []],
      ['user.name', 'root', [5, 8]],
      ['user.name', '["root*', []],
      ['x.path', String.raw`c:\windows\system32\cmd.exe`, [1]],
      ['x.path', String.raw`C:\Windows\\*`, [1]],
      ['x.path', String.raw`C:\Windows\*`, []],
      ['x.path', String.raw`\\server\share\*\a\?b`, [2]],
      ['x.path', String.raw`\\server*`, [2]],
      ['x.path', String.raw`*server*`, [2]],
      ['x.path', '%_', [3]],
      ['x.path', 'line?break?nul', [8]],
      ['x.path', '*.EXE', [1]],
      ['x.path', '*o*s*?2*', [1]],
      ['x.path', '*', [1, 2, 3, 8]],
      ['x.n', '42', [1]],
      ['x.n', '4.25', [2]],
      ['x.n', '4*', [1, 2]],
      ['x.flag', 'TRUE', [1]],
      ['x.tags', 'alpha', [3]],
      ['x.tags', 'beta*', [3]],
      ['x.tags', '*gamma', [3]],
      ['x.tags', '7', [3]],
      ['x.tags', 'nested', []],
      ["x'y", 'inject', [4]],
      ['x."q"', 'quote', [4]],
      ['x/y~z', 'pointer', [4]],
      ["x') OR true --", '*', []],
      ['http.response.status_code', '404', [5, 6]],
      ['http.response.status_code', '4?4', [5, 6]],
      ['source.ip', '198.51.100.8', [7]],
      ['source.ip', '198.51.*', [7]],
      ['x.empty', '', [7]],
      ['x.empty', '*', [7]],
      ['x.null', '*', []],
      ['x.object', '*', []],
      ['soc.record', `${SPOOL.toUpperCase()}-3`, [3]],
      ['soc.seq', '3', [3]],
      ['soc.agency', 'UBND-XA-?', [1, 3, 5, 7]],
      ['', 'thất BẠI', [5]],
      ['', 'wp-login.php', [5]],
      ['', 'tìm thấy', [6]],
      ['', 'wp-*404', [5]],
      ['', "'", []],
      ['', 'no such text', []],
      ['@timestamp', '2026-03-02T01:00:03.000z', [3]],
      ['no.such.field', 'x', []],
    ])('%s: %s', async (field, value, expected) => {
      await append(batchOf(1, stored.length, { events: stored }))
      expect(stored.filter((event) => holds(event, term(field, value))).map((e) => e['soc.seq'])).toEqual(expected)
      expect(await found(term(field, value))).toEqual(expected)
    })

    test('several terms must all hold', async () => {
      await append(batchOf(1, stored.length, { events: stored }))
      expect(await found(term('x.path', '*'), term('x.n', '4*'), term('', 'ssh2'))).toEqual([1, 2])
    })

    test.each<[string, number[]]>([
      ['user.name:dang.van', [2]],
      ['user.name:"Đặng.Văn"', [2]],
      ['that bai', [5]],
      ['"KHONG TIM thấy"', [6]],
      ['message:"trang"', [6]],
      ['not user.name:* or x.n:4*', [1, 2]],
      ['x.n >= 4.25 and x.n < 42', [2]],
      ['http.response.status_code:[400 TO 499]', [5, 6]],
      ['http.response.status_code > 404', []],
      ['source.ip:198.51.100.0/29 and soc.seq >= 7', [7]],
      ['source.ip:"198.51.100.0/29"', []],
      ['source.ip >= 198.51.100.8 source.ip < 203.0.0.0', [7]],
      ['x.tags:(alpha or nested)', [3]],
      ['x.tags:(not alpha) user.name:100*', []],
      ['@timestamp:[2026-03-02T01:00:03Z TO 2026-03-02T01:00:04Z]', [3, 4]],
      [String.raw`x.path:C:\Windows\\*`, [1]],
      [String.raw`x.path:"C:\Windows\\"*`, [1]],
      ['source.ip:*:*', []],
    ])('%s', async (text, expected) => {
      await append(batchOf(1, stored.length, { events: stored }))
      const where = queryOf(text).where!
      expect(stored.filter((event) => holds(event, where)).map((e) => e['soc.seq'])).toEqual(expected)
      expect(await found(where)).toEqual(expected)
    })

    test('random conditions over random events find, and count, what the plain evaluator does, within the scope alone', async () => {
      const pool = fc
        .sample(RANDOM_EVENT, { numRuns: 200, seed: 11 })
        .map(({ fields, agency }, i) => sampleEvent(i + 1, { ...fields, 'soc.agency': agency }))
      await append(batchOf(1, pool.length, { events: pool }))
      const scope = fc.oneof(fc.constant<Scope>('all'), fc.subarray(['a', 'A', 'b', 'c', 'd']))
      await fc.assert(
        fc.asyncProperty(RANDOM_CONDITION, scope, RANDOM_AGGREGATION, async (where, seen, aggregation) => {
          const visible = pool.filter((e) => seen === 'all' || seen.includes(e['soc.agency']))
          const expected = visible.filter((e) => holds(e, where))
          expect((await search({ where, scope: seen })).map((e) => e['soc.seq'])).toEqual(
            expected.map((e) => e['soc.seq']).reverse(),
          )
          const range = { from: '2026-03-02T00:00:00.000Z', to: '2026-03-03T00:00:00.000Z' }
          expect(await store.aggregate({ scope: seen, range, where, aggregation })).toEqual(
            aggregateOf(expected, aggregation),
          )
        }),
        { numRuns: runs * 2 },
      )
    })

    test('any text that can be read is a search that ends', async () => {
      await append(batchOf(1, stored.length, { events: stored }))
      const piece = fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 4 }),
        fc.constantFrom(
          'x.tags:',
          'source.ip:',
          '"',
          '\\',
          ' ',
          ' or ',
          ' not ',
          '(',
          ')',
          '*',
          '?',
          '10.0.0.0/8',
          '::/0',
          '>=5',
        ),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
          const parsed = parseQuery(pieces.join(''))
          if ('error' in parsed || parsed.query.where === undefined) return
          const { where } = parsed.query
          expect(await found(where)).toEqual(stored.filter((e) => holds(e, where)).map((e) => e['soc.seq']))
        }),
        { numRuns: runs * 3 },
      )
    })

    test('the longest values, and the most of them, are answered', async () => {
      await append(
        batchOf(1, 1, { events: [sampleEvent(1, { message: 'ắ'.repeat(1_000), 'x.y': 'ắ'.repeat(1_000) })] }),
      )
      expect(await found(term('', 'a'.repeat(1_000)))).toEqual([1])
      expect(await found(term('x.y', `${'ă'.repeat(998)}*`))).toEqual([1])
      expect(await found(term('x.y', `${'a?'.repeat(25)}*`))).toEqual([1])
      expect(await found(term('x.y', '*aaaaaaaaaaaaaaaaaaa'.repeat(50)))).toEqual([1])
      expect(await found(term('x.y', '*baaaaaaaaaaaaaaaaaa'.repeat(50)))).toEqual([])
      const many = seqs(1, 256).map((n) => term(n % 2 === 0 ? 'x.y' : 'user.name', `*value ${n}*`))
      expect(await found({ kind: 'or', of: [...many, term('x.y', '*')] })).toEqual([1])
    })

    test('a value longer than 1,000 characters is refused, not truncated', async () => {
      expect(await codeOf(search({ where: term('', 'x'.repeat(1_001)) }))).toBe('too_large')
      expect(await codeOf(search({ where: term('x.y', '*x'.repeat(60)) }))).toBe('too_large')
    })
  })

  describe('paging', () => {
    test('gives every event once, in order, when many share a time', async () => {
      const at = (seq: number) =>
        iso(Date.parse('2026-03-02T00:00:00.000Z') + Math.floor(seq / 7) * 1000 - (seq % 3 === 0 ? DAY_MS : 0))
      const all = seqs(1, 100).map((seq) => sampleEvent(seq, { '@timestamp': at(seq) }))
      await append(batchOf(1, 100, { events: all }))
      const expected = [...all].sort(
        (a, b) => b['@timestamp'].localeCompare(a['@timestamp']) || b['soc.seq'] - a['soc.seq'],
      )
      for (const limit of [1, 7, 33, 100]) {
        const pages: EcsEvent[] = []
        for (let page = await search({ limit }); page.length > 0;) {
          expect(page.length).toBeLessThanOrEqual(limit)
          pages.push(...page)
          const last = page.at(-1)!
          page = await search({ limit, after: { timestamp: last['@timestamp'], seq: last['soc.seq'] } })
        }
        expect(pages.map((e) => e['soc.seq'])).toEqual(expected.map((e) => e['soc.seq']))
        if (limit === 1) continue
        expect(pages).toEqual(expected)
      }
    })

    test('the range is half-open', async () => {
      await append(batchOf(1, 5, { events: events(1, 5) }))
      const time = (seq: number) => sampleEvent(seq)['@timestamp']
      expect((await search({ range: { from: time(2), to: time(4) } })).map((e) => e['soc.seq'])).toEqual([3, 2])
    })

    test('a limit above 1,000, or what is not a time, is refused', async () => {
      expect(await codeOf(search({ limit: 1_001 }))).toBe('too_large')
      expect(await codeOf(search({ range: { from: "'; --", to: '2026' } }))).toBe('refused')
    })
  })

  describe('order', () => {
    test('oldest first, paged, gives the same events as newest first', async () => {
      const all = seqs(1, 60).map((seq) =>
        sampleEvent(seq, { '@timestamp': iso(Date.parse(ALL_TIME.from) + (seq % 7) * DAY_MS) }),
      )
      for (const from of [1, 21, 41]) await append(batchOf(from, from + 19, { events: all.slice(from - 1, from + 19) }))
      const newest = (await search()).map((e) => e['soc.seq'])
      const oldest: number[] = []
      let after: EventQuery['after']
      for (;;) {
        const page = await search({ order: 'oldest', limit: 7, ...(after && { after }) })
        if (page.length === 0) break
        oldest.push(...page.map((e) => e['soc.seq']))
        after = { timestamp: page.at(-1)!['@timestamp'], seq: page.at(-1)!['soc.seq'] }
      }
      expect(oldest).toEqual(newest.toReversed())
    })
  })

  describe('aggregates', () => {
    const count = (by: string[], top = 10): Aggregation => ({
      kind: 'count',
      by,
      top,
      sort: { by: 'count', descending: true },
    })

    test('count all, by one field, by several, and say whether there are more', async () => {
      await append(batchOf(1, 20, { events: events(1, 20) }), batchOf(21, 30, { events: events(21, 30) }))
      const day = { from: '2026-03-02T00:00:00.000Z', to: '2026-03-03T00:00:00.000Z' }
      const ask = (aggregation: Aggregation) => store.aggregate({ scope: 'all', range: day, aggregation })
      expect(await ask(count([]))).toEqual({ kind: 'count', groups: [{ values: [], count: 30 }], more: false })
      expect(await ask(count(['user.name'], 3))).toEqual({
        kind: 'count',
        groups: [
          { values: ['nguyenvana'], count: 8 },
          { values: ['quantri'], count: 8 },
          { values: ['oracle'], count: 7 },
        ],
        more: true,
      })
      for (const by of [
        ['user.name', 'host.name'],
        ['related.ip', 'event.category', 'soc.agency'],
        ['source.port'],
        ['@timestamp'],
      ]) {
        const aggregation = count(by, 25)
        expect(await ask(aggregation)).toEqual(aggregateOf(events(1, 30), aggregation))
      }
      const histogram: Aggregation = {
        kind: 'histogram',
        intervalMs: 70_000,
        offsetMs: 3_600_000,
        by: 'user.name',
        top: 2,
      }
      expect(await ask(histogram)).toEqual(aggregateOf(events(1, 30), histogram))
    })

    test('a histogram of too many intervals is refused', async () => {
      const aggregation: Aggregation = { kind: 'histogram', intervalMs: 1_000, offsetMs: 0, top: 1 }
      expect(await codeOf(store.aggregate({ scope: 'all', range: ALL_TIME, aggregation }))).toBe('too_large')
    })

    test('no count of another agency', async () => {
      await append(batchOf(1, 8, { events: events(1, 8) }))
      const mine: Scope = ['ubnd-xa-a']
      const all = { range: ALL_TIME, where: term('user.name', '*') }
      for (const by of [['soc.agency'], ['user.name', 'soc.source'], []]) {
        const aggregation = count(by)
        const expected = aggregateOf(
          events(1, 8).filter((e) => e['soc.agency'] === 'ubnd-xa-a'),
          aggregation,
        )
        expect(await store.aggregate({ ...all, scope: mine, aggregation })).toEqual(expected)
        expect(await store.aggregate({ ...all, scope: [], aggregation })).toEqual(aggregateOf([], aggregation))
        expect(await store.aggregate({ ...all, scope: ["') OR ('1'='1"], aggregation })).toEqual(
          aggregateOf([], aggregation),
        )
      }
      const range = { from: '2026-03-02T00:00:00.000Z', to: '2026-03-03T00:00:00.000Z' }
      const histogram: Aggregation = { kind: 'histogram', intervalMs: 3_600_000, offsetMs: 0, by: 'soc.agency', top: 9 }
      expect(await store.aggregate({ scope: mine, range, aggregation: histogram })).toEqual({
        kind: 'histogram',
        buckets: [{ from: '2026-03-02T01:00:00.000Z', count: 4, groups: [{ values: ['ubnd-xa-a'], count: 4 }] }],
      })
    })

    test('a cancelled one ends with cancelled', async () => {
      const query = { scope: 'all', range: ALL_TIME, aggregation: count([]), signal: AbortSignal.abort() } as const
      expect(await codeOf(store.aggregate(query))).toBe('cancelled')
    })
  })

  describe('scope', () => {
    test('another agency is as if it did not exist, in every method', async () => {
      const mine: Scope = ['ubnd-xa-a']
      await append(
        batchOf(1, 6, {
          events: events(1, 4),
          alerts: [sampleAlert('x', 1, { agency: 'so-tai-chinh' }), sampleAlert('y', 1, { agency: 'ubnd-xa-a' })],
          deadLetters: [sampleDeadLetter(5, { agency: 'so-tai-chinh' }), sampleDeadLetter(6, { agency: 'ubnd-xa-a' })],
        }),
      )
      const ids = events(1, 4).map((e) => e['soc.record'])
      expect((await search({ scope: mine })).map((e) => e['soc.seq'])).toEqual([3, 1])
      expect((await store.getEvents(ids, mine)).map((e) => e['soc.seq'])).toEqual([1, 3])
      expect((await store.searchAlerts({ scope: mine, limit: 9 })).map(({ id }) => id)).toEqual(['y'])
      expect(await store.searchAlerts({ scope: mine, ids: ['x'], limit: 9 })).toEqual([])
      expect((await store.searchDeadLetters({ scope: mine, limit: 9 })).map(({ seq }) => seq)).toEqual([6])
      expect(await store.counts(mine)).toMatchObject({ events: 2, alerts: 1, deadLetters: 1 })
      for (const none of [[], ['UBND-XA-A'], ['ubnd*'], ["') OR ('1'='1"]] satisfies Scope[]) {
        expect(await search({ scope: none })).toEqual([])
        expect(await store.getEvents(ids, none)).toEqual([])
        expect(await store.searchAlerts({ scope: none, limit: 9 })).toEqual([])
        expect(await store.searchDeadLetters({ scope: none, limit: 9 })).toEqual([])
        expect(await store.counts(none)).toMatchObject({ events: 0, alerts: 0, deadLetters: 0 })
      }
    })
  })

  describe('getEvents', () => {
    test('gives them in the order asked for, once, without what is not there', async () => {
      await append(batchOf(1, 9, { events: events(1, 9) }))
      const ids = [7, 2, 99, 2, 9].map((seq) => `${SPOOL}-${seq}`)
      expect((await store.getEvents([...ids, 'x', '', "'-1", 'other-7'], 'all')).map((e) => e['soc.seq'])).toEqual([
        7, 2, 9,
      ])
      expect(await store.getEvents([], 'all')).toEqual([])
    })
  })

  describe('alerts', () => {
    test('the highest version stays, however they come', async () => {
      await append(
        batchOf(1, 1, { alerts: [sampleAlert('a', 1), sampleAlert('a', 3), sampleAlert('a', 2), sampleAlert('b', 5)] }),
      )
      await append(
        batchOf(2, 2, { alerts: [sampleAlert('a', 2), sampleAlert('b', 6)] }),
        batchOf(1, 1, { alerts: [sampleAlert('b', 5)] }),
      )
      expect(await store.searchAlerts({ scope: 'all', ids: ['a', 'b', 'c'], limit: 9 })).toEqual([
        sampleAlert('b', 6),
        sampleAlert('a', 3),
      ])
      expect((await store.counts('all')).alerts).toBe(2)
    })

    test('by rule and range, and paged where one record raised several', async () => {
      const alerts = seqs(1, 20).map((n) => sampleAlert(`id${String(n).padStart(2, '0')}`, 1, { seq: n % 3 }))
      await append(batchOf(1, 1, { alerts }))
      const expected = [...alerts].sort((a, b) => b.seq - a.seq || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
      const ids: string[] = []
      for (let page = await store.searchAlerts({ scope: 'all', limit: 6 }); page.length > 0;) {
        ids.push(...page.map(({ id }) => id))
        const { '@timestamp': timestamp, seq, id } = page.at(-1)!
        page = await store.searchAlerts({ scope: 'all', limit: 6, after: { timestamp, seq, id } })
      }
      expect(ids).toEqual(expected)
      const range = { from: alerts[0]!['@timestamp'], to: alerts[1]!['@timestamp'] }
      expect((await store.searchAlerts({ scope: 'all', range, limit: 99 })).every(({ seq }) => seq === 1)).toBe(true)
      expect(await store.searchAlerts({ scope: 'all', rule: 'r-brute', limit: 99 })).toHaveLength(20)
      expect(await store.searchAlerts({ scope: 'all', rule: 'R-BRUTE', limit: 99 })).toEqual([])
      const at = async (some: string[], at: number[]) =>
        (await store.searchAlerts({ scope: 'all', ids: some, seqs: at, limit: 99 })).map(({ id }) => id)
      expect(await at(['id01', 'id02', 'id04'], [1])).toEqual(['id01', 'id04'])
      expect(await at(['id01', 'id02', 'id04'], [0, 2])).toEqual(['id02'])
      expect(await at(['id01'], [])).toEqual([])
      // A higher version stands elsewhere, and takes the place of the lower one: no old place finds what is out of date.
      await append(batchOf(2, 2, { alerts: [sampleAlert('id01', 2, { seq: 7 })] }))
      expect(await at(['id01', 'id04'], [1])).toEqual(['id04'])
      expect(await at(['id01'], [7])).toEqual(['id01'])
    })
  })

  test('dead letters come newest first and in pages', async () => {
    const letters = seqs(1, 25).map((seq) => sampleDeadLetter(seq, { reason: `lý do ${seq} \ud800`.slice(0, 8) }))
    await append(batchOf(1, 25, { deadLetters: letters }), batchOf(20, 25, { deadLetters: letters.slice(19) }))
    const first = await store.searchDeadLetters({ scope: 'all', limit: 10 })
    const rest = await store.searchDeadLetters({ scope: 'all', limit: 100, beforeSeq: first.at(-1)!.seq })
    expect([...first, ...rest]).toEqual([...letters].reverse())
  })

  test('whole days go by receive time, whatever the clock of the device said', async () => {
    const day = (n: number) => ({
      'event.ingested': iso(Date.parse('2026-03-02T12:00:00.000Z') + n * DAY_MS),
      '@timestamp': '2031-01-01T00:00:00.000Z',
    })
    await append(
      batchOf(1, 5, {
        events: [sampleEvent(1, day(0)), sampleEvent(2, day(1)), sampleEvent(3, day(2)), sampleEvent(4, day(2))],
        deadLetters: [sampleDeadLetter(5)],
        alerts: [sampleAlert('kept', 1)],
      }),
    )
    expect(await store.partitions()).toEqual([
      { day: '2026-03-02', levels: '0' },
      { day: '2026-03-02', levels: ALL_LEVELS },
      { day: '2026-03-03', levels: ALL_LEVELS },
      { day: '2026-03-04', levels: ALL_LEVELS },
    ])
    await dropBefore(store, '2026-03-04')
    await harness.settle(store)
    expect((await search()).map((e) => e['soc.seq']).sort((a, b) => a - b)).toEqual([3, 4])
    expect(await store.counts('all')).toMatchObject({ events: 2, alerts: 1, deadLetters: 0 })
    expect(await store.partitions()).toEqual([{ day: '2026-03-04', levels: ALL_LEVELS }])
    await append(batchOf(6, 6, { events: [sampleEvent(6, day(3))] }))
    expect((await search()).map((e) => e['soc.seq']).sort((a, b) => a - b)).toEqual([3, 4, 6])
    await store.drop([
      { day: '2026-03-01', levels: ALL_LEVELS },
      { day: '2026-03-04', levels: '12' },
    ])
    expect(await store.counts('all')).toMatchObject({ events: 3 })
  })

  test('raw lines by day and position, of events and dead letters, byte for byte', async () => {
    const raw = ['plain', 'đăng nhập "từ xa"', '\ufeffwith a mark', 'a\0b\u0001', '', '{"a":1}']
    const found = raw.map((text, i) => sampleEvent(i + 1, { 'event.original': text, 'soc.criticality': (i % 3) + 2 }))
    const base64 = sampleEvent(7, { 'event.original': '/wA=', 'soc.original_encoding': 'base64' })
    const elsewhere = sampleEvent(8, { 'event.ingested': '2026-03-05T00:00:00.000Z' })
    const letters = [sampleDeadLetter(9), sampleDeadLetter(10, { bytes: '/wA=' })]
    await append(batchOf(1, 10, { events: [...found, base64, elsewhere], deadLetters: letters }))
    const stored = await store.stored({ day: '2026-03-02', from: 2, through: 10, limit: 100 })
    const evidence = [...found.slice(1), base64].map(eventEvidence)
    expect(stored).toEqual([
      ...evidence.map((each, i) => ({ ...each, spool: SPOOL, seq: i + 2, level: i + 2 === 7 ? 0 : ((i + 1) % 3) + 2 })),
      ...letters.map((letter) => ({ ...letterEvidence(letter), spool: SPOOL, seq: letter.seq, level: 0 })),
    ])
    expect(stored.at(-1)).toMatchObject({ encoding: 'base64', raw: '/wA=' })
    expect(await store.stored({ day: '2026-03-02', from: 2, through: 10, limit: 3 })).toEqual(stored.slice(0, 3))
  })

  test('a cancelled search ends with cancelled', async () => {
    await append(batchOf(1, 3, { events: events(1, 3) }))
    expect(await codeOf(search({ signal: AbortSignal.abort() }))).toBe('cancelled')
    const controller = new AbortController()
    const running = codeOf(search({ signal: controller.signal }))
    controller.abort()
    expect(['cancelled', 'no error']).toContain(await running)
    expect(await search()).toHaveLength(3)
  })

  test('ready resolves while it is', async () => {
    await store.ready()
    expect(store.engine).toMatch(/^(embedded|elasticsearch)$/)
  })
}
