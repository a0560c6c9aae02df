import type { Term } from './logic/terms.ts'
import type { LogSourceRow } from './sigma/logsource.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import type { DetectionRule } from './sigma/rule.ts'
import type { SigmaDocument } from './sigma/yaml.ts'

/** What a check looks at: one detection rule that loaded. */
export interface Checked {
  /** As its author wrote it, before filters and pipelines. */
  rule: DetectionRule
  /** As it runs: names of the event's fields, filters and added conditions joined. */
  mapped: MappedRule
  document: SigmaDocument
  /** Rows of `logsources.yml` whose events the rule meets. */
  rows: readonly LogSourceRow[]
  /** The ways in which the rule's own condition can hold, without filters; undefined where they are too many. */
  terms: readonly Term[] | undefined
  /** The alternatives of one of the rule's own selections; undefined where they are too many. */
  termsOf(selection: string): readonly Term[] | undefined
  /** What `of` is said of in the condition: `them`, `selection_*` …, in lower case. */
  quantifiers: readonly string[]
  /** Where the condition names a word, else where a selection of that name stands, else where the condition begins. */
  inCondition(word: string): number | undefined
}

export interface Finding {
  message: string
  /** Offset into the rule's file: the value, the key or the word that is meant; undefined: the detection as a whole. */
  at: number | undefined
}

/**
 * One thing that can be wrong with what a rule says though it loads. A module of `lint/` exports one as default; its file's
 * name, with underscores, is the code of the warning.
 */
export interface Check {
  check(rule: Checked): Iterable<Finding>
}
