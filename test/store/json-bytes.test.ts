import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wellFormedJson } from '../../store/admission.ts'
import { JsonBytes } from '../../store/json-bytes.ts'

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'binary-ascii', maxLength: 300 }),
  // Half of a pair, alone or in the wrong order.
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
)
const scalars = fc.oneof(texts, fc.integer(), fc.double(), fc.boolean(), fc.constant(null))
const values = fc.oneof(scalars, fc.array(texts), fc.array(scalars), fc.dictionary(texts, scalars))

test('whatever a field holds is written as the same JSON that V8 writes', () => {
  const written = new JsonBytes()
  fc.assert(
    fc.property(values, (value) => {
      const begin = written.end
      written.copy(Buffer.from('"trường":'))
      written.value(value)
      const json = written.bytes.toString('utf8', begin, written.end)
      expect(json).toBe(`"trường":${wellFormedJson(value)}`)
    }),
    { numRuns: 2_000 },
  )
})

test('more than there is room for makes room, and what was written stays', () => {
  const written = new JsonBytes()
  const all = Array.from({ length: 3_000 }, (_, i) => `Sở Thông tin ${'x'.repeat(i % 260)} ${i}`)
  for (const text of all) written.value(text)
  expect(written.bytes.toString('utf8', 0, written.end)).toBe(all.map((text) => JSON.stringify(text)).join(''))
})
