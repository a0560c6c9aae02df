import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addCorrelated, addToLedger, type CorrelationCount, type LedgerCount } from '../../store/local/ledger.ts'
import { AGENCIES, type World, makeWorld } from './world.ts'

const SSHD = JSON.stringify([{ product: 'linux', service: 'sshd' }])
const count = (more: Partial<LedgerCount>): LedgerCount => ({
  hour: '2026-11-22T07',
  bundle: 'b1',
  agency: 'so-y-te',
  what: 'evaluated',
  sources: SSHD,
  records: 1,
  ...more,
})

const correlated = (more: Partial<CorrelationCount>): CorrelationCount => ({
  hour: '2026-11-22T07',
  rule: 'c-1',
  agency: 'so-y-te',
  what: 'counted',
  contributions: 1,
  ...more,
})

let world: World
beforeEach(async () => {
  world = await makeWorld()
  const counts = [
    count({ records: 3 }),
    count({ records: 5, agency: 'so-gtvt' }),
    count({ records: 2, hour: '2026-11-20T07' }),
    count({ what: 'dead:bad_json', sources: '' }),
    count({ what: 'control', sources: '', agency: 'unregistered' }),
    count({ records: 4, sources: '' }),
    count({ records: 7, sources: '', what: 'dropped', agency: 'unregistered' }),
  ]
  addToLedger(world.local, { spool: 's', from: 1, through: 16 }, counts, () => [
    { rule: 'r-1', hash: 'h1', runs: true, logsource: { product: 'linux', service: 'sshd' } },
    { rule: 'r-2', hash: 'h2', runs: true, logsource: { product: 'windows' } },
    { rule: 'c-1', hash: 'h3', runs: true, logsource: null },
  ])
  for (const contributions of [4, 5]) {
    addCorrelated(world.local, [
      correlated({ contributions }),
      correlated({ contributions: 2, agency: 'so-gtvt', rule: 'c-0' }),
      correlated({ contributions: 3, hour: '2026-11-20T07', what: 'late' }),
    ])
  }
})
afterEach(() => world.close())

const ask = async (url: string, agencies: 'all' | string[] = 'all') => {
  const headers = world.token(['rules:read', 'sources:read'], agencies)
  return world.app.inject({ url: `/api/v1${url}`, headers })
}

test('what became of the records of the last day, all agencies', async () => {
  expect((await ask('/completeness')).json()).toEqual({
    from: '2026-11-21T08:00:00Z',
    to: '2026-11-22T09:00:00Z',
    outcomes: [
      { what: 'dead:bad_json', records: 1 },
      { what: 'dropped', records: 7 },
      { what: 'evaluated', records: 8 },
      { what: 'unrouted', records: 4 },
    ],
    correlations: [
      { rule: 'c-0', counted: 4 },
      { rule: 'c-1', counted: 9 },
    ],
    positions: { worked: 16, counted: 16 },
  })
})

test('what a rule met, with the version of it', async () => {
  expect((await ask('/rules/r-1/completeness?from=2026-11-01T00:00:00Z')).json()).toEqual({
    rule: 'r-1',
    from: '2026-11-01T00:00:00Z',
    to: '2026-11-22T09:00:00Z',
    events: 10,
    evaluated: 10,
    stretches: [
      {
        what: 'evaluated',
        hash: 'h1',
        bundle: 'b1',
        firstHour: '2026-11-20T07',
        lastHour: '2026-11-22T07',
        events: 10,
      },
    ],
  })
  expect((await ask('/rules/r-2/completeness')).json()).toMatchObject({ events: 0, stretches: [] })
  expect((await ask('/rules/c-1/completeness?from=2026-11-01T00:00:00Z')).json()).toMatchObject({
    events: 0,
    stretches: [],
    correlated: { counted: 9, late: 6 },
  })
  expect((await ask('/rules/nobody/completeness')).statusCode).toBe(404)
})

describe('an agency sees its own', () => {
  test.each([
    ['so-y-te', 3, 8, { rule: 'c-1', counted: 9 }],
    ['so-gtvt', 5, 5, { rule: 'c-0', counted: 4 }],
  ])('%s', async (agency, events, all, own) => {
    expect(AGENCIES).toContain(agency)
    expect((await ask('/rules/r-1/completeness', [agency])).json()).toMatchObject({ events })
    const { outcomes, correlations, positions } = (await ask('/completeness', [agency])).json<{
      outcomes: { records: number }[]
      correlations: unknown[]
      positions?: unknown
    }>()
    expect(outcomes.reduce((sum, { records }) => sum + records, 0)).toBe(all)
    expect(correlations).toEqual([own])
    expect(positions).toBeUndefined()
  })
})

test.each([
  ['a 13th month', '/completeness?from=2026-13-01T00:00:00Z'],
  ['an end before the beginning', '/rules/r-1/completeness?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z'],
  ['no time', '/completeness?to=yesterday'],
])('refuses %s', async (_name, url) => expect((await ask(url)).statusCode).toBe(400))
