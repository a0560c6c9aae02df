import type { Level } from '../../model/alert.ts'
import type { State, Verdict } from '../../model/incident.ts'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { type Condition, allOf, inScope } from './scope.ts'

// Figures over many incidents, read off the indexes and never off the incidents themselves.

/** Milliseconds between two times of a row, as SQLite's Julian days have them. */
const between = (from: string, to: string): string => `(julianday(${to}) - julianday(${from})) * 86400000`

export interface OpenCount {
  agency: string
  level: Level
  state: State
  count: number
  /** Of those, nobody's. */
  unassigned: number
}

/** Incidents that are not handled, now. */
export function openCounts(db: LocalDatabase, scope: Scope): OpenCount[] {
  const where = allOf([inScope(scope), { sql: "state IN ('new', 'in_progress', 'on_hold')", values: [] }])
  return db
    .prepare(
      `SELECT agency, level, state, count(*) AS count, sum(assignee IS NULL) AS unassigned FROM incidents
         WHERE ${where.sql} GROUP BY agency, level, state`,
    )
    .all(...where.values) as OpenCount[]
}

/** Created in `[from, to)`, ISO UTC; one that another took in is no incident of its own. */
function createdIn(scope: Scope, from: string, to: string): Condition {
  return allOf([
    inScope(scope),
    { sql: 'created_at >= ? AND created_at < ? AND merged_into IS NULL', values: [from, to] },
  ])
}

export interface DayCount {
  /** `YYYY-MM-DD`, `offsetMs` east of UTC. */
  day: string
  level: Level
  count: number
}

export function createdByDay(
  db: LocalDatabase,
  { scope, from, to, offsetMs }: { scope: Scope; from: string; to: string; offsetMs: number },
): DayCount[] {
  const where = createdIn(scope, from, to)
  return db
    .prepare(
      `SELECT date(created_at, ?) AS day, level, count(*) AS count FROM incidents
         WHERE ${where.sql} GROUP BY day, level ORDER BY day`,
    )
    .all(`${offsetMs / 1_000} seconds`, ...where.values) as DayCount[]
}

/** Means over those that have come so far; absent where none has. */
export interface Times {
  detectMs?: number
  acknowledgeMs?: number
  resolveMs?: number
}

export interface AgencyFigures extends Times {
  agency: string
  created: number
  acknowledged: number
  handled: number
}

export function createdByAgency(db: LocalDatabase, scope: Scope, from: string, to: string): AgencyFigures[] {
  const where = createdIn(scope, from, to)
  const rows = db
    .prepare(
      `SELECT agency, count(*) AS created, count(acknowledged_at) AS acknowledged, count(handled_at) AS handled,
           avg(max(0, ${between('first_event_at', 'created_at')})) AS detectMs,
           avg(${between('created_at', 'acknowledged_at')}) AS acknowledgeMs,
           avg(${between('created_at', 'handled_at')}) AS resolveMs
         FROM incidents WHERE ${where.sql} GROUP BY agency ORDER BY created DESC, agency`,
    )
    .all(...where.values) as (Omit<AgencyFigures, keyof Times> & Record<keyof Times, number | null>)[]
  return rows.map(({ agency, created, acknowledged, handled, ...times }) => ({
    agency,
    created,
    acknowledged,
    handled,
    ...Object.fromEntries(Object.entries(times).flatMap(([key, ms]) => (ms === null ? [] : [[key, Math.round(ms)]]))),
  }))
}

export interface VerdictCount {
  verdict: Verdict
  count: number
}

export function verdictCounts(db: LocalDatabase, scope: Scope, from: string, to: string): VerdictCount[] {
  const where = allOf([createdIn(scope, from, to), { sql: 'verdict IS NOT NULL', values: [] }])
  return db
    .prepare(`SELECT verdict, count(*) AS count FROM incidents WHERE ${where.sql} GROUP BY verdict`)
    .all(...where.values) as VerdictCount[]
}

export interface RuleFigures {
  /** The rule whose alert opened the incidents. */
  rule: string
  incidents: number
  truePositive: number
  falsePositive: number
}

/** The rules that opened most, at most `limit`. */
export function openingRules(
  db: LocalDatabase,
  { scope, from, to, limit }: { scope: Scope; from: string; to: string; limit: number },
): RuleFigures[] {
  const where = allOf([createdIn(scope, from, to), { sql: "opened_rule <> ''", values: [] }])
  return db
    .prepare(
      `SELECT opened_rule AS rule, count(*) AS incidents,
           count(*) FILTER (WHERE verdict = 'true_positive') AS truePositive,
           count(*) FILTER (WHERE verdict = 'false_positive') AS falsePositive
         FROM incidents WHERE ${where.sql} GROUP BY opened_rule ORDER BY incidents DESC, opened_rule LIMIT ?`,
    )
    .all(...where.values, limit) as RuleFigures[]
}

export interface OverviewQuery {
  scope: Scope
  /** ISO UTC, half-open. */
  from: string
  to: string
  /** Of the days, east of UTC. */
  offsetMs: number
  /** Of the rules that opened most, so many. */
  rulesMax: number
}

export interface Overview {
  open: OpenCount[]
  days: DayCount[]
  agencies: AgencyFigures[]
  verdicts: VerdictCount[]
  rules: RuleFigures[]
}

/** What is open now, and what was created by day in a time. */
export function wallOf(
  db: LocalDatabase,
  { scope, from, to, offsetMs }: Omit<OverviewQuery, 'rulesMax'>,
): Pick<Overview, 'open' | 'days'> {
  return { open: openCounts(db, scope), days: createdByDay(db, { scope, from, to, offsetMs }) }
}

export function overviewOf(db: LocalDatabase, { scope, from, to, offsetMs, rulesMax }: OverviewQuery): Overview {
  return {
    ...wallOf(db, { scope, from, to, offsetMs }),
    agencies: createdByAgency(db, scope, from, to),
    verdicts: verdictCounts(db, scope, from, to),
    rules: openingRules(db, { scope, from, to, limit: rulesMax }),
  }
}

/** What is read aside from the thread that serves everybody, by name. */
export const FIGURES = { overview: overviewOf, wall: wallOf }
export type FiguresName = keyof typeof FIGURES
export type FiguresQuery<N extends FiguresName> = Parameters<(typeof FIGURES)[N]>[1]
export type Figures<N extends FiguresName> = ReturnType<(typeof FIGURES)[N]>
