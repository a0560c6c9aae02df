import { describe, expect, test } from 'vitest'
import { type Coverage, cellsOf, matrixOf } from '../../console/features/rules/coverage.ts'
import { type Exception, byNeed } from '../../console/features/rules/exceptions-api.ts'
import { type Judged, type Quality, chosen } from '../../console/features/rules/rule-api.ts'

const technique = (id: string, standings: readonly string[] = [], incidents = 0): Coverage['techniques'][number] => ({
  id,
  name: `Name of ${id}`,
  tactics: ['impact'],
  rules: standings.map((standing, n) => ({ id: `${id}-${n}`, title: 'R', standing: standing as 'live' })),
  incidents,
})
const COVERAGE: Coverage = {
  version: '17.0',
  tactics: [
    { key: 'execution', id: 'TA0002', en: 'Execution', vi: 'Thực thi', rules: 0 },
    { key: 'impact', id: 'TA0040', en: 'Impact', vi: 'Gây tác động', rules: 2 },
  ],
  techniques: [
    technique('T1', ['off']),
    technique('T1.001', ['live'], 2),
    technique('T1.002', [], 1),
    technique('T2', ['no_events', 'never_fires']),
    technique('T3', [], 4),
    technique('T4'),
  ],
  unknown: [],
}

describe('the matrix', () => {
  test('a cell is a technique with what is below it: at work where one rule is, and all of its incidents', () => {
    const cells = cellsOf(COVERAGE.techniques)
    expect(
      cells.map(({ technique: { id }, below, coverage, incidents }) => [id, below.length, coverage, incidents]),
    ).toEqual([
      ['T1', 2, 'live', 3],
      ['T2', 0, 'idle', 0],
      ['T3', 0, 'none', 4],
      ['T4', 0, 'none', 0],
    ])
  })

  test.each([
    ['what has rules or incidents', { find: '', only: true }, ['T1', 'T2', 'T3']],
    ['all', { find: '', only: false }, ['T1', 'T2', 'T3', 'T4']],
    ['by the name of a sub-technique', { find: 'name of t1.002', only: true }, ['T1']],
    ['nothing', { find: 'T9', only: false }, undefined],
  ])('%s', (_name, wanted, ids) => {
    const columns = matrixOf(COVERAGE, wanted)
    expect(columns.map(({ key }) => key)).toEqual(ids === undefined ? [] : ['impact'])
    expect(columns[0]?.cells.map(({ technique: { id } }) => id)).toEqual(ids)
  })
})

describe('the list of rules', () => {
  const of = (id: string, quality?: Partial<Quality>): Judged => {
    const rule: Partial<Judged> = { id, title: id, path: `${id}.yml`, tags: [], level: 'high' }
    const judged = { standing: 'live', alerts: 0, precision: null, ...quality } as Quality
    return { ...rule, ...(quality !== undefined && { quality: judged }) } as Judged
  }
  const rules = [
    of('right', { alerts: 9, precision: 1, lastFired: '2026-11-28T00:00:00.000Z' }),
    of('wrong', { alerts: 4, precision: 0.1, lastFired: '2026-11-29T00:00:00.000Z' }),
    of('blind', { standing: 'no_events' }),
    of('unknown'),
  ]
  test.each([
    [{ sort: 'alerts' }, ['right', 'wrong', 'blind', 'unknown']],
    [{ sort: 'precision' }, ['wrong', 'right', 'blind', 'unknown']],
    [{ sort: 'last' }, ['wrong', 'right', 'blind', 'unknown']],
    [{ status: 'unfed' }, ['blind']],
    [{ status: 'fired', sort: 'title' }, ['right', 'wrong']],
  ])('%j', (search: Record<string, string>, ids) => {
    expect(chosen(rules, search, ({ id }) => id).map(({ id }) => id)).toEqual(ids)
  })
})

test('exceptions that do nothing or end soon come first, then the next to end, and what is over last', () => {
  const of = (id: string, more: Partial<Exception>): Exception =>
    ({ id, state: 'in_force', expiresSoon: false, ...more }) as Exception
  const items = [
    of('over', { state: 'revoked' }),
    of('never', {}),
    of('later', { expiresAt: '2027-01-01T00:00:00.000Z' }),
    of('next', { expiresAt: '2026-12-01T00:00:00.000Z' }),
    of('soon', { expiresSoon: true, expiresAt: '2026-11-30T00:00:00.000Z' }),
    of('idle', { problem: 'its rule is gone' }),
  ]
  expect(byNeed(items).map(({ id }) => id)).toEqual(['idle', 'soon', 'next', 'later', 'never', 'over'])
})
