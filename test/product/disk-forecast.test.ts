import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HORIZON_DAYS, forecast, toldAt } from '../../product/disk-forecast.ts'

const DAY_MS = 86_400_000
const NOON = Date.parse('2026-11-28T12:00:00.000Z')
const day = (ago: number, nowMs = NOON): string => new Date(nowMs - ago * DAY_MS).toISOString().slice(0, 10)
const days = (...bytes: number[]): Map<string, number> => new Map(bytes.map((each, i) => [day(i), each]))

test.each([
  ['nothing is known', new Map<string, number>(), 1_000, { bytesPerDay: null, fullInDays: null }],
  ['the first half day, at its pace', days(50), 1_000, { bytesPerDay: 100, fullInDays: 10 }],
  ['the mean of whole days; today does not count', days(1, 100, 200, 300), 1_000, { bytesPerDay: 200, fullInDays: 5 }],
  [
    'days without events are days the program did not run',
    days(1, 100, 0, 0, 100),
    1_000,
    { bytesPerDay: 100, fullInDays: 10 },
  ],
  ['only the last week', days(1, 10, 10, 10, 10, 10, 10, 10, 9_999), 100, { bytesPerDay: 10, fullInDays: 10 }],
  ['no room now', days(1, 10), 0, { bytesPerDay: 10, fullInDays: 0 }],
])('%s', (_name, byDay, freeBytes, expected) => {
  expect(forecast({ freeBytes, reserveBytes: 0, byDay, retentionDays: 365, nowMs: NOON })).toEqual(expected)
})

test('what retention deletes makes room: a store that is as old as that does not grow', () => {
  const byDay = days(...Array.from({ length: 30 }, () => 100))
  const options = { freeBytes: 300, reserveBytes: 0, byDay, nowMs: NOON }
  expect(forecast({ ...options, retentionDays: 30 }).fullInDays).toBeNull()
  expect(forecast({ ...options, retentionDays: 365 }).fullInDays).toBe(3)
})

test('more room is never full sooner; a longer retention never later; the reserve is not room', () => {
  const size = fc.integer({ min: 0, max: 10_000 })
  fc.assert(
    fc.property(
      fc.array(size, { maxLength: 40 }),
      size,
      size,
      fc.integer({ min: 1, max: 400 }),
      (bytes, free, more, keep) => {
        const byDay = days(...bytes.slice(0, keep + 1)) // older ones are gone
        const full = (freeBytes: number, reserveBytes: number, retentionDays: number): number =>
          forecast({ freeBytes, reserveBytes, byDay, retentionDays, nowMs: NOON }).fullInDays ?? Infinity
        expect(full(free + more, 0, keep)).toBeGreaterThanOrEqual(full(free, 0, keep))
        expect(full(free + more, more, keep)).toBe(full(free, 0, keep))
        expect(full(free, 0, keep + 1)).toBeLessThanOrEqual(full(free, 0, keep))
      },
    ),
  )
})

describe('told', () => {
  test.each([
    [null, null],
    [HORIZON_DAYS, null],
    [31, null],
    [30, 30],
    [8, 14],
    [7, 7],
    [0, 1],
  ])('full in %s days: at %s', (fullInDays, at) => expect(toldAt(fullInDays)).toBe(at))
})
