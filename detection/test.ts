import type { Pattern } from './sigma/pattern.ts'
import type { Regex } from './sigma/regex.ts'
import type { Subject } from './sigma/scalar.ts'

/**
 * A condition that is necessary for a test, which the network looks up instead of running the test: text that the value is,
 * starts with, ends with or holds (folded), a canonical number that it equals, or merely that it is there.
 */
export interface Gate {
  at: 'whole' | 'start' | 'end' | 'inside' | 'number' | 'present'
  /** Folded text, or canonical number; empty for `present`. */
  text: string
  /** Whether the gate is also sufficient. */
  proves: boolean
}

/** A test of one value of a field. */
export interface ValueTest {
  about: 'value'
  /** Two tests of one key are the same test. */
  key: string
  holds(subject: Subject): boolean
  /** One of these holds whenever the test does; never empty. */
  gates: readonly Gate[]
  /** The part of `text` that matched. */
  find(text: string): [start: number, end: number] | undefined
  /** For the reference evaluator, which runs patterns its own way. */
  pattern?: Pattern
  regex?: Regex
}

/** A test of whether the field has a value: absent or null, present in any form, or not present. */
export interface PresenceTest {
  about: 'presence'
  key: string
  is: 'null' | 'exists' | 'missing'
}

/** A test of a field's values against another field's. */
export interface FieldTest {
  about: 'fields'
  key: string
  /** The other field, by its name in the rule. */
  other: string
  holds(subject: Subject, other: Subject): boolean
}

export type Test = ValueTest | PresenceTest | FieldTest

/** The gate of a test that nothing cheaper than the value's presence promises. */
export const PRESENT: readonly Gate[] = [{ at: 'present', text: '', proves: false }]

export const wholeText = (text: string): [number, number] => [0, text.length]
