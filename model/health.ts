import type { Period } from './period.ts'

/** What can be wrong with a source; each raises an alert of its own. */
export const TROUBLES = ['silent', 'fallen', 'drifting'] as const
export type Trouble = (typeof TROUBLES)[number]

/**
 * `learning`: too new to be judged. `muted`: not expected to send, or under maintenance. `unregistered`: of no agency, counted
 * and never judged.
 */
export const SOURCE_STATES = ['healthy', ...TROUBLES, 'learning', 'muted', 'unregistered'] as const
export type SourceState = (typeof SOURCE_STATES)[number]

/** The input under which the collector's own statements stand in the log; no sender can have it. */
export const HEALTH_INPUT = 'health'

/** How one source is judged. */
export interface HealthSettings {
  /** Whether it is expected to send at all. */
  expected: boolean
  /** Silence in minutes that is told at any hour, known source or new. Absent: the source's own habit decides. */
  silentMinutes?: number
  /** Fall of volume in percent, against the same hours of the weeks before, that is told. */
  fallenPercent: number
  /** Seconds between a source's clock and the collector's that are told. */
  driftSeconds: number
}

/** Hours during which nobody is told of what a source does. */
export interface Maintenance extends Period {
  agency?: string
  system?: string
  /** An address, or the key of a source (`syslog-tcp/10.1.2.3`). */
  source?: string
}

/** How the sources of a registry are judged where nothing else is said of them. */
export interface HealthDefaults extends HealthSettings {
  /** Days of listening before a source is judged by its habits. */
  learnDays: number
  /** No silence shorter than this is told, whatever the habit, in minutes. */
  pauseMinutesMin: number
  /** A silence is told at so many times the longest usual pause. */
  pauseFactor: number
  /** Records that two hours usually bring, below which a fall is chance. */
  fallenRecordsMin: number
  maintenance: Maintenance[]
}

/** What the collector knows of a source's health, as of the last minute of the log. */
export interface SourceHealth {
  state: SourceState
  /** Receive time less event time of the newest record with a time of its own. */
  lagMs?: number
  /** Event time less receive time, median over the window: positive is a clock that is ahead. */
  clockDriftMs?: number
  /** Records in the last whole hour, and the median of the same hour in the weeks before. */
  recordsLastHour?: number
  recordsUsual?: number
  /** Silence from which on the source counts as silent just now; absent while it is not judged. */
  silentAfterMs?: number
}

/** One source as the watch keeps it from one checkpoint to the next. */
export interface KeptSource {
  key: string
  source: string
  agency: string
  health: SourceHealth
  /** The watch's own notes. */
  state: string
  /** Absent: as it was. */
  habit?: Uint8Array
}
