import { afterEach, beforeEach, expect, test } from 'vitest'
import { noteRevisions } from '../../store/local/rule-revisions.ts'
import { ShadowTally } from '../../store/local/shadow.ts'
import { listHistory } from '../../store/local/history.ts'
import type { RuleEdit } from '../../detection/life.ts'
import { RULE, type World, alertOf, makeWorld } from './world.ts'

let world: World
let edits: (RuleEdit & { by: string; why: string })[]
beforeEach(async () => {
  edits = []
  world = await makeWorld({
    changeRules: (edit, note) => {
      edits.push({ ...edit, ...note })
      return Promise.resolve({ seq: 9 })
    },
  })
})
afterEach(() => world.close())

const ask = async (name: string, method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) =>
  world.app.inject({
    method,
    url: `/api/v1/rules/${RULE.id}${url}`,
    headers: await world.browser(name),
    ...(payload && { payload }),
  })

test('who tunes rules changes them, with the position from which it holds and a line in the history', async () => {
  expect((await ask('viet-luat', 'POST', '/state', { state: 'shadow', why: 'thử' })).json()).toEqual({ seq: 9 })
  expect((await ask('truong-ca', 'PUT', '/budget', { perDay: 20, owner: 'lan' })).statusCode).toBe(200)
  expect((await ask('truong-ca', 'POST', '/switch', { off: true, agencies: ['so-y-te'], why: 'ồn' })).statusCode).toBe(
    200,
  )
  expect(edits).toEqual([
    { kind: 'state', rule: RULE.id, state: 'shadow', by: 'viet-luat', why: 'thử' },
    { kind: 'budget', rule: RULE.id, perDay: 20, owner: 'lan', by: 'truong-ca', why: '' },
    { kind: 'switch', rule: RULE.id, off: true, agencies: ['so-y-te'], by: 'truong-ca', why: 'ồn' },
  ])
  const history = listHistory(world.local, { limit: 10, kind: 'rule', subject: RULE.id })
  expect(history.map(({ code, actor, params }) => [code, actor, params['seq']])).toEqual([
    ['rule_switched_off', 'truong-ca', 9],
    ['rule_budget_changed', 'truong-ca', 9],
    ['rule_state_changed', 'viet-luat', 9],
  ])
})

test.each([
  ['an analyst', 'phan-tich', '/state', { state: 'live' }, 403],
  ['an auditor', 'kiem-toan', '/switch', { off: true }, 403],
  ['a state that is none', 'truong-ca', '/state', { state: 'asleep' }, 400],
  ['an agency that is none', 'truong-ca', '/switch', { off: true, agencies: ['khong-co'] }, 422],
  ['a revision that is none', 'truong-ca', '/restore', { revision: 7 }, 404],
])('%s is refused', async (_name, user, url, body, status) => {
  expect((await ask(user, 'POST', url, body)).statusCode).toBe(status)
  expect(edits).toEqual([])
})

test('who sees some agencies switches a rule for these, and for no others', async () => {
  const headers = await world.as('lead', ['so-y-te'])
  const post = (payload: object) =>
    world.app.inject({ method: 'POST', url: `/api/v1/rules/${RULE.id}/switch`, headers, payload })
  expect((await post({ off: true })).statusCode).toBe(403)
  expect((await post({ off: true, agencies: ['so-gtvt'] })).statusCode).toBe(403)
  expect((await post({ off: true, agencies: ['so-y-te'] })).statusCode).toBe(200)
})

test('revisions with their texts, what changed, and restoring one', async () => {
  const of = (text: string, disabledIn = {}) => ({
    id: RULE.id,
    path: RULE.path,
    hash: `hash of ${text}`,
    text,
    settings: { state: 'live' as const, disabledIn },
  })
  const place = (seq: number) => ({ spool: 's', seq, at: '2026-11-22T07:00:00.000Z', bundle: 'b' })
  noteRevisions(world.local, place(1), [of('a\nb\nc\n')])
  noteRevisions(world.local, place(5), [of('a\nB\nc\n', { 'so-gtvt': 'x', 'so-y-te': 'y' })])
  const { items } = (await ask('phan-tich-yte', 'GET', '/revisions')).json()
  expect(items.map(({ number, settings }: { number: number; settings: object }) => [number, settings])).toEqual([
    [2, { state: 'live', disabledIn: { 'so-y-te': 'y' } }],
    [1, { state: 'live' }],
  ])
  expect((await ask('phan-tich', 'GET', '/revisions/1')).json()).toMatchObject({ number: 1, text: 'a\nb\nc\n' })
  expect((await ask('phan-tich', 'GET', '/diff?from=1')).json().hunks).toEqual([
    { oldStart: 1, newStart: 1, lines: [' a', '-b', '+B', ' c'] },
  ])
  expect((await ask('truong-ca', 'POST', '/restore', { revision: 1 })).statusCode).toBe(200)
  expect(edits).toMatchObject([{ kind: 'text', text: 'a\nb\nc\n', path: RULE.path }])
})

test('alerts in shadow are for who tunes rules, of the agencies they see', async () => {
  const tally = new ShadowTally()
  for (const agency of ['so-y-te', 'so-gtvt']) tally.add(alertOf(agency, 1), { kind: 'ip', value: `of ${agency}` })
  tally.write(world.local)
  const all = (await ask('viet-luat', 'GET', '/shadow')).json()
  expect(all.days).toEqual([{ day: '2026-11-22', alerts: 2, withdrawn: 0 }])
  expect(all.alerts).toHaveLength(2)
  const headers = await world.as('lead', ['so-y-te'])
  const own = await world.app.inject({ url: `/api/v1/rules/${RULE.id}/shadow`, headers })
  expect(own.json().entities).toEqual([{ agency: 'so-y-te', kind: 'ip', value: 'of so-y-te', alerts: 1, withdrawn: 0 }])
  expect(own.body).not.toContain('so-gtvt')
  expect((await ask('phan-tich', 'GET', '/shadow')).statusCode).toBe(403)
})
