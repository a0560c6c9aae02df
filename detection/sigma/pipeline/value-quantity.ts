import type { Node } from 'yaml'
import { oneOf } from './parameters.ts'

/** `cond: any` or `all` of an item's values; it must be given. */
export function quantity(condition: Node): (answers: readonly boolean[]) => boolean {
  return oneOf(condition, 'cond', ['any', 'all']) === 'any'
    ? (answers) => answers.some(Boolean)
    : (answers) => answers.every(Boolean)
}
