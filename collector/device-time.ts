import type { Context } from './parser.ts'
import { inferYear, instant, millis, monthOf } from './time.ts'

const TIME = /^[*.]?([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ([A-Z]{1,5}))?$/

/** `May 12 2026 10:00:00.123 UTC` as Cisco writes it in a message; undefined for anything else, and for no such moment. */
export function deviceTime(text: string, { receivedAtMs, zone }: Context): number | undefined {
  const time = TIME.exec(text)
  if (time === null) return undefined
  const wall = [monthOf(time[1]!) ?? 0, Number(time[2]), Number(time[4]), Number(time[5]), Number(time[6])] as const
  const utc = time[8] === 'UTC' || time[8] === 'GMT'
  const there = utc ? { offsetMs: () => 0 } : zone
  return time[3] === undefined
    ? inferYear([...wall, millis(time[7])], receivedAtMs, there)
    : instant([Number(time[3]), ...wall, millis(time[7])], there)
}
