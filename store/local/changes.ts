import type { Level } from '../../model/alert.ts'
import type { State } from '../../model/incident.ts'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** An entry of the history about an incident, with the incident as it is now. */
export interface Change {
  /** Place in the history; runs through all agencies, so it is shown to nobody as it is. */
  position: number
  at: string
  actor: string
  code: string
  incidentId: string
  number: number
  agency: string
  version: number
  state: State
  level: Level
  priority: number
  title: string
  titleVi: string
}

/** Changes after `position`, oldest first, and how far the history was looked through for them. */
export function changesAfter(
  db: LocalDatabase,
  position: number,
  limit: number,
): { changes: Change[]; through: number } {
  const last = lastPosition(db) // before the changes are read: what comes in between is found the next time
  const changes = prepared(
    db,
    `SELECT h.id AS position, h.at, h.actor, h.code, i.id AS incidentId, i.number, i.agency, i.version, i.state, i.level,
         i.priority, i.title, i.title_vi AS titleVi
       FROM history h JOIN incidents i ON i.id = h.subject_id
       WHERE h.id > ? AND h.id <= ? AND h.subject_kind = 'incident' ORDER BY h.id LIMIT ?`,
  ).all(position, last, limit) as Change[]
  const full = changes.length === limit
  return { changes, through: full ? changes.at(-1)!.position : Math.max(position, last) }
}

export function lastPosition(db: LocalDatabase): number {
  return (prepared(db, 'SELECT coalesce(max(id), 0) AS id FROM history').get() as { id: number }).id
}
