import type { KeptSource, SourceHealth, SourceState } from '../../model/health.ts'
import type { Frame, Origin } from '../../model/record.ts'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

export interface KeptWatch {
  clock: string
  sources: KeptSource[]
}

/** All that the watch over sources knew at the checkpoint. */
export function loadWatch(db: LocalDatabase): KeptWatch {
  const { clock } = (db.prepare('SELECT clock FROM source_watch').get() as { clock: string } | undefined) ?? {
    clock: '',
  }
  const rows = db
    .prepare('SELECT key, source, agency, health, state, habit FROM source_health ORDER BY key')
    .all() as (Omit<KeptSource, 'health' | 'habit'> & { health: string; habit: ArrayBuffer | null })[] // libsql gives bytes so
  return {
    clock,
    sources: rows.map(({ health, habit, ...row }) => ({
      ...row,
      health: JSON.parse(health) as SourceHealth,
      ...(habit !== null && { habit: new Uint8Array(habit) }),
    })),
  }
}

/**
 * Writes what has changed since the last checkpoint, and what is to be said. Opens no transaction: called in the one that
 * moves the checkpoint, nothing is said twice and nothing is forgotten however often the process is killed.
 */
export function keepWatch(
  db: LocalDatabase,
  { clock, sources, gone }: KeptWatch & { gone: readonly string[] },
  statements: readonly { frame: Frame; atMs: number }[],
): void {
  prepared(
    db,
    'INSERT INTO source_watch (one, clock) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET clock = excluded.clock',
  ).run(clock)
  const keep = prepared(
    db,
    `INSERT INTO source_health (key, source, agency, health, state, habit) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET source = excluded.source, agency = excluded.agency, health = excluded.health,
       state = excluded.state, habit = coalesce(excluded.habit, habit)`,
  )
  for (const { key, source, agency, health, state, habit } of sources) {
    keep.run(key, source, agency, JSON.stringify(health), state, habit === undefined ? null : Buffer.from(habit))
  }
  const drop = prepared(db, 'DELETE FROM source_health WHERE key = ?')
  for (const key of gone) drop.run(key)
  const say = prepared(db, 'INSERT INTO source_statements (sender_id, origin, bytes, at_ms) VALUES (?, ?, ?, ?)')
  for (const { frame, atMs } of statements) {
    const { senderId = '', origin, bytes } = frame
    say.run(senderId, JSON.stringify(origin), Buffer.from(bytes).toString(), atMs)
  }
}

/** Health of a source of an agency; undefined where it is not watched. */
export function healthOfSource(db: LocalDatabase, source: string, agency: string): SourceHealth | undefined {
  const row = prepared(db, 'SELECT health FROM source_health WHERE source = ? AND agency = ?').get(source, agency) as
    | { health: string }
    | undefined
  return row && (JSON.parse(row.health) as SourceHealth)
}

/** Of all that are watched. */
export function healthOfAll(db: LocalDatabase): { source: string; agency: string; health: SourceHealth }[] {
  const rows = prepared(db, 'SELECT source, agency, health FROM source_health ORDER BY key').all() as {
    source: string
    agency: string
    health: string
  }[]
  return rows.map(({ health, ...row }) => ({ ...row, health: JSON.parse(health) as SourceHealth }))
}

/** How many are in which state. */
export function countStates(db: LocalDatabase): Map<SourceState, number> {
  const counts = new Map<SourceState, number>()
  for (const { health } of healthOfAll(db)) counts.set(health.state, (counts.get(health.state) ?? 0) + 1)
  return counts
}

/** What is to be said and is not in the log yet, oldest first. */
export function unsaid(db: LocalDatabase, limit: number): { id: number; atMs: number; frame: Frame }[] {
  const rows = prepared(
    db,
    'SELECT id, sender_id AS senderId, origin, bytes, at_ms AS atMs FROM source_statements ORDER BY id LIMIT ?',
  ).all(limit) as { id: number; senderId: string; origin: string; bytes: string; atMs: number }[]
  return rows.map(({ id, senderId, origin, bytes, atMs }) => ({
    id,
    atMs,
    frame: { senderId, origin: JSON.parse(origin) as Origin, bytes: Buffer.from(bytes) },
  }))
}

/** Everything up to this one is in the log. */
export function noteSaid(db: LocalDatabase, id: number): void {
  prepared(db, 'DELETE FROM source_statements WHERE id <= ?').run(id)
}
