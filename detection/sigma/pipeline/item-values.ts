import { finish, type Value } from '../value.ts'
import type { Test } from '../../test.ts'
import type { Item, ItemValue } from '../rule.ts'
import { ANY, type TextPart } from '../text.ts'

/** What a test was made from: the value as it stands after the rule's modifiers. */
export function valueOf(test: Test): Value {
  if (test.about === 'presence' && test.is === 'null') return { kind: 'null' }
  if (test.about !== 'value') return { kind: 'test', test }
  if (test.pattern) return { kind: 'text', parts: test.pattern.parts, cased: test.pattern.cased }
  const [gate] = test.gates
  if (gate?.at === 'number' && gate.proves) return { kind: 'number', text: gate.text }
  return { kind: 'test', test }
}

/**
 * The item with each of its values turned into those that `change` gives for it; undefined keeps a value.
 * @param written how the new values are shown in a proof; without it, as the rule wrote them
 * @returns undefined where no value changed
 */
export function withValues(
  item: Item,
  change: (value: Value) => readonly Value[] | undefined,
  written?: string,
): Item | undefined {
  let isChanged = false
  const values = item.values.map((value): ItemValue => {
    let own = false
    const alternatives = value.alternatives.flatMap((test) => {
      const changed = change(valueOf(test))
      own ||= changed !== undefined
      return changed?.map((next) => finish(next, false)) ?? [test]
    })
    isChanged ||= own
    return own ? { written: written ?? value.written, alternatives } : value
  })
  return isChanged ? { ...item, values } : undefined
}

/** Values of an item that are Sigma strings, written with their wildcards (literal ones unmarked, as Python's `str` does). */
export function textsIn(item: Item): (string | undefined)[] {
  return item.values.flatMap(({ alternatives }) =>
    alternatives.map((test) => {
      const value = valueOf(test)
      return value.kind === 'text' ? plainText(value.parts) : undefined
    }),
  )
}

export const plainText = (parts: readonly TextPart[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : part === ANY ? '*' : '?')).join('')
