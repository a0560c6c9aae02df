export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type Level = (typeof LEVELS)[number]

/** One predicate that held, and where. */
export interface Proof {
  /** Identifier of the selection in the rule's `detection`. */
  selection: string
  /** Field as the rule names it; empty for a keyword. */
  field: string
  /** Field of the event it was mapped to; equals `field` where no pipeline applied; empty for a keyword. */
  eventField: string
  /** Modifiers as written, in order: `['contains', 'all']`. */
  modifiers: string[]
  /** The rule's value that matched, as written. */
  value: string
  /** What the event held, at most 1,000 characters. */
  matched: string
  /** `[start, end)` in `event.original`, UTF-16 units, where the matched text stands there, as it is or as JSON writes it. */
  span?: [number, number]
}

/** One event that contributed to an alert, with the raw line that proves it. */
export interface Evidence {
  record: string
  seq: number
  '@timestamp': string
  original: string
  /** Rule that this event matched: the alert's own, or a part of a correlation. */
  rule: string
  proof: Proof[]
}

export interface AlertRule {
  id: string
  title: string
  /** The title in Vietnamese, where the rule has one: custom attribute `title_vi`. */
  titleVi?: string
  level: Level
  /** SHA-256 of the rule's text, lower-case hex: which version fired. */
  hash: string
  tags: string[]
  author?: string
  license?: string
  /** Path of the rule below the rules folder. */
  path: string
}

/** The thing an alert is about; alerts about the same one, of the same agency, belong in one incident. */
export interface Entity {
  kind: 'host' | 'user' | 'ip'
  value: string
}

/**
 * What detection raised. Identity derives from the rule and the position of the first contributing record, so that a replay
 * raises the same alert; late or further evidence gives a higher `version` of the same `id`, never a second alert.
 */
export interface Alert {
  id: string
  version: number
  rule: AlertRule
  /** Event time of the newest contributing event. */
  '@timestamp': string
  /** Position of the record that raised this version. */
  seq: number
  agency: string
  system?: string
  entities: Entity[]
  /** Group-by values of a correlation; empty for a single-event rule. */
  group: Record<string, string>
  /** Contributing events, oldest first, at most `EVIDENCE_MAX` (the first ones and the newest). */
  evidence: Evidence[]
  /** How many events contributed in all; 0 in a last version that withdraws the alert: late events showed that it never was. */
  count: number
  /** It is shown to those who tune rules, and to nobody else: its rule is tried out. */
  shadow?: true
  /** It tells of `count` alerts that its rule raised of the agency that day, beyond what it may. */
  beyondBudget?: { day: string; perDay: number }
}

export const EVIDENCE_MAX = 100
