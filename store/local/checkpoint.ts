import type { LocalDatabase } from './database.ts'

/** Where the pipeline starts again, and what it has to know there. */
export interface Checkpoint {
  /** Id of the spool that `seq` is a position of; empty before the first. */
  spool: string
  /** Every record up to this one is stored, raised and counted. */
  seq: number
  /** Hash of the bundle in force at `seq`; empty before the first. */
  bundle: string
  /** Name of the manifest of the indicators in force at `seq`; empty where none were announced. */
  indicators: string
  /** Correlation state after `seq`, as `Engine.checkpoint()` gave it. */
  correlation: string
}

export function readCheckpoint(database: LocalDatabase): Checkpoint {
  const row = database.prepare('SELECT spool, seq, bundle, indicators, correlation FROM checkpoint').get()
  return (row as Checkpoint | undefined) ?? { spool: '', seq: 0, bundle: '', indicators: '', correlation: '' }
}

/** Runs inside the caller's transaction, together with the counts it belongs to. */
export function writeCheckpoint(database: LocalDatabase, checkpoint: Checkpoint): void {
  const { spool, seq, bundle, indicators, correlation } = checkpoint
  database
    .prepare(
      `INSERT INTO checkpoint (one, spool, seq, bundle, indicators, correlation) VALUES (1, ?, ?, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET spool = excluded.spool, seq = excluded.seq, bundle = excluded.bundle,
         indicators = excluded.indicators, correlation = excluded.correlation`,
    )
    .run(spool, seq, bundle, indicators, correlation)
}
