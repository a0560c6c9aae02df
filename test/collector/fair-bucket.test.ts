import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairBucket } from '../../collector/fair-bucket.ts'
import { runs } from '../runs.ts'

const STEP_MS = 10

/** Offers events for `seconds` at the wanted rates, one source after the other, and gives how many of each were taken. */
function offer(
  bucket: FairBucket,
  wanted: Record<string, number>,
  seconds: number,
  startMs = 0,
): Record<string, number> {
  const taken: Record<string, number> = {}
  const due: Record<string, number> = {}
  for (let nowMs = startMs; nowMs < startMs + seconds * 1_000; nowMs += STEP_MS) {
    for (const [source, perSecond] of Object.entries(wanted)) {
      let events = (due[source] ?? 0) + (perSecond * STEP_MS) / 1_000
      for (; events >= 1; events--) {
        if (bucket.waitMs(source, nowMs) > 0) continue
        bucket.take(source, 1, nowMs)
        taken[source] = (taken[source] ?? 0) + 1
      }
      due[source] = events
    }
  }
  return taken
}

/** What max-min fairness gives each. */
function fairly(wanted: Record<string, number>, perSecond: number): Record<string, number> {
  const rates: Record<string, number> = {}
  let left = perSecond
  const rising = Object.entries(wanted).sort(([, a], [, b]) => a - b)
  for (const [i, [source, want]] of rising.entries()) {
    rates[source] = Math.min(want, left / (rising.length - i))
    left -= rates[source]
  }
  return rates
}

test.each<[name: string, wanted: Record<string, number>, expected: Record<string, number>]>([
  ['one source has it all', { a: 500 }, { a: 100 }],
  ['a flood leaves the others their part', { flood: 10_000, a: 500, b: 500 }, { flood: 33, a: 33, b: 33 }],
  [
    'who wants less gets all it wants, the others the rest',
    { flood: 10_000, a: 500, quiet: 10 },
    { flood: 45, a: 45, quiet: 10 },
  ],
  ['nobody is held up below the limit', { a: 40, b: 50 }, { a: 40, b: 50 }],
])('%s', (_name, wanted, expected) => {
  const bucket = new FairBucket(100, 100, 0)
  offer(bucket, wanted, 5) // the burst is used up, the shares are known
  const taken = offer(bucket, wanted, 20, 5_000)
  for (const [source, perSecond] of Object.entries(expected)) {
    expect(taken[source]! / 20).toBeGreaterThan(perSecond * 0.9 - 1)
    expect(taken[source]! / 20).toBeLessThan(perSecond * 1.1 + 1)
  }
})

test('any demand: never more than the rate and the burst, and each source near its fair part', () => {
  const demand = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.integer({ min: 1, max: 2_000 }), {
    minKeys: 1,
  })
  fc.assert(
    fc.property(
      demand,
      fc.integer({ min: 50, max: 400 }),
      fc.integer({ min: 1, max: 5 }),
      (wanted, perSecond, burst) => {
        const bucket = new FairBucket(perSecond, perSecond * burst, 0)
        const first = offer(bucket, wanted, 10)
        const sum = Object.values(first).reduce((a, b) => a + b, 0)
        // Each may be one event in debt; a source may have saved a second's worth.
        expect(sum).toBeLessThanOrEqual(perSecond * (10 + burst) + 6 + 1)
        const later = offer(bucket, wanted, 20, 10_000)
        for (const [source, rate] of Object.entries(fairly(wanted, perSecond))) {
          expect((later[source] ?? 0) / 20).toBeGreaterThan(rate * 0.9 - 2)
        }
      },
    ),
    { numRuns: runs(30) },
  )
})

test('what is taken whole is a debt that only its own source pays, and the wait says how long', () => {
  const bucket = new FairBucket(100, 100, 0)
  bucket.take('bulk', 1_100, 0)
  expect(bucket.waitMs('bulk', 0)).toBeGreaterThan(9_000)
  expect(offer(bucket, { other: 40 }, 4)['other']).toBeGreaterThan(40 * 4 * 0.8)
  expect(bucket.waitMs('bulk', 9_000)).toBeGreaterThan(0)
  expect(bucket.waitMs('bulk', 30_000)).toBe(0)
})

test('what was given back can be taken again', () => {
  const bucket = new FairBucket(10, 10, 0)
  bucket.take('a', 500, 0)
  bucket.take('a', -500, 0)
  expect(bucket.waitMs('a', 0)).toBe(0)
})

test('sources that are made up anew with every event get no more than the rate', () => {
  const bucket = new FairBucket(100, 100, 0)
  let taken = 0
  let name = 0
  for (let nowMs = 0; nowMs < 30_000; nowMs += STEP_MS) {
    for (let i = 0; i < 20; i++) {
      const source = `203.0.113.${name++}`
      if (bucket.waitMs(source, nowMs) > 0) continue
      bucket.take(source, 1, nowMs)
      taken++
    }
  }
  expect(taken).toBeLessThan(100 * 31 + 1_000)
})
