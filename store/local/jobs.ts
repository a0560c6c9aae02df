import { randomBytes } from 'node:crypto'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

export type JobState = 'running' | 'done' | 'undoing' | 'undone'

export interface Job<Decision> {
  id: string
  /** Who may ask for it: nobody else. */
  principal: string
  actor: string
  at: string
  decision: Decision
  state: JobState
  finishedAt?: string
}

interface JobRow {
  id: string
  principal: string
  actor: string
  at: string
  decision: string
  state: JobState
  finished_at: string | null
}

function toJob<Decision>(row: JobRow): Job<Decision> {
  const { finished_at: finishedAt, decision, id, principal, actor, at, state } = row
  const read = JSON.parse(decision) as Decision
  return { id, principal, actor, at, state, decision: read, ...(finishedAt !== null && { finishedAt }) }
}

/** Keeps a job with all that it is about, so that a restart goes on with it. */
export function addJob<Decision>(
  db: LocalDatabase,
  job: { principal: string; actor: string; at: string; decision: Decision },
  incidentIds: readonly string[],
): Job<Decision> {
  const id = randomBytes(12).toString('hex')
  prepared(db, "INSERT INTO jobs (id, principal, actor, at, decision, state) VALUES (?, ?, ?, ?, ?, 'running')").run(
    id,
    job.principal,
    job.actor,
    job.at,
    JSON.stringify(job.decision),
  )
  prepared(db, 'INSERT INTO job_items (job, incident_id) SELECT ?, value FROM json_each(?)').run(
    id,
    JSON.stringify(incidentIds),
  )
  return { id, ...job, state: 'running' }
}

export function getJob<Decision>(db: LocalDatabase, id: string): Job<Decision> | null {
  const row = prepared(db, 'SELECT * FROM jobs WHERE id = ?').get(id) as JobRow | undefined
  return row === undefined ? null : toJob(row)
}

/** Jobs that a stop of the program has left in the middle. */
export function unfinishedJobs<Decision>(db: LocalDatabase): Job<Decision>[] {
  const rows = db.prepare("SELECT * FROM jobs WHERE state IN ('running', 'undoing') ORDER BY at, id").all() as JobRow[]
  return rows.map((row) => toJob<Decision>(row))
}

export function setJobState(db: LocalDatabase, id: string, state: JobState, finishedAt?: string): void {
  prepared(db, 'UPDATE jobs SET state = ?, finished_at = ? WHERE id = ?').run(state, finishedAt ?? null, id)
}

/** How many items came to what; `''` are still to be done. */
export function jobResults(db: LocalDatabase, id: string): Record<string, number> {
  const rows = prepared(db, 'SELECT result, count(*) AS n FROM job_items WHERE job = ? GROUP BY result').all(id)
  return Object.fromEntries((rows as { result: string; n: number }[]).map(({ result, n }) => [result, n]))
}

export interface JobItem {
  incidentId: string
  before: Record<string, unknown> | null
  version: number | null
}

/** All items that came to `result`, in the order in which their incidents were written: neighbours share pages of the database. */
export function itemsWith(db: LocalDatabase, id: string, result: string): JobItem[] {
  const sql = `SELECT incident_id AS incidentId, before, j.version FROM job_items j LEFT JOIN incidents i ON i.id = incident_id
    WHERE job = ? AND result = ? ORDER BY i.rowid`
  const rows = prepared(db, sql).all(id, result) as (Omit<JobItem, 'before'> & { before: string | null })[]
  return rows.map(({ before, ...row }) => ({
    ...row,
    before: before === null ? null : (JSON.parse(before) as Record<string, unknown>),
  }))
}

export function setItem(
  db: LocalDatabase,
  id: string,
  item: { incidentId: string; result: string; before?: object; version?: number },
): void {
  prepared(
    db,
    `UPDATE job_items SET result = ?, before = coalesce(?, before), version = coalesce(?, version)
       WHERE job = ? AND incident_id = ?`,
  ).run(
    item.result,
    item.before === undefined ? null : JSON.stringify(item.before),
    item.version ?? null,
    id,
    item.incidentId,
  )
}
