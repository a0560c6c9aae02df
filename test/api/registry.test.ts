import { beforeAll, afterAll, describe, expect, test } from 'vitest'
import { listHistory } from '../../store/local/history.ts'
import { registryText } from '../../store/local/registry-revisions.ts'
import { type World, makeWorld } from './world.ts'

let world: World
beforeAll(async () => void (world = await makeWorld()))
afterAll(() => world.close())

const CHANGE = {
  kind: 'add_agency',
  key: 'so-moi',
  vi: 'Sở Mới',
  en: 'New Department',
  type: 'department',
  from: '2026-12-01',
} as const

async function ask(user: string, method: 'GET' | 'POST', path: string, payload?: object) {
  const headers = await world.browser(user)
  return world.app.inject({ method, url: `/api/v1/registry${path}`, headers, ...(payload && { payload }) })
}
const base = async (): Promise<number> => (await ask('truong-ca', 'GET', '')).json<{ base: number }>().base

describe('the registry, by who sees all agencies', () => {
  test('has agencies, systems and senders as the file has them', async () => {
    const answer = (await ask('kiem-toan', 'GET', '')).json<{ agencies: { key: string }[]; systems: object[] }>()
    expect(answer.agencies.map(({ key }) => key)).toContain('so-y-te')
    expect(answer.systems[0]).toMatchObject({
      key: 'benh-an',
      levels: [{ level: 4, status: 'approved', basis: 'QĐ 12/2026' }],
    })
  })

  test('a preview says what becomes of it, and changes nothing', async () => {
    const before = registryText(world.local, await base())
    const answer = await ask('truong-ca', 'POST', '/preview', { base: await base(), changes: [CHANGE] })
    expect(answer.statusCode).toBe(200)
    const { hunks, touched, past } = answer.json<{ hunks: { lines: string[] }[]; touched: object[]; past: boolean }>()
    expect(hunks.flatMap(({ lines }) => lines).filter((line) => line.startsWith('-'))).toEqual([])
    expect(touched).toEqual([{ of: 'agencies', key: 'so-moi', part: 'all' }])
    expect(past).toBe(false)
    expect(registryText(world.local, await base())).toBe(before)
  })

  test('a change is in force with who and why; the one before stays, and neither can be taken away', async () => {
    const number = await base()
    const body = { base: number, changes: [CHANGE], why: 'Nghị quyết 15' }
    const answer = await ask('truong-ca', 'POST', '/changes', body)
    expect(answer.json()).toEqual({ seq: 12, number: number + 1 })
    const { items } = (await ask('kiem-toan', 'GET', '/revisions')).json<{ items: object[] }>()
    expect(items[0]).toMatchObject({ number: number + 1, by: 'truong-ca', why: 'Nghị quyết 15', seq: 12 })
    expect(items).toHaveLength(number + 1)
    const [entry] = listHistory(world.local, { code: 'registry_changed', limit: 1 })
    expect(entry).toMatchObject({ actor: 'truong-ca', params: { why: 'Nghị quyết 15' }, after: { changes: [CHANGE] } })
    const diff = (await ask('kiem-toan', 'GET', `/diff?from=${number}`)).json<{ hunks: { lines: string[] }[] }>()
    expect(diff.hunks.flatMap(({ lines }) => lines).join('\n')).toContain('Sở Mới')
    for (const sql of ['DELETE FROM registry_revisions', "UPDATE registry_revisions SET why = ''"]) {
      expect(() => world.local.exec(sql)).toThrow(/is not/)
    }
  })

  test('what was read before somebody else changed it is refused', async () => {
    const answer = await ask('truong-ca', 'POST', '/changes', { base: 1, changes: [CHANGE], why: 'quyết định' })
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([412, 'precondition_failed'])
  })

  test('what cannot be is refused with its place, and nothing changes', async () => {
    const number = await base()
    const changes = [{ kind: 'end_agency', key: 'so-y-te', from: '2026-12-01' }]
    const answer = await ask('truong-ca', 'POST', '/changes', { base: number, changes, why: 'quyết định' })
    expect(answer.statusCode).toBe(422)
    const { code, errors } = answer.json<{ code: string; errors: { pointer: string; code: string }[] }>()
    expect(code).toBe('registry_refused')
    expect(errors[0]!.pointer).toMatch(/^\/(sources|systems|agencies)\//)
    expect(errors[0]!.code).toBe('outside_life')
    expect(await base()).toBe(number)
  })

  test.each([
    ['phan-tich', 403],
    ['kiem-toan', 403],
    ['phan-tich-yte', 403],
  ])('%s may not change it', async (user, status) => {
    const body = { base: 1, changes: [CHANGE], why: 'quyết định' }
    expect((await ask(user, 'POST', '/changes', body)).statusCode).toBe(status)
  })
})

test('who sees one agency does not read it', async () => {
  for (const path of ['', '/revisions', '/diff?from=1']) {
    expect((await ask('phan-tich-yte', 'GET', path)).statusCode).toBe(403)
  }
})
