import { randomBytes } from 'node:crypto'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** A search of stored events for indicators. */
export interface Hunt {
  id: string
  principal: string
  actor: string
  at: string
  feed: string
  part: 'all' | 'fresh'
  /** What it finds raises alerts. */
  raises: boolean
  scope: Scope
  /** Half-open, of event time. */
  from: string
  to: string
  state: 'running' | 'done' | 'failed' | 'stopped'
  indicators: number
  /** That were looked at. */
  events: number
  /** That were found; kept are the first ones. */
  hits: number
  /** Event time down to which events were looked at, newest first. */
  reached?: string
  finishedAt?: string
}

export interface HuntHit {
  record: string
  agency: string
  at: string
  field: string
  kind: string
  value: string
  level: string
}

interface HuntRow {
  id: string
  principal: string
  actor: string
  at: string
  task: string
  state: Hunt['state']
  indicators: number
  events: number
  hits: number
  reached: string | null
  finished_at: string | null
}

export const HITS_KEPT_MAX = 10_000

export function addHunt(
  db: LocalDatabase,
  hunt: Pick<Hunt, 'principal' | 'actor' | 'at' | 'feed' | 'part' | 'raises' | 'scope' | 'from' | 'to' | 'indicators'>,
): Hunt {
  const id = randomBytes(9).toString('base64url')
  const { principal, actor, at, indicators, ...task } = hunt
  prepared(
    db,
    `INSERT INTO hunts (id, principal, actor, at, task, state, indicators) VALUES (?, ?, ?, ?, ?, 'running', ?)`,
  ).run(id, principal, actor, at, JSON.stringify(task), indicators)
  return { id, ...hunt, state: 'running', events: 0, hits: 0 }
}

function toHunt({ task, reached, finished_at: finishedAt, ...row }: HuntRow): Hunt {
  return {
    ...row,
    raises: false, // as it was before hunts raised anything
    ...(JSON.parse(task) as Pick<Hunt, 'feed' | 'part' | 'scope' | 'from' | 'to'> & Partial<Pick<Hunt, 'raises'>>),
    ...(reached !== null && { reached }),
    ...(finishedAt !== null && { finishedAt }),
  }
}

export function getHunt(db: LocalDatabase, id: string): Hunt | null {
  const row = prepared(db, 'SELECT * FROM hunts WHERE id = ?').get(id) as HuntRow | undefined
  return row === undefined ? null : toHunt(row)
}

/** The newest first. */
export function huntsOf(db: LocalDatabase, principal: string, limit: number): Hunt[] {
  const sql = 'SELECT * FROM hunts WHERE principal = ? ORDER BY at DESC, id LIMIT ?'
  return (prepared(db, sql).all(principal, limit) as HuntRow[]).map(toHunt)
}

/** Notes what a further page of events showed. */
export function addHits(
  db: LocalDatabase,
  id: string,
  page: { events: number; reached: string; hits: readonly HuntHit[] },
): void {
  const { hits } = getHunt(db, id)!
  for (const [i, hit] of page.hits.slice(0, Math.max(0, HITS_KEPT_MAX - hits)).entries()) {
    prepared(
      db,
      `INSERT INTO hunt_hits (hunt, n, record, agency, at, field, kind, value, level) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(id, hits + i, hit.record, hit.agency, hit.at, hit.field, hit.kind, hit.value, hit.level)
  }
  prepared(db, 'UPDATE hunts SET events = events + ?, hits = hits + ?, reached = ? WHERE id = ?').run(
    page.events,
    page.hits.length,
    page.reached,
    id,
  )
}

export function endHunt(db: LocalDatabase, id: string, state: Exclude<Hunt['state'], 'running'>, at: string): void {
  prepared(db, 'UPDATE hunts SET state = ?, finished_at = ? WHERE id = ?').run(state, at, id)
}

/** Those that a stop of the program ended. */
export function endInterrupted(db: LocalDatabase, at: string): void {
  prepared(db, `UPDATE hunts SET state = 'stopped', finished_at = ? WHERE state = 'running'`).run(at)
}

export function hitsOf(
  db: LocalDatabase,
  id: string,
  query: { after: number; limit: number },
): (HuntHit & { n: number })[] {
  const sql =
    'SELECT n, record, agency, at, field, kind, value, level FROM hunt_hits WHERE hunt = ? AND n > ? ORDER BY n LIMIT ?'
  return prepared(db, sql).all(id, query.after, query.limit) as (HuntHit & { n: number })[]
}
