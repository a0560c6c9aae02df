import type { Entity, Level } from '../../model/alert.ts'
import type { Incident, State, Verdict } from '../../model/incident.ts'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { type Condition, allOf, inScope } from './scope.ts'
import { prepared } from './statement.ts'

/** An incident and the key its alerts are grouped by; the key is nobody's business but the grouping's. */
export interface GroupedIncident {
  incident: Incident
  groupKey: string
}

/** Where an alert went. */
export interface IncidentAlert {
  alertId: string
  incidentId: string
  /** Highest version applied. */
  version: number
  rule: string
  level: Level
  seq: number
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

/** Lower case without diacritics; `đ` is a letter of its own that NFD does not take apart. */
function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd')
}

function foldedText(incident: Incident): string {
  return fold(
    [
      `#${incident.number}`,
      incident.title,
      incident.titleVi,
      incident.system ?? '',
      ...incident.entities.map(({ value }) => value),
      ...incident.rules.flatMap(({ title, titleVi }) => [title, titleVi]),
      ...incident.attack,
    ].join('\n'),
  ).slice(0, 10_000)
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

const COLUMNS =
  `id number version agency system group_key title title_vi state verdict level priority priority_reasons assignee
  entity entities rules attack alert_count first_event_at last_event_at created_at updated_at folded`.split(/\s+/)
const PUT = `INSERT INTO incidents (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`

/** Writes the incident whole: a new one, or over its former self. */
export function putIncident(db: LocalDatabase, { incident, groupKey }: GroupedIncident): void {
  prepared(db, PUT).run(
    incident.id,
    incident.number,
    incident.version,
    incident.agency,
    incident.system ?? null,
    groupKey,
    incident.title,
    incident.titleVi,
    incident.state,
    incident.verdict ?? null,
    incident.level,
    incident.priority,
    JSON.stringify(incident.priorityReasons),
    incident.assignee ?? null,
    JSON.stringify(incident.entity),
    JSON.stringify(incident.entities),
    JSON.stringify(incident.rules),
    JSON.stringify(incident.attack),
    incident.alertCount,
    incident.firstEventAt,
    incident.lastEventAt,
    incident.createdAt,
    incident.updatedAt,
    foldedText(incident),
  )
}

export function getIncident(db: LocalDatabase, id: string, scope: Scope): GroupedIncident | null {
  const visible = inScope(scope)
  const row = db.prepare(`SELECT * FROM incidents WHERE id = ? AND ${visible.sql}`).get(id, ...visible.values) as
    | IncidentRow
    | undefined
  return row === undefined ? null : { incident: toIncident(row), groupKey: row.group_key }
}

export function nextIncidentNumber(db: LocalDatabase): number {
  return (prepared(db, 'SELECT coalesce(max(number), 0) + 1 AS next FROM incidents').get() as { next: number }).next
}

/** Incidents of one group, in any state, whose events touch `[from, to]` (ISO UTC); by number. */
export function incidentsOfGroup(
  db: LocalDatabase,
  group: { agency: string; groupKey: string; from: string; to: string },
): Incident[] {
  const rows = prepared(
    db,
    `SELECT * FROM incidents
       WHERE agency = ? AND group_key = ? AND last_event_at >= ? AND first_event_at <= ? ORDER BY number`,
  ).all(group.agency, group.groupKey, group.from, group.to) as IncidentRow[]
  return rows.map(toIncident)
}

function matching(filter: IncidentFilter): Condition {
  const conditions = [inScope(filter.scope)]
  const oneOf = (column: string, values: readonly string[] | undefined): void => {
    if (values !== undefined && values.length > 0) conditions.push(inScope(values, column))
  }
  oneOf('state', filter.states)
  oneOf('level', filter.levels)
  if (filter.agency !== undefined) conditions.push({ sql: 'agency = ?', values: [filter.agency] })
  if (filter.assignee === null) conditions.push({ sql: 'assignee IS NULL', values: [] })
  else if (filter.assignee !== undefined) conditions.push({ sql: 'assignee = ?', values: [filter.assignee] })
  for (const word of fold(filter.text ?? '')
    .split(/\s+/)
    .filter(Boolean)) {
    conditions.push({ sql: 'instr(folded, ?) > 0', values: [word] }) // instr: no pattern, so nothing to escape
  }
  return allOf(conditions)
}

/** Highest priority or latest change first; among equals the newer number first. */
export function listIncidents(
  db: LocalDatabase,
  query: IncidentFilter & { order: IncidentOrder; limit: number; after?: IncidentKey },
): Incident[] {
  const column = query.order === 'priority' ? 'priority' : 'updated_at'
  const conditions = [matching(query)]
  if (query.after !== undefined) {
    conditions.push({ sql: `(${column}, number) < (?, ?)`, values: [query.after.value, query.after.number] })
  }
  const where = allOf(conditions)
  const rows = db
    .prepare(`SELECT * FROM incidents WHERE ${where.sql} ORDER BY ${column} DESC, number DESC LIMIT ?`)
    .all(...where.values, query.limit) as IncidentRow[]
  return rows.map(toIncident)
}

export function countIncidents(db: LocalDatabase, filter: IncidentFilter): number {
  const where = matching(filter)
  return (db.prepare(`SELECT count(*) AS n FROM incidents WHERE ${where.sql}`).get(...where.values) as { n: number }).n
}

export function findIncidentAlert(db: LocalDatabase, alertId: string): { incidentId: string; version: number } | null {
  const row = prepared(db, 'SELECT incident_id, version FROM incident_alerts WHERE alert_id = ?').get(alertId) as
    | { incident_id: string; version: number }
    | undefined
  return row === undefined ? null : { incidentId: row.incident_id, version: row.version }
}

export function putIncidentAlert(db: LocalDatabase, alert: IncidentAlert): void {
  prepared(
    db,
    `INSERT INTO incident_alerts (alert_id, incident_id, version, rule_id, level, seq, event_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (alert_id) DO UPDATE SET version = excluded.version, seq = excluded.seq, event_at = excluded.event_at`,
  ).run(alert.alertId, alert.incidentId, alert.version, alert.rule, alert.level, alert.seq, alert.eventAt)
}

/** Ids of an incident's alerts, newest event first. Who may see the incident is for the caller to ask first. */
export function alertIdsOf(
  db: LocalDatabase,
  incidentId: string,
  query: { limit: number; after?: { eventAt: string; alertId: string } },
): { alertId: string; eventAt: string }[] {
  // Above every time and id, so that the first page needs no query of its own.
  const { eventAt, alertId } = query.after ?? { eventAt: '\uFFFF', alertId: '' }
  const rows = db
    .prepare(
      `SELECT alert_id, event_at FROM incident_alerts WHERE incident_id = ? AND (event_at, alert_id) < (?, ?)
       ORDER BY event_at DESC, alert_id DESC LIMIT ?`,
    )
    .all(incidentId, eventAt, alertId, query.limit) as { alert_id: string; event_at: string }[]
  return rows.map((row) => ({ alertId: row.alert_id, eventAt: row.event_at }))
}
