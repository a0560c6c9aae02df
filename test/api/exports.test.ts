import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { csvRow } from '../../api/exports/formats.ts'
import { historyOf } from '../../store/local/history.ts'
import { sampleEvent } from '../store/sample.ts'
import { type World, makeWorld } from './world.ts'

let world: World
let folder: string
let all: Record<string, string>
let health: Record<string, string>
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vong-gac-exports-'))
  writeFileSync(join(folder, 'left-over'), 'of a former start')
  world = await makeWorld({ exportFolder: folder })
  all = await world.browser('phan-tich')
  health = await world.browser('phan-tich-yte')
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true })
})

const RANGE = { from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z' }
const start = (payload: object, headers = all) =>
  world.app.inject({ method: 'POST', url: '/api/v1/exports', headers, payload: { q: '', ...RANGE, ...payload } })
const get = (path: string, headers = all) => world.app.inject({ url: `/api/v1/exports${path}`, headers })

async function finished(payload: object, headers = all): Promise<{ id: string; body: Buffer; type: string }> {
  const { id } = (await start(payload, headers)).json<{ id: string }>()
  await expect.poll(async () => (await get(`/${id}`, headers)).json().state, { timeout: 60_000 }).toBe('done')
  const file = await get(`/${id}/file`, headers)
  return { id, body: file.rawPayload, type: String(file.headers['content-type']) }
}

test('NDJSON: whole events, or chosen fields, in the order asked for, of the asker agencies alone', async () => {
  const { body, type } = await finished({ format: 'ndjson', q: 'root | sort @timestamp asc' })
  const events = body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(events.map((e) => e['soc.record'])).toEqual(['so-y-te-1', 'so-gtvt-2', 'so-y-te-3', 'so-gtvt-4', 'so-y-te-5'])
  expect(events[0]).toEqual((await world.store.getEvents(['so-y-te-1'], 'all'))[0])
  expect(type).toContain('ndjson')
  const theirs = await finished({ format: 'ndjson', q: '| fields soc.agency, user.name' }, health)
  const lines = theirs.body.toString().trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual(
    Array.from({ length: 3 }, () => ({ 'user.name': 'root', 'soc.agency': 'so-y-te' })),
  )
})

test('CSV: a head, quoted cells, and nothing that a spreadsheet runs', async () => {
  const { body } = await finished({ format: 'csv', q: 'soc.seq:1 | fields soc.record, user.name, x' })
  expect(body.toString()).toBe('\ufeff"soc.record","user.name","x"\r\n"so-y-te-1","root",""\r\n')
})

test.each([
  ['=HYPERLINK("http://evil")', `"'=HYPERLINK(""http://evil"")"`],
  ['+1+cmd|', `"'+1+cmd|"`],
  ['-2+3', `"'-2+3"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"'\t=1"`],
  [' =1', `"' =1"`],
  ['\r\n=1', `"'\r\n=1"`],
  ['＝1', `"'＝1"`],
  [-5, '"-5"'],
  ['-5.25', '"-5.25"'],
  [['a', '=b'], '"a; =b"'],
  [['=a'], `"'=a"`],
  [{ a: 1 }, '"{""a"":1}"'],
  [null, '""'],
])('the cell of %j is %s', (value, expected) => {
  expect(csvRow(sampleEvent(1, { x: value }), ['x'])).toBe(`${expected}\r\n`)
})

test('no cell begins as a formula, whatever the text', () => {
  const hostile = fc.tuple(
    fc.constantFrom('', ' ', '\t', '\n', '\0'),
    fc.constantFrom('=', '+', '-', '@', ''),
    fc.string(),
  )
  fc.assert(
    fc.property(hostile, (parts) => {
      const row = csvRow(sampleEvent(1, { x: parts.join('') }), ['x'])
      expect(row).toMatch(/^"(?:[^"]|"")*"\r\n$/)
      expect(row.slice(1, -3)).not.toMatch(/^[\s\0]*[=+@]|^[\s\0]*-(?!\d+(\.\d+)?$)/)
    }),
  )
})

test('Parquet: columns of text that any tool reads, with the whole event where no fields were chosen', async () => {
  const { body } = await finished({ format: 'parquet', q: '| sort @timestamp asc' })
  const path = join(folder, 'read-back.parquet')
  writeFileSync(path, body)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rows = await connection.runAndReadAll(
    `SELECT "soc.record", "source.ip", event::JSON->>'/user.name' FROM '${path}'`,
  )
  connection.closeSync()
  instance.closeSync()
  rmSync(path)
  expect(rows.getRows()[1]).toEqual(['so-gtvt-2', '203.0.113.9', 'root'])
  expect(rows.getRows()).toHaveLength(5)
})

test('an export is its owner alone; it goes when deleted, and all go at the next start', async () => {
  expect(readdirSync(folder)).not.toContain('left-over')
  const { id } = await finished({ format: 'csv' })
  expect((await get(`/${id}`, health)).statusCode).toBe(404)
  expect((await get(`/${id}/file`, health)).statusCode).toBe(404)
  expect((await get('', health)).json().items.map((e: { id: string }) => e.id)).not.toContain(id)
  const remove = (headers: Record<string, string>) =>
    world.app.inject({ method: 'DELETE', url: `/api/v1/exports/${id}`, headers })
  expect((await remove(health)).statusCode).toBe(404)
  expect((await remove(all)).statusCode).toBe(204)
  expect((await get(`/${id}/file`)).statusCode).toBe(404)
  expect(readdirSync(folder)).not.toContain(id)
})

test('who has come to see less cannot fetch what was written before', async () => {
  const { id } = await finished({ format: 'ndjson' }, all)
  const administrator = await world.browser('quan-tri')
  const see = (agencies: unknown) =>
    world.app.inject({ method: 'PATCH', url: '/api/v1/users/phan-tich', headers: administrator, payload: { agencies } })
  expect((await see(['so-y-te'])).statusCode).toBe(200)
  expect((await get(`/${id}/file`, await world.browser('phan-tich'))).statusCode).toBe(404)
  expect((await see('all')).statusCode).toBe(200)
  all = await world.browser('phan-tich')
  expect((await get(`/${id}/file`, all)).statusCode).toBe(200)
})

test('start, end and download are on record, with how many', async () => {
  const { id } = await finished({ format: 'ndjson', q: 'user.name:root' }, health)
  const entries = historyOf(world.local, { kind: 'search', id: 'user:phan-tich-yte' }, 3)
  expect(entries.map(({ code, params }) => [code, params['export'], params['events']])).toEqual([
    ['export_started', id, 0],
    ['export_finished', id, 3],
    ['export_downloaded', id, 3],
  ])
  expect(entries[1]!.params).toMatchObject({ q: 'user.name:root', format: 'ndjson' })
})

test('a running export is cancelled, and its file with it; a broken one says why', async () => {
  let asked = 0
  const stuck = await makeWorld({
    store: {
      ...world.store,
      engine: 'embedded',
      aggregate: () => Promise.resolve({ kind: 'count', groups: [{ values: [], count: 5_000 }], more: false }),
      searchEvents: ({ signal }) => {
        if (asked++ === 0) return Promise.resolve(Array.from({ length: 1_000 }, (_, i) => sampleEvent(i)))
        return new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('aborted')))
        })
      },
    },
  })
  try {
    const headers = await stuck.browser('phan-tich')
    const post = () =>
      stuck.app.inject({ method: 'POST', url: '/api/v1/exports', headers, payload: { q: '', ...RANGE, format: 'csv' } })
    const { id } = (await post()).json<{ id: string }>()
    const look = async () => (await stuck.app.inject({ url: `/api/v1/exports/${id}`, headers })).json()
    await expect.poll(look).toMatchObject({ state: 'running', events: 1_000, total: 5_000 })
    await post()
    expect((await post()).json()).toMatchObject({ code: 'rate_limited' })
    expect((await stuck.app.inject({ method: 'DELETE', url: `/api/v1/exports/${id}`, headers })).statusCode).toBe(204)
    expect(historyOf(stuck.local, { kind: 'search', id: 'user:phan-tich' }, 1)[0]).toMatchObject({
      code: 'export_cancelled',
      params: { events: 1_000 },
    })
  } finally {
    await stuck.close()
  }
  expect((await start({ format: 'csv', q: '| count' })).json().code).toBe('bad_query')
})
