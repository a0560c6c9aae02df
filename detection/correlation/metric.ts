import type { Condition } from '../sigma/condition.ts'
import type { CorrelationRule, Threshold } from '../sigma/correlation.ts'
import { ExactSum, Ranks } from './numbers.ts'
import type { Correlation } from './resolve.ts'

/** What one contribution adds to a window. */
export interface Measured {
  /** Event time, epoch milliseconds. */
  at: number
  /** Place of the rule it matched in the correlation's `rules`. */
  part: number
  /** Of the condition's field: texts to tell apart (value_count), or the number (the other value_ types). */
  value: string | number | readonly string[] | undefined
  /** What the window of a sequence was before it; its own. */
  before: readonly number[] | undefined
}

/**
 * The state of a sliding window: contributions enter at its end and leave at its start. Both can be taken back, so that a
 * late event costs what came after it and not the whole window.
 */
export interface Window {
  enter(item: Measured): void
  /** The last that entered was never there. */
  unenter(item: Measured): void
  leave(item: Measured): void
  /** The last that left is there again. */
  unleave(item: Measured): void
  /** Whether the condition holds; `from` is the time of the first contribution in the window. */
  holds(from: number): boolean
}

/**
 * Whether the condition is judged as soon as a contribution comes: where a further one, or an earlier one that is still to
 * come, will hardly ever make it false. All others are judged when the watermark says that nothing earlier is missing.
 */
export function isEager({ type, thresholds, expression }: CorrelationRule): boolean {
  if (type === 'value_avg' || type === 'value_median' || type === 'value_percentile') return false
  if (expression !== undefined && hasNot(expression)) return false
  return thresholds.every(({ operator }) => operator === 'gt' || operator === 'gte')
}

/** Whether a further contribution never makes the condition false, wherever in the window it stands. */
export function onlyGrows(rule: CorrelationRule): boolean {
  const { type } = rule
  return (type === 'event_count' || type === 'value_count' || type === 'temporal') && isEager(rule)
}

/** Types that count or measure each contribution; an episode of a part counts once in these. The others ask what is present. */
export function isCounting({ type }: CorrelationRule): boolean {
  return type !== 'temporal' && type !== 'temporal_ordered' && type !== 'value_count'
}

function hasNot(condition: Condition): boolean {
  if (condition.op === 'selection') return false
  return condition.op === 'not' || condition.of.some(hasNot)
}

function passes(thresholds: readonly Threshold[], metric: number): boolean {
  for (const { operator, value } of thresholds) if (!compares(operator, metric, value)) return false
  return true
}

function compares(operator: Threshold['operator'], metric: number, value: number): boolean {
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
}

/** An empty window for a rule. Every step is O(1), but O(√n) for value_median and value_percentile. */
export function createWindow(correlation: Correlation): Window {
  switch (correlation.rule.type) {
    case 'event_count':
      return new CountWindow(correlation.rule)
    case 'value_count':
      return new ValuesWindow(correlation.rule)
    case 'temporal':
      return new PresenceWindow(correlation.rule)
    case 'temporal_ordered':
      return new OrderedWindow(correlation)
    case 'value_sum':
    case 'value_avg':
      return new SumWindow(correlation.rule)
    default:
      return new RankWindow(correlation.rule)
  }
}

/** A window that a contribution leaves as it entered, whichever way it goes. */
abstract class Bag implements Window {
  protected readonly rule: CorrelationRule

  constructor(rule: CorrelationRule) {
    this.rule = rule
  }

  abstract enter(item: Measured): void
  abstract leave(item: Measured): void
  abstract holds(): boolean

  unenter(item: Measured): void {
    this.leave(item)
  }

  unleave(item: Measured): void {
    this.enter(item)
  }
}

class CountWindow extends Bag {
  #count = 0

  enter(): void {
    this.#count++
  }

  leave(): void {
    this.#count--
  }

  holds(): boolean {
    return passes(this.rule.thresholds, this.#count)
  }
}

/** Distinct values, each with how often it stands in the window. */
class ValuesWindow extends Bag {
  readonly #counts = new Map<string, number>()

  enter({ value }: Measured): void {
    if (typeof value === 'string') this.#add(value)
    else for (const own of value as readonly string[]) this.#add(own)
  }

  leave({ value }: Measured): void {
    if (typeof value === 'string') this.#remove(value)
    else for (const own of value as readonly string[]) this.#remove(own)
  }

  holds(): boolean {
    return passes(this.rule.thresholds, this.#counts.size)
  }

  #add(value: string): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1)
  }

  #remove(value: string): void {
    const count = this.#counts.get(value)!
    if (count === 1) this.#counts.delete(value)
    else this.#counts.set(value, count - 1)
  }
}

/** How often each part stands in the window. */
class PresenceWindow extends Bag {
  readonly #counts: number[]
  #distinct = 0

  constructor(rule: CorrelationRule) {
    super(rule)
    this.#counts = rule.rules.map(() => 0)
  }

  enter({ part }: Measured): void {
    if (this.#counts[part]!++ === 0) this.#distinct++
  }

  leave({ part }: Measured): void {
    if (--this.#counts[part]! === 0) this.#distinct--
  }

  holds(): boolean {
    const { rules, thresholds, expression } = this.rule
    if (!passes(thresholds, this.#distinct)) return false
    return expression === undefined || satisfies(expression, (name) => this.#counts[rules.indexOf(name)]! > 0)
  }
}

function satisfies(condition: Condition, isThere: (name: string) => boolean): boolean {
  if (condition.op === 'selection') return isThere(condition.name)
  if (condition.op === 'not') return !satisfies(condition.of, isThere)
  if (condition.op === 'and') return condition.of.every((own) => satisfies(own, isThere))
  return condition.of.some((own) => satisfies(own, isThere))
}

/**
 * For every rule of the sequence, the latest time at which a run through the rules up to it can have begun. The sequence
 * is in the window when that of the last rule is. Contributions come in order of (time, place in `rules`), so that rules
 * that match at the same instant count as in order. The metric is how many rules of the sequence, from its first, are there.
 */
class OrderedWindow implements Window {
  readonly #rule: CorrelationRule
  readonly #first: readonly number[]
  #begun: readonly number[]

  constructor({ rule, first }: Correlation) {
    this.#rule = rule
    this.#first = first
    this.#begun = rule.rules.map(() => -Infinity)
  }

  enter(item: Measured): void {
    item.before = this.#begun
    const begun = [...this.#begun]
    for (let place = begun.length - 1; place >= 0; place--) {
      if (this.#first[place] !== item.part) continue
      begun[place] = place === 0 ? item.at : Math.max(begun[place]!, begun[place - 1]!)
    }
    this.#begun = begun
  }

  unenter({ before }: Measured): void {
    this.#begun = before!
  }

  leave(): void {
    // Runs that began before the window are told by their time.
  }

  unleave(): void {
    // As above.
  }

  holds(from: number): boolean {
    const { expression, thresholds } = this.#rule
    if (expression !== undefined) {
      const isThere = (name: string): boolean => this.#begun[this.#rule.rules.indexOf(name)]! >= from
      return satisfies(expression, isThere)
    }
    let inOrder = 0
    while (inOrder < this.#begun.length && this.#begun[inOrder]! >= from) inOrder++
    return passes(thresholds, inOrder)
  }
}

class SumWindow extends Bag {
  readonly #sum = new ExactSum()
  #count = 0

  enter({ value }: Measured): void {
    this.#sum.add(value as number)
    this.#count++
  }

  leave({ value }: Measured): void {
    this.#sum.add(-(value as number))
    this.#count--
  }

  holds(): boolean {
    const { type, thresholds } = this.rule
    if (this.#count === 0) return false
    return passes(thresholds, type === 'value_sum' ? this.#sum.value : this.#sum.value / this.#count)
  }
}

class RankWindow extends Bag {
  readonly #ranks = new Ranks()

  enter({ value }: Measured): void {
    this.#ranks.add(value as number)
  }

  leave({ value }: Measured): void {
    this.#ranks.remove(value as number)
  }

  holds(): boolean {
    const { type, percentile, thresholds } = this.rule
    if (this.#ranks.size === 0) return false
    // Linear interpolation between the two nearest ranks.
    const rank = ((type === 'value_median' ? 50 : percentile) / 100) * (this.#ranks.size - 1)
    const low = this.#ranks.at(Math.floor(rank))
    return passes(thresholds, rank % 1 === 0 ? low : low + (this.#ranks.at(Math.ceil(rank)) - low) * (rank % 1))
  }
}
