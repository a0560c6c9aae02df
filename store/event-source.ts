import type { EcsEvent } from '../model/event.ts'
import type { Condition } from './query/query.ts'
import { LIMIT_MAX, type Scope, type Store, type TimeRange } from './store.ts'

/**
 * What is known of the events that a long reader wants before one of them is read: a condition, or that a text is held by some value of
 * the event, in whatever field but the store's own (`soc.*`) and its times.
 */
export type Sieve =
  | Condition
  | { kind: 'and' | 'or'; of: readonly Sieve[] }
  | { kind: 'anywhere'; text: string }
  | Spelled
  | Expression

/** That a value of the field is one of these texts, or one that is in lower case; ASCII. */
export interface Spelled {
  kind: 'spelled'
  field: string
  texts: readonly string[]
}

/** That a regular expression is found in a value of the field, or, where that is empty, of any that words are looked for in. */
export interface Expression {
  kind: 'expression'
  field: string
  /** In RE2's syntax, exact as to letters. */
  whole: string
  /** Found in every JSON text that has a string or number that `whole` is found in. */
  inJson: string
}

export type Leaf = Exclude<Sieve, { kind: 'and' | 'or' }>

/** Which events a long reader wants. */
export interface Wanted {
  scope: Scope
  range: TimeRange
  /** Holds for all of them, save for values with a structure of their own; a store may use as much of it as helps. Absent: nothing is known. */
  where?: Sieve
  /** The fields by which `keeps` decides; events of the same values there may be shown to it as one, with these alone. */
  fields: 'all' | readonly string[]
  keeps: (event: EcsEvent) => boolean
}

/** Events in pages of no particular order, and how far it has come of how much. */
export interface Page {
  /** Those that are kept, whole. */
  events: EcsEvent[]
  /** How many were decided about. */
  read: number
  done: number
  of: number
}

/** Stored events for whoever reads them all. */
export interface EventSource {
  pages(wanted: Wanted): AsyncGenerator<Page>
  /** The one of the latest time. */
  newest(scope: Scope, range: TimeRange): Promise<EcsEvent | undefined>
  close(): Promise<void>
}

/**
 * As much of a sieve as costs no more than `costMax`: of conditions that all hold any may be left out, the dearest first.
 * Undefined where nothing is left.
 */
export function weakened(sieve: Sieve, costOf: (leaf: Leaf) => number, costMax: number): Sieve | undefined {
  const total = (part: Sieve): number => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return part.of.reduce((sum, each) => sum + total(each), 0)
      default:
        return costOf(part)
    }
  }
  if (total(sieve) <= costMax) return sieve
  if (sieve.kind !== 'and') return undefined
  const kept: Sieve[] = []
  let left = costMax
  for (const part of [...sieve.of].sort((a, b) => total(a) - total(b))) {
    if (total(part) > left) break
    left -= total(part)
    kept.push(part)
  }
  return kept.length === 0 ? undefined : { kind: 'and', of: kept }
}

/** What the search of any store can tell; undefined where that is nothing. */
function searchable(sieve: Sieve | undefined): Condition | undefined {
  switch (sieve?.kind) {
    case undefined:
    case 'anywhere':
    case 'expression':
      return undefined
    case 'spelled': {
      const { field, texts } = sieve
      return { kind: 'or', of: texts.map((text) => ({ kind: 'match', field, pattern: { kind: 'equals', text } })) }
    }
    case 'and':
    case 'or': {
      const of = sieve.of.flatMap((part) => searchable(part) ?? [])
      const isAll = of.length === sieve.of.length
      return of.length === 0 || (sieve.kind === 'or' && !isAll) ? undefined : { kind: sieve.kind, of }
    }
    default:
      return sieve
  }
}

/** Where Elasticsearch keeps values with a structure of their own. */
const STRUCTURED: Condition = { kind: 'match', field: 'soc.other', pattern: { kind: 'exists' } }
/** More comparisons than these cost a cluster more than reading on. */
const TERMS_MAX = 250

/**
 * The events of a store, by its contract. Progress is by time.
 * @param structured a condition that holds for events with values of a structure of their own; the search does not look into these
 */
export function eventsOf(store: Store, structured: Condition = STRUCTURED): EventSource {
  return {
    async *pages({ scope, range, where, keeps }) {
      const [fromMs, toMs] = [Date.parse(range.from), Date.parse(range.to)]
      const meant = where && searchable(weakened(where, () => 1, TERMS_MAX))
      const sieve = meant && { where: { kind: 'or' as const, of: [meant, structured] } }
      for (let after: { timestamp: string; seq: number } | undefined; ;) {
        const events = await store.searchEvents({
          scope,
          range,
          ...sieve,
          order: 'oldest',
          limit: LIMIT_MAX,
          ...(after !== undefined && { after }),
        })
        const last = events.at(-1)
        const of = toMs - fromMs
        const page = { events: events.filter(keeps), read: events.length, of }
        if (last === undefined || events.length < LIMIT_MAX) {
          yield { ...page, done: of }
          return
        }
        after = { timestamp: last['@timestamp'], seq: last['soc.seq'] }
        yield { ...page, done: Date.parse(after.timestamp) - fromMs }
      }
    },
    async newest(scope, range) {
      const [event] = await store.searchEvents({ scope, range, limit: 1 })
      return event
    },
    close: () => Promise.resolve(),
  }
}
