import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Database } from '../../store/embedded/database.ts'

const ASK = { timeoutMs: 30_000 }

async function openOne(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'soc-database-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const database = await Database.open(join(folder, 'hot.duckdb'), folder, '256MB', 2)
  onTestFinished(() => database.close())
  await database.writer.run('CREATE TABLE numbers AS SELECT range AS n FROM range(500000)')
  return database
}

const LONG = 'SELECT count(*) FROM numbers a, numbers b WHERE a.n + b.n = 7 AND a.n < 400'

test('what is done alone waits for searches at work, and those that come wait for it', async () => {
  const database = await openOne()
  const ends: string[] = []
  const ask = async (name: string, sql: string): Promise<void> => {
    await database.read(sql, {}, ASK)
    ends.push(name)
  }
  const early = ask('early', LONG)
  const alone = database.alone(async () => {
    await database.writer.run('CHECKPOINT')
    ends.push('alone')
  })
  await Promise.all([early, alone, ask('late', 'SELECT 1'), ask('late', 'SELECT 2')])
  expect(ends).toEqual(['early', 'alone', 'late', 'late'])
})

test('after work that fails, searches go on', async () => {
  const database = await openOne()
  const failed = database.alone(() => Promise.reject(new Error('refused')))
  const answer = database.read('SELECT 1', {}, ASK)
  await expect(failed).rejects.toThrow('refused')
  expect((await answer)[0]!.getRows()).toEqual([[1]])
})

test('a search that was cancelled while it waited does not begin', async () => {
  const database = await openOne()
  const controller = new AbortController()
  let open = (): void => undefined
  const alone = database.alone(() => new Promise((resolve) => (open = resolve)))
  const answer = database.read('SELECT 1', {}, { ...ASK, signal: controller.signal })
  controller.abort()
  open()
  await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
  await alone
})
