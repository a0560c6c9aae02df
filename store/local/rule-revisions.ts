import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'
import { inTransaction } from './transaction.ts'

/** What is settled about a rule beside its text. */
export interface RuleSettings {
  state: 'draft' | 'shadow' | 'live' | 'retired'
  /** Alerts a day. */
  budget?: number
  owner?: string
  /** Why it is switched off; and where, of agencies. */
  disabled?: string
  disabledIn?: Record<string, string>
}

/** A rule as it came into force at one position of the log. */
export interface RuleRevision {
  /** 1, 2, 3 … of each rule. */
  number: number
  /** Position from which it is in force, and the receive time there, ISO UTC. */
  spool: string
  seq: number
  at: string
  bundle: string
  path: string
  /** SHA-256 of the text; empty where the rule was gone from then on. */
  hash: string
  settings: RuleSettings
  /** Who made the change, and why, where they said so; empty: a file was changed by hand. */
  by: string
  why: string
}

/** Whose change came into force at a position, and the rules it was about. */
export interface ChangeNote {
  by: string
  why: string
  rules: readonly string[]
}

interface InForce {
  id: string
  path: string
  hash: string
  text: string
  settings: RuleSettings
}

interface Row extends Omit<RuleRevision, 'settings'> {
  settings: string
}

/**
 * Notes which rules changed at a position of the log. Done again after a crash it changes nothing: what was noted at or after
 * the position, in the same spool, is not looked at and not written twice.
 */
export function noteRevisions(
  db: LocalDatabase,
  place: Pick<RuleRevision, 'spool' | 'seq' | 'at' | 'bundle'>,
  rules: readonly InForce[],
  note?: ChangeNote,
): void {
  inTransaction(db, () => {
    const { spool, seq, at, bundle } = place
    const before = db
      .prepare(
        `SELECT rule, max(number) AS number, path, hash, settings FROM rule_revisions
         WHERE NOT (spool = ? AND seq >= ?) GROUP BY rule`,
      )
      .all(spool, seq) as { rule: string; number: number; path: string; hash: string; settings: string }[]
    const known = new Map(before.map((row) => [row.rule, row]))
    const keep = prepared(db, 'INSERT OR IGNORE INTO rule_texts (hash, text) VALUES (?, ?)')
    const add = prepared(
      db,
      `INSERT OR IGNORE INTO rule_revisions (rule, number, spool, seq, at, bundle, path, hash, settings, by, why)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    const write = (rule: string, path: string, hash: string, settings: string): void => {
      const own = note?.rules.includes(rule) === true ? note : undefined
      const number = (known.get(rule)?.number ?? 0) + 1
      add.run(rule, number, spool, seq, at, bundle, path, hash, settings, own?.by ?? '', own?.why ?? '')
    }
    for (const { id, path, hash, text, settings } of rules) {
      const former = known.get(id)
      const said = JSON.stringify(settings)
      if (former?.hash === hash && former.path === path && former.settings === said) continue
      keep.run(hash, text)
      write(id, path, hash, said)
    }
    const there = new Set(rules.map(({ id }) => id))
    for (const { rule, path, hash, settings } of before) {
      if (hash !== '' && !there.has(rule)) write(rule, path, '', settings)
    }
  })
}

/** A rule's revisions, newest first. */
export function revisionsOf(db: LocalDatabase, rule: string): RuleRevision[] {
  const rows = prepared(
    db,
    `SELECT number, spool, seq, at, bundle, path, hash, settings, by, why FROM rule_revisions
     WHERE rule = ? ORDER BY number DESC`,
  ).all(rule) as Row[]
  return rows.map((row) => ({ ...row, settings: JSON.parse(row.settings) as RuleSettings }))
}

/** The text of a revision; null where there was none. */
export function textOfRevision(db: LocalDatabase, { hash }: Pick<RuleRevision, 'hash'>): string | null {
  const row = prepared(db, 'SELECT text FROM rule_texts WHERE hash = ?').get(hash) as { text: string } | undefined
  return row?.text ?? null
}
