import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { inScope } from './scope.ts'

/** What a stretch of the spool, or an input that dropped, adds to one source of one agency. */
export interface SourceCounts {
  /** See `sourceKey`. */
  source: string
  agency: string
  system?: string
  /** Receive time of the newest record counted here, ISO UTC. */
  seenAt: string
  events: number
  deadLetters: number
  /** Records whose content was not understood: dead letters, and events that say so in `error.code`. */
  parseFailures: number
  /** Records whose sender's identity was stored before. */
  repeats: number
  /** Lost before the spool, where the protocol cannot wait. */
  dropped: number
  bytes: number
}

export interface Source extends Omit<SourceCounts, 'seenAt'> {
  firstSeen: string
  lastSeen: string
}

interface SourceRow {
  source: string
  agency: string
  system: string | null
  first_seen: string
  last_seen: string
  events: number
  dead_letters: number
  parse_failures: number
  repeats: number
  dropped: number
  bytes: number
}

/**
 * Adds to the running counts, so that received = events + deadLetters + repeats holds for each source (law 2). Opens no
 * transaction: called in the one that moves the checkpoint, the counts are exact however often the process is killed.
 */
export function addSourceCounts(db: LocalDatabase, deltas: readonly SourceCounts[]): void {
  if (deltas.length === 0) return
  const add = db.prepare(`
    INSERT INTO sources
      (source, agency, system, first_seen, last_seen, events, dead_letters, parse_failures, repeats, dropped, bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (source, agency) DO UPDATE SET
      system = coalesce(excluded.system, system),
      first_seen = min(first_seen, excluded.first_seen),
      last_seen = max(last_seen, excluded.last_seen),
      events = events + excluded.events,
      dead_letters = dead_letters + excluded.dead_letters,
      parse_failures = parse_failures + excluded.parse_failures,
      repeats = repeats + excluded.repeats,
      dropped = dropped + excluded.dropped,
      bytes = bytes + excluded.bytes`)
  for (const d of deltas) {
    const system = d.system ?? null
    const ends = [d.events, d.deadLetters, d.parseFailures, d.repeats, d.dropped]
    add.run(d.source, d.agency, system, d.seenAt, d.seenAt, ...ends, d.bytes)
  }
}

/** In order of source and agency, after `after`. */
export function listSources(
  db: LocalDatabase,
  query: { scope: Scope; limit: number; after?: { source: string; agency: string } },
): Source[] {
  const visible = inScope(query.scope)
  const { source = '', agency = '' } = query.after ?? {}
  const rows = db
    .prepare(`SELECT * FROM sources WHERE ${visible.sql} AND (source, agency) > (?, ?) ORDER BY source, agency LIMIT ?`)
    .all(...visible.values, source, agency, query.limit) as SourceRow[]
  return rows.map(toSource)
}

function toSource(row: SourceRow): Source {
  return {
    source: row.source,
    agency: row.agency,
    ...(row.system !== null && { system: row.system }),
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    events: row.events,
    deadLetters: row.dead_letters,
    parseFailures: row.parse_failures,
    repeats: row.repeats,
    dropped: row.dropped,
    bytes: row.bytes,
  }
}
