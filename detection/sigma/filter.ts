import { Scalar } from 'yaml'
import { RuleError } from '../errors.ts'
import type { RuleFile } from '../types.ts'
import type { Condition } from './condition.ts'
import { covers } from './logsource.ts'
import {
  readDetection,
  readItem,
  readLogSource,
  readMetadata,
  type AppliedFilter,
  type DetectionRule,
  type LogSource,
  type RuleContext,
  type Selection,
} from './rule.ts'
import { writtenText } from './text.ts'
import { entriesOf, entryOf, textsOf, type SigmaDocument } from './yaml.ts'

/** A Sigma filter: a condition that is joined by AND to the rules it names (authors write `not selection` to exclude). */
export interface Filter {
  /** Its own, or else the hash of its text. */
  id: string
  logsource: LogSource
  /** Ids or names; undefined for any rule of the log source. */
  rules?: Set<string>
  selections: Map<string, Selection>
  condition: Condition
  hash: string
  /** Offset of what it names, for messages. */
  at: number
}

/**
 * @param exception what the file is kept as, where it is an exception
 * @throws {RuleError} placed
 */
export function readFilter(
  document: SigmaDocument,
  path: string,
  context: RuleContext,
  exception?: RuleFile['exception'],
): Filter {
  const { id, hash } = readMetadata(document, path)
  const body = entryOf(document.root, 'filter')!
  const rules = entriesOf(body.value, 'filter', body.at).find(({ key }) => key === 'rules')
  if (rules === undefined) throw new RuleError('bad_filter', 'the filter names no rules (any for all)', body.at)
  const named = textsOf(rules.value)
  const { selections, condition } = readDetection(body, context, ['rules'])
  const { agencies = 'all' } = exception ?? {}
  const any = named.length === 0 || (named.length === 1 && named[0]!.toLowerCase() === 'any')
  return {
    id: exception?.id ?? id,
    logsource: readLogSource(document.root),
    ...(!any && { rules: new Set(named) }),
    ...(agencies === 'all' ? { selections, condition } : within(agencies, selections, condition, context)),
    hash,
    at: rules.at,
  }
}

/** Holds a space: no condition that a person writes can name it. */
const AGENCIES = 'its agencies'

/** The filter, of the events of some agencies alone: those of others pass. */
function within(
  agencies: readonly string[],
  selections: ReadonlyMap<string, Selection>,
  condition: Condition,
  context: RuleContext,
): Pick<Filter, 'selections' | 'condition'> {
  const values = agencies.map((agency) => new Scalar(writtenText(agency)))
  const item = readItem('soc.agency|cased', values, 0, context, [])
  const elsewhere: Condition = { op: 'not', of: { op: 'selection', name: AGENCIES } }
  return {
    selections: new Map([...selections, [AGENCIES, [[item]]]]),
    condition: { op: 'or', of: [condition, elsewhere] },
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

/** The rule with the filters that apply to it, their selections under names of their own. */
export function applyFilters(rule: DetectionRule, filters: readonly Filter[]): DetectionRule {
  const own = filters.filter((filter) => covers(filter.logsource, rule.logsource) && names(filter, rule))
  if (own.length === 0) return rule
  const selections = new Map(rule.selections)
  const applied = own.map((filter, i): AppliedFilter => {
    for (const [name, selection] of filter.selections) selections.set(`${PREFIX}${i}_${name}`, selection)
    return { filter: filter.id, condition: renamed(filter.condition, `${PREFIX}${i}_`) }
  })
  return { ...rule, selections, filters: applied }
}

function renamed(condition: Condition, prefix: string): Condition {
  if (condition.op === 'selection') return { op: 'selection', name: prefix + condition.name }
  if (condition.op === 'not') return { op: 'not', of: renamed(condition.of, prefix) }
  return { op: condition.op, of: condition.of.map((part) => renamed(part, prefix)) }
}
