import type { EcsEvent, EcsValue } from '../model/event.ts'
import { testHolds } from './holds.ts'
import { compareDecimals, decimalOf } from './reference/quantity.ts'
import { lower } from './reference/text.ts'
import { testOf, type Reading } from './reference/value.ts'
import type { Condition } from './sigma/condition.ts'
import type { LogSourceRow } from './sigma/logsource.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import type { Item, ItemValue, LogSource } from './sigma/rule.ts'

/**
 * The slow, obvious evaluator: walks a rule's syntax tree for one event, with no index and no state. It says what is right;
 * the network is held against it. It takes from the rest of the engine what a rule says (fields, modifiers and values as
 * written, the condition, names mapped by pipelines) and nothing of what that means.
 */
export function evaluate(mapped: MappedRule, event: EcsEvent): boolean {
  const holds = (condition: Condition): boolean => {
    switch (condition.op) {
      case 'not':
        return !holds(condition.of)
      case 'and':
        return condition.of.every(holds)
      case 'or':
        return condition.of.some(holds)
      case 'selection': {
        const alternatives = mapped.selections.get(condition.name)!
        return alternatives.some((items) => items.every((item) => itemHolds(item, mapped, event)))
      }
    }
  }
  return holds(mapped.condition)
}

/** Ids of the rules that an event matches and whose log source is one of the event's, in the order given. */
export function matchesOf(
  rules: readonly { rule: { id: string }; mapped: MappedRule }[],
  rows: readonly LogSourceRow[],
  event: EcsEvent,
): string[] {
  const sources = rows.filter(({ when }) => when.every((one) => isAmong(event, ...one))).flatMap((row) => row.sources)
  const concerns = (wanted: LogSource): boolean =>
    sources.some((source) => ATTRIBUTES.every((key) => wanted[key] === undefined || source[key] === wanted[key]))
  return rules.filter(({ mapped }) => concerns(mapped.logsource) && evaluate(mapped, event)).map(({ rule }) => rule.id)
}

const ATTRIBUTES = ['product', 'category', 'service'] as const

/** Of a list one of the first eight elements. */
function isAmong(event: EcsEvent, field: string, values: ReadonlySet<string>): boolean {
  const value = Object.hasOwn(event, field) ? event[field] : undefined
  const own = Array.isArray(value) ? value.slice(0, 8) : [value]
  return own.some(
    (one) => (typeof one === 'string' || typeof one === 'number') && values.has(String(one).toLowerCase()),
  )
}

function itemHolds(item: Item, mapped: MappedRule, event: EcsEvent): boolean {
  const holds = (value: ItemValue): boolean => valueHolds(item, value, mapped, event)
  // An item that a pipeline made has no modifiers to tell by.
  const isWritten = item.values.some(({ raw }) => raw !== undefined)
  const [all, neq] = isWritten ? ['all', 'neq'].map((name) => item.modifiers.includes(name)) : [item.all, item.negated]
  return (all ? item.values.every(holds) : item.values.some(holds)) !== neq
}

function valueHolds(item: Item, value: ItemValue, mapped: MappedRule, event: EcsEvent): boolean {
  const { field, modifiers } = item
  const { raw } = value
  // What a pipeline made of a value is written nowhere: its tests are taken at their word.
  if (raw === undefined) return value.alternatives.some((own) => testHolds(own, field, mapped, event))
  const names = mapped.eventFields(field)
  if (modifiers.includes('exists')) return isPresent(event, names) === ('boolean' in raw && raw.boolean)
  if ('null' in raw) return valuesOf(event, names).every(isNothing)
  const own = field === '' ? readingsOfAll(event) : readingsOf(event, names)
  if (modifiers.includes('fieldref')) {
    const others = readingsOf(event, mapped.eventFields('text' in raw ? raw.text : ''))
    return own.some((left) => others.some((right) => relate(left, right, modifiers)))
  }
  let test = tests.get(value)
  if (test === undefined) tests.set(value, (test = testOf(item, raw)))
  return own.some(test)
}

/** What became of a value's modifiers, so that a million events do not ask for it a million times. */
const tests = new WeakMap<ItemValue, (own: Reading) => boolean>()

function relate(left: Reading, right: Reading, modifiers: readonly string[]): boolean {
  const [field, other] = modifiers.includes('cased') ? [left.text, right.text] : [left.lower, right.lower]
  if (modifiers.includes('contains')) return field.includes(other)
  if (modifiers.includes('startswith')) return field.startsWith(other)
  if (modifiers.includes('endswith')) return field.endsWith(other)
  const [a, b] = [left, right].map(({ isBoolean, text }) => (isBoolean ? undefined : decimalOf(text)))
  return field === other || (a !== undefined && b !== undefined && compareDecimals(a, b) === 0)
}

const isObject = (value: unknown): value is Record<string, EcsValue> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What an event holds under names of a field: the key as it is, dots and all; where there is none, the paths. */
function valuesOf(event: EcsEvent, names: readonly string[]): EcsValue[] {
  return names.flatMap((name) => (Object.hasOwn(event, name) ? [event[name]!] : below(event as EcsValue, name)))
}

const isPresent = (event: EcsEvent, names: readonly string[]): boolean => valuesOf(event, names).length > 0

/** Every way of cutting a name at its dots is tried; arrays fan out. */
function below(value: EcsValue, path: string): EcsValue[] {
  if (Array.isArray(value)) return value.flatMap((element) => below(element, path))
  if (!isObject(value)) return []
  const parts = path.split('.')
  return parts.flatMap((_part, i) => {
    const [head, rest] = [parts.slice(0, i + 1).join('.'), parts.slice(i + 1).join('.')]
    if (!Object.hasOwn(value, head)) return []
    return i === parts.length - 1 ? [value[head]!] : below(value[head]!, rest)
  })
}

const isNothing = (value: EcsValue): boolean => value === null || (Array.isArray(value) && value.every(isNothing))

const readings = new WeakMap<EcsEvent, Map<string, Reading[]>>()

function remembered(event: EcsEvent, key: string, read: () => Reading[]): Reading[] {
  let known = readings.get(event)
  if (known === undefined) readings.set(event, (known = new Map()))
  let own = known.get(key)
  if (own === undefined) known.set(key, (own = read()))
  return own
}

/** The texts, numbers and booleans under a field; of arrays each element. */
function readingsOf(event: EcsEvent, names: readonly string[]): Reading[] {
  return remembered(event, names.join('\n'), () =>
    valuesOf(event, names)
      .flatMap((value) => scalars(value, false))
      .map(reading),
  )
}

/** Added by the collector: no keyword is about them. */
const ADDED = ['soc.', 'ecs.', 'observer.', 'event.', '@timestamp']

/** The raw line and every value of the event, nested ones too. */
function readingsOfAll(event: EcsEvent): Reading[] {
  return remembered(event, '', () =>
    Object.keys(event)
      .filter(
        (name) =>
          name === 'event.original' || !ADDED.some((own) => (own.endsWith('.') ? name.startsWith(own) : name === own)),
      )
      .flatMap((name) => scalars(event[name]!, true))
      .map(reading),
  )
}

function scalars(value: EcsValue, nested: boolean): (string | number | boolean)[] {
  if (value === null) return []
  if (Array.isArray(value)) return value.flatMap((element) => scalars(element, nested))
  if (typeof value !== 'object') return [value]
  return nested ? Object.values(value).flatMap((own) => scalars(own, true)) : []
}

function reading(value: string | number | boolean): Reading {
  const text = String(value)
  return { text, lower: lower(text), isBoolean: typeof value === 'boolean' }
}
