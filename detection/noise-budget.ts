import { hash } from 'node:crypto'
import { EVIDENCE_MAX, type Alert, type Evidence } from '../model/alert.ts'
import { startOfDay, zoneOffset } from '../model/time-zone.ts'
import { alertId } from './alert.ts'
import { TimeReader } from './correlation/times.ts'

const DAY = 'YYYY-MM-DD'.length
const DAY_MS = 86_400_000
/** A day is remembered this long after it is over. */
const REMEMBER_MS = DAY_MS
/** Days of one rule and agency that are remembered at most: event times are what senders say they are. */
const DAYS_MAX = 16

/** A rule that has a budget. */
export interface Budgeted {
  perDay: number
  /** Its alerts have one version each, and are never taken back. */
  once: boolean
}

interface Entry {
  id: string
  /** Orders the alerts of a day by what they say: the time of their first event, then its line and their group. */
  key: string
  alert: Alert
  /** Whether it stands as an alert of its own; and its last version that went out, 0 for none. */
  shown: boolean
  sent: number
}

interface Day {
  rule: string
  agency: string
  day: string
  endsMs: number
  /** The first of the day by key: `perDay` that stand, and as many behind them. */
  entries: Entry[]
  /** Alerts of the day. */
  total: number
  summary: { version: number; told: number; evidence: string }
  /** When the clock has passed this, what the summary says is brought up to date; `null`: it is. */
  dueMs: number | null
}

type Sent = [version: number, day: string]

export interface SavedBudgets {
  clockMs: number
  days: Day[]
  /** Alerts of correlations: in which day they are counted; and their last version that went out, with the day. */
  counted: [id: string, day: string][]
  sent: [id: string, sent: Sent][]
  limits: Record<string, number>
}

/**
 * Holds the alerts of noisy rules against their budgets: of each rule, agency and day (of event time, on the wall clock of
 * `timeZone`) the first `perDay` alerts stand, and one summary says how many more there are.
 *
 * Which are the first is decided by what the alerts say, never by when they came: one that comes late takes the place of the
 * last, which is withdrawn. So any order of arrival within the lateness ends with the same alerts. Of a correlation this holds
 * as long as late events take back no more than `perDay` alerts of a day.
 */
export class NoiseBudgets {
  readonly #rules: ReadonlyMap<string, Budgeted>
  readonly #latenessMs: number
  readonly #offset: (atMs: number) => number
  readonly #days = new Map<string, Day>()
  #counted = new Map<string, string>()
  #sent = new Map<string, Sent>()
  readonly #times = new TimeReader()
  #clock = -Infinity
  #nextDue = Infinity
  /** Alerts that did not go out as such, by rule, since start. */
  readonly withheld = new Map<string, number>()

  constructor(rules: ReadonlyMap<string, Budgeted>, options: { latenessMs: number; timeZone: string }) {
    this.#rules = rules
    this.#latenessMs = options.latenessMs
    this.#offset = zoneOffset(options.timeZone)
  }

  /** Time goes on; gives the summaries of days that are over. */
  advance(clockMs: number, seq: number): Alert[] {
    if (clockMs > this.#clock) this.#clock = clockMs
    if (this.#clock <= this.#nextDue) return []
    const told: Alert[] = []
    this.#nextDue = Infinity
    for (const [key, day] of this.#days) {
      if (day.dueMs !== null && this.#clock > day.dueMs) {
        day.dueMs = null
        told.push(...this.#summary(day, seq, true))
      }
      const ends = day.endsMs + REMEMBER_MS + this.#latenessMs
      if (day.dueMs === null && this.#clock > ends) this.#forget(key)
      else this.#nextDue = Math.min(this.#nextDue, day.dueMs ?? ends)
    }
    return told
  }

  /** What goes out instead of an alert of a budgeted rule. */
  take(alert: Alert): Alert[] {
    const out: Alert[] = []
    const { once } = this.#rules.get(alert.rule.id)!
    const former = once ? undefined : this.#counted.get(alert.id)
    let known: Entry | undefined
    const touched = new Set<Day>()
    if (former !== undefined) {
      const day = this.#days.get(former)
      this.#counted.delete(alert.id)
      if (day !== undefined) {
        day.total--
        const at = day.entries.findIndex(({ id }) => id === alert.id)
        if (at >= 0) [known] = day.entries.splice(at, 1)
        touched.add(day)
      }
    }
    const sent = this.#sent.get(alert.id)?.[0] ?? 0
    if (alert.count > 0) {
      const day = this.#dayOf(alert, out)
      const entry = { id: alert.id, key: keyOf(alert, this.#firstMs(alert)), alert, shown: known?.shown ?? false, sent }
      day.total++
      if (!once) this.#counted.set(alert.id, dayKey(day))
      this.#insert(day, entry)
      touched.add(day)
    } else if (known?.shown === true) {
      const version = Math.max(alert.version, sent + 1)
      this.#sent.set(alert.id, [version, former!])
      out.push({ ...alert, version })
    }
    for (const day of touched) {
      out.push(...this.#settle(day, alert))
      out.push(...this.#summary(day, alert.seq, false))
    }
    const stands = out.some(({ id, count }) => id === alert.id && count > 0)
    if (former === undefined && alert.count > 0 && !stands) {
      this.withheld.set(alert.rule.id, (this.withheld.get(alert.rule.id) ?? 0) + 1)
    }
    return out
  }

  save(): SavedBudgets | undefined {
    if (this.#rules.size === 0) return undefined
    return {
      clockMs: this.#clock,
      days: [...this.#days.values()],
      counted: [...this.#counted],
      sent: [...this.#sent],
      limits: Object.fromEntries([...this.#rules].map(([id, { perDay }]) => [id, perDay])),
    }
  }

  /** Days of rules whose budget is another by now begin anew. */
  restore(saved: SavedBudgets | undefined): void {
    this.#days.clear()
    this.#clock = saved?.clockMs ?? -Infinity // JSON has no infinity: null
    this.#nextDue = Infinity
    if (saved === undefined) return
    for (const day of saved.days) {
      if (this.#rules.get(day.rule)?.perDay !== saved.limits[day.rule]) continue
      this.#days.set(dayKey(day), day)
      this.#nextDue = Math.min(this.#nextDue, day.dueMs ?? day.endsMs)
    }
    this.#counted = new Map(saved.counted.filter(([, day]) => this.#days.has(day)))
    this.#sent = new Map(saved.sent)
  }

  #firstMs({ evidence, '@timestamp': newest }: Alert): number {
    // What claims to be further ahead of all that was received than the lateness is taken as of now.
    const firstMs = this.#times.read(evidence[0]?.['@timestamp'] ?? newest)
    return Math.max(0, firstMs <= this.#clock + this.#latenessMs ? firstMs : this.#clock)
  }

  #dayOf(alert: Alert, out: Alert[]): Day {
    const atMs = this.#firstMs(alert)
    const day = new Date(atMs + this.#offset(atMs)).toISOString().slice(0, DAY)
    const place = { rule: alert.rule.id, agency: alert.agency, day }
    const known = this.#days.get(dayKey(place))
    if (known !== undefined) return known
    const own = [...this.#days.values()].filter(({ rule, agency }) => rule === place.rule && agency === place.agency)
    if (own.length >= DAYS_MAX) {
      const oldest = own.reduce((a, b) => (a.day < b.day ? a : b))
      out.push(...this.#summary(oldest, alert.seq, true))
      this.#forget(dayKey(oldest))
    }
    const startMs = startOfDay(this.#offset, day)
    const endsMs = Number.isNaN(startMs) ? atMs + DAY_MS : startMs + DAY_MS
    const summary = { version: 0, told: 0, evidence: '' }
    const fresh: Day = { ...place, endsMs, entries: [], total: 0, summary, dueMs: null }
    this.#days.set(dayKey(place), fresh)
    return fresh
  }

  #insert(day: Day, entry: Entry): void {
    const { entries } = day
    let [low, high] = [0, entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (entries[middle]!.key <= entry.key) low = middle + 1
      else high = middle
    }
    const most = 2 * this.#rules.get(day.rule)!.perDay
    if (low >= most) return
    entries.splice(low, 0, entry)
    if (entries.length > most) entries.pop()
  }

  /** Lets stand what is among the first, takes back what is not any more. */
  #settle(day: Day, alert: Alert): Alert[] {
    const { perDay, once } = this.#rules.get(day.rule)!
    const out: Alert[] = []
    day.entries.forEach((entry, rank) => {
      const stands = rank < perDay
      if (stands === entry.shown && !(stands && entry.id === alert.id)) return
      entry.shown = stands
      entry.sent = Math.max(entry.alert.version, entry.sent + 1)
      if (!once) this.#sent.set(entry.id, [entry.sent, dayKey(day)])
      const version = { ...entry.alert, version: entry.sent, seq: alert.seq }
      out.push(stands ? version : { ...version, evidence: [], count: 0 })
    })
    return out
  }

  /** The summary of a day, where it says something new; before the day is over only when there are twice as many. */
  #summary(day: Day, seq: number, over: boolean): Alert[] {
    const { perDay } = this.#rules.get(day.rule)!
    const beyond = Math.max(0, day.total - perDay)
    const { told } = day.summary
    const evidence: Evidence[] = day.entries
      .slice(perDay, perDay + EVIDENCE_MAX)
      .flatMap(({ alert }) => alert.evidence[0] ?? [])
    const shown = evidence.map(({ record }) => record).join()
    if (beyond === told && shown === day.summary.evidence) return []
    if (!over && day.dueMs === null) {
      day.dueMs = Math.max(day.endsMs, this.#clock) + this.#latenessMs
      this.#nextDue = Math.min(this.#nextDue, day.dueMs)
    }
    if (!over && told > 0 && beyond < 2 * told) return []
    const { alert } = day.entries[perDay] ?? day.entries[0] ?? {}
    if (alert === undefined || (beyond === 0 && told === 0)) return []
    day.summary = { version: day.summary.version + 1, told: beyond, evidence: shown }
    const newest = evidence.reduce((a, { '@timestamp': b }) => (a > b ? a : b), alert['@timestamp'])
    const { title, titleVi } = alert.rule
    return [
      {
        id: alertId('budget', day.rule, day.agency, day.day),
        version: day.summary.version,
        rule: {
          ...alert.rule,
          title: `${title} (beyond ${perDay} alerts a day)`,
          titleVi: `${titleVi ?? title} (quá ${perDay} cảnh báo một ngày)`,
        },
        '@timestamp': newest,
        seq,
        agency: day.agency,
        entities: [],
        group: {},
        evidence: beyond === 0 ? [] : evidence,
        count: beyond,
        beyondBudget: { day: day.day, perDay },
      },
    ]
  }

  #forget(key: string): void {
    this.#days.delete(key)
    for (const [id, day] of this.#counted) if (day === key) this.#counted.delete(id)
    for (const [id, [, day]] of this.#sent) if (day === key) this.#sent.delete(id)
  }
}

function dayKey({ rule, agency, day }: Pick<Day, 'rule' | 'agency' | 'day'>): string {
  return `${rule} ${agency} ${day}`
}

/** The same for an alert that says the same, wherever its records stand in the log. */
function keyOf({ evidence, group }: Alert, firstMs: number): string {
  const said = JSON.stringify([evidence[0]?.original ?? '', Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1))])
  return `${String(firstMs).padStart(15, '0')} ${hash('sha256', said)}`
}
