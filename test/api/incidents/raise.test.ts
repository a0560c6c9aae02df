import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incidentId } from '../../../api/incidents/grouping.ts'
import { decide } from '../../../api/incidents/lifecycle.ts'
import { priorityOf } from '../../../api/incidents/priority.ts'
import { raiseIncidents } from '../../../api/incidents/raise.ts'
import { type Alert, LEVELS } from '../../../model/alert.ts'
import type { Incident, State } from '../../../model/incident.ts'
import { type LocalDatabase, openLocal } from '../../../store/local/database.ts'
import { historyOf } from '../../../store/local/history.ts'
import { changeIncident, getIncident, listIncidents } from '../../../store/local/incidents.ts'
import { inTransaction } from '../../../store/local/transaction.ts'
import { NOW, alertOf } from '../world.ts'
import { runs } from '../../runs.ts'

const options = { criticality: () => 3, now: () => NOW }

function everything(db: LocalDatabase): { incidents: Incident[]; history: unknown[]; alerts: unknown[] } {
  const incidents = listIncidents(db, { scope: 'all', order: 'updated', limit: 1_000 })
  return {
    incidents,
    history: incidents.map(({ id }) => historyOf(db, { kind: 'incident', id }, 1_000)),
    alerts: db.prepare('SELECT * FROM incident_alerts ORDER BY alert_id').all(),
  }
}

function setState(db: LocalDatabase, id: string, state: State): void {
  const { incident } = getIncident(db, id, 'all')!
  changeIncident(db, incident, { ...incident, state })
}

describe('grouping', () => {
  test('one agency, one entity, 24 hours in either direction: one incident; else another', () => {
    const db = openLocal(':memory:')
    const at = (hours: number): string => new Date(Date.parse('2026-11-22T00:00:00Z') + hours * 3_600_000).toISOString()
    const rows: [string, Partial<Alert>][] = [
      ['first', {}],
      [
        'same host in capitals, a day later',
        { '@timestamp': at(24), entities: [{ kind: 'host', value: 'WEB01.so-y-te' }] },
      ],
      ['late, a day before the first', { '@timestamp': at(-24) }],
      ['a day and an hour after the last', { '@timestamp': at(49) }],
      ['the same name, but a user', { '@timestamp': at(0), entities: [{ kind: 'user', value: 'web01.so-y-te' }] }],
      ['no entity', { '@timestamp': at(0), entities: [] }],
      ['no entity again', { '@timestamp': at(1), entities: [] }],
    ]
    const numbers = rows.map(([name, more], i) => {
      const alert = alertOf('so-y-te', i, { id: name, '@timestamp': at(0), evidence: [], ...more })
      return [name, raiseIncidents(db, [alert], options)[0]!.number]
    })
    expect(numbers).toEqual([
      ['first', 1],
      ['same host in capitals, a day later', 1],
      ['late, a day before the first', 1],
      ['a day and an hour after the last', 2],
      ['the same name, but a user', 3],
      ['no entity', 4],
      ['no entity again', 4],
    ])
    const other = alertOf('so-gtvt', 9, { '@timestamp': at(0), entities: [{ kind: 'host', value: 'web01.so-y-te' }] })
    expect(raiseIncidents(db, [other], options)[0]!.number).toBe(5) // another agency's machine of that name
  })

  test('what was resolved stays as it was decided: a new incident follows it and says so', () => {
    const db = openLocal(':memory:')
    raiseIncidents(db, [alertOf('so-y-te', 1)], options)
    const first = incidentId('alert-so-y-te-1')
    setState(db, first, 'resolved')
    const [second] = raiseIncidents(db, [alertOf('so-y-te', 2)], options)
    expect([second!.number, second!.state, second!.id]).toEqual([2, 'new', incidentId('alert-so-y-te-2')])
    const [opened] = historyOf(db, { kind: 'incident', id: second!.id }, 10)
    expect(opened).toMatchObject({
      code: 'incident_opened',
      actor: 'system',
      params: { reason: 'after_closed', followsNumber: 1, followsId: first },
    })
    expect(getIncident(db, first, 'all')!.incident).toMatchObject({ alertCount: 1, state: 'resolved' })
  })

  test('a storm of one rule moves the counts; version and history stand still. A graver rule moves them', () => {
    const db = openLocal(':memory:')
    const storm = Array.from({ length: 300 }, (_, i) => alertOf('so-y-te', i))
    const [incident] = raiseIncidents(db, storm, options)
    expect([incident!.alertCount, incident!.rules[0]!.count, incident!.version]).toEqual([300, 300, 1])
    const subject = { kind: 'incident' as const, id: incident!.id }
    expect(historyOf(db, subject, 500).map(({ code }) => code)).toEqual(['incident_opened'])
    const graver = alertOf('so-y-te', 301, { level: 'critical', title: 'Xoá nhật ký' })
    const [raised] = raiseIncidents(db, [graver], options)
    expect(raised).toMatchObject({ level: 'critical', title: 'Xoá nhật ký', version: 2, alertCount: 301, priority: 75 })
    expect(historyOf(db, subject, 500).map(({ code }) => code)).toEqual([
      'incident_opened',
      'rule_joined',
      'priority_raised',
    ])
  })

  test('a thousand hosts of one scan are counted, not all listed', () => {
    const db = openLocal(':memory:')
    const entities = Array.from({ length: 1_000 }, (_, i) => ({ kind: 'host' as const, value: `h${i}` }))
    const [incident] = raiseIncidents(db, [alertOf('so-y-te', 1, { entities })], options)
    expect(incident!.entities).toHaveLength(100)
  })

  test('an alert withdrawn by late events is counted no longer, and the history says so', () => {
    const db = openLocal(':memory:')
    const [incident] = raiseIncidents(db, [alertOf('so-y-te', 1), alertOf('so-y-te', 2)], options)
    const first = alertOf('so-y-te', 1)
    const withdrawn = { ...first, version: first.version + 1, count: 0, evidence: [] }
    for (const _ of [1, 2]) raiseIncidents(db, [withdrawn], options)
    const { incident: after } = getIncident(db, incident!.id, 'all')!
    expect(after).toMatchObject({ alertCount: incident!.alertCount - 1, version: incident!.version + 1 })
    const codes = historyOf(db, { kind: 'incident', id: after.id }, 10).map(({ code }) => code)
    expect(codes.filter((code) => code === 'alert_withdrawn')).toHaveLength(1)
    expect(raiseIncidents(db, [{ ...withdrawn, id: 'never seen before' }], options)).toEqual([])
  })

  test('times outside every calendar neither throw nor lose the alert', () => {
    const db = openLocal(':memory:')
    for (const [i, at] of ['0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'].entries()) {
      expect(raiseIncidents(db, [alertOf('so-y-te', i, { '@timestamp': at, evidence: [] })], options)).toHaveLength(1)
    }
  })
})

describe('applied again, the same', () => {
  /** Alerts of few hosts over three days, some in higher versions of earlier ones, in an order that a pipeline may emit. */
  const sequence = fc
    .array(
      fc.record({
        agency: fc.constantFrom('so-y-te', 'so-gtvt'),
        host: fc.constantFrom('web01', 'db02', ''),
        hour: fc.integer({ min: 0, max: 72 }),
        level: fc.constantFrom(...LEVELS),
        amends: fc.boolean(),
      }),
      { minLength: 1, maxLength: 25 },
    )
    .map((drawn) => {
      const alerts: Alert[] = []
      for (const [seq, { agency, host, hour, level, amends }] of drawn.entries()) {
        const former = alerts.at(-1)
        const at = new Date(Date.parse('2026-11-20T00:00:00Z') + hour * 3_600_000).toISOString()
        if (amends && former !== undefined) {
          alerts.push({
            ...former,
            version: former.version + 1,
            '@timestamp': at > former['@timestamp'] ? at : former['@timestamp'],
            count: former.count + 1,
            seq,
          })
        } else {
          const entities = host === '' ? [] : [{ kind: 'host' as const, value: host }]
          alerts.push(alertOf(agency, seq, { level, '@timestamp': at, evidence: [], entities }))
        }
      }
      return alerts
    })

  test('any cut into batches, any restart from an earlier place: the same incidents, history and versions', () => {
    fc.assert(
      fc.property(sequence, fc.array(fc.tuple(fc.nat(25), fc.nat(25)), { maxLength: 6 }), (alerts, cuts) => {
        const whole = openLocal(':memory:')
        raiseIncidents(whole, alerts, options)
        const pieces = openLocal(':memory:')
        let done = 0
        for (const [length, back] of cuts) {
          const from = Math.max(0, done - back) // a crash: the checkpoint lies before what was applied
          const to = Math.min(alerts.length, from + length)
          raiseIncidents(pieces, alerts.slice(from, to), options)
          done = Math.max(done, to)
        }
        raiseIncidents(pieces, alerts.slice(done), options)
        expect(everything(pieces).incidents).toEqual(everything(whole).incidents)
        expect(everything(pieces).history).toEqual(everything(whole).history)
        whole.close()
        pieces.close()
      }),
      { numRuns: runs(60) },
    )
  })

  test('an alert that comes again after its incident was closed reopens nothing and opens nothing', () => {
    const db = openLocal(':memory:')
    const alert = alertOf('so-y-te', 1)
    const [incident] = raiseIncidents(db, [alert], options)
    setState(db, incident!.id, 'closed')
    const before = everything(db).incidents
    expect(raiseIncidents(db, [alert, alert], options)).toEqual([])
    expect(everything(db).incidents).toEqual(before)
  })

  test("in the caller's transaction: rolled back with it", () => {
    const db = openLocal(':memory:')
    expect(() =>
      inTransaction(db, () => {
        raiseIncidents(db, [alertOf('so-y-te', 1)], options)
        throw new Error('the checkpoint failed')
      }),
    ).toThrow('the checkpoint failed')
    expect(everything(db).incidents).toEqual([])
  })
})

test('priority: level by criticality, in words', () => {
  const table = LEVELS.map((level) => [1, 2, 3, 4, 5].map((criticality) => priorityOf(level, criticality).priority))
  expect(table).toEqual([
    [5, 6, 8, 9, 10],
    [15, 18, 23, 27, 30],
    [25, 30, 38, 45, 50],
    [38, 45, 56, 68, 75],
    [50, 60, 75, 90, 100],
  ])
  expect(priorityOf('high', 4).reasons).toEqual(['level:high', 'criticality:4'])
  for (const odd of [0, -1, 9, NaN, Infinity]) expect(priorityOf('low', odd).priority).toBeGreaterThanOrEqual(1)
})

describe('decisions', () => {
  const db = openLocal(':memory:')
  const [incident] = raiseIncidents(db, [alertOf('so-y-te', 1)], options)
  const inState = (state: State): Incident => ({
    ...incident!,
    state,
    ...(state === 'closed' && { verdict: 'false_positive' }),
  })

  test.each([
    ['new', 'in_progress', 'incident_changed'],
    ['new', 'resolved', 'incident_changed'],
    ['in_progress', 'new', 'transition_refused'],
    ['on_hold', 'new', 'transition_refused'],
    ['resolved', 'on_hold', 'transition_refused'],
    ['resolved', 'in_progress', 'incident_reopened'],
    ['closed', 'in_progress', 'incident_reopened'],
    ['closed', 'resolved', 'transition_refused'],
  ] as const)('%s → %s: %s', (from, to, expected) => {
    const handled = to === 'resolved'
    const decided = decide(inState(from), { state: to, ...(handled && { verdict: 'true_positive' as const }) }, NOW)
    expect('refused' in decided ? decided.refused : 'code' in decided && decided.code).toBe(expected)
  })

  test('a verdict is required to resolve, cannot be taken from what is closed, and goes when it is reopened', () => {
    expect(decide(inState('new'), { state: 'resolved' }, NOW)).toEqual({ refused: 'verdict_required' })
    expect(decide(inState('closed'), { verdict: null }, NOW)).toEqual({ refused: 'verdict_required' })
    const reopened = decide(inState('closed'), { state: 'in_progress' }, NOW)
    expect(reopened).toMatchObject({
      before: { state: 'closed', verdict: 'false_positive' },
      after: { state: 'in_progress', verdict: null },
    })
    expect('incident' in reopened && reopened.incident).not.toHaveProperty('verdict')
  })

  test('nothing changed: no version, no history', () => {
    expect(decide(inState('new'), { state: 'new', assignee: null }, NOW)).toEqual({ unchanged: true })
  })
})
