import { isMap, isSeq, type Node } from 'yaml'
import { placed, RuleError } from '../errors.ts'
import type { ItemTraits, Modifier } from '../modifier.ts'
import type { Test } from '../test.ts'
import { metadataWarnings, readMetadata, type Metadata } from './metadata.ts'
import { parseCondition, selectionsOf, type Condition } from './condition.ts'
import { finish, readValue, type Value, type Written } from './value.ts'
import { entriesOf, entryOf, itemsOf, offsetOf, textOf, writtenOf, type Entry, type SigmaDocument } from './yaml.ts'

export { readMetadata, type Metadata } from './metadata.ts'

export interface LogSource {
  product?: string
  category?: string
  service?: string
}

/** One written value of an item and what became of it: any of the tests satisfies it. */
export interface ItemValue {
  written: string
  /** As YAML gave it; undefined where a pipeline has changed it. */
  raw?: Written
  alternatives: Test[]
  /** Where it is written, an offset into its file; absent of what a pipeline made. */
  at?: number
}

/** A field (or, with an empty name, the whole event) tested for values. */
export interface Item extends ItemTraits {
  field: string
  modifiers: string[]
  /** Values of the placeholders it names. */
  placeholders?: ReadonlyMap<string, readonly string[]>
  values: ItemValue[]
  /** Where its key is written, an offset into its file; absent of what a pipeline made. */
  at?: number
}

/** Alternatives, each a list of items that must all hold. */
export type Selection = Item[][]

export interface DetectionRule extends Metadata {
  kind: 'detection'
  logsource: LogSource
  selections: Map<string, Selection>
  condition: Condition
  /** Filters that must hold as well. They stand apart, so that what they alone keep out can be told. */
  filters: readonly AppliedFilter[]
  /** Names of pipelines that must not touch this rule, or `none` for all of them: custom attribute `pipeline`. */
  pipeline?: string
  warnings: Warning[]
}

/** A filter as a condition over the selections of the rule that it applies to. */
export interface AppliedFilter {
  /** Id of the filter. */
  filter: string
  condition: Condition
}

export interface Warning {
  code: string
  message: string
  at: number
}

/** What reading a detection needs from outside. */
export interface RuleContext {
  modifiers: ReadonlyMap<string, Modifier>
  placeholder(name: string): readonly string[] | undefined
}

/** `product`, `category` and `service`, lower case; at least one of them must be there. */
export function readLogSource(root: Node): LogSource {
  const entry = entryOf(root, 'logsource')
  if (entry === undefined) throw new RuleError('bad_logsource', 'the logsource is missing', offsetOf(root))
  const source: LogSource = {}
  for (const { key, value } of entriesOf(entry.value, 'logsource', entry.at)) {
    const text = textOf(value)?.toLowerCase()
    if (text !== undefined && (key === 'product' || key === 'category' || key === 'service')) source[key] = text
  }
  if (Object.keys(source).length === 0) {
    throw new RuleError('bad_logsource', 'the logsource names no product, category or service', entry.at)
  }
  return source
}

/** Reads a detection rule. Throws the first `RuleError` it meets, placed. */
export function readRule(document: SigmaDocument, path: string, context: RuleContext): DetectionRule {
  const metadata = readMetadata(document, path)
  if (metadata.taxonomy !== 'sigma' && metadata.taxonomy !== 'ecs') {
    throw new RuleError(
      'bad_rule',
      `taxonomy '${metadata.taxonomy}' is unknown here`,
      entryOf(document.root, 'taxonomy')!.at,
    )
  }
  const logsource = readLogSource(document.root)
  const detection = entryOf(document.root, 'detection')
  if (detection === undefined) {
    throw new RuleError('bad_detection', 'the detection is missing', offsetOf(document.root))
  }
  const { selections, condition, warnings } = readDetection(detection, context, ['timeframe'])
  const pipeline = metadata.taxonomy === 'ecs' ? 'none' : textOf(entryOf(document.root, 'pipeline')?.value)
  return {
    ...metadata,
    kind: 'detection',
    logsource,
    selections,
    condition,
    filters: [],
    ...(pipeline !== undefined && { pipeline }),
    warnings: [...metadataWarnings(document), ...warnings],
  }
}

/**
 * Selections and condition of a `detection` or a `filter`.
 * @param reserved keys beside `condition` that are no selections
 */
export function readDetection(
  detection: Entry,
  context: RuleContext,
  reserved: readonly string[],
): Pick<DetectionRule, 'selections' | 'condition' | 'warnings'> {
  const selections = new Map<string, Selection>()
  let written: Entry | undefined
  const warnings: Warning[] = []
  const places = new Map<string, number>()
  for (const entry of entriesOf(detection.value, 'detection', detection.at)) {
    if (entry.key === 'condition') written = entry
    else if (!reserved.includes(entry.key)) {
      places.set(entry.key, entry.at)
      selections.set(entry.key, readSelection(entry, context, warnings))
    }
  }
  if (written === undefined) throw new RuleError('bad_condition', 'the condition is missing', detection.at)
  const conditions = itemsOf(written.value).map((node) => {
    const text = textOf(node)
    if (text === undefined)
      throw new RuleError('bad_condition', 'a condition must be text', offsetOf(node) || written.at)
    const quoted = node !== null && /^["']$/.test(quoteOf(node)) ? 1 : 0
    return parseCondition(text, [...selections.keys()], offsetOf(node) + quoted)
  })
  if (conditions.length === 0) throw new RuleError('bad_condition', 'the list of conditions is empty', written.at)
  const condition: Condition = conditions.length === 1 ? conditions[0]! : { op: 'or', of: conditions }
  const used = selectionsOf(condition)
  for (const [name, at] of places) {
    if (!used.has(name))
      warnings.push({ code: 'unused_selection', message: `the condition does not use '${name}'`, at })
  }
  return { selections, condition, warnings }
}

const quoteOf = (node: Node): string => {
  const { type } = node as { type?: string }
  return type === 'QUOTE_SINGLE' ? "'" : type === 'QUOTE_DOUBLE' ? '"' : ''
}

function readSelection(entry: Entry, context: RuleContext, warnings: Warning[]): Selection {
  const { value } = entry
  if (isMap(value)) return [readItems(value, entry, context, warnings)]
  const items = itemsOf(value)
  if (items.length === 0) throw new RuleError('bad_detection', `'${entry.key}' is empty`, entry.at)
  const groups = items.filter((item) => isMap(item) || isSeq(item))
  const keywords = items.filter((item) => !isMap(item) && !isSeq(item))
  return [
    ...(keywords.length > 0 ? [[readItem('', keywords, entry.at, context, warnings)]] : []),
    ...groups.map((group) => {
      if (isSeq(group)) throw new RuleError('bad_detection', 'a list inside a list is not supported', offsetOf(group))
      return readItems(group, entry, context, warnings)
    }),
  ]
}

function readItems(map: Node, { key, at }: Entry, context: RuleContext, warnings: Warning[]): Item[] {
  const entries = entriesOf(map, `'${key}'`, at)
  if (entries.length === 0) throw new RuleError('bad_detection', `'${key}' is empty`, at)
  return entries.map((entry) => {
    if (isMap(entry.value))
      throw new RuleError('bad_value', `'${entry.key}' cannot hold a mapping`, offsetOf(entry.value))
    return readItem(entry.key, itemsOf(entry.value), entry.at, context, warnings)
  })
}

/** Reads `field|modifier|…: values`. */
export function readItem(
  key: string,
  nodes: readonly (Node | null)[],
  at: number,
  context: RuleContext,
  warnings: Warning[],
): Item {
  const [field = ''] = key.split('|', 1)
  const modifiers = key.split('|').slice(1)
  const chain = modifiers.map((name, i) => {
    const modifier = context.modifiers.get(name)
    if (modifier === undefined) {
      const column = [field, ...modifiers.slice(0, i)].reduce((sum, part) => sum + part.length + 1, 0)
      throw new RuleError('unknown_modifier', `there is no modifier '${name}'`, at + column)
    }
    return modifier
  })
  if (nodes.length === 0) throw new RuleError('bad_value', `'${key}' has an empty list`, at)
  const traits: ItemTraits = { all: false, negated: false }
  let placeholders: Map<string, readonly string[]> | undefined
  const placeholder = (name: string): readonly string[] | undefined => {
    const texts = context.placeholder(name)
    if (texts !== undefined) (placeholders ??= new Map()).set(name, texts)
    return texts
  }
  for (const modifier of chain) modifier.item?.(traits)
  if (traits.all && nodes.length === 1) {
    warnings.push({ code: 'all_of_one', message: `'${key}': all with a single value`, at })
  }
  const values = nodes.map((node) =>
    placed(offsetOf(node) || at, () => {
      const written = writtenOf(node)
      if (written === undefined) throw new RuleError('bad_value', `a value of '${key}' must be a single one`)
      if ('null' in written && nodes.length > 1) {
        warnings.push({ code: 'null_in_list', message: `'${key}': null among other values`, at: offsetOf(node) || at })
      }
      if ('null' in written && chain.some((modifier) => modifier.value)) {
        throw new RuleError('bad_value', `'${key}': null takes no modifier`)
      }
      let alternatives: Value[] = [readValue(written)]
      for (const modifier of chain) {
        if (modifier.value) {
          alternatives = alternatives.flatMap((value) => modifier.value!(value, { field, modifiers, placeholder }))
        }
      }
      if (alternatives.length === 0) {
        warnings.push({ code: 'empty_placeholder', message: `'${key}': no values, it never matches`, at })
      }
      return {
        written: textOf(node) ?? 'null',
        raw: written,
        alternatives: alternatives.map((value) => finish(value, field === '')),
        at: offsetOf(node) || at,
      }
    }),
  )
  return { field, modifiers, ...(placeholders && { placeholders }), values, at, ...traits }
}
