import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { keepBundle, readBundle } from '../../pipeline/bundle.ts'
import { Spool } from '../../collector/spool/spool.ts'
import type { Frame } from '../../model/record.ts'
import { ROOT } from '../../model/root.ts'
import { daysToVerify, sign } from '../../product/proving.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import type { Break } from '../../store/integrity/chain.ts'
import { faultOf, type Proof, placeOf, prover } from '../../store/integrity/proof.ts'
import { rotateKey, signChain } from '../../store/integrity/signing.ts'
import { Units } from '../../store/integrity/units.ts'
import { type DayReport, verifyDay } from '../../store/integrity/verify.ts'
import { openLocal } from '../../store/local/database.ts'
import { dayEvidence, entriesOf, keepUnits, MarksFolder, openUnits } from '../../store/local/integrity.ts'
import { liftHold, placeHold } from '../../store/local/holds.ts'
import { listHistory } from '../../store/local/history.ts'
import { purge } from '../../store/purge.ts'
import type { Store } from '../../store/store.ts'
import { drain, type Place } from './drain.ts'

const shipped = readBundle({
  rulesFolder: join(ROOT, 'rules'),
  registry: join(ROOT, 'registry', 'hai-duong.yml'),
  timeZone: 'Asia/Ho_Chi_Minh',
})
const bundle = {
  ...shipped,
  rules: shipped.rules.filter(({ path }) => path.startsWith('pipelines/') || path === 'logsources.yml'),
}
const LINES = 75
const SEAL_ROWS = 25
/** When the records come; the test knows no other day. */
const today = (): string => new Date().toISOString().slice(0, 10)

const line = (i: number): Frame => ({
  origin: { input: 'syslog-tcp', address: `192.0.2.${1 + (i % 5)}` },
  bytes: Buffer.from(
    `<38>1 2026-11-20T01:02:03.000Z motcua-web01 sshd 7 - - Failed password for user${i} from 203.0.113.9`,
  ),
})
const broken: Frame = { origin: { input: 'http-ndjson', address: '192.0.2.8' }, bytes: Buffer.from('{"half') }

let at: Place
const storeFolder = (): string => join(at.folder, 'events')
const open = (folder: string): Promise<Store> =>
  openEmbedded(join(folder, 'events'), { sealRows: SEAL_ROWS, diskReserveBytes: 0, threads: 1 })
const integrity = (): string => join(at.folder, 'integrity')

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-integrity-'))
  const spool = await Spool.open(join(folder, 'spool'), { segmentBytes: 65_536, freeBytesMin: 0 })
  const local = openLocal(join(folder, 'local.db'))
  at = { folder, spool, local, store: await open(folder) }
  const hash = keepBundle(join(folder, 'bundles'), bundle)
  await spool.append([
    { origin: { input: 'control', address: '' }, bytes: Buffer.from(JSON.stringify({ bundle: hash })) },
  ])
  for (let i = 0; i < LINES; i += 15) {
    await spool.append([...Array.from({ length: 15 }, (_, j) => line(i + j)), broken])
    await drain(at)
  }
  // Two tables are full, and a third is still written to.
  await vi.waitUntil(async () => (await at.store.files()).length === 2, { timeout: 60_000 })
  await signed()
})

afterEach(async () => {
  await at.store.close()
  await at.spool.close()
  at.local.close()
  rmSync(at.folder, { recursive: true })
})

const signed = (): Promise<void> =>
  sign(
    {
      store: at.store,
      local: at.local,
      folder: integrity(),
      log: undefined as never,
      say: () => Promise.resolve(),
      logEnd: () => at.spool.durableSeq,
      stopped: () => false,
    },
    new Date().toISOString(),
  )

async function verify(trusted?: string): Promise<DayReport> {
  const work = verifyDay(
    at.store,
    await dayEvidence(at.local, today(), { marks: new MarksFolder(integrity()), logEnd: at.spool.durableSeq, trusted }),
  )
  for (;;) {
    const { done, value } = await work.next()
    if (done === true) return value
  }
}

/** Changes the store behind its back, as whoever has the machine could. */
async function meddle(work: (run: (sql: string) => Promise<unknown>, hot: string) => Promise<unknown>): Promise<void> {
  await at.store.close()
  const instance = await DuckDBInstance.create(join(storeFolder(), 'hot.duckdb'))
  const connection = await instance.connect()
  const tables = await connection.runAndReadAll(
    `SELECT max(table_name) FROM duckdb_tables() WHERE table_name LIKE 'hot%'`,
  )
  await work((sql) => connection.run(sql), String(tables.getRows()[0]![0]))
  connection.closeSync()
  instance.closeSync()
  at.store = await open(at.folder)
}

const kinds = ({ breaks }: DayReport): Break['what'][] => breaks.map(({ what }) => what)

describe('a day as it came', () => {
  test('is intact: every event and dead letter, in files and out of them, signed', async () => {
    const report = await verify()
    expect(report).toMatchObject({ ok: true, records: LINES + 5, breaks: [], before: 0 })
    expect(report.files).toBeGreaterThan(0)
    expect(report.signed).not.toBeNull()
    expect(statSync(join(integrity(), 'signing.key')).mode & 0o777).toBe(0o600)
  })

  test('has the same units wherever the run was cut and killed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(at.spool.durableSeq), { maxLength: 4 }), async (cuts) => {
        const folder = mkdtempSync(join(tmpdir(), 'vong-gac-again-'))
        const local = openLocal(join(folder, 'local.db'))
        const store = await openEmbedded(join(folder, 'events'), { diskReserveBytes: 0, threads: 1 })
        for (const cut of cuts) {
          // Stopped in order there, or ended while the store has more than the checkpoint knows.
          const ending = cut % 2 === 0 ? store : dying(store)
          await drain({ ...at, store: ending, local }, { durable: Math.max(1, cut) }).catch(() => undefined)
        }
        await drain({ ...at, store, local })
        const plain = (db: typeof local) => [
          entriesOf(db, 'unit').map((unit) => ({ ...unit, marks: unit.marks.bytes })),
          openUnits(db),
        ]
        expect(plain(local)).toEqual(plain(at.local))
        await store.close()
        local.close()
        rmSync(folder, { recursive: true })
      }),
      { numRuns: 4 },
    )
  })
})

describe('what is found', () => {
  test('any byte of a sealed file', async () => {
    const [file] = await at.store.files()
    const path = join(storeFolder(), 'segments', file!.path)
    const bytes = readFileSync(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const changed = Buffer.from(bytes)
        changed[place]! ^= change
        writeFileSync(path, changed)
        const report = await verify()
        expect(report.ok).toBe(false)
        expect(report.breaks[0]).toMatchObject({ what: 'file_changed', path: file!.path })
      }),
      { numRuns: 12 },
    )
    writeFileSync(path, bytes)
    await meddle(() => Promise.resolve()) // opened again: what was read of the file within this second is forgotten
    expect((await verify()).ok).toBe(true)
    rmSync(path)
    expect(kinds(await verify())).toContain('file_missing')
    writeFileSync(path, bytes)
  })

  test('a row of the hot table that was changed, removed, inserted, doubled or swapped with another, by its name', async () => {
    const column = fc.constantFrom(
      'event.original',
      'soc.agency',
      'soc.source',
      'event.ingested',
      'soc.seq',
      'soc.spool',
    )
    const way = fc.oneof(
      column.map((name) => ({ do: 'change' as const, name })),
      fc.constantFrom(
        { do: 'remove' as const },
        { do: 'insert' as const },
        { do: 'double' as const },
        { do: 'swap' as const },
      ),
    )
    const made = async (run: (sql: string) => Promise<unknown>, hot: string, what: { do: string; name?: string }) => {
      const row = `"soc.seq" = (SELECT min("soc.seq") FROM ${hot})`
      switch (what.do) {
        case 'change': {
          const values: Record<string, string> = {
            'event.ingested': `"event.ingested" + INTERVAL 1 MILLISECOND`,
            'soc.seq': '"soc.seq" + 100000',
          }
          return run(`UPDATE ${hot} SET "${what.name}" = ${values[what.name!] ?? `"${what.name}" || '.'`} WHERE ${row}`)
        }
        case 'remove':
          return run(`DELETE FROM ${hot} WHERE ${row}`)
        case 'swap':
          return run(
            `UPDATE ${hot} SET "event.original" = (SELECT "event.original" FROM ${hot} WHERE "soc.seq" = (SELECT max("soc.seq") FROM ${hot})) WHERE ${row}`,
          )
        default:
          return run(
            `INSERT INTO ${hot} SELECT * REPLACE (${what.do === 'double' ? '"soc.seq"' : '"soc.seq" + 50000'} AS "soc.seq") FROM ${hot} WHERE ${row}`,
          )
      }
    }
    await fc.assert(
      fc.asyncProperty(way, async (what) => {
        await meddle(async (run, hot) => {
          await run(`CREATE TABLE kept_aside AS SELECT * FROM ${hot}`)
          await made(run, hot, what)
        })
        const { ok, breaks } = await verify()
        await meddle(async (run, hot) => {
          await run(`DELETE FROM ${hot}`)
          await run(`INSERT INTO ${hot} SELECT * FROM kept_aside`)
          await run('DROP TABLE kept_aside')
        })
        expect({ ok, unnamed: breaks.filter(({ record }) => record === undefined) }).toEqual({ ok: false, unnamed: [] })
        expect((await verify()).ok).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  test('a dead letter that was changed or removed', async () => {
    await meddle((run) =>
      run(
        `UPDATE dead_letters SET json = replace(json, 'http-ndjson/192.0.2.8', 'http-ndjson/192.0.2.9') WHERE seq = (SELECT min(seq) FROM dead_letters)`,
      ),
    )
    expect(kinds(await verify())).toEqual(['changed'])
    await meddle((run) => run('DELETE FROM dead_letters WHERE seq = (SELECT min(seq) FROM dead_letters)'))
    expect(kinds(await verify())).toEqual(['missing'])
  })

  test('any character of the chain, and links that are removed, doubled or swapped', async () => {
    at.local.exec('DROP TRIGGER integrity_keeps_rows; DROP TRIGGER integrity_keeps_text')
    type Row = { n: number; body: string; hash: string }
    const rows = at.local.prepare('SELECT n, body, hash FROM integrity ORDER BY n').all() as Row[]
    const write = (links: readonly Row[]): void => {
      at.local.exec('DELETE FROM integrity')
      for (const { n, body, hash } of links)
        at.local.prepare('INSERT INTO integrity (n, body, hash) VALUES (?, ?, ?)').run(n, body, hash)
    }
    const index = fc.nat(rows.length - 2) // the last is a signature: to cut it off only unsigns the end
    const change = fc.oneof(
      fc.tuple(index, fc.constantFrom('body' as const, 'hash' as const), fc.nat(400)).map(([i, part, place]) =>
        rows.map((row, j) => {
          if (i !== j) return row
          const text = row[part]
          const spot = place % text.length
          const other = part === 'hash' ? (text[spot] === '0' ? '1' : '0') : text[spot] === '7' ? '8' : '7'
          // A digit for a digit or a letter: still JSON, most of the time.
          return {
            ...row,
            [part]:
              text.slice(0, spot) +
              ('"{}[]:,\\'.includes(text[spot]!) && part === 'body' ? text[spot] + ' ' : other) +
              text.slice(spot + 1),
          }
        }),
      ),
      index.map((i) => rows.filter((_, j) => i !== j)),
      index.map((i) => rows.filter((_, j) => i !== j).map((row, j) => ({ ...row, n: j + 1 }))),
      index.map((i) =>
        rows.map((row, j) => (j === i ? { ...rows[i + 1]!, n: row.n } : j === i + 1 ? { ...rows[i]!, n: row.n } : row)),
      ),
    )
    await fc.assert(
      fc.asyncProperty(change, async (links) => {
        write(links)
        expect((await verify()).ok).toBe(false)
      }),
      { numRuns: 40 },
    )
    write(rows)
    expect((await verify()).ok).toBe(true)
    write(rows.slice(0, -1))
    expect(await verify()).toMatchObject({ ok: true, signed: null })
  })

  test('another chain, made by someone with a key of their own', async () => {
    const ours = entriesOf(at.local, 'key')[0]!.key
    expect((await verify(ours)).ok).toBe(true)
    const other = mkdtempSync(join(tmpdir(), 'vong-gac-key-'))
    const foreign = openLocal(':memory:')
    signChain(foreign, other, '2026-11-27T00:00:00.000Z')
    expect(kinds(await verify(entriesOf(foreign, 'key')[0]!.key))).toEqual(['unknown_key'])
    signChain(at.local, other, '2026-11-27T00:00:00.000Z')
    expect(kinds(await verify()), 'a key that nobody vouches for').toEqual(['unknown_key'])
    foreign.close()
    rmSync(other, { recursive: true })
  })
})

test('keys follow each other, and each vouches for the next', async () => {
  const [first] = entriesOf(at.local, 'key')
  rotateKey(at.local, integrity(), '2026-11-27T01:00:00.000Z')
  expect(readdirSync(integrity())).toContain('signing.key.next') // as a crash would leave it
  signChain(at.local, integrity(), '2026-11-27T02:00:00.000Z')
  expect(readdirSync(integrity())).not.toContain('signing.key.next')
  const [, second] = entriesOf(at.local, 'key')
  for (const trusted of [undefined, first!.key, second!.key]) expect((await verify(trusted)).ok).toBe(true)
})

test('one event is proved with the public key alone, and nothing else passes for it', async () => {
  const { spool } = at
  const [event] = await at.store.getEvents([`${spool.id}-5`], 'all')
  const place = placeOf(event!)
  const prove = () => prover(at.store, at.local, integrity(), new Date().toISOString())(place)
  const early = await prove()
  expect(early, 'the hour is not over').toBe('not_complete')
  completeUnits()
  const proof = (await prove()) as Proof
  const key = entriesOf(at.local, 'key')[0]!.key
  expect(faultOf(proof, key)).toBeNull()
  expect(proof.evidence.raw).toBe(event!['event.original'])
  rotateKey(at.local, integrity(), new Date().toISOString())
  const later = (await prove()) as Proof
  expect(faultOf(later, key)).toBeNull()
  const forged: Proof[] = [
    { ...proof, evidence: { ...proof.evidence, raw: `${proof.evidence.raw}.` } },
    { ...proof, evidence: { ...proof.evidence, agency: 'another' } },
    { ...proof, index: proof.index + 1 },
    { ...proof, path: proof.path.slice(1) },
    { ...proof, unit: { ...proof.unit, body: proof.unit.body.replace('"level"', '"Level"') } },
    { ...proof, after: [...proof.after, '00'] },
    { ...proof, signature: { ...proof.signature, signature: Buffer.alloc(64).toString('base64') } },
    { ...proof, keys: [] },
  ]
  for (const each of forged) expect(faultOf(each, key)).not.toBeNull()
})

/** Lets the log come to another hour. */
function completeUnits(): void {
  const units = new Units(at.spool.id, openUnits(at.local))
  units.advance('2031-01-01T00:00:00.000Z')
  const marks = new MarksFolder(integrity())
  keepUnits(
    at.local,
    units.take().map((unit) => marks.append(unit)),
    units.keep(),
  )
}

describe('retention', () => {
  const policy = { days: { 1: 30, 2: 30, 3: 30, 4: 30, 5: 30 }, monthsMin: () => 0 }
  const later = new Date(Date.now() + 40 * 86_400_000).toISOString()
  const purged = () =>
    purge(at.store, at.local, policy, { today: later.slice(0, 10), at: later, marks: new MarksFolder(integrity()) })

  test('a purge is in the history and in the chain, and roots outlive it', async () => {
    const before = await verify()
    completeUnits()
    expect((await purged()).dropped).toHaveLength(2)
    await signed()
    expect((await at.store.counts('all')).events).toBe(0)
    expect(await verify()).toMatchObject({
      ok: true,
      records: 0,
      purged: [
        { levels: '0', records: 5, keptDays: 30 },
        { levels: '012345', records: before.records, keptDays: 30 },
      ],
    })
    const entries = listHistory(at.local, { limit: 9, code: 'partition_purged' })
    expect(entries.map(({ subject }) => subject.id)).toEqual([`${today()}/012345`, `${today()}/0`])
    expect(await purged()).toEqual({ dropped: [], held: [] })
  })

  test('what a crash leaves between the note and the deletion is intact, and deleted by the next purge', async () => {
    const store = { ...shadow(at.store), drop: () => Promise.reject(new Error('killed')) } as Store
    const parts = { today: later.slice(0, 10), at: later, marks: new MarksFolder(integrity()) }
    await expect(purge(store, at.local, policy, parts)).rejects.toThrow('killed')
    expect(await verify()).toMatchObject({ ok: true, records: LINES + 5 })
    await purged()
    expect(entriesOf(at.local, 'purge')).toHaveLength(2)
    expect((await at.store.counts('all')).events).toBe(0)
  })

  test('a hold keeps the days that it names, for the agency that it names', async () => {
    const [event] = await at.store.getEvents([`${at.spool.id}-5`], 'all')
    const agency = event!['soc.agency']
    const hold = { reason: 'Cơ quan điều tra yêu cầu', placedAt: '2026-11-27T00:00:00.000Z', placedBy: 'an' }
    placeHold(at.local, { ...hold, agency: 'không có', fromDay: '2020-01-01' })
    placeHold(at.local, { ...hold, agency, fromDay: '2020-01-01', toDay: '2020-02-01' })
    placeHold(at.local, { ...hold, agency, system: 'không có', fromDay: '2020-01-01', toDay: '2020-02-01' })
    const pin = placeHold(at.local, { ...hold, agency, fromDay: today() })
    expect((await purged()).held).toHaveLength(2)
    expect((await at.store.counts('all')).events).toBe(LINES)
    expect(liftHold(at.local, pin.id, { at: later, by: 'an', reason: 'xong' })).toMatchObject({ liftedBy: 'an' })
    expect((await purged()).dropped).toHaveLength(2)
  })
})

/** Takes a batch, and ends the process with it. */
function dying(store: Store): Store {
  const append: Store['append'] = async (batch) => {
    await store.append(batch)
    throw new TypeError('killed')
  }
  return { append } as Store
}

function shadow(store: Store): Store {
  return {
    partitions: () => store.partitions(),
    aggregate: (query) => store.aggregate(query),
    searchDeadLetters: (query) => store.searchDeadLetters(query),
  } as Store
}

test('each night yesterday, and one day before it in turn', () => {
  const days = ['2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28']
  const nights = Array.from({ length: 3 }, (_, i) =>
    daysToVerify(days, new Date(Date.parse('2026-11-28T00:20:00Z') + i)),
  )
  expect(new Set(nights.map(([day]) => day))).toEqual(new Set(['2026-11-27']))
  const turns = Array.from(
    { length: 4 },
    (_, i) => daysToVerify(days, new Date(Date.parse('2026-11-29T00:20:00Z') + i * 86_400_000))[1],
  )
  expect(new Set(turns).size).toBe(4)
  expect(daysToVerify(['2026-11-28'], new Date('2026-11-28T05:00:00Z'))).toEqual([])
})
