import type { Condition } from '../query/query.ts'
import { neededBy } from './keys.ts'

/** So many are told in the bits of a number. */
const DENIED_MAX = 30

/** What a condition says that is not, as far as a filter may know that it is nowhere in a file. */
export function deniedIn(condition: Condition): Condition[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.of.flatMap(deniedIn).slice(0, DENIED_MAX)
    case 'not':
      return neededBy(condition.of) === 'any' ? [] : [condition.of]
    default:
      return []
  }
}

/** What is left of a condition in a file in which some of what it denies is nowhere; undefined: it holds for every row. The same object where nothing is left out. */
export function leftOf(condition: Condition, isNowhere: (denied: Condition) => boolean): Condition | undefined {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.of.map((part) => leftOf(part, isNowhere))
      const of = parts.filter((part) => part !== undefined)
      if (parts.every((part, i) => part === condition.of[i])) return condition
      if (of.length === parts.length) return { ...condition, of }
      if (condition.kind === 'or' || of.length === 0) return undefined
      return of.length === 1 ? of[0] : { kind: 'and', of }
    }
    case 'not':
      return isNowhere(condition.of) ? undefined : condition
    default:
      return condition
  }
}
