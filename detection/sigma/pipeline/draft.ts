import type { Condition } from '../condition.ts'
import type { DetectionRule, Item, LogSource, RuleContext } from '../rule.ts'

/** A rule on its way through the pipelines. */
export interface RuleDraft {
  readonly rule: DetectionRule
  readonly context: RuleContext
  logsource: LogSource
  condition: Condition
  selections: Map<string, ItemDraft[][]>
  /** Custom attributes that `set_custom_attribute` gave it. */
  readonly attributes: Map<string, string>
  /** Ids of the steps that applied to the rule. */
  readonly applied: Set<string>
  /** Replaced whole by `set_state`, so that who keeps it keeps the state of that moment. */
  state: ReadonlyMap<string, string>
}

/** A detection item and the fields of the event it has come to be about; several are alternatives. */
export interface ItemDraft {
  readonly item: Item
  readonly branches: readonly Branch[]
}

/** One name of a field and how it came about. */
export interface Branch {
  readonly name: string
  /** Ids of the steps that applied on the way. */
  readonly applied: ReadonlySet<string>
  /** Whether a step for names has dealt with it. */
  readonly mapped: boolean
}

const NONE: ReadonlySet<string> = new Set()

export const unmapped = (name: string): Branch => ({ name, applied: NONE, mapped: false })

export const draftOf = (item: Item): ItemDraft => ({ item, branches: [unmapped(item.field)] })
