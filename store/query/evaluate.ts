import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { addressKey } from './address.ts'
import { fold, foldLiteral, isMark } from './fold.ts'
import type { Part, Pattern } from './pattern.ts'
import { type Bounds, type Condition, FREE_TEXT, isTime, numberOf, type Range } from './query.ts'

/** Whether an event is meant: the meaning that both engines give a condition, spelled out. */
export function holds(event: EcsEvent, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.every((part) => holds(event, part))
    case 'or':
      return condition.of.some((part) => holds(event, part))
    case 'not':
      return !holds(event, condition.of)
    case 'match': {
      const { field, pattern } = condition
      const fields = field === '' ? FREE_TEXT : [field]
      return fields.some((name) => textsOf(event[name]).some((text) => matches(text, pattern)))
    }
    default:
      return textsOf(event[condition.field]).some((text) => inRange(text, condition))
  }
}

/** The texts of a scalar, or of the scalars of a list. */
export function textsOf(value: EcsValue | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => (Array.isArray(element) ? [] : textsOf(element)))
  if (value === undefined || value === null || typeof value === 'object') return []
  return [String(value)]
}

function matches(value: string, pattern: Pattern): boolean {
  if (pattern.kind === 'exists') return true
  const text = fold(value)
  if (pattern.kind === 'wildcard') return matchesParts(Array.from(text), pattern.parts.flatMap(steps))
  const wanted = foldLiteral(pattern.text)
  switch (pattern.kind) {
    case 'equals':
      return text === wanted
    case 'prefix':
      return text.startsWith(wanted)
    case 'suffix':
      return text.endsWith(wanted)
    default:
      return text.includes(wanted)
  }
}

type Step = 'run' | 'one' | { c: string }

function steps(part: Part): Step[] {
  return 'any' in part ? [part.any] : Array.from(foldLiteral(part.text), (c) => ({ c }))
}

/** The usual two-pointer walk: on a mismatch, the last run takes one character more. */
function matchesParts(text: readonly string[], pattern: readonly Step[]): boolean {
  let [at, part, run, resumed] = [0, 0, -1, 0]
  while (at < text.length) {
    const p = pattern[part]
    if (p === 'run') {
      run = part++
      resumed = at
    } else if (p === 'one' ? !isMark(text[at]!) : p !== undefined && p.c === text[at]) {
      at++
      part++
    } else if (run >= 0) {
      part = run + 1
      at = ++resumed
    } else return false
  }
  return pattern.slice(part).every((p) => p === 'run')
}

function inRange(text: string, range: Range): boolean {
  if (range.as === 'number') return isBetween(numberOf(text), range)
  return isBetween(range.as === 'address' ? addressKey(text) : isTime(text) ? text : null, range)
}

function isBetween<T extends string | number>(value: T | null, { gt, gte, lt, lte }: Bounds<T>): boolean {
  return (
    value !== null &&
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  )
}
