import type { LocalDatabase } from './database.ts'

/** Where the pipeline starts again, and what it has to know there. */
export interface Checkpoint {
  /** Every record up to this one is stored, raised and counted. */
  seq: number
  /** Hash of the bundle in force at `seq`; empty before the first. */
  bundle: string
  /** Correlation state after `seq`, as `Engine.checkpoint()` gave it. */
  correlation: string
}

export function readCheckpoint(database: LocalDatabase): Checkpoint {
  const row = database.prepare('SELECT seq, bundle, correlation FROM checkpoint').get() as Checkpoint | undefined
  return row ?? { seq: 0, bundle: '', correlation: '' }
}

/** Runs inside the caller's transaction, together with the counts it belongs to. */
export function writeCheckpoint(database: LocalDatabase, { seq, bundle, correlation }: Checkpoint): void {
  database
    .prepare(
      `INSERT INTO checkpoint (one, seq, bundle, correlation) VALUES (1, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, bundle = excluded.bundle, correlation = excluded.correlation`,
    )
    .run(seq, bundle, correlation)
}
