import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalMs, highestVersions } from '../../store/admission.ts'
import { runs } from '../runs.ts'
import { sampleAlert } from './sample.ts'

test('of the versions of one alert a batch writes the highest, wherever it stands', () => {
  const versions = [sampleAlert('a', 1), sampleAlert('a', 3), sampleAlert('b', 1), sampleAlert('a', 2)]
  expect(highestVersions(versions)).toEqual([versions[1], versions[2]])
})

/** A date that is written as it was read. */
function asWrittenBack(text: string): number {
  const ms = Date.parse(text)
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text ? ms : Number.NaN
}

const two = (max: number): fc.Arbitrary<string> => fc.nat(max).map((n) => String(n).padStart(2, '0'))
const nearlyTime = fc
  .tuple(
    fc.constantFrom('2026', '2024', '1970', '0000', '0099', '9999', '19 0', '-001', '+026'),
    two(13),
    two(32),
    two(25),
    two(61),
    two(61),
    fc.nat(999).map((n) => String(n).padStart(3, '0')),
  )
  .map(
    ([year, month, day, hours, minutes, seconds, ms]) =>
      `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`,
  )
const damaged = fc
  .tuple(nearlyTime, fc.nat(23), fc.constantFrom(' ', 'a', ':', '٣', '９', '\0', '-', '+', ''))
  .map(([text, at, by]) => text.slice(0, at) + by + text.slice(at + 1))

test('a time in its one form is read as any program reads it, and nothing else is', () => {
  fc.assert(
    fc.property(fc.oneof(nearlyTime, damaged, fc.string({ maxLength: 30 })), (text) => {
      expect(canonicalMs(text)).toBe(asWrittenBack(text))
    }),
    { numRuns: runs(2_000) },
  )
  for (const value of [
    undefined,
    7,
    '',
    ['2026-11-28T00:00:00.000Z'],
    '2024-02-29T23:59:59.999Z',
    '2023-02-29T00:00:00.000Z',
  ])
    expect(canonicalMs(value)).toBe(typeof value === 'string' ? asWrittenBack(value) : Number.NaN)
})
