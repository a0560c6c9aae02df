import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime } from '../../collector/time.ts'
import { runs } from '../runs.ts'

test('a time is written as Date writes it, whichever were written before', () => {
  const close = fc.integer({ min: 1_795_000_000_000, max: 1_795_000_300_000 }) // many share a slot
  const any = fc.integer({ min: 0, max: 253_402_300_799_999 })
  fc.assert(
    fc.property(fc.array(fc.oneof(close, any), { minLength: 1, maxLength: 100 }), (times) => {
      const backAndForth = [...times, ...times.toReversed()]
      expect(backAndForth.map(isoTime)).toEqual(backAndForth.map((ms) => new Date(ms).toISOString()))
    }),
    { numRuns: runs(200) },
  )
})
