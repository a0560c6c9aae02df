import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type RetentionPolicy, expired, purgesThrough } from '../../store/retention.ts'
import type { Partition } from '../../store/store.ts'

const LAST = '2026-03-20'
const day = (n: number): string => new Date(Date.parse('2026-01-01') + n * 86_400_000).toISOString().slice(0, 10)

/** What the law asks changes in the middle of it. */
const policy: RetentionPolicy = {
  days: { 1: 10, 2: 10, 3: 25, 4: 31, 5: 40 },
  monthsMin: (level, today) => (level >= 4 && today >= '2026-02-10' ? 2 : level === 3 ? 1 : 0),
}

const partitions = fc.uniqueArray(
  fc.record({ day: fc.nat(30).map(day), levels: fc.constantFrom('12', '3', '45', '0', '012345', '1', '345') }),
  {
    maxLength: 25,
    selector: ({ day, levels }: Partition) => `${day} ${levels}`,
  },
)

test('a partition is said to go on the first day on which a purge takes it', () => {
  fc.assert(
    fc.property(partitions, (all) => {
      const first = new Map<Partition, string>()
      for (let n = 0; day(n) <= LAST; n++) {
        for (const gone of expired(all, policy, day(n))) if (!first.has(gone)) first.set(gone, day(n))
      }
      expect(purgesThrough(all, policy, LAST)).toEqual(first)
    }),
  )
})

test('the law keeps a level longer than the setting; what has no level stays as long as the longest', () => {
  const all = [
    { day: '2026-01-05', levels: '12' },
    { day: '2026-01-05', levels: '45' },
    { day: '2026-01-05', levels: '0' },
  ]
  expect([...purgesThrough(all, policy, LAST).values()]).toEqual(['2026-01-16', '2026-03-06', '2026-03-06'])
})
