import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { inScope } from './scope.ts'
import { prepared } from './statement.ts'

export interface LogSource {
  product?: string
  category?: string
  service?: string
}

/** Records of one hour, bundle and agency that came to one end. */
export interface LedgerCount {
  /** Of receipt, UTC: `2026-11-20T08`. */
  hour: string
  /** Hash of the bundle in force. */
  bundle: string
  agency: string
  /** `evaluated`, `failed`, `repeat`, `control`, `dropped` (never had a position), or `dead:` and the dead letter's code. */
  what: string
  /** Log sources of the events, as JSON; empty where they have none, or where that cannot be known. */
  sources: string
  records: number
}

/** A rule as a bundle has it. */
export interface LedgerRule {
  rule: string
  hash: string
  /** Whether events are held against it; not where it is switched off. */
  runs: boolean
  /** As its pipelines left it; null of a correlation, which meets the matches of others. */
  logsource: LogSource | null
}

/**
 * Adds what became of the positions `from` to `through` of a spool. Opens no transaction: called in the one that moves the
 * checkpoint, the ledger is exact however often the process is killed.
 */
export function addToLedger(
  db: LocalDatabase,
  range: { spool: string; from: number; through: number },
  counts: readonly LedgerCount[],
  rulesOf: (bundle: string) => readonly LedgerRule[],
): void {
  const add = prepared(
    db,
    `INSERT INTO ledger (hour, bundle, agency, what, sources, records) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (hour, bundle, agency, what, sources) DO UPDATE SET records = records + excluded.records`,
  )
  const numbers = new Map<string, number>()
  let positions = 0
  for (const { hour, bundle, agency, what, sources, records } of counts) {
    const number = numbers.get(bundle) ?? bundleNumber(db, bundle, rulesOf)
    numbers.set(bundle, number)
    add.run(hour, number, agency, what, sources, records)
    if (what !== 'dropped') positions += records
  }
  prepared(
    db,
    `INSERT INTO ledger_spools (spool, first, through, records) VALUES (?, ?, ?, ?)
     ON CONFLICT (spool) DO UPDATE SET through = excluded.through, records = records + excluded.records`,
  ).run(range.spool, range.from, range.through, positions)
}

function bundleNumber(db: LocalDatabase, hash: string, rulesOf: (bundle: string) => readonly LedgerRule[]): number {
  const find = prepared(db, 'SELECT number FROM ledger_bundles WHERE hash = ?')
  const known = find.get(hash) as { number: number } | undefined
  if (known !== undefined) return known.number
  prepared(db, 'INSERT INTO ledger_bundles (hash) VALUES (?)').run(hash)
  const { number } = find.get(hash) as { number: number }
  const note = prepared(db, 'INSERT OR IGNORE INTO rule_versions (rule, hash, runs, logsource) VALUES (?, ?, ?, ?)')
  const join = prepared(
    db,
    `INSERT OR IGNORE INTO bundle_rules (bundle, version)
     SELECT ?, number FROM rule_versions WHERE rule = ? AND hash = ? AND runs = ? AND logsource = ?`,
  )
  for (const { rule, hash: version, runs, logsource } of rulesOf(hash)) {
    const own = [rule, version, runs ? 1 : 0, logsource === null ? '' : JSON.stringify(logsource)] as const
    note.run(...own)
    join.run(number, ...own)
  }
  return number
}

/** Whether every position that was worked off came to an end that was counted. */
export interface Accounts {
  /** Positions worked off since the ledger began. */
  positions: number
  /** Of them, those the ledger has an end for. */
  counted: number
}

export function accountsOf(db: LocalDatabase): Accounts {
  const { positions, counted } = prepared(
    db,
    'SELECT coalesce(sum(through - first + 1), 0) AS positions, coalesce(sum(records), 0) AS counted FROM ledger_spools',
  ).get() as Accounts
  return { positions, counted }
}

/** Hours from `from` up to and without `to`, and the agencies somebody may see. */
export interface LedgerQuery {
  from: string
  to: string
  scope: Scope
}

/** What became of the records of a stretch of time. */
export interface Outcome {
  what: string
  records: number
}

/** Ends that records came to, and drops that inputs declared; `unrouted` are events evaluated that no rule is about. */
export function outcomesOf(db: LocalDatabase, { from, to, scope }: LedgerQuery): Outcome[] {
  const visible = inScope(scope)
  return db
    .prepare(
      `SELECT CASE WHEN what = 'evaluated' AND sources = '' THEN 'unrouted' ELSE what END AS what, sum(records) AS records
       FROM ledger WHERE hour >= ? AND hour < ? AND what <> 'control' AND ${visible.sql} GROUP BY 1 ORDER BY 1`,
    )
    .all(from, to, ...visible.values) as Outcome[]
}

/** Events of a rule's log source, under one version of the rule. */
export interface RuleStretch {
  /** SHA-256 of the rule's text; absent where the rules in force did not have it. */
  hash?: string
  bundle: string
  firstHour: string
  lastHour: string
  events: number
  /** `failed`: detection itself broke on the event. */
  what: 'evaluated' | 'disabled' | 'not_in_force' | 'failed'
}

/**
 * What of its log source a detection rule met in a stretch of time, in order of time; null where the ledger never saw the
 * rule. Of a correlation only when it was in force is known: it meets the matches of others.
 * @param covers whether the rule's log source covers one of an event
 */
export function ruleStretches(
  db: LocalDatabase,
  rule: string,
  { from, to, scope }: LedgerQuery,
  covers: (wanted: LogSource, actual: LogSource) => boolean,
): RuleStretch[] | null {
  const versions = db
    .prepare(
      `SELECT b.bundle, v.hash, v.runs, v.logsource FROM rule_versions v JOIN bundle_rules b ON b.version = v.number
       WHERE v.rule = ? ORDER BY b.bundle`,
    )
    .all(rule) as { bundle: number; hash: string; runs: number; logsource: string }[]
  const last = versions.at(-1)
  if (last === undefined) return null
  const byBundle = new Map(versions.map((version) => [version.bundle, version]))
  const visible = inScope(scope)
  const rows = db
    .prepare(
      `SELECT l.bundle AS number, b.hash AS bundle, l.what, l.sources, min(l.hour) AS firstHour, max(l.hour) AS lastHour,
              sum(l.records) AS events
       FROM ledger l JOIN ledger_bundles b ON b.number = l.bundle
       WHERE l.hour >= ? AND l.hour < ? AND l.what IN ('evaluated', 'failed') AND l.sources <> '' AND ${visible.sql}
       GROUP BY l.bundle, l.what, l.sources ORDER BY firstHour, number`,
    )
    .all(from, to, ...visible.values) as {
    number: number
    bundle: string
    what: 'evaluated' | 'failed'
    sources: string
    firstHour: string
    lastHour: string
    events: number
  }[]
  const stretches = new Map<string, RuleStretch>()
  for (const { number, bundle, what: end, sources, firstHour, lastHour, events } of rows) {
    const version = byBundle.get(number)
    const { logsource } = version ?? last
    if (logsource === '') continue
    const wanted = JSON.parse(logsource) as LogSource
    if (!(JSON.parse(sources) as LogSource[]).some((actual) => covers(wanted, actual))) continue
    const what = version === undefined ? 'not_in_force' : version.runs === 0 ? 'disabled' : end
    const key = `${number} ${what}`
    const known = stretches.get(key)
    if (known === undefined) {
      const hash = version?.hash
      stretches.set(key, { ...(hash !== undefined && { hash }), bundle, firstHour, lastHour, events, what })
    } else {
      known.events += events
      if (firstHour < known.firstHour) known.firstHour = firstHour
      if (lastHour > known.lastHour) known.lastHour = lastHour
    }
  }
  return [...stretches.values()]
}

/** Contributions of one hour, correlation and agency that came to one end. */
export interface CorrelationCount {
  /** Of receipt of the record that brought it about, UTC: `2026-11-20T08`. */
  hour: string
  rule: string
  agency: string
  what: 'counted' | 'late' | 'skipped' | 'truncated' | 'evicted'
  contributions: number
}

/** Opens no transaction: called in the one that moves the checkpoint, as `addToLedger`. */
export function addCorrelated(db: LocalDatabase, counts: readonly CorrelationCount[]): void {
  const add = prepared(
    db,
    `INSERT INTO correlation_ledger (hour, rule, agency, what, contributions) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (hour, rule, agency, what) DO UPDATE SET contributions = contributions + excluded.contributions`,
  )
  for (const { hour, rule, agency, what, contributions } of counts) add.run(hour, rule, agency, what, contributions)
}

/** What became of what a correlation was offered; absent: nothing. */
export type Correlated = { rule: string } & { [what in CorrelationCount['what']]?: number }

/** By correlation, those that had anything to do; of one rule, where it is named. */
export function correlatedIn(db: LocalDatabase, { from, to, scope }: LedgerQuery, rule?: string): Correlated[] {
  const visible = inScope(scope)
  const rows = db
    .prepare(
      `SELECT rule, what, sum(contributions) AS contributions FROM correlation_ledger
       WHERE hour >= ? AND hour < ? AND ${visible.sql} ${rule === undefined ? '' : 'AND rule = ?'}
       GROUP BY rule, what ORDER BY rule, what`,
    )
    .all(from, to, ...visible.values, ...(rule === undefined ? [] : [rule])) as Omit<
    CorrelationCount,
    'hour' | 'agency'
  >[]
  const found = new Map<string, Correlated>()
  for (const { rule: id, what, contributions } of rows) {
    const known = found.get(id)
    if (known === undefined) found.set(id, { rule: id, [what]: contributions })
    else known[what] = contributions
  }
  return [...found.values()]
}

/** Deletes what was counted for hours before `hour`; the sum of all positions stays. */
export function forgetLedger(db: LocalDatabase, hour: string): number {
  const { changes } = db.prepare('DELETE FROM ledger WHERE hour < ?').run(hour)
  db.prepare('DELETE FROM correlation_ledger WHERE hour < ?').run(hour)
  const newest = '(SELECT max(number) FROM ledger_bundles)'
  const idle = `number NOT IN (SELECT bundle FROM ledger) AND number <> ${newest}`
  db.prepare(`DELETE FROM bundle_rules WHERE bundle IN (SELECT number FROM ledger_bundles WHERE ${idle})`).run()
  db.prepare(`DELETE FROM ledger_bundles WHERE ${idle}`).run()
  db.prepare('DELETE FROM rule_versions WHERE number NOT IN (SELECT version FROM bundle_rules)').run()
  return changes
}
