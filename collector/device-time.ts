import type { Context } from './parser.ts'
import { inferYear, instant, millis, monthOf } from './time.ts'

/**
 * Hours east of UTC of zones that letters name without doubt (RFC 822 §5.1, and where one government uses them). Any others,
 * such as CST of America and of China, mean the configured zone.
 */
const ZONES: { readonly [letters: string]: number } = {
  UTC: 0,
  GMT: 0,
  EST: -5,
  EDT: -4,
  PST: -8,
  PDT: -7,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  ICT: 7,
  SGT: 8,
  HKT: 8,
  JST: 9,
  KST: 9,
  AEST: 10,
  AEDT: 11,
}
const TIME =
  /^[*.]?(?:(\d{4}) )?([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ([A-Z]{1,5}))?$/

/**
 * `May 12 2026 10:00:00.123 UTC` or `2026 May 12 10:00:00 UTC` as Cisco writes it in a message; undefined for anything else,
 * and for no such moment.
 */
export function deviceTime(text: string, { receivedAtMs, zone }: Context): number | undefined {
  const time = TIME.exec(text)
  if (time === null) return undefined
  const wall = [monthOf(time[2]!) ?? 0, Number(time[3]), Number(time[5]), Number(time[6]), Number(time[7])] as const
  const hours = ZONES[time[9] ?? '']
  const there = hours === undefined ? zone : { offsetMs: () => hours * 3_600_000 }
  const year = time[1] ?? time[4]
  return year === undefined
    ? inferYear([...wall, millis(time[8])], receivedAtMs, there)
    : instant([Number(year), ...wall, millis(time[8])], there)
}
