import type { FieldIndex } from './field-index.ts'
import type { KnownValue, ValueCache } from './value-cache.ts'

/**
 * A field that rules ask about: what they look for in it, the texts met lately, and what the event in hand has there; first what is read and
 * written in every event.
 */
export interface Field {
  /** Made when the field is first met. */
  cache: ValueCache | undefined
  /** The event it was last read in, and what was known about its value there, if that is one text. */
  stamp: number
  known: KnownValue | undefined
  /** Whether that event has no value in it. */
  absent: boolean
  /** Its number among the fields that rules ask about. */
  readonly id: number
  readonly name: string
  readonly index: FieldIndex
  /** Whether another field is one with it for some rule, so that either may hold what the rule asks for. */
  readonly isOneOfSeveral: boolean
  /** Time spent on looking through it, on the events that were timed. */
  nanos: number
}
