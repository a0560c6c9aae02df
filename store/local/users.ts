import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'

/** In the place of a password's hash: there is none. */
const NO_PASSWORD = ''

/** `analyst` is level 2, `analyst_l1` level 1. */
export const ROLES = [
  'administrator',
  'lead',
  'analyst',
  'analyst_l1',
  'detection_engineer',
  'agency_sysadmin',
  'agency_viewer',
  'auditor',
] as const
export type UserRole = (typeof ROLES)[number]

export interface User {
  /** What they log in with: lower case. */
  name: string
  displayName: string
  role: UserRole
  agencies: Scope
  /** The password was given by someone else: nothing but changing it is allowed. */
  mustChange: boolean
  disabled: boolean
  createdAt: string
  /** The single sign-on that vouches for them; absent: a local user. */
  issuer?: string
}

interface UserRow {
  name: string
  display_name: string
  role: UserRole
  agencies: string
  password: string
  must_change: number
  disabled: number
  created_at: string
  issuer: string | null
}

function toUser(row: UserRow): User {
  return {
    name: row.name,
    displayName: row.display_name,
    role: row.role,
    agencies: JSON.parse(row.agencies) as Scope,
    mustChange: row.must_change === 1,
    disabled: row.disabled === 1,
    createdAt: row.created_at,
    ...(row.issuer !== null && { issuer: row.issuer }),
  }
}

export function countUsers(db: LocalDatabase): number {
  return (db.prepare('SELECT count(*) AS n FROM users').get() as { n: number }).n
}

/** @param known by a password, as PHC string of argon2id, or by what the issuer calls them */
export function addUser(db: LocalDatabase, user: User, known: string | { subject: string }): void {
  db.prepare(
    `INSERT INTO users (name, display_name, role, agencies, password, must_change, disabled, created_at, issuer, subject)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    user.name,
    user.displayName,
    user.role,
    JSON.stringify(user.agencies),
    typeof known === 'string' ? known : NO_PASSWORD,
    user.mustChange ? 1 : 0,
    user.disabled ? 1 : 0,
    user.createdAt,
    user.issuer ?? null,
    typeof known === 'string' ? null : known.subject,
  )
}

export function getUser(db: LocalDatabase, name: string): User | null {
  const row = db.prepare('SELECT * FROM users WHERE name = ?').get(name) as UserRow | undefined
  return row === undefined ? null : toUser(row)
}

/** The user whom that issuer calls so. */
export function userOfSubject(db: LocalDatabase, issuer: string, subject: string): User | null {
  const sql = 'SELECT * FROM users WHERE issuer = ? AND subject = ?'
  const row = db.prepare(sql).get(issuer, subject) as UserRow | undefined
  return row === undefined ? null : toUser(row)
}

/** The PHC string to verify a password against; null where there is no such user, or none who has a password. */
export function passwordOf(db: LocalDatabase, name: string): string | null {
  const row = db.prepare('SELECT password FROM users WHERE name = ?').get(name) as { password: string } | undefined
  return row === undefined || row.password === NO_PASSWORD ? null : row.password
}

export function listUsers(db: LocalDatabase): User[] {
  return (db.prepare('SELECT * FROM users ORDER BY name').all() as UserRow[]).map(toUser)
}

export function updateUser(db: LocalDatabase, user: User): void {
  db.prepare('UPDATE users SET display_name = ?, role = ?, agencies = ?, disabled = ? WHERE name = ?').run(
    user.displayName,
    user.role,
    JSON.stringify(user.agencies),
    user.disabled ? 1 : 0,
    user.name,
  )
}

export function setPassword(db: LocalDatabase, name: string, password: string, mustChange: boolean): void {
  db.prepare('UPDATE users SET password = ?, must_change = ? WHERE name = ?').run(password, mustChange ? 1 : 0, name)
}

/** The second factor of a user: the secret in use, one that waits to be confirmed, and the last step whose code was used. */
export interface SecondFactor {
  secret: string | null
  pending: string | null
  step: number
}

export function secondFactorOf(db: LocalDatabase, name: string): SecondFactor {
  const sql = 'SELECT totp AS secret, totp_pending AS pending, totp_step AS step FROM users WHERE name = ?'
  const row = db.prepare(sql).get(name) as SecondFactor | undefined
  return { secret: row?.secret ?? null, pending: row?.pending ?? null, step: row?.step ?? 0 }
}

export function setSecondFactor(db: LocalDatabase, name: string, { secret, pending, step }: SecondFactor): void {
  const sql = 'UPDATE users SET totp = ?, totp_pending = ?, totp_step = ? WHERE name = ?'
  db.prepare(sql).run(secret, pending, step, name)
}

/** Notes that a user logged in. */
export function noteSeen(db: LocalDatabase, name: string, at: string): void {
  db.prepare('UPDATE users SET seen_at = ? WHERE name = ?').run(at, name)
}

/** Users who have not logged in since `before` and may still; the administrators only where a local one is left who did. */
export function idleUsers(db: LocalDatabase, before: string): string[] {
  const rows = db
    .prepare(
      `SELECT name FROM users WHERE disabled = 0 AND coalesce(seen_at, created_at) < ? AND (role <> 'administrator'
         OR EXISTS (SELECT 1 FROM users WHERE role = 'administrator' AND disabled = 0 AND issuer IS NULL
           AND coalesce(seen_at, created_at) >= ?)) ORDER BY name`,
    )
    .all(before, before) as { name: string }[]
  return rows.map(({ name }) => name)
}
