import { RuleError } from './errors.ts'
import type { Value } from './sigma/value.ts'

export interface ModifierContext {
  /** Field the item is about; empty for keywords. */
  field: string
  /** All modifiers of the item, in order. */
  modifiers: readonly string[]
  /** Values of a placeholder, or undefined where the tables have none of that name. */
  placeholder(name: string): readonly string[] | undefined
}

/** What a modifier changes about the whole item. */
export interface ItemTraits {
  /** Every value must hold, not one of them. */
  all: boolean
  /** The item is negated. */
  negated: boolean
}

/**
 * A value modifier. A module of `modifiers/` exports one as default; its file's name is its name in a rule.
 * Modifiers run from left to right on every value.
 */
export interface Modifier {
  /** What becomes of a value: alternatives, of which one must hold. Throws `RuleError` for a value it cannot take. */
  value?(value: Value, context: ModifierContext): Value | Value[]
  item?(traits: ItemTraits): void
}

export function notFor(modifier: string, value: Value): RuleError {
  const what = value.kind === 'test' ? 'the result of the modifier before it' : `a value of kind ${value.kind}`
  return new RuleError('bad_modifier', `${modifier} cannot be applied to ${what}`)
}
