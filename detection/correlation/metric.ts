import type { Condition } from '../sigma/condition.ts'
import type { CorrelationRule, Threshold } from '../sigma/correlation.ts'

/** What one contribution adds to a window. */
export interface Measured {
  /** Event time, epoch milliseconds. */
  at: number
  /** Place of the rule it matched in the correlation's `rules`. */
  part: number
  /** Text (value_count) or number (the other value_ types) of the condition's field. */
  value?: string | number
}

/** The state of a sliding window: contributions enter at its end and leave at its start. */
export interface Window {
  add(item: Measured): void
  remove(item: Measured): void
  /** Whether the condition holds for the window that ends at `at`. */
  holds(at: number): boolean
}

/**
 * Whether a further contribution can only ever make the condition true. Then it is judged at once; otherwise only when the
 * watermark says that no earlier event is missing.
 */
export function isMonotone({ type, thresholds, expression }: CorrelationRule): boolean {
  if (type !== 'event_count' && type !== 'value_count' && !type.startsWith('temporal')) return false
  if (expression !== undefined && hasNot(expression)) return false
  return thresholds.every(({ operator }) => operator === 'gt' || operator === 'gte')
}

function hasNot(condition: Condition): boolean {
  if (condition.op === 'selection') return false
  return condition.op === 'not' || condition.of.some(hasNot)
}

function passes(thresholds: readonly Threshold[], metric: number): boolean {
  return thresholds.every(({ operator, value }) => {
    switch (operator) {
      case 'gt':
        return metric > value
      case 'gte':
        return metric >= value
      case 'lt':
        return metric < value
      case 'lte':
        return metric <= value
      case 'eq':
        return metric === value
      case 'neq':
        return metric !== value
    }
  })
}

/** An empty window for a rule. Adding, removing and judging are O(1), but for value_median and value_percentile. */
export function createWindow(rule: CorrelationRule): Window {
  switch (rule.type) {
    case 'event_count': {
      let count = 0
      return { add: () => void count++, remove: () => void count--, holds: () => passes(rule.thresholds, count) }
    }
    case 'value_count': {
      const counts = tally()
      return {
        add: ({ value }) => counts.add(value!),
        remove: ({ value }) => counts.remove(value!),
        holds: () => passes(rule.thresholds, counts.size()),
      }
    }
    case 'temporal': {
      const counts = tally()
      return {
        add: ({ part }) => counts.add(part),
        remove: ({ part }) => counts.remove(part),
        holds: () => matched(rule, counts.size(), (part) => counts.has(part)),
      }
    }
    case 'temporal_ordered':
      return orderedWindow(rule)
    default:
      return numberWindow(rule)
  }
}

function matched(rule: CorrelationRule, distinct: number, has: (part: number) => boolean): boolean {
  const holds = (condition: Condition): boolean => {
    if (condition.op === 'selection') return has(rule.rules.indexOf(condition.name))
    if (condition.op === 'not') return !holds(condition.of)
    return condition.op === 'and' ? condition.of.every(holds) : condition.of.some(holds)
  }
  return (rule.expression === undefined || holds(rule.expression)) && passes(rule.thresholds, distinct)
}

function tally() {
  const counts = new Map<string | number, number>()
  return {
    add: (key: string | number): void => void counts.set(key, (counts.get(key) ?? 0) + 1),
    remove(key: string | number): void {
      const count = counts.get(key)! - 1
      if (count === 0) counts.delete(key)
      else counts.set(key, count)
    },
    has: (key: string | number): boolean => counts.has(key),
    size: (): number => counts.size,
  }
}

/**
 * For every rule of the sequence, the latest time at which a run through the rules up to it can have begun. The sequence
 * is in the window when that of the last rule is. Contributions come in order of (time, place in `rules`), so that rules
 * that match at the same instant count as in order.
 */
function orderedWindow(rule: CorrelationRule): Window {
  const begun = rule.rules.map(() => -Infinity)
  const wanted = rule.thresholds[0]?.value ?? begun.length
  return {
    add({ at, part }) {
      for (let place = begun.length - 1; place >= 0; place--) {
        if (rule.rules[place] === rule.rules[part])
          begun[place] = place === 0 ? at : Math.max(begun[place]!, begun[place - 1]!)
      }
    },
    remove: () => undefined,
    holds(at) {
      const from = at - rule.timespanMs
      const inOrder = begun.filter((start) => start >= from).length
      if (rule.expression === undefined) return passes(rule.thresholds, inOrder)
      return matched(rule, wanted, (part) => begun[part]! >= from)
    },
  }
}

function numberWindow(rule: CorrelationRule): Window {
  const values: number[] = []
  const metric = (): number => {
    const sum = values.reduce((total, value) => total + value, 0)
    if (rule.type === 'value_sum') return sum
    if (rule.type === 'value_avg') return sum / values.length
    // Linear interpolation between the two nearest ranks.
    const sorted = values.toSorted((a, b) => a - b)
    const rank = ((rule.type === 'value_median' ? 50 : rule.percentile) / 100) * (sorted.length - 1)
    const low = sorted[Math.floor(rank)]!
    return low + (sorted[Math.ceil(rank)]! - low) * (rank % 1)
  }
  return {
    add: ({ value }) => void values.push(value as number),
    remove: () => void values.shift(),
    holds: () => values.length > 0 && passes(rule.thresholds, metric()),
  }
}
