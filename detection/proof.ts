import type { Entity, Proof } from '../model/alert.ts'
import type { EcsEvent } from '../model/event.ts'
import { keywordSubjects, rawValues, scalarsOf } from './network/event-values.ts'
import { itemHolds, selectionHolds, testHolds } from './holds.ts'
import type { Condition } from './sigma/condition.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import type { Item } from './sigma/rule.ts'
import { Subject } from './sigma/scalar.ts'
import { spanOf } from './span.ts'
import type { Test } from './test.ts'

const MATCHED_MAX = 1000
const PROOFS_MAX = 50

/** Selections that hold on the positive side of a condition, in order, each once. */
function satisfied(mapped: MappedRule, event: EcsEvent): string[] {
  const names = new Set<string>()
  const walk = (condition: Condition): void => {
    if (condition.op === 'not') return
    if (condition.op !== 'selection') condition.of.forEach(walk)
    else if (selectionHolds(mapped.selections.get(condition.name)!, mapped, event)) names.add(condition.name)
  }
  walk(mapped.condition)
  return [...names]
}

/**
 * The predicates that make a rule match an event: those that hold in the selections that hold on the positive side of its
 * condition, at most 50. What a negated selection lacks is not part of it.
 */
export function proofOf(mapped: MappedRule, event: EcsEvent): Proof[] {
  const proofs: Proof[] = []
  for (const selection of satisfied(mapped, event)) {
    for (const items of mapped.selections.get(selection)!) {
      if (!items.every((item) => itemHolds(item, mapped, event))) continue
      for (const item of items) if (!item.negated) proofs.push(...proofOfItem(selection, item, mapped, event))
    }
  }
  return proofs.slice(0, PROOFS_MAX)
}

function proofOfItem(selection: string, item: Item, mapped: MappedRule, event: EcsEvent): Proof[] {
  return item.values.flatMap(({ written, alternatives }) => {
    const test = alternatives.find((alternative) => testHolds(alternative, item.field, mapped, event))
    if (test === undefined) return []
    const { eventField, text, at } = held(test, item.field, mapped, event)
    // Of a long text, what is quoted starts a little before the part that matched.
    const from = at !== undefined && at[1] > MATCHED_MAX ? Math.max(0, at[0] - 100) : 0
    const original: unknown = event['event.original']
    const span =
      at && typeof original === 'string' ? spanOf({ field: eventField, whole: text, at }, original) : undefined
    return [
      {
        selection,
        field: item.field,
        eventField,
        modifiers: item.modifiers,
        value: written,
        matched: text.slice(from, from + MATCHED_MAX),
        ...(span && { span }),
      },
    ]
  })
}

/** Where a true test holds: the event's field, its text, and the part of it that matched. */
function held(
  test: Test,
  field: string,
  mapped: MappedRule,
  event: EcsEvent,
): { eventField: string; text: string; at?: [number, number] } {
  if (field === '') {
    const subject = keywordSubjects(event).find((own) => test.about === 'value' && test.holds(own))
    const text = subject?.text ?? ''
    const at = test.about === 'value' ? test.find(text) : undefined
    return { eventField: '', text, ...(at && { at }) }
  }
  const names = mapped.eventFields(field)
  for (const eventField of names) {
    for (const scalar of scalarsOf(event, [eventField])) {
      const subject = new Subject(scalar)
      if (test.about === 'value' && test.holds(subject)) {
        const at = test.find(subject.text)
        return { eventField, text: subject.text, ...(at && { at }) }
      }
      if (test.about === 'fields') {
        const others = scalarsOf(event, mapped.eventFields(test.other)).map((other) => new Subject(other))
        if (others.some((other) => test.holds(subject, other))) {
          return { eventField, text: subject.text, at: [0, subject.text.length] }
        }
      }
    }
  }
  return { eventField: names.find((name) => rawValues(event, name).length > 0) ?? names[0] ?? field, text: '' }
}

const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

/** What the event is about: its host (as it calls itself, else who sent it), source address and user, in that order. */
export function entitiesOf(event: EcsEvent): Entity[] {
  const host = text(event['host.name']) ?? text(event['host.hostname']) ?? text(event['log.source.address'])
  const ip = text(first(event['source.ip']))
  const user = text(first(event['user.name']))
  return [
    ...(host === undefined ? [] : [{ kind: 'host' as const, value: host.toLowerCase() }]),
    ...(ip === undefined ? [] : [{ kind: 'ip' as const, value: ip }]),
    ...(user === undefined ? [] : [{ kind: 'user' as const, value: user }]),
  ]
}
