import type { EcsEvent } from '../model/event.ts'
import type { Condition } from './query/query.ts'
import { LIMIT_MAX, type Scope, type Store, type TimeRange } from './store.ts'

/** Which events a long reader wants. */
export interface Wanted {
  scope: Scope
  range: TimeRange
  /** A first sieve: what it means, and events in which a value has a structure of its own. Absent: every event. */
  where?: Condition
  /** Only these fields, where leaving out the others is cheaper; identity, agency and times always. */
  fields: 'all' | readonly string[]
}

/** Events in pages of no particular order, and how far it has come of how much. */
export interface Page {
  events: EcsEvent[]
  /** With all their fields. */
  whole: boolean
  done: number
  of: number
}

/** Stored events for whoever reads them all. */
export interface EventSource {
  pages(wanted: Wanted): AsyncGenerator<Page>
  /** The one of the latest time. */
  newest(scope: Scope, range: TimeRange): Promise<EcsEvent | undefined>
  /** Whole events by name; those that are gone are left out. */
  byName(records: readonly string[], scope: Scope): Promise<EcsEvent[]>
  close(): Promise<void>
}

/** Where Elasticsearch keeps values with a structure of their own. */
const STRUCTURED: Condition = { kind: 'match', field: 'soc.other', pattern: { kind: 'exists' } }
const NAMES_AT_ONCE = 500

/**
 * The events of a store, by its contract. Progress is by time.
 * @param structured a condition that holds for events with values of a structure of their own; the search does not look into these
 */
export function eventsOf(store: Store, structured: Condition = STRUCTURED): EventSource {
  return {
    async *pages({ scope, range, where }) {
      const [fromMs, toMs] = [Date.parse(range.from), Date.parse(range.to)]
      const sieve = where && { where: { kind: 'or' as const, of: [where, structured] } }
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
        if (last === undefined || events.length < LIMIT_MAX) {
          yield { events, whole: true, done: of, of }
          return
        }
        after = { timestamp: last['@timestamp'], seq: last['soc.seq'] }
        yield { events, whole: true, done: Date.parse(after.timestamp) - fromMs, of }
      }
    },
    async newest(scope, range) {
      const [event] = await store.searchEvents({ scope, range, limit: 1 })
      return event
    },
    async byName(records, scope) {
      const found: EcsEvent[] = []
      for (let at = 0; at < records.length; at += NAMES_AT_ONCE) {
        found.push(...(await store.getEvents(records.slice(at, at + NAMES_AT_ONCE), scope)))
      }
      return found
    },
    close: () => Promise.resolve(),
  }
}
