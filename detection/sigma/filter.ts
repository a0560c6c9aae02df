import { RuleError } from '../errors.ts'
import type { Condition } from './condition.ts'
import { covers } from './logsource.ts'
import {
  readDetection,
  readLogSource,
  readMetadata,
  type DetectionRule,
  type LogSource,
  type RuleContext,
  type Selection,
} from './rule.ts'
import { entriesOf, entryOf, textsOf, type SigmaDocument } from './yaml.ts'

/** A Sigma filter: a condition that is joined by AND to the rules it names (authors write `not selection` to exclude). */
export interface Filter {
  logsource: LogSource
  /** Ids or names; undefined for any rule of the log source. */
  rules?: Set<string>
  selections: Map<string, Selection>
  condition: Condition
  hash: string
  /** Offset of what it names, for messages. */
  at: number
}

/** @throws {RuleError} placed */
export function readFilter(document: SigmaDocument, path: string, context: RuleContext): Filter {
  const { hash } = readMetadata(document, path)
  const body = entryOf(document.root, 'filter')!
  const rules = entriesOf(body.value, 'filter', body.at).find(({ key }) => key === 'rules')
  if (rules === undefined) throw new RuleError('bad_filter', 'the filter names no rules (any for all)', body.at)
  const named = textsOf(rules.value)
  const { selections, condition } = readDetection(body, context, ['rules'])
  const any = named.length === 0 || (named.length === 1 && named[0]!.toLowerCase() === 'any')
  return {
    logsource: readLogSource(document.root),
    ...(!any && { rules: new Set(named) }),
    selections,
    condition,
    hash,
    at: rules.at,
  }
}

const PREFIX = '_filter'

const names = ({ rules }: Filter, { id, name }: DetectionRule): boolean =>
  rules === undefined || rules.has(id) || (name !== undefined && rules.has(name))

/** Why a filter, or one of the names in it, does nothing to any of the rules: one sentence each. */
export function idleIn(filter: Filter, rules: readonly DetectionRule[]): string[] {
  const own = rules.filter(({ logsource }) => covers(filter.logsource, logsource))
  if (filter.rules === undefined) return own.length > 0 ? [] : ['no rule has the log source of this filter']
  const met = new Set(own.flatMap(({ id, name }) => [id, name]))
  return [...filter.rules]
    .filter((wanted) => !met.has(wanted))
    .map((wanted) => `no detection rule of this filter's log source has the id or name '${wanted}'`)
}

/** The rule with the filters that apply to it joined to its condition, their selections under names of their own. */
export function applyFilters(rule: DetectionRule, filters: readonly Filter[]): DetectionRule {
  const own = filters.filter((filter) => covers(filter.logsource, rule.logsource) && names(filter, rule))
  if (own.length === 0) return rule
  const selections = new Map(rule.selections)
  const conditions = own.map((filter, i): Condition => {
    for (const [name, selection] of filter.selections) selections.set(`${PREFIX}${i}_${name}`, selection)
    return renamed(filter.condition, `${PREFIX}${i}_`)
  })
  return { ...rule, selections, condition: { op: 'and', of: [rule.condition, ...conditions] } }
}

function renamed(condition: Condition, prefix: string): Condition {
  if (condition.op === 'selection') return { op: 'selection', name: prefix + condition.name }
  if (condition.op === 'not') return { op: 'not', of: renamed(condition.of, prefix) }
  return { op: condition.op, of: condition.of.map((part) => renamed(part, prefix)) }
}
