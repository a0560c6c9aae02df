import { describe, expect, test } from 'vitest'
import { type LocalDatabase, openLocal } from '../../../store/local/database.ts'
import { type HistoryEntry, addHistory, chainHead, listHistory, verifyChain } from '../../../store/local/history.ts'
import { MIGRATIONS } from '../../../store/local/migrations.ts'

const entry = (n: number): HistoryEntry => ({
  at: '2026-11-22T08:00:00.000Z',
  actor: 'phan-tich',
  subject: { kind: 'incident', id: `i-${n % 3}` },
  code: 'incident_changed',
  params: { n },
  before: { state: 'new' },
  after: { state: 'closed' },
})

function chained(count: number): LocalDatabase {
  const db = openLocal(':memory:')
  for (let n = 1; n <= count; n++) addHistory(db, [entry(n)])
  return db
}

/** What somebody who can write the file can do, and the program cannot. */
function tamper(db: LocalDatabase, sql: string): void {
  db.exec('DROP TRIGGER history_keeps_rows; DROP TRIGGER history_keeps_text')
  db.exec(sql)
}

test('every entry is chained to the one before; the program can neither change nor delete one', async () => {
  const db = chained(20)
  expect(await verifyChain(db)).toEqual({ ok: true, entries: 20, head: chainHead(db) })
  expect(chainHead(db)).toMatchObject({ id: 20, hash: listHistory(db, { limit: 1 })[0]!.hash })
  expect(() => db.exec("UPDATE history SET actor = 'ai khác' WHERE id = 3")).toThrow('append-only')
  expect(() => db.exec('DELETE FROM history WHERE id = 3')).toThrow('append-only')
})

describe('tampering is found, and where', () => {
  test.each([
    ['another actor', "UPDATE history SET actor = 'ai khác' WHERE id = 7", { id: 7, what: 'altered' }],
    ['another time', "UPDATE history SET at = '2026-11-22T08:00:01.000Z' WHERE id = 7", { id: 7, what: 'altered' }],
    ['what was before', 'UPDATE history SET before = NULL WHERE id = 1', { id: 1, what: 'altered' }],
    ['a hash', 'UPDATE history SET hash = lower(hex(randomblob(32))) WHERE id = 7', { id: 7, what: 'altered' }],
    ['an entry taken out', 'DELETE FROM history WHERE id = 7', { id: 7, what: 'missing' }],
    ['the first one taken out', 'DELETE FROM history WHERE id = 1', { id: 1, what: 'missing' }],
    ['the end cut off', 'DELETE FROM history WHERE id > 15', { id: 16, what: 'cut_off' }],
    [
      'two swapped',
      'UPDATE history SET id = -id WHERE id IN (4, 5); UPDATE history SET id = CASE id WHEN -4 THEN 5 ELSE 4 END WHERE id < 0',
      { id: 4, what: 'altered' },
    ],
  ])('%s', async (_name, sql, broken) => {
    const db = chained(20)
    tamper(db, sql)
    expect(await verifyChain(db)).toMatchObject({ ok: false, broken })
  })

  test('an end cut off with all its traces, or a chain made anew, only shows against a head noted elsewhere', async () => {
    const db = chained(20)
    const noted = chainHead(db)
    tamper(db, "DELETE FROM history WHERE id > 15; UPDATE sqlite_sequence SET seq = 15 WHERE name = 'history'")
    expect(await verifyChain(db)).toMatchObject({ ok: true, entries: 15 })
    expect(await verifyChain(db, noted)).toMatchObject({ ok: false, broken: { id: 20, what: 'cut_off' } })
    for (let n = 16; n <= 25; n++) addHistory(db, [entry(n + 1)])
    expect(await verifyChain(db, noted)).toMatchObject({ ok: false, broken: { id: 20, what: 'other_head' } })
  })

  test('what was cut off stays missing, whatever is written afterwards', async () => {
    const db = chained(20)
    tamper(db, 'DELETE FROM history WHERE id > 15')
    addHistory(db, [entry(99)])
    expect(await verifyChain(db)).toMatchObject({ ok: false, broken: { id: 16, what: 'missing' } })
  })
})

test('a history from before there was a chain is covered as a whole by the first entry after', async () => {
  const db = chained(0)
  const insert = `INSERT INTO history (at, actor, subject_kind, subject_id, code, params) VALUES ('x', 'a', 'user', 'u', 'c', '{}')`
  for (let n = 0; n < 3; n++) db.exec(insert)
  addHistory(db, [entry(4)])
  expect(await verifyChain(db)).toMatchObject({ ok: true, entries: 4 })
  tamper(db, "UPDATE history SET actor = 'b' WHERE id = 2")
  expect(await verifyChain(db)).toMatchObject({ ok: false, broken: { id: 4, what: 'altered' } })
  expect(MIGRATIONS.length).toBeGreaterThanOrEqual(5)
})

test('one transaction with many entries, and many with one, give the same chain', () => {
  const [whole, pieces] = [openLocal(':memory:'), chained(50)]
  addHistory(
    whole,
    Array.from({ length: 50 }, (_, i) => entry(i + 1)),
  )
  expect(chainHead(whole)).toEqual(chainHead(pieces))
})
