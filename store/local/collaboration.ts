import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** What people add to an incident beside their decisions. Who may see the incident is for the caller to ask first. */

export interface Comment {
  /** 1, 2, 3 … within its incident. */
  id: number
  at: string
  author: string
  /** Markdown, as it was written: hostile until it is rendered. */
  body: string
}

export function addComment(db: LocalDatabase, incidentId: string, comment: Omit<Comment, 'id'>): Comment {
  const { at, author, body } = comment
  const { id } = prepared(
    db,
    `INSERT INTO comments (incident_id, id, at, author, body)
       SELECT ?, coalesce(max(id), 0) + 1, ?, ?, ? FROM comments WHERE incident_id = ? RETURNING id`,
  ).get(incidentId, at, author, body, incidentId) as { id: number }
  return { id, at, author, body }
}

/** Oldest first, after `after`. */
export function commentsOf(db: LocalDatabase, incidentId: string, query: { limit: number; after?: number }): Comment[] {
  return prepared(
    db,
    'SELECT id, at, author, body FROM comments WHERE incident_id = ? AND id > ? ORDER BY id LIMIT ?',
  ).all(incidentId, query.after ?? 0, query.limit) as Comment[]
}

/** True where they did not watch it before. */
export function watch(db: LocalDatabase, incidentId: string, userName: string, since: string): boolean {
  const insert = 'INSERT INTO watchers (incident_id, user_name, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
  return prepared(db, insert).run(incidentId, userName, since).changes === 1
}

export function unwatch(db: LocalDatabase, incidentId: string, userName: string): boolean {
  const sql = 'DELETE FROM watchers WHERE incident_id = ? AND user_name = ?'
  return prepared(db, sql).run(incidentId, userName).changes === 1
}

export function watchersOf(db: LocalDatabase, incidentId: string): string[] {
  const sql = 'SELECT user_name AS name FROM watchers WHERE incident_id = ? ORDER BY user_name'
  return (prepared(db, sql).all(incidentId) as { name: string }[]).map(({ name }) => name)
}

/** A step of a playbook that was ticked once, or a task that someone added. */
export interface Task {
  /** `<playbook>/<step>`, or `own/<number>`. */
  key: string
  title: string
  titleVi: string
  addedAt: string
  addedBy: string
  doneAt?: string
  doneBy?: string
}

interface TaskRow extends Omit<Task, 'doneAt' | 'doneBy'> {
  doneAt: string | null
  doneBy: string | null
}

export function tasksOf(db: LocalDatabase, incidentId: string): Task[] {
  const rows = prepared(
    db,
    `SELECT key, title, title_vi AS titleVi, added_at AS addedAt, added_by AS addedBy, done_at AS doneAt, done_by AS doneBy
       FROM tasks WHERE incident_id = ? ORDER BY added_at, key`,
  ).all(incidentId) as TaskRow[]
  return rows.map(({ doneAt, doneBy, ...task }) => ({
    ...task,
    ...(doneAt !== null && { doneAt }),
    ...(doneBy !== null && { doneBy }),
  }))
}

export function putTask(db: LocalDatabase, incidentId: string, task: Task): void {
  prepared(
    db,
    `INSERT INTO tasks (incident_id, key, title, title_vi, added_at, added_by, done_at, done_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (incident_id, key) DO UPDATE SET done_at = excluded.done_at, done_by = excluded.done_by`,
  ).run(
    incidentId,
    task.key,
    task.title,
    task.titleVi,
    task.addedAt,
    task.addedBy,
    task.doneAt ?? null,
    task.doneBy ?? null,
  )
}

export const RELATIONS = ['related', 'follows', 'campaign'] as const
export type Relation = (typeof RELATIONS)[number]

export interface Link {
  incidentId: string
  relation: Relation
  at: string
  author: string
}

/** Links from the incident and to it; an incident that `follows` another is listed there as `related`. */
export function linksOf(db: LocalDatabase, incidentId: string): Link[] {
  return prepared(
    db,
    `SELECT other_id AS incidentId, relation, at, author FROM incident_links WHERE incident_id = ?
     UNION SELECT incident_id, CASE relation WHEN 'follows' THEN 'related' ELSE relation END, at, author
       FROM incident_links WHERE other_id = ? ORDER BY at, incidentId`,
  ).all(incidentId, incidentId) as Link[]
}

export function link(
  db: LocalDatabase,
  incidentId: string,
  { incidentId: other, relation, at, author }: Link,
): boolean {
  return (
    prepared(
      db,
      `INSERT INTO incident_links (incident_id, other_id, relation, at, author) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    ).run(incidentId, other, relation, at, author).changes === 1
  )
}

/** Takes away every link between the two; false where there was none. */
export function unlink(db: LocalDatabase, incidentId: string, other: string): boolean {
  const sql =
    'DELETE FROM incident_links WHERE (incident_id = ? AND other_id = ?) OR (incident_id = ? AND other_id = ?)'
  return prepared(db, sql).run(incidentId, other, other, incidentId).changes > 0
}
