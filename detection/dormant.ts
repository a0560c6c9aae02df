import type { CorrelationRule } from './sigma/correlation.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import type { LogSourceRow } from './sigma/logsource.ts'
import { canProduce } from './fields.ts'
import { conflict, severalOf, termsOf, type Literal, type Term } from './logic/terms.ts'
import { exactly } from './logic/tests.ts'
import type { Test } from './test.ts'

/** Why a rule can never fire; the code is stable. */
export interface Dormancy {
  code:
    | 'unrouted_logsource'
    | 'empty_placeholder'
    | 'contradiction'
    | 'shadowed_by_filter'
    | 'contradicts_logsource'
    | 'field_not_produced'
    | 'part_never_fires'
  message: string
}

/**
 * Why a detection rule can match no event that the parsers make, in the ways in which its condition can hold; undefined where
 * nothing speaks against it.
 * @param rows those of `logsources.yml` that the rule covers
 */
export function dormancyOf(mapped: MappedRule, rows: readonly LogSourceRow[]): Dormancy | undefined {
  if (rows.length === 0) {
    const { product = '*', category = '*', service = '*' } = mapped.logsource
    return { code: 'unrouted_logsource', message: `no event carries the log source ${product}/${category}/${service}` }
  }
  const terms = termsOf(mapped.condition, mapped.selections, mapped, severalOf)
  if (terms === undefined) return undefined
  const reasons: Dormancy[] = []
  for (const term of terms) {
    const reason = reasonOf(term, mapped, rows)
    if (reason === undefined) return undefined
    reasons.push(reason)
  }
  // A filter is what to look at first: without it the rule would have ways left.
  return reasons.find(({ code }) => code === 'shadowed_by_filter') ?? reasons[0]
}

function reasonOf(term: Term, mapped: MappedRule, rows: readonly LogSourceRow[]): Dormancy | undefined {
  const wanted = term.filter(({ positive }) => positive)
  const empty = wanted.find(({ tests }) => tests.length === 0)
  if (empty !== undefined) {
    return { code: 'empty_placeholder', message: `the table of ${named(empty)} is empty` }
  }
  for (const [i, b] of term.entries()) {
    for (const a of term.slice(0, i)) {
      if (!conflict(a, b)) continue
      const filter = [a, b].find(({ selection }) => selection.startsWith('_filter'))
      return filter === undefined
        ? { code: 'contradiction', message: `${named(a)} and ${named(b)} can never hold together` }
        : {
            code: 'shadowed_by_filter',
            message: `a filter on ${named(filter)} takes away all that the rule lets through`,
          }
    }
  }
  const missing = wanted.find(
    ({ item, tests }) =>
      item.field !== '' &&
      tests.every((test) => test.about !== 'presence' || test.is === 'exists') &&
      !mapped.eventFields(item.field).some((name) => rows.some((row) => canProduce(row, name))),
  )
  if (missing !== undefined) {
    return { code: 'field_not_produced', message: `no event of its log source has ${named(missing)}` }
  }
  if (rows.every((row) => wanted.some((literal) => excludedBy(row, literal)))) {
    return { code: 'contradicts_logsource', message: 'no event of its log source has the values it asks for' }
  }
  return undefined
}

const named = ({ item }: Literal): string => (item.field === '' ? 'its keywords' : `'${item.field}'`)

const asked = new WeakMap<ReadonlySet<string>, readonly Test[]>()

/** That a field is one of the values: for each set of them one array, by which conflicts are remembered. */
function testsOf(values: ReadonlySet<string>): readonly Test[] {
  const tests = asked.get(values) ?? [...values].map(exactly)
  asked.set(values, tests)
  return tests
}

/** Whether no event of the row can satisfy the literal, by what the row itself asks for. */
export function excludedBy({ when }: LogSourceRow, literal: Literal): boolean {
  if (!literal.positive) return false
  return when.some(
    ([field, values]) => literal.field === field && conflict({ ...literal, tests: testsOf(values) }, literal),
  )
}

/** Why a correlation can never fire, from what is known of the rules it refers to; undefined where one of them may feed it. */
export function correlationDormancy(
  rule: CorrelationRule,
  parts: readonly { id: string; title: string }[],
  dormant: ReadonlyMap<string, Dormancy>,
): Dormancy | undefined {
  const idle = parts.filter(({ id }) => dormant.has(id))
  const [first] = idle
  if (first === undefined) return undefined
  const needsAll =
    rule.type.startsWith('temporal') &&
    rule.expression === undefined &&
    rule.thresholds.some(({ operator, value }) => operator === 'gte' && value >= new Set(rule.rules).size)
  if (idle.length < parts.length && !needsAll) return undefined
  const { message } = dormant.get(first.id)!
  return { code: 'part_never_fires', message: `'${first.title}', which it needs, never does: ${message}` }
}
