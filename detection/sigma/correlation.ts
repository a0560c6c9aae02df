import { isMap } from 'yaml'
import { RuleError } from '../errors.ts'
import { parseCondition, selectionsOf, type Condition } from './condition.ts'
import { readMetadata, type Metadata } from './rule.ts'
import { entriesOf, entryOf, offsetOf, textOf, textsOf, type Entry, type SigmaDocument } from './yaml.ts'

export const CORRELATION_TYPES = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_median',
  'value_percentile',
] as const
export type CorrelationType = (typeof CORRELATION_TYPES)[number]

const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
export type Operator = (typeof OPERATORS)[number]

export interface Threshold {
  operator: Operator
  value: number
}

/** A correlation rule (Sigma correlation specification 2.1). */
export interface CorrelationRule extends Metadata {
  kind: 'correlation'
  type: CorrelationType
  /** Ids or names, in the order written. */
  rules: string[]
  groupBy: string[]
  timespanMs: number
  /** All of them must hold; for temporal types they count the distinct rules that matched. */
  thresholds: Threshold[]
  /** Fields of value_*; their combination is what value_count counts. */
  fields: string[]
  percentile: number
  /** Of a temporal type: which rules must have matched, by name. */
  expression?: Condition
  /** By alias: the field of each rule (its id or name), and where the alias stands. */
  aliases: Map<string, { fields: Map<string, string>; at: number }>
  /** Whether the referred rules raise alerts of their own. */
  generate: boolean
  /** Where `rules` stands, for problems found once all files are read. */
  at: number
}

const UNITS_MS: Record<string, number> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_629_746_000,
  y: 31_556_952_000,
}

function readTimespan(entry: Entry | undefined, at: number): number {
  const [whole, count, unit] = /^(\d{1,6})([smhdwMy])$/.exec(textOf(entry?.value) ?? '') ?? []
  if (whole === undefined || Number(count) === 0) {
    throw new RuleError('bad_correlation', 'timespan must be a number and one of s m h d w M y', entry?.at ?? at)
  }
  return Number(count) * UNITS_MS[unit!]!
}

function isTrue(entry: Entry | undefined): boolean {
  return textOf(entry?.value) === 'true'
}

/** A misspelt `group-by` would join what should stand apart. `timeframe` is how `timespan` was once called. */
const MEMBERS = ['type', 'rules', 'group-by', 'timespan', 'timeframe', 'condition', 'aliases', 'generate']

/** Reads a correlation rule; references are resolved later, once all files are read. */
export function readCorrelation(document: SigmaDocument, path: string): CorrelationRule {
  const metadata = readMetadata(document, path)
  const body = entryOf(document.root, 'correlation')!
  const entries = new Map(entriesOf(body.value, 'correlation', body.at).map((entry) => [entry.key, entry]))
  const refuse = (message: string, at = body.at): never => {
    throw new RuleError('bad_correlation', message, at)
  }
  for (const { key, at } of entries.values()) {
    if (!MEMBERS.includes(key)) refuse(`a correlation has no '${key}'; it has ${MEMBERS.join(', ')}`, at)
  }
  const type = textOf(entries.get('type')?.value) as CorrelationType
  if (!CORRELATION_TYPES.includes(type)) {
    refuse(`type must be one of ${CORRELATION_TYPES.join(', ')}`, entries.get('type')?.at)
  }
  const temporal = type === 'temporal' || type === 'temporal_ordered'
  let rules = textsOf(entries.get('rules')?.value)
  const condition = entries.get('condition')
  const thresholds: Threshold[] = []
  let fields: string[] = []
  let percentile = 50
  let expression: Condition | undefined
  if (isMap(condition?.value)) {
    for (const { key, value, at } of entriesOf(condition.value, 'condition')) {
      if ((OPERATORS as readonly string[]).includes(key)) {
        const number = Number(textOf(value) ?? Number.NaN)
        if (!Number.isFinite(number)) refuse(`${key} takes a number`, at)
        thresholds.push({ operator: key as Operator, value: number })
      } else if (key === 'field') fields = textsOf(value)
      else if (key === 'percentile') {
        percentile = Number(textOf(value) ?? Number.NaN)
        if (!(percentile >= 0 && percentile <= 100)) refuse('percentile must be from 0 to 100', at)
      } else refuse(`the condition cannot hold '${key}'`, at)
    }
  } else if (condition?.value) {
    const text = textOf(condition.value)
    if (!temporal || text === undefined) refuse('the condition must be a mapping', condition.at)
    const names =
      rules.length > 0 ? rules : (text!.match(/[^\s()]+/g) ?? []).filter((word) => !/^(?:and|or|not)$/i.test(word))
    expression = parseCondition(text!, [...new Set(names)], offsetOf(condition.value))
    const used = selectionsOf(expression)
    if (rules.length === 0) rules = [...used]
    if (rules.some((rule) => !used.has(rule)))
      refuse('the condition and the list of rules name different rules', condition.at)
  }
  if (rules.length === 0) refuse('no rules are named', entries.get('rules')?.at)
  if (new Set(rules).size < rules.length && type !== 'temporal_ordered')
    refuse('a rule is named twice', entries.get('rules')?.at)
  if (expression === undefined && thresholds.length === 0) {
    if (!temporal) refuse('the condition with gt, gte, lt, lte, eq or neq is missing', condition?.at)
    thresholds.push({ operator: 'gte', value: new Set(rules).size })
  }
  if (type.startsWith('value_') && fields.length === 0) refuse(`${type} needs a field in its condition`, condition?.at)
  if (type.startsWith('value_') && type !== 'value_count' && fields.length > 1)
    refuse(`${type} takes one field`, condition?.at)

  const aliases: CorrelationRule['aliases'] = new Map()
  const aliasEntry = entries.get('aliases')
  for (const { key, value, at } of aliasEntry?.value ? entriesOf(aliasEntry.value, 'aliases', aliasEntry.at) : []) {
    const pairs = entriesOf(value, `alias '${key}'`, at).map((entry): [string, string] => {
      const field = textOf(entry.value)
      return [entry.key, field ?? refuse(`alias '${key}' needs a field`, entry.at)]
    })
    aliases.set(key, { fields: new Map(pairs), at })
  }
  return {
    ...metadata,
    kind: 'correlation',
    type,
    rules,
    groupBy: textsOf(entries.get('group-by')?.value),
    timespanMs: readTimespan(entries.get('timespan') ?? entries.get('timeframe'), body.at),
    thresholds,
    fields,
    percentile,
    ...(expression !== undefined && { expression }),
    aliases,
    generate: isTrue(entries.get('generate')) || isTrue(entryOf(document.root, 'generate')),
    at: entries.get('rules')?.at ?? body.at,
  }
}
