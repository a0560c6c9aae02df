import type { LocalDatabase } from './database.ts'

/** Where the pipeline starts again, and what it has to know there. */
export interface Checkpoint {
  /** Id of the spool that `seq` is a position of; empty before the first. */
  spool: string
  /** Every record up to this one is stored, raised and counted. */
  seq: number
  /** Hash of the bundle in force at `seq`; empty before the first. */
  bundle: string
  /** Correlation state after `seq`, as `Engine.checkpoint()` gave it. */
  correlation: string
}

export function readCheckpoint(database: LocalDatabase): Checkpoint {
  const row = database.prepare('SELECT spool, seq, bundle, correlation FROM checkpoint').get() as Checkpoint | undefined
  return row ?? { spool: '', seq: 0, bundle: '', correlation: '' }
}

/** Runs inside the caller's transaction, together with the counts it belongs to. */
export function writeCheckpoint(database: LocalDatabase, { spool, seq, bundle, correlation }: Checkpoint): void {
  database
    .prepare(
      `INSERT INTO checkpoint (one, spool, seq, bundle, correlation) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET spool = excluded.spool, seq = excluded.seq, bundle = excluded.bundle,
         correlation = excluded.correlation`,
    )
    .run(spool, seq, bundle, correlation)
}
