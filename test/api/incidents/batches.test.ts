import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseGrouping } from '../../../api/incidents/grouping-file.ts'
import { decide } from '../../../api/incidents/lifecycle.ts'
import { mergeIncidents } from '../../../api/incidents/merge.ts'
import { raiseIncidents } from '../../../api/incidents/raise.ts'
import { type Alert, LEVELS } from '../../../model/alert.ts'
import { type LocalDatabase, openLocal } from '../../../store/local/database.ts'
import { changeIncident, getIncident, listIncidents } from '../../../store/local/incidents.ts'
import {
  OBSERVABLE_KINDS,
  type SeenObservable,
  addObservables,
  observableKey,
  observablesOf,
} from '../../../store/local/observables.ts'
import { putRiskAlert, riskOf } from '../../../store/local/risk.ts'
import { inTransaction } from '../../../store/local/transaction.ts'
import { NOW, alertOf } from '../world.ts'
import { runs } from '../../runs.ts'

const settings = parseGrouping(
  `format: 1
lookBack: 6h
rules: [{ rules: [again], by: host, afterHandled: reopen, lookBack: 12h }, { rules: [together], by: rule }]
risk: { points: { informational: 2, low: 10 }, threshold: 30, window: 8h, repeats: 2 }
storm: { incidents: 3, within: 2h, quiet: 3h }`,
  'x.yml',
)
const HOSTS = ['web01', 'WEB01', 'db02', 'may\0chu', 'h4', 'h5', 'h6']
const TABLES = ['incident_alerts', 'alert_facts', 'observables', 'risk_alerts', 'incident_moves', 'moved_alerts']

/** Something a person does between two batches, to the nth incident from the top. */
const deeds = fc.record({
  does: fc.constantFrom('close', 'take', 'merge'),
  to: fc.nat({ max: 5 }),
})
const alerts = fc
  .array(
    fc.record({
      host: fc.nat({ max: HOSTS.length - 1 }),
      rule: fc.constantFrom('storm', 'storm', 'again', 'together', 'other'),
      level: fc.constantFrom(...LEVELS),
      minute: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 2_880 })),
      lines: fc.array(fc.constantFrom('from 203.0.113.7', 'from 203.0.113.8 x@y.vn', 'https://a.vn/b'), {
        maxLength: 2,
      }),
      of: fc.option(fc.nat({ max: 40 }), { freq: 4 }),
      gone: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drawn) => {
    const all: Alert[] = []
    for (const [seq, { host, rule, level, minute, lines, of, gone }] of drawn.entries()) {
      const at = new Date(Date.parse('2026-11-20T00:00:00Z') + minute * 60_000).toISOString()
      const former = of === null ? undefined : all[of % Math.max(1, all.length)]
      if (former !== undefined) {
        const version = Math.max(...all.filter(({ id }) => id === former.id).map((one) => one.version)) + 1
        all.push({ ...former, version, count: gone ? 0 : former.count + 1, seq, '@timestamp': at, evidence: [] })
        continue
      }
      const alert = alertOf('so-y-te', seq, {
        '@timestamp': at,
        level,
        entities: [{ kind: 'host', value: HOSTS[host]! }],
        evidence: lines.map((original) => ({ record: `r${seq}`, seq, '@timestamp': at, original, rule, proof: [] })),
      })
      all.push({ ...alert, rule: { ...alert.rule, id: rule, title: rule } })
    }
    return all
  })

function dump(db: LocalDatabase): unknown {
  const rows = (table: string): unknown[] => db.prepare(`SELECT * FROM ${table}`).all()
  return [
    ...TABLES.map((table) => rows(table)),
    db.prepare('SELECT * FROM incidents ORDER BY number').all(),
    db.prepare('SELECT * FROM history ORDER BY id').all(),
    // The index of words, asked for what stands in the rows.
    db.prepare("SELECT rowid FROM incident_words WHERE incident_words MATCH 'web01' ORDER BY rowid").all(),
  ]
}

function work(db: LocalDatabase, { does, to }: typeof deeds extends fc.Arbitrary<infer T> ? T : never): void {
  const found = listIncidents(db, { scope: 'all', order: 'updated', limit: 100 })
  const [one, other] = [found[to % Math.max(1, found.length)], found[(to + 1) % Math.max(1, found.length)]]
  if (one === undefined || other === undefined) return
  if (does === 'merge') {
    const [source, target] = [getIncident(db, one.id, 'all')!, getIncident(db, other.id, 'all')!]
    mergeIncidents(db, source, target, { actor: 'an', at: NOW })
    return
  }
  const decided = decide(
    one,
    does === 'close' ? { state: 'closed', verdict: 'true_positive' } : { assignee: 'an' },
    NOW,
  )
  if ('incident' in decided) changeIncident(db, one, decided.incident)
}

test('whatever batches alerts come in, and whoever works in between: as if each were read, taken in and written by itself', () => {
  fc.assert(
    fc.property(alerts, fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), deeds), { maxLength: 5 }), (all, cuts) => {
      const [alone, together] = [openLocal(':memory:'), openLocal(':memory:')]
      const options = { criticality: () => 3, now: () => NOW, grouping: settings }
      let done = 0
      for (const [length, deed] of [...cuts, [all.length, undefined] as const]) {
        const batch = all.slice(done, done + length)
        done += length
        const inBatch = raiseIncidents(together, batch, options)
        for (const { id, ...rest } of inBatch) {
          expect(getIncident(together, id, 'all')!.incident).toMatchObject({ version: rest.version })
        }
        for (const alert of batch) raiseIncidents(alone, [alert], options)
        if (deed !== undefined) for (const db of [alone, together]) inTransaction(db, () => work(db, deed))
        expect(dump(together)).toEqual(dump(alone))
      }
      for (const db of [alone, together]) db.close()
    }),
    { numRuns: runs(80) },
  )
})

test('what an entity has on it is what adding up all that waits gives', () => {
  const day = fc.integer({ min: 1, max: 6 }).map((n) => `2026-11-0${n}T00:00:00.000Z`)
  const waiting = fc.array(
    fc.record({
      agency: fc.constantFrom('a', 'b'),
      groupKey: fc.constantFrom('host:x', 'host:y\0'),
      rule: fc.constantFrom('r1', 'r2', 'r3'),
      points: fc.constantFrom(0, 2, 10),
      eventAt: day,
    }),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(waiting, day, day, fc.integer({ min: 1, max: 4 }), (all, from, to, repeatsMax) => {
      const db = openLocal(':memory:')
      for (const [seq, one] of all.entries()) {
        const waits = { level: 'low' as const, firstAt: one.eventAt, facts: 1, observables: [] }
        putRiskAlert(db, { ...one, ...waits, alertId: `a${seq}`, version: 1, seq })
      }
      for (const groupKey of ['host:x', 'host:y\0']) {
        const near = all.filter((one) => one.agency === 'a' && one.groupKey === groupKey)
        const inTime = near.filter(({ eventAt }) => eventAt >= from && eventAt <= to)
        const rules = [...new Set(inTime.map(({ rule }) => rule))]
        const parts = rules.map((rule) => {
          const points = inTime.filter((one) => one.rule === rule).map((one) => one.points)
          return Math.max(...points) * Math.min(repeatsMax, points.filter((n) => n > 0).length)
        })
        expect(riskOf(db, { agency: 'a', groupKey, from, to, repeatsMax })).toEqual({
          score: parts.reduce((sum, part) => sum + part, 0),
          rules: rules.length,
        })
      }
      db.close()
    }),
    { numRuns: runs(150) },
  )
})

test('of observables the first 200 are kept, with the earliest and the latest time of each', () => {
  const seen = fc.array(
    fc.record({
      kind: fc.constantFrom(...OBSERVABLE_KINDS),
      value: fc.integer({ min: 1, max: 60 }).map((n) => `v\0${n}`),
      firstAt: fc.constantFrom('2026-11-01', '2026-11-02'),
      lastAt: fc.constantFrom('2026-11-02', '2026-11-03'),
    }),
    { minLength: 100, maxLength: 400 },
  )
  fc.assert(
    fc.property(seen, fc.integer({ min: 1, max: 200 }), (all, cut) => {
      const db = openLocal(':memory:')
      const [incident] = raiseIncidents(db, [alertOf('so-y-te', 1, { entities: [], evidence: [] })], {
        criticality: () => 3,
      })
      const naive = new Map<string, SeenObservable>()
      for (const one of all) {
        const before = naive.get(observableKey(one))
        if (before === undefined && naive.size === 200) continue
        naive.set(observableKey(one), {
          kind: one.kind,
          value: one.value.replace('\0', '␀'),
          firstAt: [one.firstAt, before?.firstAt ?? one.firstAt].sort()[0]!,
          lastAt: [one.lastAt, before?.lastAt ?? one.lastAt].sort()[1]!,
        })
      }
      for (let at = 0; at < all.length; at += cut) addObservables(db, incident!.id, all.slice(at, at + cut))
      const order = (rows: SeenObservable[]) => rows.map((row) => JSON.stringify(row)).sort()
      expect(order(observablesOf(db, incident!.id))).toEqual(order([...naive.values()]))
      db.close()
    }),
    { numRuns: runs(30) },
  )
})
