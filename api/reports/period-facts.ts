import { LEVELS, type Level } from '../../model/alert.ts'
import type { SourceState } from '../../model/health.ts'
import { VERDICTS, type Incident, type Verdict } from '../../model/incident.ts'
import { type Names, names } from '../../model/registry.ts'
import { zoneOffset, startOfDay } from '../../model/time-zone.ts'
import { workingTime } from '../../model/working-time.ts'
import { reportsOf } from '../../store/local/deadlines.ts'
import { type ChainHead, chainHead } from '../../store/local/history.ts'
import { accountsOf, outcomesOf, type Accounts, type Outcome } from '../../store/local/ledger.ts'
import { incidentsOpened, openNow, sourcesByAgency } from '../../store/local/period.ts'
import { healthOfAll } from '../../store/local/source-health.ts'
import type { Scope } from '../../store/store.ts'
import { sees } from '../access/policy.ts'
import { legalClocks } from '../incidents/legal.ts'
import { serviceClocks } from '../incidents/service-clocks.ts'
import type { Services } from '../services.ts'
import type { PeriodKind } from './layout.ts'

const DAY_MS = 86_400_000
const HOUR = 'YYYY-MM-DDTHH'.length
const RULES_SHOWN = 15

/** Days of the wall clock, `[from, to)`. */
export interface Period {
  from: string
  to: string
}

/** Middle and mean of how long something took, in milliseconds; absent where it never happened. */
export interface Spread {
  n: number
  medianMs?: number
  meanMs?: number
}

export interface AgencyFacts extends Names {
  key: string
  opened: number
  grave: number
  openNow: number
  acknowledge: Spread
  resolve: Spread
}

/** What leaders and auditors ask of a week or a month: what was watched, what was found, how fast, and that nothing was lost. */
export interface PeriodFacts {
  period: Period
  opened: number
  byLevel: Record<Level, number>
  byVerdict: Record<Verdict | 'none', number>
  openNow: number
  detect: Spread
  acknowledge: Spread
  resolve: Spread
  /** Of those that came to an end: within the target of their level. */
  inTime: { acknowledge: { met: number; of: number }; resolve: { met: number; of: number } }
  /** Legal deadlines of incidents opened in the period. */
  legal: { met: number; late: number; overdue: number; running: number }
  agencies: AgencyFacts[]
  rules: {
    id: string
    title: string
    titleVi: string
    level: Level
    incidents: number
    alerts: number
    false: number
  }[]
  sources: { agency: Names; key: string; total: number; states: Partial<Record<SourceState, number>> }[]
  outcomes: Outcome[]
  /** For who sees all agencies: positions belong to none. */
  accounts?: Accounts
  /** End of the history when the report was made. */
  head?: ChainHead
}

type Sources = Pick<Services, 'local' | 'registry' | 'legal' | 'targets' | 'clock'>

/** The last whole week, Monday to Monday, or month before `nowMs`. */
export function periodBefore(kind: PeriodKind, offset: (atMs: number) => number, nowMs: number): Period {
  const today = new Date(Math.floor((nowMs + offset(nowMs)) / DAY_MS) * DAY_MS)
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  if (kind === 'month') {
    const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()]
    return { from: day(Date.UTC(year, month - 1, 1)), to: day(Date.UTC(year, month, 1)) }
  }
  const monday = today.getTime() - ((today.getUTCDay() + 6) % 7) * DAY_MS
  return { from: day(monday - 7 * DAY_MS), to: day(monday) }
}

/** Counted some hundred incidents at a time, between which others get their turn. */
export async function periodFacts(sources: Sources, period: Period, scope: Scope): Promise<PeriodFacts> {
  const { local, registry, legal, targets, clock } = sources
  const book = registry()
  const offset = zoneOffset(book.timeZone)
  const [from, to] = [period.from, period.to].map((day) => new Date(startOfDay(offset, day)).toISOString())
  const working = workingTime(book.calendar, book.timeZone)
  const nameOf = (key: string): Names => names(book, key) ?? { vi: key, en: key }

  const took = { detect: [] as number[], acknowledge: [] as number[], resolve: [] as number[] }
  const inTime = { acknowledge: { met: 0, of: 0 }, resolve: { met: 0, of: 0 } }
  const deadlines = { met: 0, late: 0, overdue: 0, running: 0 }
  const byLevel = Object.fromEntries(LEVELS.map((level) => [level, 0])) as PeriodFacts['byLevel']
  const byVerdict = Object.fromEntries([...VERDICTS, 'none'].map((verdict) => [verdict, 0])) as PeriodFacts['byVerdict']
  const byAgency = new Map<string, { opened: number; grave: number; acknowledge: number[]; resolve: number[] }>()
  const byRule = new Map<string, PeriodFacts['rules'][0]>()

  const count = (incident: Incident): void => {
    byLevel[incident.level]++
    byVerdict[incident.verdict ?? 'none']++
    const agency = byAgency.get(incident.agency) ?? { opened: 0, grave: 0, acknowledge: [], resolve: [] }
    byAgency.set(incident.agency, agency)
    agency.opened++
    if (incident.level === 'high' || incident.level === 'critical') agency.grave++
    const { detectMs, clocks } = serviceClocks(incident, targets(), working, clock())
    took.detect.push(detectMs)
    for (const { key, doneAt, state } of clocks) {
      if (doneAt === undefined) continue
      const ms = Date.parse(doneAt) - Date.parse(incident.createdAt)
      took[key].push(ms)
      agency[key].push(ms)
      inTime[key].of++
      if (state === 'met') inTime[key].met++
    }
    for (const { state } of legalClocks(legal(), incident, reportsOf(local, incident.id), clock())) {
      deadlines[state === 'warning' ? 'running' : state]++
    }
    for (const { id, title, titleVi, level, count: alerts } of incident.rules) {
      const rule = byRule.get(id) ?? { id, title, titleVi, level, incidents: 0, alerts: 0, false: 0 }
      byRule.set(id, rule)
      rule.incidents++
      rule.alerts += alerts
      if (incident.verdict === 'false_positive') rule.false++
    }
  }
  let opened = 0
  for (const page of incidentsOpened(local, { scope, from: from!, to: to! })) {
    page.forEach(count)
    opened += page.length
    await new Promise((resolve) => setImmediate(resolve))
  }

  const open = openNow(local, scope)
  const openOf = (key: string): number => open.reduce((sum, { agency, n }) => sum + (agency === key ? n : 0), 0)
  const keys = [...new Set([...byAgency.keys(), ...open.map(({ agency }) => agency)])].sort()
  return {
    period,
    opened,
    byLevel,
    byVerdict,
    openNow: open.reduce((sum, { n }) => sum + n, 0),
    detect: spread(took.detect),
    acknowledge: spread(took.acknowledge),
    resolve: spread(took.resolve),
    inTime,
    legal: deadlines,
    agencies: keys.map((key) => {
      const {
        opened: n,
        grave,
        acknowledge,
        resolve,
      } = byAgency.get(key) ?? { opened: 0, grave: 0, acknowledge: [], resolve: [] }
      return {
        key,
        ...nameOf(key),
        opened: n,
        grave,
        openNow: openOf(key),
        acknowledge: spread(acknowledge),
        resolve: spread(resolve),
      }
    }),
    rules: [...byRule.values()]
      .sort((a, b) => b.incidents - a.incidents || b.alerts - a.alerts || (a.id < b.id ? -1 : 1))
      .slice(0, RULES_SHOWN),
    sources: watched(sources, scope, nameOf),
    outcomes: outcomesOf(local, { from: from!.slice(0, HOUR), to: to!.slice(0, HOUR), scope }),
    ...(scope === 'all' && { accounts: accountsOf(local), head: chainHead(local) }),
  }
}

/** Sources by agency, and in which state those are that are watched. */
function watched({ local }: Sources, scope: Scope, nameOf: (key: string) => Names): PeriodFacts['sources'] {
  const found = new Map<string, PeriodFacts['sources'][0]>()
  const at = (key: string): PeriodFacts['sources'][0] => {
    const known = found.get(key) ?? { key, agency: nameOf(key), total: 0, states: {} }
    found.set(key, known)
    return known
  }
  for (const { agency, n } of sourcesByAgency(local, scope)) at(agency).total = n
  for (const { agency, health } of healthOfAll(local)) {
    if (!sees(scope, agency)) continue
    const { states } = at(agency)
    states[health.state] = (states[health.state] ?? 0) + 1
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function spread(all: readonly number[]): Spread {
  if (all.length === 0) return { n: 0 }
  const sorted = [...all].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const medianMs = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
  return { n: all.length, medianMs, meanMs: sorted.reduce((sum, ms) => sum + ms, 0) / all.length }
}
