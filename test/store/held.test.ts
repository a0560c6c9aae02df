import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { RE2JS } from 're2js'
import { afterAll, expect, test } from 'vitest'
import { compileRegex, re2Of } from '../../detection/sigma/regex.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { readHeld } from '../../store/embedded/held.ts'
import { type Sieve, weakened } from '../../store/event-source.ts'
import { holds } from '../../store/query/evaluate.ts'
import { fold, foldLiteral } from '../../store/query/fold.ts'
import { regex } from '../detection/arbitrary.ts'
import { term } from './query/sample-query.ts'
import { ALL_TIME, sampleEvent } from './sample.ts'

const work = mkdtempSync(join(tmpdir(), 'soc-held-'))
afterAll(() => rmSync(work, { recursive: true }))

const PIECES = [
  'mimikatz',
  'MIMIKATZ',
  'đăng nhập',
  '"',
  '\\',
  '\n',
  '12345678',
  '404',
  '🔒',
  ' ',
  '\0',
  'ſ',
  '\u212a',
  '\ufeff',
  'e',
]
const TEXT = fc.array(fc.constantFrom(...PIECES), { maxLength: 3 }).map((pieces) => pieces.join(''))
const VALUE: fc.Arbitrary<EcsValue> = fc.oneof(
  { weight: 4, arbitrary: TEXT },
  fc.oneof(fc.constantFrom(1e21, 2 ** 60, 404, -0, 0.1, true, false), fc.integer()),
  fc.array(fc.oneof(TEXT, fc.integer(), fc.constant(null)), { maxLength: 3 }),
  fc.constantFrom<EcsValue>(null, { deep: 'mimikatz' }, [['mimikatz']], [{ deep: 404 }]),
)
const FIELD = fc.constantFrom('message', 'user.name', 'process.pid', 'source.port', 'x.y', 'a/b~c', 'x', '__proto__')
const FIELDS = fc.oneof(
  fc.constant('all' as const),
  fc.uniqueArray(fc.oneof(FIELD, fc.constantFrom('soc.record', '@timestamp', 'soc.agency')), { minLength: 1 }),
)
const EXPRESSION = fc.constantFrom(
  '^404$',
  '[0-9]{3}',
  '[^a-z]$',
  'm[ik]{3}',
  '\\\\',
  '^.{8}$',
  '\\bđ?e',
  '[ſs🔒"]',
  '\\x00|\\n',
  '["\\n]{2}',
  '[^m].[^m]',
  'e\\+',
)
const ANY: Sieve = { kind: 'expression', field: '', whole: '(?s:.)', inJson: '(?s:.)' }
const LEAF: fc.Arbitrary<Sieve> = fc.oneof(
  fc.tuple(FIELD, TEXT).map(([field, text]) => term(field, text)),
  TEXT.map((text): Sieve => ({ kind: 'anywhere', text })),
  FIELD.map((field): Sieve => ({ kind: 'range', field, as: 'number', gte: 5 })),
  fc
    .tuple(FIELD, fc.array(fc.constantFrom('mimikatz', 'mimikatze', '404', 'true', 'k', '', '"\\'), { minLength: 1 }))
    .map(([field, texts]): Sieve => ({ kind: 'spelled', field, texts })),
  fc
    .tuple(
      fc.oneof(FIELD, fc.constant('')),
      fc.oneof(
        EXPRESSION,
        regex.map(([source]) => source),
      ),
    )
    .map(([field, source]) => ({ kind: 'expression' as const, field, re2: re2Of(compileRegex(source, new Set())) }))
    .map(({ re2, ...sieve }): Sieve => (re2 === undefined ? ANY : { ...sieve, ...re2 })),
)
const SIEVE: fc.Arbitrary<Sieve> = fc.letrec<{ any: Sieve }>((tie) => ({
  any: fc.oneof(
    { weight: 3, arbitrary: LEAF },
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).any

function texts(value: EcsValue | undefined): string[] {
  if (value === undefined || value === null) return []
  return typeof value === 'object' ? Object.values(value).flatMap(texts) : [String(value)]
}

/** What a sieve means, spelled out. */
function meant(event: EcsEvent, sieve: Sieve): boolean {
  switch (sieve.kind) {
    case 'and':
      return sieve.of.every((part) => meant(event, part))
    case 'or':
      return sieve.of.some((part) => meant(event, part))
    case 'anywhere': {
      const own = Object.entries(event).filter(([name]) => !/^soc\.|^@timestamp$|^event\.ingested$/.test(name))
      return own.some(([, value]) => texts(value).some((text) => fold(text).includes(foldLiteral(sieve.text))))
    }
    case 'spelled':
      return texts(event[sieve.field]).some((text) => sieve.texts.includes(text.toLowerCase()))
    case 'expression': {
      const own = Object.entries(event).filter(([name]) => !/^soc\.|^@timestamp$|^event\.ingested$/.test(name))
      const values = sieve.field === '' ? own.map(([, value]) => value) : [event[sieve.field]]
      return values.flatMap(texts).some((text) => RE2JS.compile(sieve.whole).matcher(text).find())
    }
    default:
      return holds(event, sieve)
  }
}

/** Keeps one of two or three, by these fields and nothing else. */
const keeperOf =
  (fields: 'all' | readonly string[], of: number) =>
  (event: EcsEvent): boolean => {
    const names = fields === 'all' ? Object.keys(event).sort() : fields
    const said = JSON.stringify(names.map((name) => (Object.hasOwn(event, name) ? [event[name]] : [])))
    return Array.from(said).reduce((sum, character) => sum + character.codePointAt(0)!, 0) % of === 0
  }

test('whatever the events, the fields and the sieve: what is kept is there whole, and once', async () => {
  let [kept, left, narrowed] = [0, 0, 0]
  const cases = fc.array(fc.tuple(FIELDS, fc.option(SIEVE, { nil: undefined }), fc.integer({ min: 1, max: 3 })), {
    minLength: 5,
    maxLength: 5,
  })
  const days = fc.array(fc.dictionary(FIELD, VALUE, { maxKeys: 5, noNullPrototype: true }), {
    minLength: 10,
    maxLength: 30,
  })
  await fc.assert(
    fc.asyncProperty(days, cases, fc.boolean(), async (day, asked, filtered) => {
      const folder = mkdtempSync(join(work, 'store-'))
      const store = await openEmbedded(folder, { sealRows: 8, threads: 1, memoryLimit: '256MB', diskReserveBytes: 0 })
      const events = day.map((fields, i) => sampleEvent(i + 1, fields))
      for (let at = 0; at < events.length; at += 5) {
        const batch = events.slice(at, at + 5)
        await store.append({ from: at + 1, through: at + batch.length, events: batch, alerts: [], deadLetters: [] })
      }
      if (filtered) await allFiltered(folder)
      const stored = await store.searchEvents({ scope: 'all', range: ALL_TIME, limit: 1_000 })
      expect(stored).toHaveLength(events.length)
      const held = await store.hold!()
      const source = await readHeld(held)
      for (const [fields, where, of] of asked) {
        const keeps = keeperOf(fields, of)
        const found: EcsEvent[] = []
        let read = 0
        const wanted = { scope: ['so-tai-chinh'], range: ALL_TIME, fields, keeps, ...(where && { where }) }
        for await (const page of source.pages(wanted)) {
          found.push(...page.events)
          read += page.read
        }
        const inScope = stored.filter((event) => event['soc.agency'] === 'so-tai-chinh')
        const byRecord = new Map(inScope.map((event) => [event['soc.record'], event]))
        expect(new Set(found.map((event) => event['soc.record'])).size).toBe(found.length)
        for (const event of found) {
          expect(event).toEqual(byRecord.get(event['soc.record']))
          expect(keeps(event)).toBe(true)
        }
        const names = new Set(found.map((event) => event['soc.record']))
        for (const event of inScope.filter(keeps)) {
          if (where === undefined || meant(event, where))
            expect(names, JSON.stringify([event, where])).toContain(event['soc.record'])
        }
        kept += found.length
        left += inScope.length - found.length
        if (read < inScope.length) narrowed++
      }
      const newest = await source.newest(['so-tai-chinh'], ALL_TIME)
      expect(newest).toEqual(stored.find((event) => event['soc.agency'] === 'so-tai-chinh'))
      await source.close()
      await store.release!(held.id)
      await store.close()
    }),
    { numRuns: 30 * Number(process.env['FUZZ'] ?? 1) },
  )
  // Or the rest would say nothing.
  expect(kept).toBeGreaterThan(50)
  expect(left).toBeGreaterThan(50)
  expect(narrowed).toBeGreaterThan(5)
}, 300_000)

async function allFiltered(folder: string): Promise<void> {
  const count = async (end: string): Promise<number> =>
    (await readdir(join(folder, 'segments'), { recursive: true })).filter((name) => name.endsWith(end)).length
  await expect.poll(async () => (await count('.parquet')) - (await count('.filter')), { timeout: 60_000 }).toBe(0)
}

test('of a sieve, as much is used as costs no more than it may: the cheap parts of what must all hold', () => {
  const leaf = (text: string): Sieve => ({ kind: 'anywhere', text })
  const cost = (sieve: Sieve): number => (sieve.kind === 'anywhere' ? sieve.text.length : 0)
  const all: Sieve = { kind: 'and', of: [leaf('xxxxx'), leaf('x'), leaf('xxx')] }
  expect(weakened(all, cost, 9)).toEqual(all)
  expect(weakened(all, cost, 8)).toEqual({ kind: 'and', of: [leaf('x'), leaf('xxx')] })
  expect(weakened(all, cost, 0)).toBeUndefined()
  expect(weakened({ kind: 'or', of: [leaf('x'), leaf('xx')] }, cost, 2)).toBeUndefined()
})

test('conditions that need more memory than there is: every event is decided about, and none is there twice', async () => {
  const folder = mkdtempSync(join(work, 'store-'))
  const store = await openEmbedded(folder, { threads: 1, diskReserveBytes: 0 })
  const names = Array.from({ length: 100 }, (_, i) => `winlog.event_data.Name${i}`)
  const long = 'x'.repeat(40)
  const events = Array.from({ length: 4_000 }, (_, i) =>
    sampleEvent(i + 1, Object.fromEntries(names.map((name) => [name, `${long}${i % 7 === 0 ? 'found' : i}`]))),
  )
  await store.append({ from: 1, through: events.length, events, alerts: [], deadLetters: [] })
  const held = await store.hold!()
  const source = await readHeld(held, { memoryLimit: '48MB' })
  // Each conjunct costs little enough to be asked of the database.
  const where: Sieve = { kind: 'and', of: names.slice(0, 70).map((name) => term(name, `${long}found`)) }
  const found: string[] = []
  for await (const page of source.pages({
    scope: 'all',
    range: ALL_TIME,
    where,
    fields: 'all',
    keeps: (event) => (event[names[0]!] as string).endsWith('found'),
  })) {
    found.push(...page.events.map((event) => event['soc.record']))
  }
  expect(found).toHaveLength(Math.ceil(events.length / 7))
  expect(new Set(found).size).toBe(found.length)
  await source.close()
  await store.release!(held.id)
  await store.close()
})
