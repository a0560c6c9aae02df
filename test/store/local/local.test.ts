import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkPassword, ensureAdministrator } from '../../../api/access/passwords.ts'
import { type LocalDatabase, openLocal } from '../../../store/local/database.ts'
import { addHistory, historyOf } from '../../../store/local/history.ts'
import { findRepeats } from '../../../store/local/sender-ids.ts'
import { SESSION_LIMITS, closeSession, openSession, sessionUser } from '../../../store/local/sessions.ts'
import { type SourceCounts, addSourceCounts, listSources } from '../../../store/local/sources.ts'
import { addToken, authenticateIngest, listTokens, revokeToken } from '../../../store/local/tokens.ts'
import { inTransaction } from '../../../store/local/transaction.ts'
import { getUser } from '../../../store/local/users.ts'
import { runs } from '../../runs.ts'

const AT = '2026-11-22T08:00:00.000Z'
let folder: string
let db: LocalDatabase
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vong-gac-local-'))
  db = openLocal(join(folder, 'local.db'))
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Every byte that SQLite has written, with what still stands in its log. */
function bytesOnDisk(): string {
  const rows = ['users', 'sessions', 'tokens'].flatMap((table) => db.prepare(`SELECT * FROM ${table}`).all())
  return JSON.stringify(rows)
}

test('the first start makes one administrator, whose password is told once, kept only as argon2id, and must be changed', async () => {
  const password = ensureAdministrator(db, AT)!
  expect(password).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/)
  expect(ensureAdministrator(db, AT)).toBeNull()
  expect(getUser(db, 'admin')).toMatchObject({ role: 'administrator', agencies: 'all', mustChange: true })
  expect(await checkPassword(db, 'admin', password)).toBe(true)
  expect(await checkPassword(db, 'admin', `${password} `)).toBe(false)
  expect(bytesOnDisk()).not.toContain(password)
  expect(bytesOnDisk()).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
})

describe('tokens', () => {
  const make = (kind: 'ingest' | 'api', more: { expiresAt?: string } = {}) =>
    addToken(db, { kind, name: 'x', agencies: ['so-y-te'], scopes: [], createdAt: AT, createdBy: 'admin', ...more })
  const nowMs = Date.parse(AT)

  test('an ingest token names its agency; its secret is nowhere on the disk', () => {
    const { token, text } = make('ingest')
    expect(authenticateIngest(db, text, nowMs)).toEqual({ agency: 'so-y-te', token: token.id })
    expect(bytesOnDisk()).not.toContain(text.slice(-43))
    expect(listTokens(db)).toMatchObject([{ id: token.id, lastUsedAt: AT }])
  })

  test('its bearer is let in while another program has the database locked', () => {
    const { text } = make('ingest')
    db.pragma('busy_timeout = 1')
    const other = openLocal(join(folder, 'local.db'))
    other.exec('BEGIN IMMEDIATE')
    expect(authenticateIngest(db, text, nowMs)).toMatchObject({ agency: 'so-y-te' })
    other.close()
  })

  test('refused: an api token, a revoked one, an expired one, and anything that is not one', () => {
    const ingest = make('ingest')
    const last = ingest.text.at(-1)!
    const wrong = [
      make('api').text,
      make('ingest', { expiresAt: AT }).text,
      '',
      ingest.text.slice(0, -1),
      `${ingest.text.slice(0, -2)}${ingest.text.at(-2) === 'A' ? 'B' : 'A'}${last}`,
      ingest.text.replace('soc_', 'soc-'),
      `soc_${'0'.repeat(12)}_${'A'.repeat(43)}`,
    ]
    expect(wrong.map((text) => authenticateIngest(db, text, nowMs))).toEqual(wrong.map(() => null))
    expect(revokeToken(db, ingest.token.id, AT)).toBe(true)
    expect(revokeToken(db, ingest.token.id, AT)).toBe(false)
    const told = historyOf(db, { kind: 'token', id: ingest.token.id }, 10)
    expect(told.map(({ code, actor }) => `${code} by ${actor}`)).toEqual([
      'token_created by admin',
      'token_revoked by command line',
    ])
    expect(authenticateIngest(db, ingest.text, nowMs)).toBeNull()
  })

  test('any text gives null, never a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(authenticateIngest(db, text, nowMs)).toBeNull()
      }),
    )
  })
})

test('a session is known by its secret until it is closed; the secret is nowhere on the disk', () => {
  ensureAdministrator(db, AT)
  const secret = openSession(db, 'admin', 0, SESSION_LIMITS)
  expect(sessionUser(db, secret, 1, SESSION_LIMITS)).toBe('admin')
  expect(bytesOnDisk()).not.toContain(secret)
  closeSession(db, secret)
  expect(sessionUser(db, secret, 1, SESSION_LIMITS)).toBeNull()
})

describe('sources', () => {
  const delta = fc.record({
    source: fc.constantFrom('syslog-udp/192.0.2.1', 'syslog-tcp/192.0.2.1'),
    agency: fc.constantFrom('so-y-te', 'so-gtvt'),
    seenAt: fc.constantFrom('2026-11-22T01:00:00.000Z', '2026-11-22T02:00:00.000Z', '2026-11-22T03:00:00.000Z'),
    events: fc.nat(50),
    deadLetters: fc.nat(5),
    parseFailures: fc.nat(5),
    repeats: fc.nat(5),
    dropped: fc.nat(5),
    bytes: fc.nat(100_000),
  })

  test('any cut of the same additions gives the same sums, first and last', () => {
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 20 }), fc.nat(20), (deltas: SourceCounts[], cut) => {
        const [once, twice] = [openLocal(':memory:'), openLocal(':memory:')]
        addSourceCounts(once, deltas)
        addSourceCounts(twice, deltas.slice(0, cut))
        addSourceCounts(twice, deltas.slice(cut))
        const all = listSources(once, { scope: 'all', limit: 100 })
        expect(listSources(twice, { scope: 'all', limit: 100 })).toEqual(all)
        const events = all.reduce((sum, source) => sum + source.events, 0)
        expect(events).toBe(deltas.reduce((sum, one) => sum + one.events, 0))
      }),
      { numRuns: runs(50) },
    )
  })

  test("count in the caller's transaction, or not at all", () => {
    const one = {
      source: 'a',
      agency: 'so-y-te',
      seenAt: AT,
      events: 1,
      deadLetters: 0,
      parseFailures: 0,
      repeats: 0,
      dropped: 0,
      bytes: 9,
    }
    expect(() =>
      inTransaction(db, () => {
        addSourceCounts(db, [one])
        throw new Error('no checkpoint')
      }),
    ).toThrow('no checkpoint')
    expect(listSources(db, { scope: 'all', limit: 10 })).toEqual([])
  })
})

test('history cannot be changed or deleted', () => {
  const subject = { kind: 'user' as const, id: 'admin' }
  addHistory(db, [{ at: AT, actor: 'system', subject, code: 'user_created', params: {}, after: { role: 'lead' } }])
  expect(() => db.prepare('DELETE FROM history').run()).toThrow('append-only')
  expect(() => db.prepare("UPDATE history SET actor = 'x'").run()).toThrow('append-only')
  expect(historyOf(db, subject, 10)).toEqual([
    { at: AT, actor: 'system', subject, code: 'user_created', params: {}, after: { role: 'lead' } },
  ])
})

test('what repeats an earlier record is found again after a restart in the middle', () => {
  const sent = (seq: number, senderId: string, receivedAtMs = 0) => ({ seq, sender: 's', senderId, receivedAtMs })
  const records = [sent(1, 'a'), sent(2, 'b'), sent(3, 'a', 900), sent(4, 'a', 1_001), sent(5, 'a', 1_900)]
  // The fourth comes after the first was forgotten, and is what the fifth repeats.
  expect(findRepeats(db, records, 1_000)).toEqual(new Set([3, 5]))
  expect(findRepeats(db, records.slice(3), 1_000)).toEqual(new Set([5]))
})

test('two connections write at once: each waits for the other, and nothing is lost', () => {
  const other = openLocal(join(folder, 'local.db'))
  for (let i = 0; i < 20; i++) {
    for (const connection of [db, other]) {
      inTransaction(connection, () => {
        const one = {
          source: 'a',
          agency: 'b',
          seenAt: AT,
          events: 1,
          deadLetters: 0,
          parseFailures: 0,
          repeats: 0,
          dropped: 0,
          bytes: 1,
        }
        addSourceCounts(connection, [one])
      })
    }
  }
  expect(listSources(db, { scope: 'all', limit: 1 })[0]!.events).toBe(40)
  other.close()
})
