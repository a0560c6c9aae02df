import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EcsEvent, EcsValue } from '../../../model/event.ts'
import { wellFormedJson } from '../../../store/admission.ts'
import { EventOperations, eventOf } from '../../../store/elasticsearch/documents.ts'
import { isUnmapped } from '../../../store/elasticsearch/mappings.ts'
import { addressKey } from '../../../store/query/address.ts'
import { fold } from '../../../store/query/fold.ts'
import { isSentence, isTime, numberOf } from '../../../store/query/query.ts'
import { textsOf } from '../../../store/query/evaluate.ts'
import { sampleEvent } from '../sample.ts'

const TERM_CHARS = 8_000
const OVERLAP_CHARS = 1_000

/** What a document is, spelled out: slow, and made of objects. Names are plain and values flat. */
function documentOf(event: EcsEvent): object {
  const [pairs, order, values]: [string[], string[], Record<string, string[]>] = [[], [], {}]
  let hides = false
  for (const [name, value] of Object.entries(event)) {
    for (const text of textsOf(value)) {
      const folded = fold(text)
      if (folded.length <= TERM_CHARS) pairs.push(`${name}\0${folded}`)
      else if (isSentence(name)) {
        for (let at = 0; at === 0 || at + OVERLAP_CHARS < folded.length; at += TERM_CHARS - OVERLAP_CHARS)
          pairs.push(`${name}\0${folded.slice(at, at + TERM_CHARS)}`)
      } else hides = true
      const number = numberOf(text)
      if (number !== null) order.push(`${name}\0number\0${sortable(number)}`)
      else if (addressKey(text) !== null) order.push(`${name}\0address\0${addressKey(text)}`)
      else if (isTime(text)) order.push(`${name}\0time\0${text}`)
      if (isUnmapped(name)) (values[name] ??= []).push(text)
    }
  }
  if (hides) pairs.push('soc.other\0')
  return { ...event, 'soc.pairs': pairs, 'soc.order': order, 'soc.values': values }
}

/** Sorts as the number does. */
function sortable(number: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(number === 0 ? 0 : number)
  const bits = bytes.readBigUInt64BE()
  const turned = bits >> 63n === 1n ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n)
  return turned.toString(16).padStart(16, '0')
}

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'binary-ascii', maxLength: 300 }),
  fc.constantFrom('', 'Đăng Nhập', 'C:\\Windows\\SYSTEM32\\', 'ĐÃ "chặn"\n', 'Ω\u0301', '\ud800', 'a\udc00B', 'İI'),
  fc.constantFrom(
    '-1',
    '1e5',
    '00',
    '-0',
    '10.0.0.01',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '::FFFF:10.1.2.3',
    'fe80::1',
  ),
  fc.constantFrom(
    'dead:beef',
    'dead:beef::',
    'A:',
    ':',
    '::',
    '2026-11-22T01:02:03.004Z',
    '2026-11-22',
    '0.0.0.0',
    '255.255.255.255',
  ),
  fc.ipV4(),
  fc.ipV6(),
  fc.integer().map(String),
  fc.double().map(String),
  fc.integer({ min: 7_990, max: 20_000 }).map((length) => 'Dài '.repeat(length / 4)),
  fc.integer({ min: 7_990, max: 20_000 }).map((length) => 'Long '.repeat(length / 5)),
)
const scalars = fc.oneof(texts, fc.integer(), fc.double(), fc.boolean(), fc.constant(null))
const values: fc.Arbitrary<EcsValue> = fc.oneof(
  texts,
  scalars,
  fc.array(texts, { maxLength: 4 }),
  fc.array(scalars, { maxLength: 4 }),
)
const names = fc.oneof(
  fc.constantFrom('message', 'event.original', 'source.ip', 'source.port', 'user.name', 'url.path', 'soc.system'),
  fc.constantFrom('x', 'Tên.trường', 'a"b'),
)

test('an event is written, byte for byte, as what spells it out says', () => {
  const operations = new EventOperations('soc')
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.dictionary(names, values), (seq, fields) => {
      const event = sampleEvent(seq, fields)
      const [action, document, end] = Buffer.from(operations.operation(event).lines).toString().split('\n')
      expect(document).toBe(wellFormedJson(documentOf(event)))
      const index = `soc-events-${event['event.ingested'].slice(0, 10).replaceAll('-', '.')}`
      expect([action, end]).toEqual([JSON.stringify({ create: { _index: index, _id: event['soc.record'] } }), ''])
    }),
    { numRuns: 2_000 },
  )
})

test('what Elasticsearch takes as no field is kept whole, beside the fields', () => {
  const operations = new EventOperations('soc')
  const odd = fc.oneof(
    names,
    fc.constantFrom('', '.x', 'x.', 'a..b', '_id', 'a b', 'a\0b', 'soc.other', '\ud800', 'n'.repeat(600)),
  )
  const nested = fc.oneof(
    values,
    fc.dictionary(names, values),
    fc.array(fc.dictionary(names, scalars), { maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.dictionary(odd, nested), (fields) => {
      const event = sampleEvent(1, fields)
      const document = JSON.parse(Buffer.from(operations.operation(event).lines).toString().split('\n')[1]!)
      const { 'soc.pairs': pairs, 'soc.order': order, 'soc.values': counted, ...source } = document
      expect(eventOf(source)).toEqual(JSON.parse(wellFormedJson(event)))
      expect([pairs, order].every(Array.isArray)).toBe(true)
      expect(counted).toBeTypeOf('object')
    }),
  )
})

test('one that is nested too deep is refused, and the next is written as if it had not been', () => {
  const operations = new EventOperations('soc')
  const bytes = (): string => Buffer.from(operations.operation(sampleEvent(2)).lines).toString()
  const before = bytes()
  let deep: EcsValue = 'x'
  for (let i = 0; i < 100_000; i++) deep = [deep]
  expect(() => operations.operation(sampleEvent(1, { deep }))).toThrow(RangeError)
  expect(bytes()).toBe(before)
})
