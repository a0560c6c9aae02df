import type { Trouble } from '../../model/health.ts'
import type { Origin } from '../../model/record.ts'

/** One trouble from its beginning to its end. */
export interface Episode {
  id: string
  /** Told of together with others of its agency. */
  shared: boolean
  sinceMs: number
  endedMs?: number
}

/** All of a source that changes with its records; what changes by the hour is its habit. */
export interface Row {
  origin: Origin
  /** On the collector's own clock of listening. */
  firstHeardMs: number
  lastHeardMs: number
  /** By the log. */
  firstSeenMs: number
  lastSeenMs: number
  lastRecord: string
  lagMs?: number
  /** Days on which it sent, and the last of them. */
  days: number
  day: number
  /** Of the hour that runs: records and the longest pause that has ended. */
  records: number
  pauseMs: number
  /** The last whole hour, and what was usual. */
  lastHour?: { records: number; usual?: number }
  /** The hour before it. */
  hourBefore?: { records: number; usual?: number }
  minuteMs?: number
  driftsMs: number[]
  drift?: number
  troubles: Partial<Record<Trouble, Episode>>
}

export function isOpen(trouble: Episode | undefined): trouble is Episode {
  return trouble !== undefined && trouble.endedMs === undefined
}
