import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LEVELS } from '../../../model/alert.ts'
import { type Incident, STATES } from '../../../model/incident.ts'
import { openLocal } from '../../../store/local/database.ts'
import {
  type IncidentFilter,
  type IncidentOrder,
  addIncident,
  changeIncident,
  countIncidents,
  getIncident,
  incidentsOfGroup,
  listIncidents,
  matchingIncidents,
} from '../../../store/local/incidents.ts'
import { MIGRATIONS } from '../../../store/local/migrations.ts'
import { runs } from '../../runs.ts'

/** Titles as they are written, and as they are searched. */
const TITLES: readonly (readonly [written: string, folded: string])[] = [
  ['Đăng nhập THẤT BẠI', 'dang nhap that bai'],
  ['dang nhap', 'dang nhap'],
  ['Đa\u0306ng', 'dang'],
  ['"OR" NOT a* NEAR(b', '"or" not a* near(b'],
  ['100%_x\\y', '100%_x\\y'],
  ['nul\0byte', 'nulbyte'],
  ['non\uFFFEchar\uFFFFacter', 'noncharacter'],
  ['rep\uFFFDlaced', 'rep\uFFFDlaced'],
  ['😀😁😂😃', '😀😁😂😃'],
]
const AGENCIES = ['so-y-te', 'so-gtvt', 'ubnd']

const facts = fc.record({
  agency: fc.constantFrom(...AGENCIES),
  state: fc.constantFrom(...STATES),
  level: fc.constantFrom(...LEVELS),
  priority: fc.integer({ min: 1, max: 4 }),
  assignee: fc.option(fc.constantFrom('an', 'binh')),
  day: fc.integer({ min: 1, max: 4 }),
  title: fc.nat({ max: TITLES.length - 1 }),
})
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never

const word = fc.oneof(
  fc
    .record({ title: fc.constantFrom(...TITLES), from: fc.nat({ max: 12 }), length: fc.integer({ min: 1, max: 8 }) })
    .map(({ title, from, length }) =>
      Array.from(title[1])
        .slice(from, from + length)
        .join(''),
    ),
  fc.constantFrom('#1', '#12', 'zzz', '\0', '"""'),
)
const filters = fc.record(
  {
    scope: fc.oneof(fc.constant('all' as const), fc.subarray(AGENCIES)),
    states: fc.subarray([...STATES]),
    levels: fc.subarray([...LEVELS]),
    agency: fc.constantFrom(...AGENCIES),
    assignee: fc.constantFrom(null, 'an', 'binh'),
    text: fc.array(word, { maxLength: 2 }).map((words) => words.join(' ')),
  },
  { requiredKeys: ['scope'] },
)

function incidentOf(number: number, { agency, state, level, priority, assignee, day, title }: Facts): Incident {
  const at = `2026-11-0${day}T00:00:00.000Z`
  return {
    id: `incident-${number}`,
    number,
    version: 1,
    agency,
    title: TITLES[title]![0],
    titleVi: '',
    state,
    level,
    priority,
    priorityReasons: [],
    ...(assignee !== null && { assignee }),
    life: [],
    legal: {},
    entity: { kind: 'host', value: 'h' },
    entities: [],
    rules: [],
    attack: [],
    alertCount: 1,
    firstEventAt: at,
    lastEventAt: at,
    createdAt: at,
    updatedAt: at,
  }
}

/** What a filter means, over all incidents at once. */
function fits(filter: IncidentFilter, number: number, { agency, state, level, assignee, title }: Facts): boolean {
  const { scope, states = [], levels = [], text = '' } = filter
  const searched = `#${number}\n${TITLES[title]![1]}\n`
  const words = text.replaceAll('\0', '').split(/\s+/).filter(Boolean)
  return (
    (scope === 'all' || scope.includes(agency)) &&
    (states.length === 0 || states.includes(state)) &&
    (levels.length === 0 || levels.includes(level)) &&
    (filter.agency === undefined || filter.agency === agency) &&
    (filter.assignee === undefined || filter.assignee === assignee) &&
    words.every((each) => searched.includes(each))
  )
}

test('a list by filters, page by page, its count and its ids are what a plain filter over all incidents gives', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(facts, fc.option(facts)), { maxLength: 30 }),
      fc.array(filters, { minLength: 5, maxLength: 5 }),
      fc.constantFrom<IncidentOrder>('priority', 'updated'),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      fc.record({ found: fc.constantFrom(1, 4, 100), few: fc.constantFrom(0, 3, 100) }),
      (rows, asked, order, limit, loud, bounds) => {
        const db = openLocal(':memory:')
        rows.forEach(([first], i) => addIncident(db, { incident: incidentOf(i + 1, first), groupKey: '' }))
        rows.forEach(([first, then], i) => {
          if (then !== null) changeIncident(db, incidentOf(i + 1, first), incidentOf(i + 1, then))
        })
        const now = rows.map(([first, then], i) => ({ number: i + 1, facts: then ?? first }))
        for (const each of asked) {
          const filter = loud && each.text !== undefined ? { ...each, text: each.text.toUpperCase() } : each
          const expected = now.filter(({ number, facts }) => fits(each, number, facts))
          expect(matchingIncidents(db, filter)).toEqual(expected.map(({ number }) => `incident-${number}`))
          expect(countIncidents(db, filter, 100)).toEqual({ count: expected.length, more: false })
          const two = { count: Math.min(2, expected.length), more: expected.length > 2 }
          expect(countIncidents(db, filter, 2)).toEqual(two)
          // What is not counted on is said.
          const bounded = countIncidents(db, filter, 100, bounds)
          expect(bounded.count).toBeLessThanOrEqual(expected.length)
          if (!bounded.more) expect(bounded.count).toBe(expected.length)

          const value = (facts: Facts): number => (order === 'priority' ? facts.priority : facts.day)
          expected.sort((a, b) => value(b.facts) - value(a.facts) || b.number - a.number)
          const listed: Incident[] = []
          for (;;) {
            const last = listed.at(-1)
            const after = last && {
              value: order === 'priority' ? last.priority : last.updatedAt,
              number: last.number,
            }
            const page = listIncidents(db, { ...filter, order, limit, ...(after !== undefined && { after }) }, bounds)
            listed.push(...page)
            if (page.length < limit) break
          }
          expect(listed.map(({ number }) => number)).toEqual(expected.map(({ number }) => number))
        }
        db.close()
      },
    ),
    { numRuns: runs(60) },
  )
})

test('incidents of a database from before the index of words are found by their words', () => {
  const db = openLocal(':memory:')
  addIncident(db, {
    incident: incidentOf(1, {
      agency: 'ubnd',
      state: 'new',
      level: 'high',
      priority: 1,
      assignee: null,
      day: 1,
      title: 0,
    }),
    groupKey: '',
  })
  const before = MIGRATIONS.findIndex((sql) => sql.includes('CREATE VIRTUAL TABLE incident_words'))
  for (const name of ['added', 'changed']) db.exec(`DROP TRIGGER incident_words_${name}`)
  for (const name of ['by_agency', 'by_rule', 'open', 'by_priority', 'by_update']) {
    db.exec(`DROP INDEX incidents_${name}`)
  }
  db.exec(`DROP TABLE incident_words; CREATE INDEX incidents_by_priority ON incidents (priority, number);
    CREATE INDEX incidents_by_update ON incidents (updated_at, number);
    CREATE INDEX incidents_by_state ON incidents (state, priority, number)`)
  db.exec(MIGRATIONS[before]!)
  expect(matchingIncidents(db, { scope: 'all', text: 'NHẬP thất' })).toEqual(['incident-1'])
  db.close()
})

const A_FACT: Facts = { agency: 'ubnd', state: 'new', level: 'high', priority: 1, assignee: null, day: 1, title: 0 }

test('text behind a NUL is neither lost nor cut off, however often a row is written back', () => {
  const db = openLocal(':memory:')
  const incident = { ...incidentOf(1, A_FACT), title: 'a\0b', titleVi: 'đầu\0đuôi' }
  addIncident(db, { incident, groupKey: 'host:may\0chu' })
  for (let n = 0; n < 2; n++) {
    const { incident: read } = getIncident(db, incident.id, 'all')!
    changeIncident(db, { ...read, title: '', titleVi: '' }, read)
  }
  const read = getIncident(db, incident.id, 'all')!
  expect([read.incident.title, read.incident.titleVi, read.groupKey]).toEqual(['a␀b', 'đầu␀đuôi', 'host:may␀chu'])
  const group = { agency: incident.agency, from: '', to: '9' }
  expect(incidentsOfGroup(db, { ...group, groupKey: 'host:may\0chu' })).toHaveLength(1)
  expect(incidentsOfGroup(db, { ...group, groupKey: 'host:may' })).toHaveLength(0)
  expect(listIncidents(db, { scope: 'all', order: 'updated', limit: 9, text: 'dau\0duoi' })).toHaveLength(1)
  db.close()
})
