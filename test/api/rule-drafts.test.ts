import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RuleDraft } from '../../api/services.ts'
import type { RuleEdit } from '../../detection/life.ts'
import { listHistory } from '../../store/local/history.ts'
import { RULE, type World, makeWorld } from './world.ts'

const NEW = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0009'
const TEXT = `title: Dò mật khẩu "Đăng nhập"\nid: ${NEW}\n`

let world: World
let edits: (RuleEdit & { by: string; why: string })[]
let drafts: (RuleDraft & { lines?: readonly string[] })[]
beforeEach(async () => {
  edits = []
  drafts = []
  world = await makeWorld({
    changeRules: (edit, note) => {
      edits.push({ ...edit, ...note })
      return Promise.resolve({ seq: 9 })
    },
    checkDraft: (draft) => {
      drafts.push(draft)
      const place = { path: 'own/.draft.yml', line: 3, column: 5 }
      const problem = { ...place, severity: 'error' as const, code: 'bad_condition', message: 'no x', rule: 'y' }
      return Promise.resolve({ problems: [problem], rules: [] })
    },
    tryDraft: (draft, lines) => {
      drafts.push({ ...draft, lines })
      return Promise.resolve({ problems: [], rules: [], lines: [{ unread: 'bad_json: x', rules: [] }], alerts: [] })
    },
  })
})
afterEach(() => world.close())

const ask = async (name: string, method: 'POST' | 'PUT', url: string, payload: object) =>
  world.app.inject({ method, url: `/api/v1/rules${url}`, headers: await world.browser(name), payload })

test('a text is checked and tried as what would take the place of a rule, and nothing is saved', async () => {
  const checked = await ask('viet-luat', 'POST', '/check', { text: 'x', rule: RULE.id })
  expect(checked.json()).toEqual({
    problems: [{ line: 3, column: 5, severity: 'error', code: 'bad_condition', message: 'no x' }],
    rules: [],
  })
  const tried = await ask('viet-luat', 'POST', '/try', { text: 'x', lines: ['a', 'b'] })
  expect(tried.json()).toMatchObject({ lines: [{ unread: 'bad_json: x' }] })
  expect(drafts).toEqual([
    { text: 'x', rule: RULE.id },
    { text: 'x', lines: ['a', 'b'] },
  ])
  expect(edits).toEqual([])
})

test('a new rule is saved as a draft, in a file called after its title, with a line in the history', async () => {
  const answer = await ask('viet-luat', 'POST', '', { text: TEXT, why: 'thử' })
  expect([answer.statusCode, answer.json(), answer.headers['location']]).toEqual([
    201,
    { id: NEW, seq: 9 },
    `/api/v1/rules/${NEW}`,
  ])
  const path = 'own/do-mat-khau-dang-nhap.yml'
  expect(edits).toEqual([{ kind: 'new', rule: NEW, text: TEXT, path, by: 'viet-luat', why: 'thử' }])
  const [entry] = listHistory(world.local, { limit: 1, kind: 'rule', subject: NEW })
  expect(entry).toMatchObject({ code: 'rule_added', actor: 'viet-luat', params: { path, why: 'thử', seq: 9 } })
})

test('a new version is refused where the rule has become another one meanwhile', async () => {
  const body = { text: 'title: y', why: 'thử' }
  expect((await ask('truong-ca', 'PUT', `/${RULE.id}/text`, { ...body, base: 'former' })).statusCode).toBe(412)
  expect(edits).toEqual([])
  expect((await ask('truong-ca', 'PUT', `/${RULE.id}/text`, { ...body, base: RULE.hash })).json()).toEqual({ seq: 9 })
  expect(edits).toMatchObject([{ kind: 'text', rule: RULE.id, text: 'title: y', path: RULE.path, by: 'truong-ca' }])
})

test.each([
  ['an analyst', 'phan-tich', '/check', { text: 'x' }, 403],
  ['an auditor', 'kiem-toan', '', { text: TEXT, why: 'x' }, 403],
  ['a rule that is none', 'viet-luat', '/check', { text: 'x', rule: 'none' }, 404],
  ['two rules at once', 'viet-luat', '', { text: `${TEXT}---\n${TEXT}`, why: 'x' }, 422],
  ['a rule without an id', 'viet-luat', '', { text: 'title: x', why: 'x' }, 422],
  ['no reason', 'viet-luat', '', { text: TEXT, why: '' }, 400],
  ['no lines', 'viet-luat', '/try', { text: 'x', lines: [] }, 400],
])('%s is refused', async (_name, user, url, body, status) => {
  expect((await ask(user, 'POST', url, body)).statusCode).toBe(status)
  expect([edits, drafts]).toEqual([[], []])
})

test('who leads some agencies saves no rule, which is of all of them', async () => {
  const headers = await world.as('lead', ['so-y-te'])
  const answer = await world.app.inject({
    method: 'POST',
    url: '/api/v1/rules',
    headers,
    payload: { text: TEXT, why: 'x' },
  })
  expect(answer.statusCode).toBe(403)
})
