import type { Alert, Entity } from '../../model/alert.ts'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { inScope } from './scope.ts'
import { prepared } from './statement.ts'

/** Alerts of one rule and day that are kept to be looked at, the newest; all are counted. */
const KEPT_MAX = 200
/** Entities of one rule, agency and day that are counted apart; what others raise is counted together. */
const ENTITIES_MAX = 1_000
const DAY = 'YYYY-MM-DD'.length

export interface ShadowCount {
  rule: string
  /** Of event time, UTC. */
  day: string
  agency: string
  /** Both empty: of entities that are not told apart any more. */
  kind: Entity['kind'] | ''
  value: string
  alerts: number
  /** Of them, those that late events disproved. */
  withdrawn: number
}

/**
 * What rules in shadow raised since the last checkpoint. It is written with the checkpoint, so that what is done again after
 * a crash is counted once. It never comes near the store of alerts: whoever reads that cannot see it by mistake.
 */
export class ShadowTally {
  readonly #counts = new Map<string, ShadowCount>()
  readonly #alerts = new Map<string, Alert[]>()

  /** @param entity what the alert is about */
  add(alert: Alert, entity: Entity): void {
    const day = alert['@timestamp'].slice(0, DAY)
    const { agency, rule } = alert
    const key = JSON.stringify([rule.id, day, agency, entity.kind, entity.value])
    const fresh = { rule: rule.id, day, agency, kind: entity.kind, value: entity.value, alerts: 0, withdrawn: 0 }
    const count = this.#counts.get(key) ?? fresh
    this.#counts.set(key, count)
    if (alert.count === 0) count.withdrawn++
    else if (alert.version === 1) count.alerts++
    const kept = (this.#alerts.get(`${rule.id} ${day}`) ?? []).filter(({ id }) => id !== alert.id)
    this.#alerts.set(`${rule.id} ${day}`, [...kept.slice(1 - KEPT_MAX), alert])
  }

  /** Writes and forgets; opens no transaction: called in the one that moves the checkpoint. */
  write(db: LocalDatabase): void {
    const known = prepared(
      db,
      'SELECT 1 FROM shadow_counts WHERE rule = ? AND day = ? AND agency = ? AND kind = ? AND value = ?',
    )
    const entities = prepared(db, 'SELECT count(*) AS n FROM shadow_counts WHERE rule = ? AND day = ? AND agency = ?')
    const add = prepared(
      db,
      `INSERT INTO shadow_counts (rule, day, agency, kind, value, alerts, withdrawn) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (rule, day, agency, kind, value)
       DO UPDATE SET alerts = alerts + excluded.alerts, withdrawn = withdrawn + excluded.withdrawn`,
    )
    for (const { rule, day, agency, kind, value, alerts, withdrawn } of this.#counts.values()) {
      const apart =
        known.get(rule, day, agency, kind, value) !== undefined ||
        (entities.get(rule, day, agency) as { n: number }).n < ENTITIES_MAX
      add.run(rule, day, agency, apart ? kind : '', apart ? value : '', alerts, withdrawn)
    }
    const put = prepared(
      db,
      `INSERT INTO shadow_alerts (alert_id, rule, day, agency, event_at, seq, alert) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (alert_id) DO UPDATE SET event_at = excluded.event_at, seq = excluded.seq, alert = excluded.alert`,
    )
    const trim = prepared(
      db,
      `DELETE FROM shadow_alerts WHERE rule = ? AND day = ? AND alert_id NOT IN
         (SELECT alert_id FROM shadow_alerts WHERE rule = ? AND day = ? ORDER BY event_at DESC, alert_id LIMIT ${KEPT_MAX})`,
    )
    for (const alerts of this.#alerts.values()) {
      for (const alert of alerts) {
        const { id, rule, agency, seq, '@timestamp': at } = alert
        put.run(id, rule.id, at.slice(0, DAY), agency, at, seq, JSON.stringify(alert))
      }
      const [first] = alerts
      const of = [first!.rule.id, first!['@timestamp'].slice(0, DAY)]
      trim.run(...of, ...of)
    }
  }

  clear(): void {
    this.#counts.clear()
    this.#alerts.clear()
  }
}

interface ShadowQuery {
  rule: string
  /** Days, from the first on. */
  from: string
  scope: Scope
}

/** Alerts by day, and by entity, most first. */
export function shadowCounts(
  db: LocalDatabase,
  { rule, from, scope }: ShadowQuery,
  entitiesMax: number,
): {
  days: Pick<ShadowCount, 'day' | 'alerts' | 'withdrawn'>[]
  entities: Omit<ShadowCount, 'rule' | 'day'>[]
} {
  const visible = inScope(scope)
  const where = `rule = ? AND day >= ? AND ${visible.sql}`
  const values = [rule, from, ...visible.values]
  return {
    days: db
      .prepare(
        `SELECT day, sum(alerts) AS alerts, sum(withdrawn) AS withdrawn FROM shadow_counts WHERE ${where}
         GROUP BY day ORDER BY day`,
      )
      .all(...values) as Pick<ShadowCount, 'day' | 'alerts' | 'withdrawn'>[],
    entities: db
      .prepare(
        `SELECT agency, kind, value, sum(alerts) AS alerts, sum(withdrawn) AS withdrawn FROM shadow_counts WHERE ${where}
         GROUP BY agency, kind, value ORDER BY alerts DESC, agency, kind, value LIMIT ?`,
      )
      .all(...values, entitiesMax) as Omit<ShadowCount, 'rule' | 'day'>[],
  }
}

/** The newest alerts that are kept. */
export function shadowAlerts(db: LocalDatabase, { rule, from, scope }: ShadowQuery, limit: number): Alert[] {
  const visible = inScope(scope)
  const rows = db
    .prepare(
      `SELECT alert FROM shadow_alerts WHERE rule = ? AND day >= ? AND ${visible.sql}
       ORDER BY event_at DESC, seq DESC, alert_id LIMIT ?`,
    )
    .all(rule, from, ...visible.values, limit) as { alert: string }[]
  return rows.map(({ alert }) => JSON.parse(alert) as Alert)
}

/** Deletes what was measured before `day`. */
export function forgetShadow(db: LocalDatabase, day: string): void {
  db.prepare('DELETE FROM shadow_counts WHERE day < ?').run(day)
  db.prepare('DELETE FROM shadow_alerts WHERE day < ?').run(day)
}
