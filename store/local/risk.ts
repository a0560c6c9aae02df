import type { Level } from '../../model/alert.ts'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** An alert that waits for its entity to show more. */
export interface RiskAlert {
  alertId: string
  agency: string
  groupKey: string
  version: number
  rule: string
  level: Level
  points: number
  seq: number
  eventAt: string
  firstAt: string
  facts: number
}

const COLUMNS = `alert_id AS alertId, agency, group_key AS groupKey, version, rule_id AS rule, level, points, seq,
  event_at AS eventAt, first_at AS firstAt, facts`

export function findRiskAlert(db: LocalDatabase, alertId: string): RiskAlert | null {
  const row = prepared(db, `SELECT ${COLUMNS} FROM risk_alerts WHERE alert_id = ?`).get(alertId)
  return (row as RiskAlert | undefined) ?? null
}

export function putRiskAlert(db: LocalDatabase, alert: RiskAlert): void {
  const { alertId, agency, groupKey, version, rule, level, points, seq, eventAt, firstAt, facts } = alert
  prepared(
    db,
    `INSERT INTO risk_alerts (alert_id, agency, group_key, version, rule_id, level, points, seq, event_at, first_at, facts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (alert_id) DO UPDATE SET version = excluded.version, points = excluded.points, seq = excluded.seq,
       event_at = excluded.event_at, first_at = excluded.first_at, facts = excluded.facts`,
  ).run(alertId, agency, groupKey, version, rule, level, points, seq, eventAt, firstAt, facts)
}

/** What an entity has on it from events of `[from, to]`: the score and its parts, each rule at most `repeatsMax` times. */
export function riskOf(
  db: LocalDatabase,
  entity: { agency: string; groupKey: string; from: string; to: string; repeatsMax: number },
): { score: number; rules: number } {
  const rows = prepared(
    db,
    `SELECT max(points) AS points, sum(points > 0) AS times FROM risk_alerts
       WHERE agency = ? AND group_key = ? AND event_at BETWEEN ? AND ? GROUP BY rule_id`,
  ).all(entity.agency, entity.groupKey, entity.from, entity.to) as { points: number; times: number }[]
  return {
    score: rows.reduce((sum, { points, times }) => sum + points * Math.min(times, entity.repeatsMax), 0),
    rules: rows.length,
  }
}

/** Takes out, and gives, what waited for the entity: it has an incident now. By position. */
export function takeRisk(
  db: LocalDatabase,
  entity: { agency: string; groupKey: string; from: string; to: string },
): RiskAlert[] {
  const where = 'WHERE agency = ? AND group_key = ? AND event_at BETWEEN ? AND ?'
  const values = [entity.agency, entity.groupKey, entity.from, entity.to]
  const rows = prepared(db, `SELECT ${COLUMNS} FROM risk_alerts ${where} ORDER BY seq, alert_id`).all(...values)
  prepared(db, `DELETE FROM risk_alerts ${where}`).run(...values)
  return rows as RiskAlert[]
}

export function dropRisk(db: LocalDatabase, alertId: string): void {
  prepared(db, 'DELETE FROM risk_alerts WHERE alert_id = ?').run(alertId)
}

/** Forgets what no window reaches any more. */
export function forgetRisk(db: LocalDatabase, beforeAt: string): number {
  return db.prepare('DELETE FROM risk_alerts WHERE event_at < ?').run(beforeAt).changes
}
