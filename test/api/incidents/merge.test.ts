import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeIncidents, splitIncident, unmergeIncident } from '../../../api/incidents/merge.ts'
import { rebuilt } from '../../../api/incidents/grouping.ts'
import { raiseIncidents } from '../../../api/incidents/raise.ts'
import { LEVELS } from '../../../model/alert.ts'
import type { Incident } from '../../../model/incident.ts'
import { type LocalDatabase, openLocal } from '../../../store/local/database.ts'
import { historyOf } from '../../../store/local/history.ts'
import { alertGroupsOf, alertIdsOf } from '../../../store/local/incident-alerts.ts'
import { getIncident, listIncidents } from '../../../store/local/incidents.ts'
import { NOW, alertOf } from '../world.ts'
import { runs } from '../../runs.ts'

const options = { criticality: () => 3, now: () => NOW }
const deed = { actor: 'phan-tich', at: '2026-11-22T09:00:00.000Z' }

const on = (host: string) => ({ entities: [{ kind: 'host' as const, value: host }] })

/** Web01 with two rules and three alerts, db02 with one. */
function two(): { db: LocalDatabase; web: Incident; base: Incident } {
  const db = openLocal(':memory:')
  raiseIncidents(
    db,
    [
      alertOf('so-y-te', 1, on('web01')),
      alertOf('so-y-te', 2, { ...on('web01'), level: 'medium', title: 'Quét cổng' }),
      alertOf('so-y-te', 3, on('web01')),
      alertOf('so-y-te', 4, { ...on('db02'), level: 'critical', title: 'Xoá nhật ký' }),
    ],
    options,
  )
  const [base, web] = listIncidents(db, { scope: 'all', order: 'priority', limit: 9 })
  return { db, web: web!, base: base! }
}

const find = (db: LocalDatabase, { id }: Incident) => getIncident(db, id, 'all')!
const ids = (db: LocalDatabase, { id }: Incident): string[] =>
  alertIdsOf(db, id, { limit: 99 }).map(({ alertId }) => alertId)
/** What only alerts decide. */
const face = ({
  id: _id,
  number: _n,
  version: _v,
  state: _s,
  life: _l,
  updatedAt: _u,
  createdAt: _c,
  ...rest
}: Incident) => rest

describe('merge and unmerge', () => {
  test('a storm takes others in, and is too large to be taken in or taken apart itself', () => {
    const { db, web, base } = two()
    const [{ id: rule } = { id: '' }] = web.rules
    db.prepare(
      "UPDATE incidents SET alert_count = 10001, rules = json_set(rules, '$[0].count', 10000) WHERE id = ?",
    ).run(web.id)
    expect(mergeIncidents(db, find(db, web), find(db, base), deed)).toEqual({ refused: 'too_many_alerts' })
    expect(ids(db, base)).toEqual(['alert-so-y-te-4'])
    db.prepare("UPDATE incidents SET rules = json_set(rules, '$[0].count', 10001) WHERE id = ?").run(web.id)
    expect(splitIncident(db, find(db, web), { rules: [rule] }, deed)).toEqual({ refused: 'too_many_alerts' })
    expect(mergeIncidents(db, find(db, base), find(db, web), deed)).toMatchObject({ target: { alertCount: 4 } })
  })

  test('the alerts go, are counted and ranked there; the source is closed as a duplicate and says where they are', () => {
    const { db, web, base } = two()
    const merged = mergeIncidents(db, find(db, base), find(db, web), deed)
    expect(merged).toMatchObject({
      source: {
        state: 'closed',
        verdict: 'duplicate',
        mergedInto: web.id,
        life: [{ state: 'new' }, { state: 'closed' }],
      },
      target: { alertCount: 4, level: 'critical', title: 'Xoá nhật ký', priority: 75, version: web.version + 1 },
    })
    expect(ids(db, web)).toHaveLength(4)
    expect(historyOf(db, { kind: 'incident', id: web.id }, 9).at(-1)).toMatchObject({
      actor: 'phan-tich',
      code: 'incident_absorbed',
      params: { sourceNumber: base.number, alerts: 1 },
      before: { alertCount: 3, level: 'high' },
      after: { alertCount: 4, level: 'critical' },
    })
  })

  test('unmerge: both are as they were, and open', () => {
    const { db, web, base } = two()
    mergeIncidents(db, find(db, base), find(db, web), deed)
    const back = unmergeIncident(db, find(db, base), deed)
    expect('source' in back && [face(back.source), face(back.target)]).toEqual([face(base), face(web)])
    expect([ids(db, base), ids(db, web)]).toEqual([
      ['alert-so-y-te-4'],
      ['alert-so-y-te-3', 'alert-so-y-te-2', 'alert-so-y-te-1'],
    ])
    // Nobody took it up meanwhile: its clocks have run on.
    expect('source' in back && [back.source.state, back.source.life]).toEqual(['new', base.life])
  })

  test('further alerts of the merged entity, and higher versions of its alerts, go where its alerts are', () => {
    const { db, web, base } = two()
    mergeIncidents(db, find(db, base), find(db, web), deed)
    const [grown] = raiseIncidents(db, [alertOf('so-y-te', 7, on('db02'))], options)
    expect([grown!.id, grown!.alertCount]).toEqual([web.id, 5])
    const amended = alertOf('so-y-te', 4, {
      ...on('db02'),
      level: 'critical',
      title: 'Xoá nhật ký',
      version: 2,
      count: 9,
    })
    expect(raiseIncidents(db, [amended], options).map(({ id }) => id)).toEqual([web.id])
    // What came in between was never the source's: it stays.
    const back = unmergeIncident(db, find(db, base), deed)
    expect('source' in back && [back.source.alertCount, back.target.alertCount]).toEqual([1, 4])
  })

  test.each([
    [
      'itself',
      'same_incident',
      (db: LocalDatabase, web: Incident) => mergeIncidents(db, find(db, web), find(db, web), deed),
    ],
    [
      "another agency's",
      'other_agency',
      (db: LocalDatabase, web: Incident) => {
        const [foreign] = raiseIncidents(db, [alertOf('so-gtvt', 8, on('web01'))], options)
        return mergeIncidents(db, find(db, foreign!), find(db, web), deed)
      },
    ],
    [
      'one that was not merged',
      'not_merged',
      (db: LocalDatabase, web: Incident) => unmergeIncident(db, find(db, web), deed),
    ],
    [
      'twice',
      'already_merged',
      (db: LocalDatabase, web: Incident, base: Incident) => {
        mergeIncidents(db, find(db, base), find(db, web), deed)
        return mergeIncidents(db, find(db, base), find(db, web), deed)
      },
    ],
  ])('refused: %s', (_name, refused, work) => {
    const { db, web, base } = two()
    expect(work(db, web, base)).toEqual({ refused })
  })
})

describe('split', () => {
  test('by rule: the alerts have an incident of their own; further ones go to the old, higher versions follow', () => {
    const { db, web } = two()
    const rule = web.rules.find(({ title }) => title === 'Quét cổng')!.id
    const split = splitIncident(db, find(db, web), { rules: [rule] }, deed)
    expect(split).toMatchObject({
      source: { alertCount: 2, rules: [{ count: 2 }] },
      target: { alertCount: 1, title: 'Quét cổng', level: 'medium', state: 'new', agency: 'so-y-te', number: 3 },
    })
    const off = 'target' in split ? split.target : web
    const [joined] = raiseIncidents(
      db,
      [alertOf('so-y-te', 8, { ...on('web01'), level: 'medium', title: 'Quét cổng' })],
      options,
    )
    expect(joined!.id).toBe(web.id)
    const higher = alertOf('so-y-te', 2, { ...on('web01'), level: 'medium', title: 'Quét cổng', version: 2 })
    expect(raiseIncidents(db, [higher], options)[0]!.id).toBe(off.id)
  })

  test('nothing and everything are refused', () => {
    const { db, web } = two()
    const attempt = (chosen: Parameters<typeof splitIncident>[2]): unknown => {
      db.exec('BEGIN')
      const outcome = splitIncident(db, find(db, web), chosen, deed)
      db.exec('ROLLBACK')
      return outcome
    }
    expect(attempt({ rules: ['khong-co'] })).toEqual({ refused: 'nothing_moves' })
    expect(attempt({ alertIds: ids(db, web) })).toEqual({ refused: 'everything_moves' })
  })
})

const drawn = fc.array(
  fc.record({
    host: fc.constantFrom('web01', 'db02', 'mail'),
    level: fc.constantFrom(...LEVELS),
    minute: fc.integer({ min: 0, max: 59 }),
    user: fc.constantFrom('root', 'admin'),
  }),
  { minLength: 2, maxLength: 20 },
)

test('taken in one by one or all at once, the same incident; any merge undone leaves both as they were', () => {
  fc.assert(
    fc.property(drawn, (rows) => {
      const db = openLocal(':memory:')
      const alerts = rows.map(({ host, level, minute, user }, i) =>
        alertOf('so-y-te', i, {
          level,
          '@timestamp': `2026-11-22T07:${String(minute).padStart(2, '0')}:00.000Z`,
          evidence: [],
          entities: [
            { kind: 'host', value: host },
            { kind: 'user', value: user },
          ],
        }),
      )
      raiseIncidents(db, alerts, options)
      const all = listIncidents(db, { scope: 'all', order: 'updated', limit: 9 })
      for (const incident of all) {
        expect(face(rebuilt(incident, alertGroupsOf(db, incident.id), NOW))).toEqual(face(incident))
      }
      const [one, other] = all
      if (one !== undefined && other !== undefined) {
        mergeIncidents(db, find(db, one), find(db, other), deed)
        const back = unmergeIncident(db, find(db, one), deed)
        expect('source' in back && [face(back.source), face(back.target)]).toEqual([face(one), face(other)])
      }
      db.close()
    }),
    { numRuns: runs(40) },
  )
})
