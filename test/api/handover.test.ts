import { hash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listHistory } from '../../store/local/history.ts'
import { type World, makeWorld } from './world.ts'

const DAY_MS = 86_400_000
const sha256Of = (text: string): string => hash('sha256', text)
let world: World
beforeAll(async () => void (world = await makeWorld()))
afterAll(() => world.close())

type Headers = Record<string, string>
const url = '/api/v1/handover/notes'
const say = (headers: Headers, body: string) => world.app.inject({ method: 'POST', url, headers, payload: { body } })
const read = async (headers: Headers, query = ''): Promise<string[]> =>
  (await world.app.inject({ url: url + query, headers }))
    .json<{ items: { body: string }[] }>()
    .items.map(({ body }) => body)

test('what a shift tells is read by the next, newest first, by who sees as much as its author, and is on record', async () => {
  const [lead, health] = [await world.browser('truong-ca'), await world.browser('phan-tich-yte')]
  expect((await say(lead, '  Để ý <script> máy chủ thư ')).statusCode).toBe(201)
  expect((await say(health, 'Sở Y tế bảo trì lúc 22 giờ')).json()).toMatchObject({ author: 'phan-tich-yte' })
  expect(await read(lead)).toEqual(['Sở Y tế bảo trì lúc 22 giờ', 'Để ý <script> máy chủ thư'])
  expect(await read(health)).toEqual(['Sở Y tế bảo trì lúc 22 giờ'])
  expect(await read(await world.as('analyst', ['so-gtvt']))).toEqual([])
  const entries = listHistory(world.local, { code: 'handover_noted', limit: 10 })
  expect(entries.map(({ actor, params }) => [actor, params])).toEqual([
    ['phan-tich-yte', { sha256: sha256Of('Sở Y tế bảo trì lúc 22 giờ') }],
    ['truong-ca', { sha256: sha256Of('Để ý <script> máy chủ thư') }],
  ])
})

test('a note of nothing is refused, viewers write and read none, and old notes are not read unless asked for', async () => {
  const lead = await world.browser('truong-ca')
  expect((await say(lead, ' \n ')).json()).toMatchObject({ code: 'validation' })
  expect((await say(await world.browser('xem-yte'), 'x')).json()).toMatchObject({ code: 'forbidden' })
  world.advance(8 * DAY_MS)
  const later = await world.browser('truong-ca')
  expect(await read(later)).toEqual([])
  expect(await read(later, '?days=30&limit=1')).toHaveLength(1)
})
