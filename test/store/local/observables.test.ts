import { expect, test } from 'vitest'
import type { Incident } from '../../../model/incident.ts'
import { openLocal } from '../../../store/local/database.ts'
import { addIncident } from '../../../store/local/incidents.ts'
import { addObservables, copyObservables, sharingObservables } from '../../../store/local/observables.ts'

const AT = '2026-11-22T07:00:00.000Z'

function incidentOf(number: number, agency = 'so-y-te'): Incident {
  return {
    id: `incident-${number}`,
    number,
    version: 1,
    agency,
    title: 't',
    titleVi: 't',
    state: 'new',
    level: 'low',
    priority: 1,
    priorityReasons: [],
    life: [],
    legal: {},
    entity: { kind: 'host', value: 'h' },
    entities: [],
    rules: [],
    attack: [],
    alertCount: 1,
    firstEventAt: AT,
    lastEventAt: AT,
    createdAt: AT,
    updatedAt: AT,
  }
}

const seen = (value: string, lastAt = AT) => ({ kind: 'user' as const, value, firstAt: AT, lastAt })

test('incidents that show the same are found by how many things they share, in the scope', () => {
  const db = openLocal(':memory:')
  for (const [number, agency] of [[1], [2], [3, 'so-gtvt'], [4]] as const) {
    addIncident(db, { incident: incidentOf(number, agency), groupKey: 'k' })
  }
  addObservables(db, 'incident-1', [seen('root'), seen('an')])
  addObservables(db, 'incident-2', [seen('root')])
  addObservables(db, 'incident-3', [seen('root'), seen('an')])
  addObservables(db, 'incident-4', [seen('binh')])
  const sharing = (scope: 'all' | string[]) => sharingObservables(db, { incidentId: 'incident-1', scope, limit: 9 })
  expect(sharing('all')).toEqual([
    { incidentId: 'incident-3', shared: 2 },
    { incidentId: 'incident-2', shared: 1 },
  ])
  expect(sharing(['so-y-te'])).toEqual([{ incidentId: 'incident-2', shared: 1 }])
  db.close()
})

test('of what stands in very many at one time some are looked at, and of an incident that took in many, what it showed last', () => {
  const db = openLocal(':memory:')
  db.exec('BEGIN')
  for (let n = 1; n <= 700; n++) {
    addIncident(db, { incident: incidentOf(n), groupKey: 'k' })
    addObservables(db, `incident-${n}`, [seen('root')])
  }
  const sharing = () => sharingObservables(db, { incidentId: 'incident-1', scope: 'all', limit: 10_000 })
  expect([499, 500]).toContain(sharing().length)
  for (let part = 0; part < 2; part++) {
    const many = Array.from({ length: 199 }, (_, n) => seen(`user-${part}-${n}`, `2026-11-23T0${part}:00:00.000Z`))
    addObservables(db, `incident-${part + 2}`, many)
    copyObservables(db, `incident-${part + 2}`, 'incident-1')
  }
  db.exec('COMMIT')
  // All of the later part, none of what stands in 700 of an earlier day.
  expect(sharing()).toEqual([
    { incidentId: 'incident-3', shared: 199 },
    { incidentId: 'incident-2', shared: 1 },
  ])
  db.close()
})
