import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExactSum, Ranks } from '../../detection/correlation/numbers.ts'
import { runs } from '../runs.ts'

/** A number that is a whole multiple of 2^-60, so that sums can be worked out with integers. */
const dyadic = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: -60, max: 60 }))
  .map(([whole, exponent]) => whole * 2 ** exponent)
const SHIFT = 60n
const exact = (number: number): bigint => {
  const [high, low] = [Math.trunc(number), number - Math.trunc(number)]
  return (BigInt(high) << SHIFT) + BigInt(low * 2 ** 60)
}

/** The double nearest to a whole number of 2^-60, to the even one of two that are as near. */
function nearest(sum: bigint): number {
  const size = sum < 0n ? -sum : sum
  const bits = size.toString(2).length
  if (bits <= 53) return Number(sum) / 2 ** 60
  const cut = BigInt(bits - 53)
  const [kept, rest, half] = [size >> cut, size & ((1n << cut) - 1n), 1n << (cut - 1n)]
  const up = rest > half || (rest === half && (kept & 1n) === 1n)
  const rounded = Number(kept + (up ? 1n : 0n)) * 2 ** (Number(cut) - 60)
  return sum < 0n ? -rounded : rounded
}

test.each<[name: string, numbers: number[], sum: number]>([
  ['of nothing', [], 0],
  ['a running double would lose the one', [1e16, 1, -1e16], 1],
  ['tenths', [0.1, 0.2, 0.3, -0.1, -0.2, -0.3], 0],
  ['half-way, and a little more', [2 ** 53, 1, 2 ** -60], 2 ** 53 + 2],
  ['half-way, to the even one', [2 ** 53, 1], 2 ** 53],
])('sum: %s', (_name, numbers, sum) => {
  const own = new ExactSum()
  for (const number of numbers) own.add(number)
  expect(own.value).toBe(sum)
})

test('a sum is the exact one, rounded once, whatever entered and left before', () => {
  fc.assert(
    fc.property(fc.array(dyadic, { maxLength: 40 }), fc.array(dyadic, { maxLength: 40 }), (stay, pass) => {
      const own = new ExactSum()
      for (const number of [...stay, ...pass]) own.add(number)
      for (const number of pass) own.add(-number)
      expect(own.value + 0).toBe(nearest(stay.reduce((sum, number) => sum + exact(number), 0n)) + 0)
    }),
    { numRuns: runs(500) },
  )
})

test('ranks are those of a sorted list, in any number of chunks', () => {
  const numbers = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 3000, size: 'max' })
  fc.assert(
    fc.property(numbers, fc.nat(100), (all, percent) => {
      const own = new Ranks()
      for (const number of all) own.add(number)
      const leaving = Math.floor((all.length * percent) / 100)
      for (const number of all.slice(0, leaving)) own.remove(number)
      const sorted = all.slice(leaving).sort((a, b) => a - b)
      expect(own.size).toBe(sorted.length)
      expect(sorted.map((_, rank) => own.at(rank))).toEqual(sorted)
    }),
    { numRuns: runs(50) },
  )
})
