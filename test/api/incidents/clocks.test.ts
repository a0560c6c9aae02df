import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { warnOfClocks } from '../../../api/incidents/clock-watch.ts'
import { warnOfDeadlines } from '../../../api/incidents/deadline-watch.ts'
import { legalClocks, parseLegal, readLegal } from '../../../api/incidents/legal.ts'
import { raiseIncidents } from '../../../api/incidents/raise.ts'
import { parseTargets, readTargets, serviceClocks } from '../../../api/incidents/service-clocks.ts'
import type { Incident, State } from '../../../model/incident.ts'
import { parseRegistry } from '../../../model/registry.ts'
import { ROOT } from '../../../model/root.ts'
import { ALWAYS, workingTime } from '../../../model/working-time.ts'
import { openLocal } from '../../../store/local/database.ts'
import { addReport } from '../../../store/local/deadlines.ts'
import { historyOf } from '../../../store/local/history.ts'
import { changeIncident, getIncident } from '../../../store/local/incidents.ts'
import { readFileSync } from 'node:fs'
import { NOW, alertOf, makeWorld } from '../world.ts'

const HOUR = 3_600_000
const registry = parseRegistry(readFileSync(join(ROOT, 'registry', 'hai-duong.yml'), 'utf8'), 'hai-duong.yml')
const working = workingTime(registry.calendar, registry.timeZone)
const ms = (local: string): number => Date.parse(`${local}:00+07:00`)

describe('working time, Asia/Ho_Chi_Minh', () => {
  test.each([
    ['one working day', '2026-11-23T07:00', '2026-11-23T17:30', 10.5],
    ['a night', '2026-11-23T17:30', '2026-11-24T07:00', 0],
    ['Friday afternoon to Monday morning', '2026-11-27T16:30', '2026-11-30T08:00', 2],
    ['Tết 2026: Monday 16 to Friday 20 February', '2026-02-13T17:30', '2026-02-23T07:00', 0],
    ['Quốc khánh with its swapped Monday, 31 August to 2 September', '2026-08-28T17:30', '2026-09-03T08:00', 1],
    ['the Saturday worked in exchange, 22 August', '2026-08-22T00:00', '2026-08-23T00:00', 10.5],
    ['an ordinary Saturday', '2026-11-28T00:00', '2026-11-29T00:00', 0],
  ])('%s', (_name, from, to, hours) => {
    expect(working.within(ms(from), ms(to)) / HOUR).toBeCloseTo(hours, 6)
  })

  test('a due time is where so much working time has passed', () => {
    expect(working.after(ms('2026-11-27T16:30'), 2 * HOUR)).toBe(ms('2026-11-30T08:00'))
    expect(working.after(ms('2026-11-28T12:00'), HOUR)).toBe(ms('2026-11-30T08:00'))
    for (const hours of [0.5, 3, 11, 70, 400]) {
      const due = working.after(ms('2026-02-12T09:12'), hours * HOUR)
      expect(working.within(ms('2026-02-12T09:12'), due)).toBe(hours * HOUR)
    }
    expect(working.after(0, 1e15)).toBeNaN()
  })
})

const db = openLocal(':memory:')
const [base] = raiseIncidents(db, [alertOf('so-y-te', 1)], { criticality: () => 3, now: () => NOW })
function incident(life: [State, string][], more: Partial<Incident> = {}): Incident {
  const steps = life.map(([state, at]) => ({ state, at }))
  return { ...base!, createdAt: steps[0]!.at, state: steps.at(-1)!.state, life: steps, ...more }
}

test('a clock is told of at each of its marks, once, by working time, and not while it stands', async () => {
  const local = openLocal(':memory:')
  const targets = parseTargets(
    'format: 1\nwarnAt: 75\ntargets: [{ level: high, acknowledge: 2h, resolve: 4h, hours: working }]',
    't.yml',
  )
  const told = async (at: string): Promise<string[]> =>
    (await warnOfClocks(local, { targets, working, nowMs: ms(at) })).map(
      ({ code, params }) => `${code} ${params['clock']}`,
    )
  // Friday at 16:30: 17:30 is the end of the week's work, Monday at 7:00 it goes on.
  const at = '2026-11-27T09:30:00.000Z'
  const [opened] = raiseIncidents(local, [alertOf('so-y-te', 1)], { criticality: () => 3, now: () => at })
  expect(await told('2026-11-27T17:30')).toEqual([])
  expect(await told('2026-11-29T12:00')).toEqual([])
  expect(await told('2026-11-30T07:29')).toEqual([])
  expect(await told('2026-11-30T07:31')).toEqual(['clock_warning acknowledge'])
  expect(await told('2026-11-30T07:59')).toEqual([])
  const life = [...opened!.life, { state: 'in_progress' as const, at: '2026-11-30T00:59:30.000Z' }]
  const taken = { ...opened!, state: 'in_progress' as const, life }
  changeIncident(local, opened!, taken)
  expect(await told('2026-11-30T09:01')).toEqual(['clock_warning resolve'])
  const held = [...life, { state: 'on_hold' as const, at: '2026-11-30T02:02:00.000Z' }]
  const waiting = { ...opened!, state: 'on_hold' as const, life: held }
  changeIncident(local, taken, waiting)
  expect(await told('2026-12-01T09:00')).toEqual([])
  const again = [...held, { state: 'in_progress' as const, at: '2026-12-01T02:00:00.000Z' }]
  changeIncident(local, waiting, { ...opened!, state: 'in_progress', life: again })
  expect(await told('2026-12-01T09:30')).toEqual([])
  expect(await told('2026-12-01T10:00')).toEqual(['clock_missed resolve'])
  expect(await told('2026-12-09T10:00')).toEqual([])
  local.close()
})

describe('what the centre promises', () => {
  const targets = parseTargets(
    `format: 1
warnAt: 75
targets:
  - { level: high, acknowledge: 1h, resolve: 8h, hours: always }
  - { level: medium, acknowledge: 2h, resolve: 4h, hours: working }`,
    'x.yml',
  )
  const at = (hour: number, minute = 0): string =>
    new Date(Date.parse('2026-11-23T00:00:00Z') + (hour * 60 + minute) * 60_000).toISOString()
  const clocks = (of: Incident, now: string) => serviceClocks(of, targets, working, Date.parse(now))

  test('detect, acknowledge, resolve', () => {
    const closed = incident(
      [
        ['new', at(1)],
        ['in_progress', at(1, 30)],
        ['resolved', at(5)],
        ['closed', at(9)],
      ],
      { firstEventAt: at(0, 45) },
    )
    expect(clocks(closed, at(100))).toMatchObject({
      detectMs: 15 * 60_000,
      clocks: [
        { key: 'acknowledge', state: 'met', elapsedMs: 0.5 * HOUR, doneAt: at(1, 30) },
        { key: 'resolve', state: 'met', elapsedMs: 4 * HOUR, doneAt: at(5) },
      ],
    })
  })

  test('time on hold does not count, and a clock on hold has no due time', () => {
    const held = incident([
      ['new', at(0)],
      ['in_progress', at(1)],
      ['on_hold', at(2)],
    ])
    expect(clocks(held, at(50)).clocks[1]).toEqual({
      key: 'resolve',
      state: 'paused',
      elapsedMs: 2 * HOUR,
      targetMs: 8 * HOUR,
      hours: 'always',
    })
    const again = incident([
      ['new', at(0)],
      ['on_hold', at(2)],
      ['in_progress', at(50)],
    ])
    expect(clocks(again, at(51)).clocks[1]).toMatchObject({ state: 'running', elapsedMs: 3 * HOUR, dueAt: at(56) })
    expect(clocks(again, at(54)).clocks[1]).toMatchObject({ state: 'warning', dueAt: at(56) })
    expect(clocks(again, at(57)).clocks[1]).toMatchObject({ state: 'overdue', dueAt: at(56) })
  })

  test('reopened: what was resolved before counts on, without the time in between', () => {
    const reopened = incident([
      ['new', at(0)],
      ['resolved', at(6)],
      ['in_progress', at(20)],
      ['resolved', at(23)],
    ])
    expect(clocks(reopened, at(30)).clocks[1]).toMatchObject({
      state: 'late',
      elapsedMs: 9 * HOUR,
      dueAt: at(22),
      doneAt: at(23),
    })
  })

  test('where working hours count, a weekend is no time at all', () => {
    const friday = incident([['new', new Date(ms('2026-11-27T16:30')).toISOString()]], { level: 'medium' })
    expect(clocks(friday, new Date(ms('2026-11-29T12:00')).toISOString()).clocks).toMatchObject([
      { key: 'acknowledge', state: 'running', elapsedMs: HOUR, dueAt: new Date(ms('2026-11-30T08:00')).toISOString() },
      { key: 'resolve', state: 'running', elapsedMs: HOUR },
    ])
  })

  test('a level without a target has no clock; the shipped targets name every level', () => {
    expect(clocks(incident([['new', at(0)]], { level: 'low' }), at(9)).clocks).toEqual([])
    expect(readTargets(join(ROOT, 'registry', 'service-targets.yml')).byLevel.size).toBe(5)
    expect(ALWAYS.after(5, 7)).toBe(12)
  })
})

describe('what the law asks', () => {
  const profiles = readLegal(join(ROOT, 'legal'))
  const t0 = '2026-11-22T08:00:30.000Z'
  const serious = incident([['new', t0]], { legal: { serious: true } })
  const states = (of: Incident, now: string, reports: Parameters<typeof legalClocks>[2] = []) =>
    legalClocks(profiles, of, reports, Date.parse(now)).map(({ deadline, state }) => [
      deadline.key.split('.')[1],
      state,
    ])

  test('deadlines follow from the answers, count from the minute of detection, and name their basis', () => {
    expect(legalClocks(profiles, incident([['new', t0]]), [], Date.parse(t0))).toEqual([])
    expect(legalClocks(profiles, serious, [], Date.parse(t0))).toMatchObject([
      {
        deadline: { document: { vi: 'Nghị định số 331/2026/NĐ-CP' }, article: 'Điều 31 khoản 2 điểm d' },
        dueAt: '2026-11-23T08:00:00.000Z',
      },
      { dueAt: '2026-11-25T08:00:00.000Z' },
    ])
    const both = incident([['new', t0]], {
      legal: { nationalSecurity: true, personalData: true, detectedAt: '2026-11-22T06:00:00.000Z' },
    })
    expect(legalClocks(profiles, both, [], Date.parse(t0)).map(({ dueAt, state }) => [dueAt, state])).toEqual([
      ['2026-11-22T06:00:00.000Z', 'overdue'],
      ['2026-11-25T06:00:00.000Z', 'running'],
    ])
  })

  test('they warn at three quarters, run out, and are met or late by when the report went out', () => {
    expect(states(serious, '2026-11-23T02:00:00Z')).toEqual([
      ['serious-first-notice', 'warning'],
      ['serious-report', 'running'],
    ])
    expect(states(serious, '2026-11-23T08:00:01Z')[0]).toEqual(['serious-first-notice', 'overdue'])
    const report = (at: string) => [{ deadline: 'vn-2026.serious-first-notice', at, author: 'a', reference: '12/CV' }]
    expect(states(serious, '2026-12-01T00:00:00Z', report('2026-11-23T08:00:00.000Z'))[0]![1]).toBe('met')
    expect(states(serious, '2026-12-01T00:00:00Z', report('2026-11-23T08:00:01.000Z'))[0]![1]).toBe('late')
  })

  test('what was detected before a document took effect is not judged by it', () => {
    const old = incident([['new', t0]], {
      legal: { serious: true, personalData: true, detectedAt: '2026-08-18T16:59:00.000Z' },
    })
    expect(states(old, t0).map(([key]) => key)).toEqual(['personal-data'])
    const first = { ...old, legal: { ...old.legal, detectedAt: '2026-08-18T17:00:00.000Z' } } // 19 August, Hanoi
    expect(states(first, t0)).toHaveLength(3)
  })

  test('the history says once that one is about to run out, and once that it did', () => {
    changeIncident(db, getIncident(db, serious.id, 'all')!.incident, { ...serious, version: 2 })
    const told = (now: string): string[] =>
      warnOfDeadlines(db, profiles, Date.parse(now)).map(({ code, params }) => `${code} ${params['deadline']}`)
    expect(told('2026-11-22T09:00:00Z')).toEqual([])
    expect(told('2026-11-23T02:00:00Z')).toEqual(['deadline_warning vn-2026.serious-first-notice'])
    expect(told('2026-11-23T03:00:00Z')).toEqual([])
    addReport(db, serious.id, {
      deadline: 'vn-2026.serious-report',
      at: '2026-11-23T04:00:00.000Z',
      author: 'a',
      reference: 'x',
    })
    expect(told('2026-12-24T00:00:00Z')).toEqual(['deadline_missed vn-2026.serious-first-notice'])
    expect(historyOf(db, { kind: 'incident', id: serious.id }, 9).at(-1)).toMatchObject({
      code: 'deadline_missed',
      actor: 'system',
    })
  })

  test.each([
    ['a deadline without its document', 'document: nd-1', 'nd-1'],
    ['a day that does not exist', 'from: 2026-02-30', '2026-02-30'],
    ['an answer nobody asks for', 'when: big', '/deadlines/0/when'],
  ])('refused: %s', (_name, line, message) => {
    const [key = ''] = line.split(':')
    const text = readFileSync(join(ROOT, 'legal', 'vn-2026.yml'), 'utf8').replace(/deadlines:[^]*/, (part) =>
      part.replace(new RegExp(`${key}: .*`), line),
    )
    expect(() => parseLegal(text, 'x.yml')).toThrow(message)
  })
})

test('over the API: answers need If-Match, a report its deadline, and both stand in the history', async () => {
  const world = await makeWorld()
  const headers = { ...(await world.browser('phan-tich')), 'if-match': '*' }
  const { items } = (await world.app.inject({ url: '/api/v1/incidents?agency=so-y-te', headers })).json()
  const url = `/api/v1/incidents/${items[0].id}`
  const put = (payload: object, more = {}) =>
    world.app.inject({ method: 'PUT', url: `${url}/legal`, headers: { ...headers, ...more }, payload })
  expect((await put({ group: 'khong-co' })).json().code).toBe('bad_legal')
  expect((await put({ detectedAt: '2027-01-01T00:00:00Z' })).json().code).toBe('bad_legal')
  expect((await put({ personalData: true }, { 'if-match': '"99"' })).statusCode).toBe(412)
  expect((await put({ personalData: true, group: 'data-loss' })).json().legal).toEqual({
    personalData: true,
    group: 'data-loss',
  })
  const clocks = (await world.app.inject({ url: `${url}/clocks`, headers })).json()
  expect(clocks).toMatchObject({
    service: [{ key: 'acknowledge' }, { key: 'resolve' }],
    legal: [{ key: 'vn-2026.personal-data', state: 'running' }],
  })
  expect((await world.app.inject({ url: '/api/v1/deadlines', headers })).json().items).toMatchObject([
    { incidentId: items[0].id },
  ])
  const report = (deadline: string) =>
    world.app.inject({ method: 'POST', url: `${url}/reports`, headers, payload: { deadline, reference: 'CV 12/2026' } })
  expect((await report('vn-2026.serious-report')).json().code).toBe('bad_legal')
  expect([
    (await report('vn-2026.personal-data')).statusCode,
    (await report('vn-2026.personal-data')).statusCode,
  ]).toEqual([201, 409])
  expect((await world.app.inject({ url: '/api/v1/deadlines', headers })).json().items).toEqual([])
  const { history } = (await world.app.inject({ url, headers })).json()
  expect(history.slice(-2)).toMatchObject([
    { code: 'legal_changed', after: { personalData: true } },
    { code: 'deadline_reported' },
  ])
  await world.close()
})
