import { afterAll, beforeAll, expect, test } from 'vitest'
import { addHistory } from '../../store/local/history.ts'
import { placeHold } from '../../store/local/holds.ts'
import { NOW, type World, makeWorld } from './world.ts'

let world: World
beforeAll(async () => void (world = await makeWorld()))
afterAll(() => world.close())

interface Retention {
  today: string
  levels: { level: number; days: number; keptFrom: string; law?: { months: number; document: { vi: string } } }[]
  laws: { level: number; from?: string }[]
  kept: { levels: string; days: number; oldest: string; newest: string }[]
  purges: { on: string; day: string; levels: string; holds: string[] }[]
  verifications: { day: string; ok: boolean; records: number; breaks: number }[]
  disk: { fullInDays: number | null }
}

const read = async (headers: Record<string, string>): Promise<Retention> =>
  (await world.app.inject({ url: '/api/v1/retention', headers })).json()

test('each level says how long it is kept, and by what law', async () => {
  const { levels, laws, today } = await read(await world.browser('kiem-toan'))
  expect(today).toBe(NOW.slice(0, 10))
  expect(levels.map(({ days }) => days)).toEqual([30, 60, 100, 200, 400])
  expect(levels.map(({ law }) => law?.months)).toEqual([undefined, 1, 3, 6, 12])
  expect(levels[1]!.law!.document.vi).toBe('TCVN 14423:2026')
  expect(laws.map(({ from }) => from)).toContain('2026-06-30T17:00:00.000Z')
})

test('what goes within a month is named with its day, and the holds that keep it', async () => {
  const headers = await world.browser('kiem-toan')
  const { kept } = await read(headers)
  const oldest = kept.map((each) => each.oldest).sort()[0]!
  world.advance(Date.parse(oldest) + 390 * 86_400_000 - Date.parse(NOW))
  const later = await world.browser('kiem-toan')
  const due = (await read(later)).purges
  expect(due.length).toBeGreaterThan(0)
  expect(due.every(({ holds }) => holds.length === 0)).toBe(true)
  const { id } = placeHold(world.local, { fromDay: oldest, reason: 'công văn', placedAt: NOW, placedBy: 'truong-ca' })
  expect((await read(later)).purges.filter(({ day }) => day === oldest).map(({ holds }) => holds)).toContainEqual([id])
})

test('how the proof of a day came out stands there, and how long the disk lasts', async () => {
  addHistory(world.local, [
    {
      at: NOW,
      actor: 'system',
      subject: { kind: 'integrity', id: '2026-11-20' },
      code: 'integrity_verified',
      params: { ok: 0, records: 7, breaks: 2 },
    },
  ])
  const { verifications, disk } = await read(await world.browser('kiem-toan'))
  expect(verifications).toEqual([{ at: NOW, day: '2026-11-20', ok: false, records: 7, breaks: 2 }])
  expect(disk.fullInDays).toBe(59)
})

test('who sees one agency is refused', async () => {
  const narrow = await world.as('lead', ['so-y-te'])
  expect((await world.app.inject({ url: '/api/v1/retention', headers: narrow })).statusCode).toBe(403)
})
