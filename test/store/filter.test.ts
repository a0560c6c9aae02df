import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { EcsEvent } from '../../model/event.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { leftOf } from '../../store/embedded/denied.ts'
import { blocksOf, type Identity, openFilter, startFilter } from '../../store/embedded/filter.ts'
import { Filters } from '../../store/embedded/filters.ts'
import { neededBy } from '../../store/embedded/keys.ts'
import type { Segment } from '../../store/embedded/schema.ts'
import { holds } from '../../store/query/evaluate.ts'
import type { Condition } from '../../store/query/query.ts'
import type { Store } from '../../store/store.ts'
import { queryOf, term } from './query/sample-query.ts'
import { ALL_TIME, batchOf, dropBefore, iso, sampleEvent, seqs } from './sample.ts'

const work = mkdtempSync(join(tmpdir(), 'soc-filter-'))
afterAll(() => rmSync(work, { recursive: true }))

const OF: Identity = { sha256: 'ab'.repeat(32), bytes: 1_234 }
let files = 0

function fileOf(events: readonly EcsEvent[], rows = events.length): { path: string; bytes: Buffer } {
  const filter = startFilter(rows)
  for (const event of events) {
    const line: unknown = event['event.original']
    filter.begin(Date.parse(event['@timestamp']), typeof line === 'string' ? line : '')
    for (const name in event) filter.field(name, event[name])
  }
  const bytes = filter.finish(OF)
  const path = join(work, `${files++}.filter`)
  writeFileSync(path, bytes)
  return { path, bytes }
}

const PIECES = [
  'đăng nhập',
  'ĐĂNG NHẬP',
  'dang nhap',
  'e\u0301te\u0301',
  'mimikatz',
  'MIMIKATZ',
  '203.0.113.250',
  '0123456789',
  'C:\\Windows\\System32',
  'b5bb9d8014a0f9b1d61e21e796d78dcc',
  '1e21',
  '\ud800',
  '🔒🔒🔒🔒',
  'ς',
  'Σίσυφος',
  ' ',
  '\0',
  '*',
]
const TEXT = fc.array(fc.constantFrom(...PIECES), { maxLength: 3 }).map((pieces) => pieces.join(''))
const VALUE = fc.oneof(
  { weight: 4, arbitrary: TEXT },
  fc.oneof(fc.constantFrom(1e21, 1e20, 404, 12345678, -0, 0.1, true, false), fc.integer()),
  fc.array(fc.oneof(TEXT, fc.integer(), fc.constant(null)), { maxLength: 3 }),
  fc.constantFrom(null, { deep: 'mimikatz' }, [['mimikatz']]),
)
const FIELD = fc.constantFrom('message', 'event.original', 'user.name', 'source.ip', 'process.pid', 'x.y', '@timestamp')
const EVENT = fc.dictionary(FIELD, VALUE, { maxKeys: 5, noNullPrototype: true })
const TERM = fc.oneof(
  fc.tuple(fc.oneof(FIELD, fc.constant('')), TEXT).map(([field, text]) => term(field, text)),
  fc
    .tuple(FIELD, fc.oneof(fc.integer(), fc.constantFrom('404', 'TRUE', '100000000000000000000', '*', '0*')))
    .map(([field, value]) => term(field, String(value))),
  fc
    .tuple(FIELD, TEXT)
    .map(([field, text]): Condition => ({ kind: 'match', field, pattern: { kind: 'equals', text } })),
  FIELD.map((field): Condition => ({ kind: 'range', field, as: 'number', gte: 5 })),
)
const CONDITION: fc.Arbitrary<Condition> = fc.letrec<{ any: Condition }>((tie) => ({
  any: fc.oneof(
    { weight: 3, arbitrary: TERM },
    fc.record({ kind: fc.constantFrom('and', 'or'), of: fc.array(tie('any'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not'), of: tie('any') }),
  ),
})).any

describe('a filter', () => {
  test('never rules out where a condition holds', () => {
    let [ruledOut, held] = [0, 0]
    fc.assert(
      fc.property(EVENT, fc.array(CONDITION, { minLength: 1, maxLength: 30 }), (fields, conditions) => {
        const event = sampleEvent(1, { ...fields, '@timestamp': '2026-03-02T01:00:01.000Z' })
        const filter = openFilter(fileOf([event]).path, OF)!
        for (const condition of conditions) {
          const possible = blocksOf(filter, neededBy(condition)) === 1
          if (!possible) ruledOut++
          if (!holds(event, condition)) continue
          held++
          expect(possible, JSON.stringify(condition)).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
    expect(ruledOut).toBeGreaterThan(100) // or the rest would say nothing
    expect(held).toBeGreaterThan(100)
  })

  test('what is left of a condition where what it denies is nowhere gives the same answers', () => {
    let shortened = 0
    fc.assert(
      fc.property(EVENT, fc.array(CONDITION, { minLength: 1, maxLength: 30 }), (fields, conditions) => {
        const event = sampleEvent(1, { ...fields, '@timestamp': '2026-03-02T01:00:01.000Z' })
        const filter = openFilter(fileOf([event]).path, OF)!
        for (const where of conditions) {
          const left = leftOf(where, (denied) => blocksOf(filter, neededBy(denied)) === 0)
          if (JSON.stringify(left) !== JSON.stringify(where)) shortened++
          expect(left === undefined || holds(event, left), JSON.stringify(where)).toBe(holds(event, where))
        }
      }),
      { numRuns: 100 },
    )
    expect(shortened).toBeGreaterThan(20)
  })

  test('tells blocks apart, and between which times each is', () => {
    const rare = 20_000
    const events = seqs(1, 40_000).map((seq) =>
      sampleEvent(
        seq,
        seq === rare ? { message: 'Tệp đính kèm khả nghi', 'file.hash.sha256': 'b5bb9d80'.repeat(8) } : {},
      ),
    )
    const filter = openFilter(fileOf(events).path, OF)!
    expect(filter.blocks).toHaveLength(5)
    expect(filter.blocks[2]).toEqual([16_385, 24_576].map((seq) => Date.parse(events[seq - 1]!['@timestamp'])))
    const blocks = (q: string): number => blocksOf(filter, neededBy(queryOf(q).where!))
    for (const q of ['"tep dinh kem kha nghi"', 'dinh?kem', `"${'b5bb9d80'.repeat(4)}"`, 'file.hash.sha256:*']) {
      expect([q, blocks(q) & (1 << 2)]).toEqual([q, 1 << 2])
    }
    const nowhere = ['mimikatz', 'user.name:mimikatz', '"198.51.100.77"', 'source.ip:198.51.100.77', 'x.y:*', 'x.y > 1']
    // Now and then a block is let through in vain: of 30 here some two.
    expect(nowhere.filter((q) => blocks(q) !== 0).length).toBeLessThan(4)
    for (const q of ['not mimikatz', 'ro', '203', 'user.name:root or mimikatz', '@timestamp > 2026-01-01']) {
      expect([q, blocksOf(filter, neededBy(queryOf(q).where!))]).toEqual([q, 0b11111])
    }
  })

  test('takes more rows than were announced', () => {
    const { path } = fileOf(
      seqs(1, 20_000).map((seq) => sampleEvent(seq)),
      1,
    )
    const filter = openFilter(path, OF)!
    expect(filter.blocks).toHaveLength(1)
    expect(blocksOf(filter, neededBy(term('user.name', 'root')))).toBe(1)
  })

  test('that is damaged anywhere, cut off or of another file counts for nothing', () => {
    const { path, bytes } = fileOf(seqs(1, 50).map((seq) => sampleEvent(seq)))
    expect(openFilter(path, OF)).not.toBeNull()
    expect(openFilter(path, { ...OF, bytes: 1 })).toBeNull()
    expect(openFilter(path, { ...OF, sha256: null })).toBeNull()
    expect(openFilter(`${path}-nowhere`, OF)).toBeNull()
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(bytes)
        damaged[at]! ^= flip
        writeFileSync(path, damaged)
        expect(openFilter(path, OF)).toBeNull()
        writeFileSync(path, bytes.subarray(0, at))
        expect(openFilter(path, OF)).toBeNull()
      }),
    )
  })
})

describe('the filters of a store', () => {
  test('answer before those of other files are opened', async () => {
    const event = sampleEvent(1)
    const filter = startFilter(1)
    filter.begin(Date.parse(event['@timestamp']), '')
    filter.field('user.name', 'alice')
    const bytes = filter.finish(OF)
    const folder = mkdtempSync(join(work, 'asked-'))
    const segments = Array.from({ length: 200 }, (_, i): Segment => {
      writeFileSync(join(folder, `${i}.filter`), bytes)
      const times = { minMs: 0, maxMs: 1, minSeq: i, maxSeq: i }
      return { path: `${i}.parquet`, day: '2026-11-22', ...OF, ...times, rows: 1, spills: false }
    })
    const filters = new Filters(folder, (message) => expect.fail(message))
    filters.make(segments)
    expect(await filters.candidates(segments.slice(-1), term('user.name', 'bob'))).toEqual([])
    expect(segments.filter((segment) => filters.bytesOf(segment) > 0).length).toBeLessThan(segments.length / 2)
    await expect.poll(() => segments.every((segment) => filters.bytesOf(segment) > 0)).toBe(true)
    await filters.close()
  })

  test('leave out of a condition what is denied and nowhere in the file', async () => {
    const folder = mkdtempSync(join(work, 'denied-'))
    const hiding = [[], ['user.name'], ['source.ip']].map((hidden) => sampleEvent(1, { 'soc.personal': hidden }))
    const segments = hiding.map((event, i): Segment => {
      writeFileSync(join(folder, `${i}.filter`), fileOf([event]).bytes)
      const times = { minMs: 0, maxMs: 1, minSeq: i, maxSeq: i }
      return { path: `${i}.parquet`, day: '2026-11-22', ...OF, ...times, rows: 1, spills: false }
    })
    const [unfiltered, sealed] = ['3.parquet', '4.parquet'].map((path): Segment => ({ ...segments[0]!, path }))
    const filters = new Filters(folder, (message) => expect.fail(message))
    filters.unfiltered.start('hot_000001')
    filters.unfiltered.note('hot_000001', new Set(['soc.personal user.name']))
    filters.unfiltered.seal('hot_000001', ['4.parquet'])
    const asked = term('source.port', '22')
    const [address, user] = ['source.ip', 'user.name'].map((field): Condition => {
      return { kind: 'not', of: term('soc.personal', field) }
    })
    const where: Condition = { kind: 'and', of: [{ kind: 'not', of: asked }, address!, user!] }
    const found = await filters.candidates([...segments, unfiltered!, sealed!], where)
    const left = (...of: Condition[]): Condition => ({ kind: 'and', of: [{ kind: 'not', of: asked }, ...of] })
    expect(found.map((candidate) => candidate.where)).toEqual([
      { kind: 'not', of: asked },
      left(user!),
      left(address!),
      where,
      left(user!),
    ])
    await filters.close()
  })

  const open = (folder: string) => openEmbedded(folder, { sealRows: 100, diskReserveBytes: 0, threads: 1 })
  const names = async (folder: string): Promise<string[]> =>
    (await readdir(join(folder, 'segments'), { recursive: true })).filter((name) => name.includes('.')).sort()
  const isComplete = (files: readonly string[]): boolean =>
    files.length > 0 && files.filter((name) => name.endsWith('.filter')).length * 2 === files.length
  const complete = (folder: string) =>
    expect.poll(async () => isComplete(await names(folder)), { timeout: 60_000 }).toBe(true)
  const seqsOf = async (store: Store, q: string): Promise<number[]> =>
    (await store.searchEvents({ scope: 'all', range: ALL_TIME, where: queryOf(q).where!, limit: 100 })).map(
      (event) => event['soc.seq'],
    )

  test('are made for what is sealed, made again where damaged, and gone with their files', async () => {
    const folder = join(work, 'store')
    await mkdir(folder)
    const events = seqs(1, 1_000).map((seq) =>
      sampleEvent(seq, {
        'event.ingested': iso(Date.parse(seq <= 200 ? '2026-03-02T01:00:00Z' : '2026-03-03T01:00:00Z')),
        ...(seq === 150 && { message: 'chạy mimikatz' }),
      }),
    )
    let store = await open(folder)
    for (let from = 1; from <= 1_000; from += 100)
      await store.append(batchOf(from, from + 99, { events: events.slice(from - 1, from + 99) }))
    await complete(folder)
    // Far back and alone in its file, so that all of it is read at once.
    expect(
      await store.searchEvents({ scope: 'all', range: ALL_TIME, where: queryOf('MIMIKATZ').where!, limit: 100 }),
    ).toEqual([events[149]])
    expect(await seqsOf(store, 'mimikatz and user.name:nobody')).toEqual([])
    await store.close()

    const all = await names(folder)
    const filters = all.filter((name) => name.endsWith('.filter'))
    await writeFile(join(folder, 'segments', filters[0]!), 'not a filter')
    await writeFile(join(folder, 'segments', `${filters[1]!}.tmp`), 'torn')
    await writeFile(join(folder, 'segments', filters[0]!.replace(/\d+\.filter/, '999999.filter')), 'of no segment')
    store = await open(folder)
    expect(await seqsOf(store, 'mimikatz')).toEqual([150])
    await expect
      .poll(async () => (await readFile(join(folder, 'segments', filters[0]!))).toString('latin1', 0, 8), {
        timeout: 60_000,
      })
      .toBe('SOCFILT1')
    expect(await names(folder)).toEqual(all)

    await dropBefore(store, '2026-03-03')
    await expect.poll(async () => (await names(folder)).some((name) => name.includes('2026-03-02'))).toBe(false)
    expect(isComplete(await names(folder))).toBe(true)
    expect(await seqsOf(store, 'mimikatz')).toEqual([])
    await store.close()
  })
})
