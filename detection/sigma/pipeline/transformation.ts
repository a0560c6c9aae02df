import type { Node } from 'yaml'
import type { Item } from '../rule.ts'
import type { RuleDraft } from './draft.ts'
import type { Step } from './step.ts'

/** What a step does, once its parameters are read. */
export type Action =
  | { about: 'rule'; apply(draft: RuleDraft): void }
  /** New names of a field, several are alternatives; undefined leaves it as it is. Keywords are not asked. */
  | { about: 'name'; rename(name: string): readonly string[] | undefined }
  /** Items of which one must hold in place of the item; none drops it, undefined leaves it as it is. */
  | { about: 'item'; replace(item: Item, names: readonly string[], draft: RuleDraft): readonly Item[] | undefined }
  /** Placeholders without a table that stand for anything. */
  | { about: 'placeholders'; wildcard(name: string): boolean }
  | { about: 'steps'; steps: readonly Step[] }

/** A transformation of pySigma's pipelines. A module of `transformations/` exports one as default; its file's name is its `type`. */
export interface Transformation {
  /** Its parameters, beside those that every step has. */
  parameters: readonly string[]
  /** @throws {RuleError} `bad_pipeline` */
  read(step: Node, readSteps: (list: Node | null) => Step[]): Action
}

/** A condition of a step. A module of one of the `*-conditions/` folders exports one as default; its file's name is its `type`. */
export interface StepCondition<Subject> {
  parameters: readonly string[]
  /** @throws {RuleError} `bad_pipeline` */
  read(condition: Node): (subject: Subject) => boolean
}
