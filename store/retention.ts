import { ALL_LEVELS, type Partition } from './store.ts'

/** How long records are kept: days by security level 1 to 5, and what the law asks at least. */
export interface RetentionPolicy {
  /** Index 1 to 5. */
  days: Readonly<Record<number, number>>
  /** Months of the calendar by level, as in force on a day; absent: nothing is asked. */
  monthsMin: (level: number, day: string) => number
}

const DAY_MS = 86_400_000
const LEVELS = [1, 2, 3, 4, 5] as const

/** Levels that are kept equally long, together: what is deleted together lies together. What has no level is kept longest. */
export function classesOf(days: RetentionPolicy['days']): string[] {
  const longest = Math.max(...LEVELS.map((level) => days[level]!))
  const byDays = new Map<number, string>([[longest, '0']])
  for (const level of LEVELS) byDays.set(days[level]!, `${byDays.get(days[level]!) ?? ''}${level}`)
  return [...byDays.values()].sort()
}

/** The class that a level belongs to. */
export function classOf(level: number, classes: readonly string[]): string {
  return classes.find((levels) => levels.includes(String(level))) ?? ALL_LEVELS
}

/** The first day of receipt that is still kept for a level; all days before it may go. */
export function keptFrom(policy: RetentionPolicy, level: number, today: string): string {
  if (level === 0) return LEVELS.map((each) => keptFrom(policy, each, today)).sort()[0]!
  const byDays = new Date(Date.parse(today) - policy.days[level]! * DAY_MS).toISOString().slice(0, 10)
  const byMonths = monthsBefore(today, policy.monthsMin(level, today))
  return byDays < byMonths ? byDays : byMonths
}

/** The same day of the month, or the last day of a shorter one. */
function monthsBefore(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const last = new Date(Date.UTC(year, month - months, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 - months, Math.min(date, last))).toISOString().slice(0, 10)
}

/**
 * The partitions whose time is over on `today` (UTC). One that shares a level with another of its day, which stays, stays as well:
 * of a day and a level either all is there or nothing.
 */
export function expired(partitions: readonly Partition[], policy: RetentionPolicy, today: string): Partition[] {
  const levelsIn = ({ levels }: Partition): number[] => Array.from(levels, Number)
  const first = new Map(Array.from(ALL_LEVELS, (level) => [Number(level), keptFrom(policy, Number(level), today)]))
  return whole(partitions, (partition) => levelsIn(partition).every((level) => partition.day < first.get(level)!))
}

/**
 * The partitions that are among `expired` on a day (UTC) up to `through`, each with the first of those days, by the law as it is known now.
 */
export function purgesThrough(
  partitions: readonly Partition[],
  policy: RetentionPolicy,
  through: string,
): Map<Partition, string> {
  const byDay = new Map<string, Partition[]>()
  for (const partition of partitions) byDay.set(partition.day, [...(byDay.get(partition.day) ?? []), partition])
  const days = partitions.map((partition) => {
    const levels = levelsBound(partition.levels, byDay.get(partition.day)!)
    return [partition, purgeDay({ day: partition.day, levels }, policy, through)] as const
  })
  return new Map(days.filter(([, day]) => day <= through))
}

/** The levels of a day that can only go together with `levels`, because partitions share some of them. */
function levelsBound(levels: string, ofDay: readonly Partition[]): string {
  const shared = ofDay.filter((other) => Array.from(other.levels).some((level) => levels.includes(level)))
  const all = [...new Set(shared.flatMap((other) => Array.from(other.levels)))].sort().join('')
  return all.length === levels.length ? all : levelsBound(all, ofDay)
}

/** Anything after `through` where it is not before. */
function purgeDay({ day, levels }: Partition, policy: RetentionPolicy, through: string): string {
  const all = Array.from(levels, Number)
  const set = all.includes(0) ? Object.values(policy.days) : all.map((level) => policy.days[level]!)
  // Not before its days are over; the months of the law may take longer.
  for (let ms = Date.parse(day) + Math.max(...set) * DAY_MS; ; ms += DAY_MS) {
    const today = new Date(ms).toISOString().slice(0, 10)
    if (today > through || all.every((level) => day < keptFrom(policy, level, today))) return today
  }
}

/** Those that may go, less those that share a day and a level with one that may not. */
export function whole(partitions: readonly Partition[], mayGo: (partition: Partition) => boolean): Partition[] {
  const going = new Set(partitions.filter(mayGo))
  for (let before = -1; before !== going.size;) {
    before = going.size
    for (const stays of partitions) {
      if (going.has(stays)) continue
      for (const other of going) {
        const shared = other.day === stays.day && Array.from(other.levels).some((level) => stays.levels.includes(level))
        if (shared) going.delete(other)
      }
    }
  }
  return partitions.filter((partition) => going.has(partition))
}

/** Days that a number of months has at least to be, for a setting in days: `12` is 365. */
export function daysOfMonths(months: number): number {
  return Math.ceil((months * 365) / 12)
}
