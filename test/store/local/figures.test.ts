import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LEVELS } from '../../../model/alert.ts'
import { type Incident, STATES, VERDICTS, acknowledgedAt, handledAt, isOpen } from '../../../model/incident.ts'
import { openLocal } from '../../../store/local/database.ts'
import { createdByAgency, createdByDay, openCounts, openingRules, verdictCounts } from '../../../store/local/figures.ts'
import { addIncident } from '../../../store/local/incidents.ts'
import type { Scope } from '../../../store/store.ts'
import { runs } from '../../runs.ts'

const AGENCIES = ['so-y-te', 'so-gtvt', 'ubnd']
const DAY_MS = 86_400_000
const START_MS = Date.parse('2026-11-01T00:00:00.000Z')
const iso = (ms: number): string => new Date(ms).toISOString()

const incidents = fc.array(
  fc.record({
    agency: fc.constantFrom(...AGENCIES),
    level: fc.constantFrom(...LEVELS),
    verdict: fc.option(fc.constantFrom(...VERDICTS), { nil: undefined }),
    assigned: fc.boolean(),
    rule: fc.constantFrom('r1', 'r2', ''),
    merged: fc.boolean(),
    createdMs: fc.integer({ min: START_MS, max: START_MS + 5 * DAY_MS }),
    /** The first event, before it was opened or, by a wrong clock, after. */
    lagMs: fc.integer({ min: -60_000, max: 3_600_000 }),
    steps: fc.array(fc.tuple(fc.constantFrom(...STATES), fc.integer({ min: 0, max: DAY_MS })), { maxLength: 5 }),
  }),
  { maxLength: 25 },
)

function incidentOf(made: typeof incidents extends fc.Arbitrary<(infer T)[]> ? T : never, number: number): Incident {
  const { agency, level, verdict, assigned, merged, createdMs, lagMs, steps } = made
  let atMs = createdMs
  const life = [
    { state: 'new' as const, at: iso(createdMs) },
    ...steps.map(([state, ms]) => ({ state, at: iso((atMs += ms)) })),
  ]
  return {
    id: `incident-${number}`,
    number,
    version: 1,
    agency,
    title: 't',
    titleVi: 't',
    state: life.at(-1)!.state,
    ...(verdict !== undefined && { verdict }),
    level,
    priority: 1,
    priorityReasons: [],
    ...(assigned && { assignee: 'an' }),
    ...(merged && { mergedInto: 'incident-0' }),
    life,
    legal: {},
    entity: { kind: 'host', value: 'h' },
    entities: [],
    rules: [],
    attack: [],
    alertCount: 1,
    firstEventAt: iso(createdMs - lagMs),
    lastEventAt: iso(createdMs),
    createdAt: iso(createdMs),
    updatedAt: iso(atMs),
  }
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length

test('figures read off the indexes are those of the incidents themselves', () => {
  const scopes = fc.oneof(fc.constant<Scope>('all'), fc.subarray(AGENCIES))
  const range = fc.tuple(fc.integer({ min: -1, max: 6 }), fc.integer({ min: -1, max: 6 }))
  fc.assert(
    fc.property(incidents, scopes, range, (made, scope, [a, b]) => {
      const db = openLocal(':memory:')
      const all = made.map((one, i) => ({ incident: incidentOf(one, i + 1), rule: one.rule }))
      for (const { incident, rule } of all)
        addIncident(db, { incident, groupKey: 'k' }, { rule, eventAt: incident.firstEventAt })
      const [from, to] = [iso(START_MS + Math.min(a, b) * DAY_MS), iso(START_MS + Math.max(a, b) * DAY_MS)]
      const seen = all.filter(({ incident }) => scope === 'all' || scope.includes(incident.agency))
      const created = seen.filter(
        ({ incident }) => incident.createdAt >= from && incident.createdAt < to && incident.mergedInto === undefined,
      )

      const open = openCounts(db, scope)
      const openOnes = seen.filter(({ incident }) => isOpen(incident))
      expect(open.reduce((sum, { count }) => sum + count, 0)).toBe(openOnes.length)
      for (const { agency, level, state, count, unassigned } of open) {
        const same = openOnes.filter(
          ({ incident }) => incident.agency === agency && incident.level === level && incident.state === state,
        )
        expect([count, unassigned]).toEqual([
          same.length,
          same.filter(({ incident }) => incident.assignee === undefined).length,
        ])
      }

      const dayOf = ({ createdAt }: Incident): string => iso(Date.parse(createdAt) + 7 * 3_600_000).slice(0, 10)
      for (const { day, level, count } of createdByDay(db, { scope, from, to, offsetMs: 7 * 3_600_000 }))
        expect(created.filter(({ incident }) => dayOf(incident) === day && incident.level === level)).toHaveLength(
          count,
        )

      const agencies = createdByAgency(db, scope, from, to)
      expect(agencies.reduce((sum, one) => sum + one.created, 0)).toBe(created.length)
      for (const { agency, acknowledged, handled, detectMs, acknowledgeMs, resolveMs } of agencies) {
        const own = created.flatMap(({ incident }) => (incident.agency === agency ? [incident] : []))
        const taken = own.flatMap((one) => acknowledgedAt(one) ?? [])
        expect([acknowledged, handled]).toEqual([taken.length, own.flatMap((one) => handledAt(one) ?? []).length])
        const after = (at: (one: Incident) => string | undefined): number[] =>
          own.flatMap((one) => (at(one) === undefined ? [] : Date.parse(at(one)!) - Date.parse(one.createdAt)))
        const expected = [
          mean(own.map((one) => Math.max(0, Date.parse(one.createdAt) - Date.parse(one.firstEventAt)))),
          mean(after(acknowledgedAt)),
          mean(after(handledAt)),
        ]
        for (const [i, found] of [detectMs, acknowledgeMs, resolveMs].entries()) {
          expect(found === undefined).toBe(expected[i] === undefined)
          if (found !== undefined) expect(Math.abs(found - expected[i]!)).toBeLessThanOrEqual(1)
        }
      }

      for (const { verdict, count } of verdictCounts(db, scope, from, to))
        expect(created.filter(({ incident }) => incident.verdict === verdict)).toHaveLength(count)
      for (const { rule, incidents: count, truePositive } of openingRules(db, { scope, from, to, limit: 10 })) {
        const own = created.filter((one) => one.rule === rule)
        expect([count, truePositive]).toEqual([
          own.length,
          own.filter(({ incident }) => incident.verdict === 'true_positive').length,
        ])
      }
      db.close()
    }),
    { numRuns: runs(60) },
  )
})
