import { LRUCache } from 'lru-cache'

const SLOT_MS = 15 * 60_000 // every offset of the IANA database since 1972 changes on a quarter of an hour (UTC)
const SLOTS_MAX = 4096
const MINUTE_MS = 60_000

/**
 * Milliseconds to add to UTC to get the wall clock of `timeZone`, as a function of epoch milliseconds. Asks Intl once per
 * quarter of an hour and remembers, so that events in any order near each other cost one look-up.
 * @throws {RangeError} for an unknown time zone
 */
export function zoneOffset(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const offsets = new LRUCache<number, number>({ max: SLOTS_MAX })

  function ask(slotMs: number): number {
    const parts = new Map(format.formatToParts(slotMs).map(({ type, value }) => [type, value]))
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
    const year = parts.get('era')?.startsWith('B') ? 1 - number('year') : number('year')
    const wall = new Date(0)
    wall.setUTCFullYear(year, number('month') - 1, number('day'))
    wall.setUTCHours(number('hour'), number('minute'))
    return Math.round((wall.getTime() - slotMs) / MINUTE_MS) * MINUTE_MS
  }

  return (atMs) => {
    const slot = Math.floor(atMs / SLOT_MS)
    const known = offsets.get(slot)
    if (known !== undefined) return known
    const offset = ask(slot * SLOT_MS)
    offsets.set(slot, offset)
    return offset
  }
}

/** Epoch milliseconds at which `day` (`YYYY-MM-DD`) begins in the zone; `NaN` for a day that does not exist. */
export function startOfDay(offset: (atMs: number) => number, day: string): number {
  const wallMs = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN
  if (Number.isNaN(wallMs) || new Date(wallMs).toISOString().slice(0, 10) !== day) return NaN
  const guess = wallMs - offset(wallMs)
  return wallMs - offset(guess) // the offset on the day itself, where it differs from that of the UTC midnight
}
