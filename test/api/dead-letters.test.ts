import { afterAll, beforeAll, expect, test } from 'vitest'
import { historyOf } from '../../store/local/history.ts'
import { makeWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})
afterAll(() => world.close())

async function replay(headers: Record<string, string>, records: unknown) {
  return world.app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', headers, payload: { records } })
}

test('a lead sends a dead letter through again, and the history says who', async () => {
  const answer = await replay(await world.browser('truong-ca'), ['so-y-te-6', 'so-gtvt-7'])
  expect([answer.statusCode, answer.json()]).toEqual([202, { replayed: 2 }])
  expect(world.replayed.splice(0)).toEqual(['so-y-te-6', 'so-gtvt-7'])
  expect(historyOf(world.local, { kind: 'dead_letter', id: 'so-gtvt-7' }, 10)).toMatchObject([
    { actor: 'truong-ca', code: 'dead_letter_replayed', params: { code: 'bad_json' } },
  ])
})

test.each([
  ['an analyst', 'phan-tich', ['so-y-te-6'], 403],
  ['a sysadmin of the agency', 'may-chu-yte', ['so-y-te-6'], 403],
  ['one that is not there', 'truong-ca', ['so-y-te-6', 'so-y-te-5'], 404],
  ['a name that is none', 'truong-ca', ['%', 'so-y-te-'], 404],
  ['nothing', 'truong-ca', [], 400],
  ['no list', 'truong-ca', 'so-y-te-6', 400],
])('refused, and nothing is sent: %s', async (_case, user, records, status) => {
  expect((await replay(await world.browser(user), records)).statusCode).toBe(status)
  expect(world.replayed).toEqual([])
})

test("a token of one agency cannot reach another's", async () => {
  const headers = world.token(['dead_letters:replay'], ['so-y-te'])
  expect((await replay(headers, ['so-gtvt-7'])).statusCode).toBe(404)
  expect((await replay(headers, ['so-y-te-6'])).statusCode).toBe(202)
  expect(world.replayed.splice(0)).toEqual(['so-y-te-6'])
})
