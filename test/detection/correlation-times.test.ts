import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeReader } from '../../detection/correlation/times.ts'

test.each([
  '2026-03-02T08:07:06.054Z',
  '2026-02-30T08:00:00.000Z',
  '2026-13-01T08:00:00.000Z',
  '2026-03-02T24:00:00.000Z',
  '2026-03-02T25:00:00.000Z',
  '2026-03-02T08:60:00.000Z',
  '2026-03-02T08:00:60.000Z',
  '2026-03-02T08:00:00,000Z',
  '2026-03-02T08:00:0x.000Z',
  '2026-03-02T08:00:00.00xZ',
  '2026-03-02T08:00:00.000z',
  '2026-03-02 08:00:00.000Z',
  '2026-03-02T08:00:00.0000',
  '2026-03-02T08-00-00.000Z',
  '2026-03-02T08:00:00Z',
  '+020260-03-02T08:00:00.000Z',
  'yesterday at half past ten',
  '',
])('reads %s as Date.parse does, before and after another of its day', (text) => {
  const times = new TimeReader()
  expect(times.read(text)).toBe(Date.parse(text))
  times.read('2026-03-02T00:00:00.000Z')
  expect(times.read(text)).toBe(Date.parse(text))
})

test('reads any times in any order as Date.parse does', () => {
  const time = fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.integer({ min: 0, max: 3 * 86_400_000 }).map((ms) => new Date(1_772_409_600_000 + ms).toISOString()),
    fc.string({ minLength: 24, maxLength: 24, unit: fc.constantFrom(...Array.from('0123456789-T:.Z ')) }),
  )
  fc.assert(
    fc.property(fc.array(time), (texts) => {
      const times = new TimeReader()
      expect(texts.map((text) => times.read(text))).toEqual(texts.map((text) => Date.parse(text)))
    }),
  )
})
