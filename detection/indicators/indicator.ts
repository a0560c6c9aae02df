import type { Level } from '../../model/alert.ts'
import { LEVELS } from '../../model/alert.ts'

export const INDICATOR_KINDS = ['domain', 'hash', 'ip', 'url'] as const
export type IndicatorKind = (typeof INDICATOR_KINDS)[number]

/** Traffic Light Protocol 2.0 (FIRST), with 1.0's white for clear. */
export const TLP = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const
export type Tlp = (typeof TLP)[number]

/** Something that shows an attacker where it appears. */
export interface Indicator {
  kind: IndicatorKind
  /** In its normal form (`normal.ts`): ASCII, no tab; an address may be a network in CIDR notation. */
  value: string
  /** Of the alerts it raises. */
  level: Level
  /** 0 to 100, as its source says. */
  confidence?: number
  tlp?: Tlp
  /** ISO 8601 UTC. It counts for events of `[validFrom, validUntil)`, by event time. */
  validFrom?: string
  validUntil?: string
  /** What its source calls it; hostile text. */
  name?: string
}

const NAME_CHARS_MAX = 200
export const TAB = 9
export const LINE_FEED = 10

/**
 * One line of a feed's file, with its end. Lines sorted as texts are sorted by kind and value, so that a look-up is a binary
 * search in the file.
 */
export function lineOf(indicator: Indicator): string {
  const { kind, value, level, confidence = '', tlp = '', validFrom = '', validUntil = '', name = '' } = indicator
  return `${[kind, value, level, confidence, tlp, validFrom, validUntil, plainName(name)].join('\t')}\n`
}

/** Without what would end a cell or a line, or turn text around. */
function plainName(name: string): string {
  return name
    .slice(0, NAME_CHARS_MAX)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
}

/** What tells a line from others of its feed: kind and value. */
export function keyOf(line: string): string {
  return line.slice(0, line.indexOf('\t', line.indexOf('\t') + 1))
}

/** The indicator of a line without its end. */
export function readLine(line: string): Indicator {
  const [kind = '', value = '', level = '', confidence = '', tlp = '', validFrom = '', validUntil = '', name = ''] =
    line.split('\t')
  return {
    kind: INDICATOR_KINDS.find((each) => each === kind)!,
    value,
    level: LEVELS.find((each) => each === level)!,
    ...(confidence !== '' && { confidence: Number(confidence) }),
    ...(tlp !== '' && { tlp: TLP.find((each) => each === tlp)! }),
    ...(validFrom !== '' && { validFrom }),
    ...(validUntil !== '' && { validUntil }),
    ...(name !== '' && { name }),
  }
}

/** Whether it counts for an event of that time (ISO 8601 UTC with milliseconds, as both are written). */
export function isValidAt({ validFrom, validUntil }: Indicator, timestamp: string): boolean {
  return (validFrom === undefined || timestamp >= validFrom) && (validUntil === undefined || timestamp < validUntil)
}
