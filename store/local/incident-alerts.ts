import { createHash } from 'node:crypto'
import type { Entity, Level } from '../../model/alert.ts'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** What an alert says to its incident, apart from when it happened. */
export interface AlertFacts {
  rule: { id: string; title: string; titleVi: string; level: Level }
  system?: string
  priority: number
  priorityReasons: string[]
  entities: Entity[]
  /** ATT&CK tags. */
  attack: string[]
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
  /** Of its newest and its oldest event. */
  eventAt: string
  firstAt: string
  /** See `keepFacts`. */
  facts: number
  /** Late events disproved it: it counts no longer. */
  withdrawn: boolean
}

/** Alerts of one incident that say the same. */
export interface AlertGroup {
  facts: AlertFacts
  count: number
  firstAt: string
  lastAt: string
}

/** Keeps what alerts say, once for all that say the same, and gives its number. */
export function keepFacts(db: LocalDatabase, facts: AlertFacts): number {
  const text = JSON.stringify(facts)
  const digest = createHash('sha256').update(text).digest('base64url')
  const known = prepared(db, 'SELECT id FROM alert_facts WHERE digest = ?').get(digest) as { id: number } | undefined
  if (known !== undefined) return known.id
  return Number(prepared(db, 'INSERT INTO alert_facts (digest, facts) VALUES (?, ?)').run(digest, text).lastInsertRowid)
}

/** @throws where there are none of that number */
export function keptFacts(db: LocalDatabase, id: number): AlertFacts {
  const row = prepared(db, 'SELECT facts FROM alert_facts WHERE id = ?').get(id) as { facts: string }
  return JSON.parse(row.facts) as AlertFacts
}

export function findIncidentAlert(
  db: LocalDatabase,
  alertId: string,
): Pick<IncidentAlert, 'incidentId' | 'version' | 'withdrawn'> | null {
  const row = prepared(db, 'SELECT incident_id, version, withdrawn FROM incident_alerts WHERE alert_id = ?').get(
    alertId,
  ) as { incident_id: string; version: number; withdrawn: number } | undefined
  return row === undefined
    ? null
    : { incidentId: row.incident_id, version: row.version, withdrawn: row.withdrawn === 1 }
}

/** Where those of `alertIds` that have an incident stand, in the version that it knows. */
export function positionsOfAlerts(db: LocalDatabase, alertIds: readonly string[]): Map<string, number> {
  const sql = 'SELECT alert_id AS alertId, seq FROM incident_alerts WHERE alert_id IN (SELECT value FROM json_each(?))'
  const rows = prepared(db, sql).all(JSON.stringify(alertIds)) as { alertId: string; seq: number }[]
  return new Map(rows.map(({ alertId, seq }) => [alertId, seq]))
}

export function putIncidentAlert(db: LocalDatabase, alert: IncidentAlert): void {
  prepared(
    db,
    `INSERT INTO incident_alerts
       (alert_id, incident_id, version, rule_id, level, seq, event_at, first_at, facts, withdrawn)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (alert_id) DO UPDATE SET version = excluded.version, seq = excluded.seq, event_at = excluded.event_at,
       first_at = min(coalesce(first_at, excluded.first_at), excluded.first_at), facts = excluded.facts,
       withdrawn = excluded.withdrawn`,
  ).run(
    alert.alertId,
    alert.incidentId,
    alert.version,
    alert.rule,
    alert.level,
    alert.seq,
    alert.eventAt,
    alert.firstAt,
    alert.facts,
    alert.withdrawn ? 1 : 0,
  )
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

/** An incident's alerts, those that say the same together, in the order in which they first came. */
export function alertGroupsOf(db: LocalDatabase, incidentId: string): AlertGroup[] {
  const rows = prepared(
    db,
    `SELECT f.facts, count(*) - sum(withdrawn) AS count, min(first_at) AS first_at, max(event_at) AS last_at
       FROM incident_alerts a JOIN alert_facts f ON f.id = a.facts
       WHERE incident_id = ? GROUP BY a.facts ORDER BY min(seq), a.facts`,
  ).all(incidentId) as { facts: string; count: number; first_at: string; last_at: string }[]
  return rows.map((row) => ({
    facts: JSON.parse(row.facts) as AlertFacts,
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
  }))
}

/** Whether every alert of the incident has kept what it said: those from before there was room for it have not. */
export function hasAllFacts(db: LocalDatabase, incidentId: string): boolean {
  const missing = prepared(db, 'SELECT 1 FROM incident_alerts WHERE incident_id = ? AND facts IS NULL LIMIT 1')
  return missing.get(incidentId) === undefined
}

export type MoveKind = 'merge' | 'split' | 'storm'

export interface Move {
  id: number
  kind: MoveKind
  source: string
  target: string
}

interface Chosen {
  /** Absent: all alerts of the source. */
  alertIds?: readonly string[]
  rules?: readonly string[]
}

/** Takes alerts of `source` to `target`, and gives how many went. */
export function moveAlerts(
  db: LocalDatabase,
  move: { kind: MoveKind; source: string; target: string; at: string } & Chosen,
): number {
  const { kind, source, target, at, alertIds, rules } = move
  const id = Number(
    prepared(db, 'INSERT INTO incident_moves (kind, source, target, at) VALUES (?, ?, ?, ?)').run(
      kind,
      source,
      target,
      at,
    ).lastInsertRowid,
  )
  const oneOf = (column: string, values: readonly string[] | undefined): string =>
    values === undefined ? '1' : `${column} IN (${values.map(() => '?').join(', ') || 'NULL'})`
  db.prepare(
    `INSERT INTO moved_alerts (move, alert_id) SELECT ?, alert_id FROM incident_alerts
       WHERE incident_id = ? AND ${oneOf('alert_id', alertIds)} AND ${oneOf('rule_id', rules)}`,
  ).run(id, source, ...(alertIds ?? []), ...(rules ?? []))
  return prepared(
    db,
    `UPDATE incident_alerts SET incident_id = ?
       WHERE incident_id = ? AND alert_id IN (SELECT alert_id FROM moved_alerts WHERE move = ?)`,
  ).run(target, source, id).changes
}

/** The merge that took the incident's alerts elsewhere and was not undone. */
export function mergeOf(db: LocalDatabase, source: string): Move | null {
  const row = prepared(
    db,
    `SELECT id, kind, source, target FROM incident_moves
       WHERE source = ? AND kind IN ('merge', 'storm') AND undone_at IS NULL ORDER BY id DESC LIMIT 1`,
  ).get(source) as Move | undefined
  return row ?? null
}

/** Takes back what a move took, as far as it is still there. */
export function undoMove(db: LocalDatabase, move: Move, at: string): void {
  prepared(db, 'UPDATE incident_moves SET undone_at = ? WHERE id = ?').run(at, move.id)
  prepared(
    db,
    `UPDATE incident_alerts SET incident_id = ?
       WHERE incident_id = ? AND alert_id IN (SELECT alert_id FROM moved_alerts WHERE move = ?)`,
  ).run(move.source, move.target, move.id)
}

/** Where every alert that stands went. */
export function placesOfAlerts(db: LocalDatabase): { alertId: string; incidentId: string }[] {
  const sql =
    'SELECT alert_id AS alertId, incident_id AS incidentId FROM incident_alerts WHERE withdrawn = 0 ORDER BY alert_id'
  return prepared(db, sql).all() as { alertId: string; incidentId: string }[]
}
