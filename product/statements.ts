import type { Spool } from '../collector/spool/spool.ts'
import type { LocalDatabase } from '../store/local/database.ts'
import { noteSaid, unsaid } from '../store/local/source-health.ts'

/** Statements that are written into the log together. */
const AT_ONCE = 200

/**
 * Makes what the watch over sources has to say part of the log, in order. A crash in between writes a statement twice, under one
 * identity, so that it counts once.
 * @param oldestMs what was found before that comes from a replay of an old log, and was said then
 */
export async function writeStatements(local: LocalDatabase, spool: Spool, oldestMs: number): Promise<void> {
  for (let batch = unsaid(local, AT_ONCE); batch.length > 0; batch = unsaid(local, AT_ONCE)) {
    const frames = batch.filter(({ atMs }) => atMs >= oldestMs).map(({ frame }) => frame)
    if (frames.length > 0) await spool.append(frames)
    noteSaid(local, batch.at(-1)!.id)
  }
}
