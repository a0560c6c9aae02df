import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compare, type Comparison } from '../../api/backtests/compare.ts'
import { nearTo } from '../../api/backtests/near.ts'
import type { Version } from '../../api/backtests/replay.ts'
import { simulate } from '../../api/backtests/simulate.ts'
import { type GroupingSettings, plainGrouping } from '../../api/incidents/grouping-settings.ts'
import type { Alert } from '../../model/alert.ts'
import { alertOf } from './world.ts'

const MINUTE_MS = 60_000
const STORMY: GroupingSettings = {
  usual: { lookBackMs: 30 * MINUTE_MS, afterHandled: 'follow' },
  rules: new Map([['r2', { lookBackMs: 30 * MINUTE_MS, afterHandled: 'follow', by: 'ip' }]]),
  risk: { points: { low: 10 }, threshold: 20, windowMs: 60 * MINUTE_MS, repeatsMax: 2 },
  storm: { incidentsMax: 3, withinMs: 5 * MINUTE_MS, quietMs: 10 * MINUTE_MS },
}

interface Drawn {
  agency: string
  rule: string
  host: string
  address: string
  minute: number
  low: boolean
}
const DRAWN: fc.Arbitrary<Drawn> = fc.record({
  agency: fc.constantFrom('so-y-te', 'so-gtvt'),
  rule: fc.constantFrom('r1', 'r2', 'r3'),
  host: fc.constantFrom('h1', 'H1', 'h2', 'h3', 'h4', 'h5'),
  address: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'),
  minute: fc.integer({ min: 0, max: 400 }),
  low: fc.boolean(),
})

function alertAt({ agency, rule, host, address, minute, low }: Drawn, i: number): Alert {
  const at = new Date(Date.parse('2026-11-20T00:00:00Z') + minute * MINUTE_MS).toISOString()
  const [evidence] = alertOf(agency, i).evidence
  return alertOf(agency, i, {
    id: `a${i}`,
    '@timestamp': at,
    rule: { ...alertOf(agency, i).rule, id: rule, level: low ? 'low' : 'high' },
    entities: [
      { kind: 'host', value: host },
      { kind: 'ip', value: address },
    ],
    evidence: [{ ...evidence!, '@timestamp': at }],
  })
}

test('whatever is stored and raised: grouped with those near alone, the same incidents appear, vanish and change', () => {
  let [left, told] = [0, 0]
  fc.assert(
    fc.property(
      fc.array(DRAWN, { minLength: 5, maxLength: 40 }),
      fc.array(DRAWN, { maxLength: 4 }),
      fc.array(DRAWN, { maxLength: 4 }),
      fc.boolean(),
      (stored, old, now, stormy) => {
        const grouping = stormy ? STORMY : plainGrouping(30 * MINUTE_MS)
        const all = [...stored, ...old, ...now].map((drawn, i) => alertAt(drawn, i + 1))
        const context = all.slice(0, stored.length)
        const [was, would] = [
          all.slice(stored.length, stored.length + old.length),
          all.slice(stored.length + old.length),
        ]
        const compared = (others: readonly Alert[]): Omit<Comparison, 'unchanged'> => {
          const sides = [was, would].map((own) => {
            const versions = [...others, ...own].map((alert): Version => ({ alert, rank: 0 }))
            return simulate(versions, { criticality: () => 3, grouping })
          })
          const { unchanged: _, ...rest } = compare(sides[0]!, sides[1]!)
          return { ...rest, alerts: { ...rest.alerts, before: 0, after: 0 } }
        }
        const near = nearTo([...was, ...would], context, grouping)
        const whole = compared(context)
        expect(compared(near)).toEqual(whole)
        left += context.length - near.length
        told += whole.appear.length + whole.vanish.length + whole.change.length
      },
    ),
    { numRuns: 100 * Number(process.env['FUZZ'] ?? 1) },
  )
  // Or the rest would say nothing.
  expect(left).toBeGreaterThan(100)
  expect(told).toBeGreaterThan(100)
})
