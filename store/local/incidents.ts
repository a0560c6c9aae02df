import type { Entity, Level } from '../../model/alert.ts'
import {
  type Incident,
  type LegalFacts,
  type State,
  type Verdict,
  acknowledgedAt,
  handledAt,
  isOpen,
} from '../../model/incident.ts'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { type Condition, allOf, inScope } from './scope.ts'
import { prepared } from './statement.ts'

/** An incident and the key its alerts are grouped by; the key is nobody's business but the grouping's. */
export interface GroupedIncident {
  incident: Incident
  groupKey: string
}

/** The alert that opened an incident: how many a rule opens at once tells a storm. */
export interface Opening {
  rule: string
  eventAt: string
}

export type IncidentOrder = 'priority' | 'updated'

/** Keyset of a list: the last row shown. */
export interface IncidentKey {
  /** Its `priority` or `updatedAt`, by the order. */
  value: number | string
  number: number
}

export interface IncidentFilter {
  scope: Scope
  states?: readonly State[]
  levels?: readonly Level[]
  agency?: string
  /** A user's name; `null` finds what nobody has taken. */
  assignee?: string | null
  /** Words that must all stand in the title, entities, rules or number, whatever their case and diacritics. */
  text?: string
}

interface IncidentRow {
  id: string
  number: number
  version: number
  agency: string
  system: string | null
  group_key: string
  title: string
  title_vi: string
  state: State
  verdict: Verdict | null
  level: Level
  priority: number
  priority_reasons: string
  assignee: string | null
  merged_into: string | null
  life: string
  legal: string
  entity: string
  entities: string
  rules: string
  attack: string
  alert_count: number
  first_event_at: string
  last_event_at: string
  created_at: string
  updated_at: string
}

/**
 * Lower case without diacritics; `đ` is a letter of its own that NFD does not take apart. Without the three characters that
 * FTS5 ends at or takes for another one, and the picture that one of them is kept as.
 */
function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\p{M}\0\u2400\uFFFE\uFFFF]+/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd')
}

/** What a search looks through, with an end in which every character begins three. */
function foldedText(incident: Incident): string {
  const text = fold(
    [
      `#${incident.number}`,
      incident.title,
      incident.titleVi,
      incident.system ?? '',
      // A number so long can be somebody's: what answers hide must not be felt for by searching.
      ...incident.entities.map(({ value }) => value.replace(/\d{9,}/g, '')),
      ...incident.rules.flatMap(({ title, titleVi }) => [title, titleVi]),
      ...incident.attack,
    ].join('\n'),
  )
  return `${text.slice(0, 10_000)}\n\n`
}

function toIncident(row: IncidentRow): Incident {
  return {
    id: row.id,
    number: row.number,
    version: row.version,
    agency: row.agency,
    ...(row.system !== null && { system: row.system }),
    title: row.title,
    titleVi: row.title_vi,
    state: row.state,
    ...(row.verdict !== null && { verdict: row.verdict }),
    level: row.level,
    priority: row.priority,
    priorityReasons: JSON.parse(row.priority_reasons) as string[],
    ...(row.assignee !== null && { assignee: row.assignee }),
    ...(row.merged_into !== null && { mergedInto: row.merged_into }),
    life: JSON.parse(row.life) as Incident['life'],
    legal: JSON.parse(row.legal) as LegalFacts,
    entity: JSON.parse(row.entity) as Entity,
    entities: JSON.parse(row.entities) as Entity[],
    rules: JSON.parse(row.rules) as Incident['rules'],
    attack: JSON.parse(row.attack) as string[],
    alertCount: row.alert_count,
    firstEventAt: row.first_event_at,
    lastEventAt: row.last_event_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

type Value = string | number | null

/** Columns of a row, each with what of an incident it is made of. */
const COLUMNS: Readonly<Record<string, readonly [from: readonly (keyof Incident)[], value: (of: Incident) => Value]>> =
  {
    id: [['id'], ({ id }) => id],
    number: [['number'], ({ number }) => number],
    version: [['version'], ({ version }) => version],
    agency: [['agency'], ({ agency }) => agency],
    system: [['system'], ({ system }) => system ?? null],
    title: [['title'], ({ title }) => title],
    title_vi: [['titleVi'], ({ titleVi }) => titleVi],
    state: [['state'], ({ state }) => state],
    verdict: [['verdict'], ({ verdict }) => verdict ?? null],
    level: [['level'], ({ level }) => level],
    priority: [['priority'], ({ priority }) => priority],
    priority_reasons: [['priorityReasons'], ({ priorityReasons }) => JSON.stringify(priorityReasons)],
    assignee: [['assignee'], ({ assignee }) => assignee ?? null],
    merged_into: [['mergedInto'], ({ mergedInto }) => mergedInto ?? null],
    life: [['life'], ({ life }) => JSON.stringify(life)],
    legal: [['legal'], ({ legal }) => JSON.stringify(legal)],
    entity: [['entity'], ({ entity }) => JSON.stringify(entity)],
    entities: [['entities'], ({ entities }) => JSON.stringify(entities)],
    rules: [['rules'], ({ rules }) => JSON.stringify(rules)],
    attack: [['attack'], ({ attack }) => JSON.stringify(attack)],
    alert_count: [['alertCount'], ({ alertCount }) => alertCount],
    first_event_at: [['firstEventAt'], ({ firstEventAt }) => firstEventAt],
    last_event_at: [['lastEventAt'], ({ lastEventAt }) => lastEventAt],
    created_at: [['createdAt'], ({ createdAt }) => createdAt],
    updated_at: [['updatedAt'], ({ updatedAt }) => updatedAt],
    folded: [['number', 'title', 'titleVi', 'system', 'entities', 'rules', 'attack'], foldedText],
    acknowledged_at: [['life'], (incident) => acknowledgedAt(incident) ?? null],
    handled_at: [['life'], (incident) => handledAt(incident) ?? null],
  }
const NAMES = Object.keys(COLUMNS)
const ADD = `INSERT INTO incidents (${NAMES.join(', ')}, group_key, opened_rule, opened_event_at)
  VALUES (${NAMES.map(() => '?').join(', ')}, ?, ?, ?)`

/** Writes a new incident, and what opened it where an alert did. */
export function addIncident(db: LocalDatabase, { incident, groupKey }: GroupedIncident, opening?: Opening): void {
  const values = NAMES.map((name) => COLUMNS[name]![1](incident))
  prepared(db, ADD).run(...values, groupKey, opening?.rule ?? '', opening?.eventAt ?? '')
}

/**
 * Writes what became of an incident: of its columns those whose part of it is not the very one that `former`, what stands there, has.
 * What is written, and which indexes with it, then does not depend on how large the incident is.
 */
export function changeIncident(db: LocalDatabase, former: Incident, incident: Incident): void {
  const changed = NAMES.filter((name) => COLUMNS[name]![0].some((part) => former[part] !== incident[part]))
  if (changed.length === 0) return
  const values = changed.map((name) => COLUMNS[name]![1](incident))
  const sql = `UPDATE incidents SET ${changed.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`
  prepared(db, sql).run(...values, incident.id)
}

export function getIncident(db: LocalDatabase, id: string, scope: Scope): GroupedIncident | null {
  const visible = inScope(scope)
  const sql = `SELECT * FROM incidents WHERE id = ? AND ${visible.sql}`
  const statement = scope === 'all' ? prepared(db, sql) : db.prepare(sql)
  const row = statement.get(id, ...visible.values) as IncidentRow | undefined
  return row === undefined ? null : { incident: toIncident(row), groupKey: row.group_key }
}

export function nextIncidentNumber(db: LocalDatabase): number {
  return (prepared(db, 'SELECT coalesce(max(number), 0) + 1 AS next FROM incidents').get() as { next: number }).next
}

/** Incidents of one group, in any state, whose events touch `[from, to]` (ISO UTC); by number. */
export function incidentsOfGroup(
  db: LocalDatabase,
  group: { agency: string; groupKey: string; from: string; to: string },
): GroupedIncident[] {
  const rows = prepared(
    db,
    `SELECT * FROM incidents
       WHERE agency = ? AND group_key = ? AND last_event_at >= ? AND first_event_at <= ? ORDER BY number`,
  ).all(group.agency, group.groupKey, group.from, group.to) as IncidentRow[]
  return rows.map((row) => ({ incident: toIncident(row), groupKey: row.group_key }))
}

/** Ids of the incidents that alerts of `rule` opened by events of `[from, to]`, at most `limit`; by time of the event. */
export function incidentsOpenedBy(
  db: LocalDatabase,
  opened: { agency: string; rule: string; from: string; to: string; limit: number },
): string[] {
  const rows = prepared(
    db,
    `SELECT id FROM incidents WHERE agency = ? AND opened_rule = ? AND opened_event_at BETWEEN ? AND ?
       ORDER BY opened_event_at, number LIMIT ?`,
  ).all(opened.agency, opened.rule, opened.from, opened.to, opened.limit) as { id: string }[]
  return rows.map(({ id }) => id)
}

/** The latest incidents that were handled and share the group or the opening rule with one of the same scope. */
export function handledLike(
  db: LocalDatabase,
  like: { scope: Scope; id: string; agency: string; groupKey: string; rules: readonly string[]; limit: number },
): Incident[] {
  const visible = inScope(like.scope)
  const rules = inScope(like.rules, 'opened_rule')
  const rows = db
    .prepare(
      `SELECT * FROM (
         SELECT * FROM (SELECT * FROM incidents WHERE agency = ? AND group_key = ? AND state IN ('resolved', 'closed')
           ORDER BY last_event_at DESC LIMIT ?)
         UNION SELECT * FROM (SELECT * FROM incidents WHERE ${rules.sql} AND state IN ('resolved', 'closed')
           AND ${visible.sql} ORDER BY updated_at DESC LIMIT ?))
       WHERE id <> ? AND ${visible.sql}`,
    )
    .all(
      like.agency,
      like.groupKey,
      like.limit,
      ...rules.values,
      ...visible.values,
      like.limit,
      like.id,
      ...visible.values,
    ) as IncidentRow[]
  return rows.map(toIncident)
}

/** Those of `ids` in the scope; unknown ones are left out. */
export function getIncidents(db: LocalDatabase, ids: readonly string[], scope: Scope): Incident[] {
  const visible = inScope(scope)
  const sql = `SELECT * FROM incidents WHERE id IN (SELECT value FROM json_each(?)) AND ${visible.sql}`
  const statement = scope === 'all' ? prepared(db, sql) : db.prepare(sql)
  return (statement.all(JSON.stringify(ids), ...visible.values) as IncidentRow[]).map(toIncident)
}

function isOpenOnly({ states = [] }: IncidentFilter): boolean {
  return states.length > 0 && states.every((state) => isOpen({ state }))
}

/** What the indexes of the lists carry: such rows are told without being read. */
function plainly(filter: IncidentFilter): Condition {
  const conditions = [inScope(filter.scope)]
  const oneOf = (column: string, values: readonly string[] | undefined): void => {
    if (values !== undefined && values.length > 0) conditions.push(inScope(values, column))
  }
  // As the partial index has it: with parameters alone SQLite could not know that it serves.
  if (isOpenOnly(filter)) conditions.push({ sql: "state IN ('new', 'in_progress', 'on_hold')", values: [] })
  oneOf('state', filter.states)
  oneOf('level', filter.levels)
  if (filter.agency !== undefined) conditions.push({ sql: 'agency = ?', values: [filter.agency] })
  if (filter.assignee === null) conditions.push({ sql: 'assignee IS NULL', values: [] })
  else if (filter.assignee !== undefined) conditions.push({ sql: 'assignee = ?', values: [filter.assignee] })
  return allOf(conditions)
}

/** `fold` leaves none of these in a text. */
const NOWHERE = '\u2400\u2400\u2400'
const quoted = (term: string): string => `"${term.replaceAll('"', '""')}"`

/** More parts of an index of words than this are not asked for a short word: rows are read for it instead. */
const TERMS_MAX = 60

/**
 * Words of the filter: what the index has as its query, and all as conditions on a row. The index has every three characters in a
 * row, so that a shorter word is any of those that begin with it.
 */
function wordsOf(
  db: LocalDatabase,
  { text = '' }: IncidentFilter,
): { indexed: string | null; others: Condition; every: Condition } {
  const words = fold(text).split(/\s+/).filter(Boolean)
  const within = (some: readonly string[]): Condition =>
    allOf(some.map((word) => ({ sql: 'instr(folded, ?) > 0', values: [word] }))) // instr: nothing to escape
  const asked: string[] = []
  const others: string[] = []
  for (const word of words) {
    const terms = Array.from(word).length < 3 ? termsFrom(db, word) : [word]
    if (terms.length > TERMS_MAX) others.push(word)
    else asked.push(`(${(terms.length === 0 ? [NOWHERE] : terms).map(quoted).join(' OR ')})`)
  }
  return { indexed: asked.length === 0 ? null : asked.join(' AND '), others: within(others), every: within(words) }
}

/** From each to the next, which begins after whatever begins with it: so none is read more than its name. */
const TERMS = `WITH RECURSIVE terms (term) AS (
    SELECT (SELECT term FROM incident_terms WHERE term >= ?1 AND term < ?2 LIMIT 1)
    UNION ALL
    SELECT (SELECT i.term FROM incident_terms AS i WHERE i.term >= terms.term || char(1) AND i.term < ?2 LIMIT 1)
    FROM terms WHERE terms.term IS NOT NULL
    LIMIT ?3
  )
  SELECT term FROM terms WHERE term IS NOT NULL`

/** Every three characters of the index that begin with these; one more than are wanted where there are more. */
function termsFrom(db: LocalDatabase, start: string): string[] {
  const rows = prepared(db, TERMS).all(start, `${start}${'\u{10FFFF}'.repeat(3)}`, TERMS_MAX + 1) as { term: string }[]
  return rows.map(({ term }) => term)
}

function matching(db: LocalDatabase, filter: IncidentFilter): Condition {
  const { indexed, others } = wordsOf(db, filter)
  const found = 'number IN (SELECT rowid FROM incident_words WHERE incident_words MATCH ?)'
  return allOf([plainly(filter), ...(indexed === null ? [] : [{ sql: found, values: [indexed] }]), others])
}

/** Rows that fit, words aside, at most `limit`: in an index, or read for their words. */
function rowsOf(filter: IncidentFilter, read: '1' | 'folded', limit: number): Condition {
  const where = plainly(filter)
  const ofAgencies = filter.scope !== 'all' || filter.agency !== undefined
  const all = ofAgencies ? 'incidents_by_agency' : 'incidents_by_priority'
  const index = isOpenOnly(filter) ? 'incidents_open' : all
  return {
    sql: `(SELECT ${read} FROM incidents INDEXED BY ${index} WHERE ${where.sql} LIMIT ?)`,
    values: [...where.values, limit],
  }
}

/** How many `rows` there are, and how many of them fit. */
function tried(db: LocalDatabase, rows: Condition, fit: Condition): { read: number; count: number } {
  const sql = `SELECT count(*) AS read, coalesce(sum(${fit.sql}), 0) AS count FROM ${rows.sql}`
  return db.prepare(sql).get(...fit.values, ...rows.values) as { read: number; count: number }
}

/** What is read for words at most, since a word can stand in all there are: a hundredth of a second each, of 100,000 incidents. */
export interface WordBounds {
  /** Rows of those found that a count looks at. */
  found: number
  /** So few rows that fit otherwise are read for words, rather than found by them. */
  few: number
}

const WORD_BOUNDS: WordBounds = { found: 5_000, few: 4_000 }

/** Rows at the head of the order that are read for words before the index of words is asked, for each row wanted. */
const READ_FOR_ONE = 10

/** Highest priority or latest change first; among equals the newer number first. */
export function listIncidents(
  db: LocalDatabase,
  query: IncidentFilter & { order: IncidentOrder; limit: number; after?: IncidentKey },
  bounds: WordBounds = WORD_BOUNDS,
): Incident[] {
  const { scope, order, limit, after } = query
  if (scope.length === 0) return [] // SQLite sees that nothing fits, and that the index named is then no use
  const column = order === 'priority' ? 'priority' : 'updated_at'
  const byPriority = isOpenOnly(query) ? 'incidents_open' : 'incidents_by_priority'
  const index = order === 'priority' ? byPriority : 'incidents_by_update'
  const from: Condition[] =
    after === undefined ? [] : [{ sql: `(${column}, number) < (?, ?)`, values: [after.value, after.number] }]
  const select = (where: Condition): string =>
    `SELECT * FROM incidents INDEXED BY ${index} WHERE ${where.sql} ORDER BY ${column} DESC, number DESC LIMIT ?`
  const { indexed, every } = wordsOf(db, query)
  if (indexed !== null) {
    // A word that many have fills the page from the head of the order; to look all of them up would take longer.
    const where = allOf([plainly(query), ...from])
    const rows = db
      .prepare(`SELECT * FROM (${select(where)}) WHERE ${every.sql} ORDER BY ${column} DESC, number DESC LIMIT ?`)
      .all(...where.values, limit * READ_FOR_ONE, ...every.values, limit) as IncidentRow[]
    if (rows.length === limit) return rows.map(toIncident)
  }
  const few = indexed !== null && isFew(db, query, bounds)
  const where = allOf([few ? allOf([plainly(query), every]) : matching(db, query), ...from])
  return (db.prepare(select(where)).all(...where.values, limit) as IncidentRow[]).map(toIncident)
}

function isFew(db: LocalDatabase, filter: IncidentFilter, { few }: WordBounds): boolean {
  return tried(db, rowsOf(filter, '1', few + 1), allOf([])).read <= few
}

export interface Counted {
  count: number
  /** There are more, or there may be: it was not counted on. */
  more: boolean
}

/** How many fit, counted up to `atMost`; for words, in so many of those found as can be looked at, the newest. */
export function countIncidents(
  db: LocalDatabase,
  filter: IncidentFilter,
  atMost: number,
  bounds: WordBounds = WORD_BOUNDS,
): Counted {
  if (filter.scope.length === 0) return { count: 0, more: false }
  const { indexed, others, every } = wordsOf(db, filter)
  const capped = (count: number, more: boolean): Counted => ({
    count: Math.min(count, atMost),
    more: more || count > atMost,
  })
  if (every.values.length === 0) return capped(tried(db, rowsOf(filter, '1', atMost + 1), allOf([])).count, false)
  if (indexed === null) {
    const { read, count } = tried(db, rowsOf(filter, 'folded', bounds.found + 1), every)
    return capped(count, read > bounds.found)
  }
  const found = tried(
    db,
    {
      // CROSS: as found, so that the limit ends the looking up.
      sql: `(SELECT rowid AS n FROM incident_words WHERE incident_words MATCH ? ORDER BY rowid DESC LIMIT ?)
        CROSS JOIN incidents ON number = n`,
      values: [indexed, bounds.found + 1],
    },
    allOf([plainly(filter), others]),
  )
  if (found.read <= bounds.found) return capped(found.count, false)
  if (!isFew(db, filter, bounds)) return capped(found.count, true)
  return capped(tried(db, rowsOf(filter, 'folded', bounds.few), every).count, false)
}

/** Ids of all that fit, by number. */
export function matchingIncidents(db: LocalDatabase, filter: IncidentFilter): string[] {
  const where = matching(db, filter)
  const rows = db.prepare(`SELECT id FROM incidents WHERE ${where.sql} ORDER BY number`).all(...where.values)
  return (rows as { id: string }[]).map(({ id }) => id)
}

/** Agencies of these incidents, each once. */
export function agenciesOf(db: LocalDatabase, ids: readonly string[]): string[] {
  const sql = 'SELECT DISTINCT agency FROM incidents WHERE id IN (SELECT value FROM json_each(?))'
  return (prepared(db, sql).all(JSON.stringify(ids)) as { agency: string }[]).map(({ agency }) => agency)
}
