import type { DuckDBConnection } from '@duckdb/node-api'
import { listValue } from '@duckdb/node-api'
import type { Alert } from '../../model/alert.ts'
import type { DeadLetter } from '../../model/record.ts'
import { highestVersions, spoolOf } from '../admission.ts'
import type { Appended, Batch } from '../store.ts'
import { time } from './columns.ts'
import { appendRows, Rows } from './rows.ts'

/** What a batch adds to a store that has come as far as `positions` says. */
export interface Plan {
  rows: Rows
  alerts: Alert[]
  deadLetters: DeadLetter[]
  /** New positions of the spools the batch came from. */
  positions: Map<string, number>
  refused: Appended['refused']
}

/**
 * Leaves out what is there already. A refusal is told again however often the batch comes: the caller may have ended before
 * it could dead-letter the record. Dead letters and alerts are not held against the position but against what is stored,
 * for a refused record is dead-lettered after its position has passed.
 */
export function planAppend(batch: Batch, positions: ReadonlyMap<string, number>): Plan {
  const plan: Plan = { rows: new Rows(), alerts: [], deadLetters: [], positions: new Map(), refused: [] }
  const seen = new Set<string>()
  for (const event of batch.events) {
    const refused = plan.rows.add(event, (spool, seq) => {
      if (seq <= (positions.get(spool) ?? 0) || seen.has(event['soc.record'])) return false
      seen.add(event['soc.record'])
      advance(plan.positions, spool, seq)
      return true
    })
    if (refused !== null) plan.refused.push({ seq: event['soc.seq'], reason: refused })
  }
  const deadLetters = new Map(batch.deadLetters.map((letter) => [letter.record, letter]))
  plan.deadLetters = [...deadLetters.values()]
  for (const { record, seq } of plan.deadLetters) {
    const spool = spoolOf(record, seq)
    if (spool !== null && seq > (positions.get(spool) ?? 0)) advance(plan.positions, spool, seq)
  }
  for (const spool of plan.positions.keys()) advance(plan.positions, spool, batch.through)

  plan.alerts = highestVersions(batch.alerts)
  return plan
}

function advance(positions: Map<string, number>, spool: string, seq: number): void {
  positions.set(spool, Math.max(positions.get(spool) ?? 0, seq))
}

/** Writes a plan inside the caller's transaction. */
export async function writePlan(connection: DuckDBConnection, hot: string, plan: Plan): Promise<void> {
  if (plan.rows.count > 0) await writeRows(connection, hot, plan.rows)
  if (plan.alerts.length > 0) await writeAlerts(connection, plan.alerts)
  if (plan.deadLetters.length > 0) await writeDeadLetters(connection, plan.deadLetters)
  for (const [spool, seq] of plan.positions) {
    const row = [spool, BigInt(seq)]
    const moved = await connection.run('UPDATE positions SET seq = $2 WHERE spool = $1', row)
    if (moved.rowsChanged === 0) await connection.run('INSERT INTO positions VALUES ($1, $2)', row)
  }
}

async function writeRows(connection: DuckDBConnection, hot: string, rows: Rows): Promise<void> {
  const appender = await connection.createAppender(hot)
  appendRows(appender, rows)
  appender.closeSync()
}

async function writeAlerts(connection: DuckDBConnection, alerts: readonly Alert[]): Promise<void> {
  const ids = listValue(alerts.map(({ id }) => id))
  const known = await connection.runAndReadAll('SELECT id, version FROM alerts WHERE id IN (SELECT unnest($ids))', {
    ids,
  })
  const versions = new Map(known.getRows().map(([id, version]) => [String(id), Number(version)]))
  const fresh = alerts.filter(({ id, version }) => version > (versions.get(id) ?? -1))
  const superseded = fresh.filter(({ id }) => versions.has(id)).map(({ id }) => id)
  if (superseded.length > 0) {
    await connection.run('DELETE FROM alerts WHERE id IN (SELECT unnest($ids))', { ids: listValue(superseded) })
  }
  if (fresh.length === 0) return
  const appender = await connection.createAppender('alerts')
  for (const alert of fresh) {
    appender.appendVarchar(alert.id)
    appender.appendBigInt(BigInt(alert.version))
    appender.appendBigInt(BigInt(alert.seq))
    appender.appendTimestamp(time(Date.parse(alert['@timestamp'])))
    appender.appendVarchar(alert.rule.id)
    appender.appendVarchar(alert.agency)
    appender.appendVarchar(JSON.stringify(alert))
    appender.endRow()
  }
  appender.closeSync()
}

async function writeDeadLetters(connection: DuckDBConnection, letters: readonly DeadLetter[]): Promise<void> {
  const records = listValue(letters.map(({ record }) => record))
  const known = await connection.runAndReadAll(
    'SELECT record FROM dead_letters WHERE record IN (SELECT unnest($records))',
    {
      records,
    },
  )
  const there = new Set(known.getRows().map(([record]) => String(record)))
  const appender = await connection.createAppender('dead_letters')
  for (const letter of letters) {
    if (there.has(letter.record)) continue
    appender.appendVarchar(letter.record)
    appender.appendBigInt(BigInt(letter.seq))
    appender.appendTimestamp(time(Date.parse(letter.receivedAt)))
    appender.appendVarchar(letter.agency)
    appender.appendVarchar(JSON.stringify(letter))
    appender.endRow()
  }
  appender.closeSync()
}
