import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Entry, type Link, linkAfter, NO_LINK, type UnitEntry } from '../integrity/entry.ts'
import { readChain } from '../integrity/chain.ts'
import type { KeptUnit, Unit } from '../integrity/units.ts'
import type { DayEvidence } from '../integrity/verify.ts'
import { readCheckpoint } from './checkpoint.ts'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'
import { inTransaction } from './transaction.ts'

/** The last link, which covers all others. */
export function chainEnd(db: LocalDatabase): Link {
  const row = prepared(db, 'SELECT n, body, hash FROM integrity ORDER BY n DESC LIMIT 1').get() as Link | undefined
  return row ?? { ...NO_LINK, body: '' }
}

/** Appends to the chain; the schema refuses to change or delete what is there. */
export function addToChain(db: LocalDatabase, entries: readonly Entry[]): void {
  if (entries.length === 0) return
  inTransaction(db, () => {
    let end: Pick<Link, 'n' | 'hash'> = chainEnd(db)
    for (const entry of entries) {
      const link = linkAfter(end, entry)
      prepared(db, 'INSERT INTO integrity (n, body, hash) VALUES (?, ?, ?)').run(link.n, link.body, link.hash)
      end = link
    }
  })
}

const LINKS_AT_ONCE = 2_000

/** All links up to `through`, some thousand rows at a time, between which others get their turn. */
export async function* linksOf(db: LocalDatabase, through = Number.MAX_SAFE_INTEGER): AsyncGenerator<Link> {
  for (let last = 0; ;) {
    const links = prepared(db, 'SELECT n, body, hash FROM integrity WHERE n > ? AND n <= ? ORDER BY n LIMIT ?').all(
      last,
      through,
      LINKS_AT_ONCE,
    ) as Link[]
    yield* links
    if (links.length < LINKS_AT_ONCE) return
    last = links.at(-1)!.n
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** One link, by its number. */
export function linkAt(db: LocalDatabase, n: number): Link | undefined {
  return prepared(db, 'SELECT n, body, hash FROM integrity WHERE n = ?').get(n) as Link | undefined
}

/** The first signature from link `n` on. */
export function signatureFrom(db: LocalDatabase, n: number): Link | undefined {
  return prepared(db, `SELECT n, body, hash FROM integrity WHERE kind = 'signature' AND n >= ? ORDER BY n LIMIT 1`).get(
    n,
  ) as Link | undefined
}

/** Entries of one kind, oldest first. */
export function entriesOf<K extends Entry['kind']>(db: LocalDatabase, kind: K): Extract<Entry, { kind: K }>[] {
  const rows = prepared(db, 'SELECT body FROM integrity WHERE kind = ? ORDER BY n').all(kind) as { body: string }[]
  return rows.map(({ body }) => JSON.parse(body) as Extract<Entry, { kind: K }>)
}

/** The unit that holds a position, where it is complete. */
export function unitOf(db: LocalDatabase, spool: string, seq: number, level: number): Link | undefined {
  return prepared(
    db,
    `SELECT n, body, hash FROM integrity WHERE kind = 'unit' AND json_extract(body, '$.spool') = ?
       AND json_extract(body, '$.level') = ? AND json_extract(body, '$.from') <= ? AND json_extract(body, '$.through') >= ?`,
  ).get(spool, level, seq, seq) as Link | undefined
}

/** What was open at the checkpoint. */
export function openUnits(db: LocalDatabase): KeptUnit[] {
  const rows = prepared(db, 'SELECT unit FROM integrity_open ORDER BY level').all() as { unit: string }[]
  return rows.map(({ unit }) => JSON.parse(unit) as KeptUnit)
}

/**
 * Appends complete units and keeps those that are not. Called in the transaction that moves the checkpoint: what is done again
 * after a crash is in the chain once.
 */
export function keepUnits(db: LocalDatabase, complete: readonly UnitEntry[], open: readonly KeptUnit[]): void {
  addToChain(db, complete)
  prepared(db, 'DELETE FROM integrity_open').run()
  for (const unit of open) {
    prepared(db, 'INSERT INTO integrity_open (level, unit) VALUES (?, ?)').run(unit.level, JSON.stringify(unit))
  }
}

/**
 * All that a day is held against, as of one moment.
 * @param logEnd the last position that the log itself has: nothing stored can be behind it
 */
export async function dayEvidence(
  db: LocalDatabase,
  day: string,
  { marks, logEnd, trusted }: { marks: MarksFolder; logEnd: number; trusted?: string | undefined },
): Promise<DayEvidence> {
  const { open, end, checkpoint } = inTransaction(db, () => {
    return { open: openUnits(db), end: chainEnd(db), checkpoint: readCheckpoint(db) }
  })
  const chain = await readChain(linksOf(db, end.n), day, trusted)
  if (chain.breaks.length === 0 && chain.head.n !== end.n) {
    chain.breaks.push({ what: 'chain_altered', entry: chain.head.n + 1 })
  }
  const later = { spool: checkpoint.spool, after: checkpoint.seq, through: logEnd }
  return { day, chain, open, later, marks: (unit) => marks.read(unit) }
}

/**
 * Marks of units, a file for each day. They only help to say which record differs, so that they are not synced: one that a power
 * cut takes away proves nothing less.
 */
export class MarksFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = join(folder, 'marks')
  }

  /** What a crash leaves behind an older checkpoint stays in the file, and no entry points to it. */
  append({ marks, ...unit }: Unit): UnitEntry {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const path = join(this.#folder, unit.day)
    const at = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    appendFileSync(path, marks, { mode: 0o600 })
    return { kind: 'unit', ...unit, marks: { at, bytes: marks.length } }
  }

  /** `null` where they are gone. */
  read({ day, marks: { at, bytes } }: Pick<UnitEntry, 'day' | 'marks'>): Buffer | null {
    const path = join(this.#folder, day)
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || !existsSync(path)) return null
    const file = openSync(path, 'r')
    try {
      if (fstatSync(file).size < at + bytes) return null
      const buffer = Buffer.alloc(bytes)
      readSync(file, buffer, 0, bytes, at)
      return buffer
    } finally {
      closeSync(file)
    }
  }

  /** Of a day that was purged. */
  forget(day: string): void {
    rmSync(join(this.#folder, day), { force: true })
  }
}
