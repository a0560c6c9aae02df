import { LEVELS, type Level } from '../../../model/alert.ts'
import { type Answer, request } from '../../api/request.ts'

export type Overview = Answer<'GET /overview'>
export type WallFigures = Answer<'GET /wall'>

const DAY_MS = 86_400_000
/** Whoever looks at a wall sees what is no older than this. */
const REFRESH_MS = 15_000

export function overviewQuery(days: number) {
  return {
    queryKey: ['overview', days] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      request('GET /overview', { query: { from: new Date(Date.now() - days * DAY_MS).toISOString() }, signal }),
    refetchInterval: REFRESH_MS,
  }
}

/** @param token of a wallboard; without it, the session asks */
export function wallQuery(token?: string) {
  return {
    queryKey: ['wall', token ?? ''] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /wall', { token, signal }),
    refetchInterval: REFRESH_MS,
  }
}

export const deadlinesQuery = {
  queryKey: ['deadlines'] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /deadlines', { signal }),
  refetchInterval: REFRESH_MS,
}

/** Gravest first. */
export const GRAVEST_FIRST: readonly Level[] = [...LEVELS].sort((a, b) => LEVELS.indexOf(b) - LEVELS.indexOf(a))

export type ByLevel = Readonly<Record<Level, number>>

function noneYet(): Record<Level, number> {
  return { critical: 0, high: 0, medium: 0, low: 0, informational: 0 }
}

export function sumOf(levels: ByLevel): number {
  return LEVELS.reduce((sum, level) => sum + levels[level], 0)
}

/** Open incidents by level, of one agency or of all. */
export function openByLevel({ open }: Pick<WallFigures, 'open'>, agency?: string): ByLevel {
  const levels = noneYet()
  for (const row of open) if (agency === undefined || row.agency === agency) levels[row.level] += row.count
  return levels
}

/** Vietnam is so far east of UTC, all year. */
const VIETNAM_MS = 7 * 3_600_000

/** Every day of the time in Vietnam, those without an incident too; oldest first. */
export function byDay({
  from,
  to,
  days,
}: Pick<WallFigures, 'from' | 'to' | 'days'>): { day: string; levels: ByLevel }[] {
  const dayOf = (ms: number): string => new Date(ms + VIETNAM_MS).toISOString().slice(0, 10)
  const found = new Map<string, Record<Level, number>>()
  const last = dayOf(Date.parse(to))
  for (let ms = Date.parse(from); dayOf(ms) <= last; ms += DAY_MS) found.set(dayOf(ms), noneYet())
  for (const { day, level, count } of days) {
    const levels = found.get(day)
    if (levels !== undefined) levels[level] += count
  }
  return [...found].map(([day, levels]) => ({ day, levels }))
}

/** The mean over agencies of a time, each as often as it has it; undefined where none has. */
export function meanOf({ agencies }: Overview, time: 'detectMs' | 'acknowledgeMs' | 'resolveMs'): number | undefined {
  const weight = { detectMs: 'created', acknowledgeMs: 'acknowledged', resolveMs: 'handled' } as const
  const rows = agencies.flatMap((row) => {
    const ms = row[time]
    return ms === undefined ? [] : [{ ms, n: row[weight[time]] }]
  })
  const all = rows.reduce((sum, { n }) => sum + n, 0)
  return all === 0 ? undefined : rows.reduce((sum, { ms, n }) => sum + ms * n, 0) / all
}
