import { conflict, severalOf, termsOf, type Literal, type Term } from './logic/terms.ts'
import { implies } from './logic/tests.ts'
import type { RuleSet } from './rule-set.ts'
import { covers, type LogSourceRow } from './sigma/logsource.ts'

/** Every event that `rule` matches, `other` matches as well. */
export interface Overlap {
  rule: string
  other: string
  /** `duplicate`: each matches all that the other does. */
  kind: 'duplicate' | 'shadowed'
}

interface Known {
  id: string
  rows: ReadonlySet<LogSourceRow>
  terms: readonly Term[]
}

/**
 * Rules that add nothing beside another one. What is given is proven from the predicates as they run (filters and pipelines
 * applied): each way in which the one can hold asks for at least all that some way of the other asks for, on log sources that
 * are the other's as well. What is not given may still overlap: regular expressions are compared as texts, and rules with more
 * than 400 ways to hold are not looked at.
 */
export function overlapsOf({ network, logSources, rules }: RuleSet): Overlap[] {
  const level = new Map(rules.map((rule) => [rule.id, rule.level]))
  const known = network.rules.flatMap(({ rule: { id }, mapped }): Known[] => {
    if (level.get(id) === 'informational') return [] // a part of correlations
    const terms = termsOf(mapped.condition, mapped.selections, mapped, severalOf)
    const rows = new Set(logSources.filter(({ sources }) => sources.some((own) => covers(mapped.logsource, own))))
    if (terms === undefined || terms.length === 0 || rows.size === 0) return []
    if (terms.some((term) => term.length === 0 || term.some(({ tests }) => tests.length === 0))) return []
    return [{ id, rows, terms }]
  })
  const byRow = new Map<LogSourceRow, Known[]>()
  for (const one of known) {
    for (const row of one.rows) {
      const own = byRow.get(row) ?? []
      byRow.set(row, own)
      own.push(one)
    }
  }
  const found: Overlap[] = []
  for (const one of known) {
    const [row] = one.rows
    for (const other of byRow.get(row!)!) {
      if (other === one || !within(one, other)) continue
      const kind = within(other, one) ? 'duplicate' : 'shadowed'
      if (kind === 'shadowed' || one.id < other.id) found.push({ rule: one.id, other: other.id, kind })
    }
  }
  return found.sort((a, b) => (`${a.rule} ${a.other}` < `${b.rule} ${b.other}` ? -1 : 1))
}

/** Whether all that `a` matches, `b` does. */
function within(a: Known, b: Known): boolean {
  if (a.rows.size > b.rows.size) return false
  for (const row of a.rows) if (!b.rows.has(row)) return false
  return a.terms.every((term) =>
    b.terms.some((wider) => wider.every((wanted) => term.some((own) => follows(own, wanted)))),
  )
}

/** Whether `wanted` holds wherever `own` does. */
function follows(own: Literal, wanted: Literal): boolean {
  if (own.field !== wanted.field) return false
  if (own.positive && wanted.positive) return own.tests.every((x) => wanted.tests.some((y) => implies(x, y)))
  if (own.positive) return conflict(own, { ...wanted, positive: true })
  return !wanted.positive && wanted.tests.every((y) => own.tests.some((x) => implies(y, x)))
}
