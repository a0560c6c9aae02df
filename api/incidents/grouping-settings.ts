import type { Alert, Entity, Level } from '../../model/alert.ts'

/** How the alerts of one rule are grouped. */
export interface RuleGrouping {
  /** How far in event time an alert may lie from an incident that it joins. */
  lookBackMs: number
  /** What its alerts are grouped by, where they have it; else their first entity. `rule`: all of an agency together. */
  by?: Entity['kind'] | 'rule'
  /** A further alert after the incident was resolved or closed opens one that follows it, or opens it again. */
  afterHandled: 'follow' | 'reopen'
}

export interface GroupingSettings {
  /** Of a rule that has no settings of its own. */
  usual: RuleGrouping
  /** By rule id. */
  rules: ReadonlyMap<string, RuleGrouping>
  /** Absent: every alert opens an incident or joins one. */
  risk?: {
    points: Partial<Record<Level, number>>
    threshold: number
    windowMs: number
    /** How often one rule counts. */
    repeatsMax: number
  }
  /** Absent: a rule may open any number of incidents. */
  storm?: {
    /** More than these, opened by one rule in one agency within `withinMs` of event time, are one. */
    incidentsMax: number
    withinMs: number
    /** The storm is over when the rule was quiet for so long. */
    quietMs: number
  }
}

const DAY_MS = 86_400_000

/** How the alerts of this rule are grouped. */
export function ruleGrouping({ usual, rules }: GroupingSettings, { id }: Alert['rule']): RuleGrouping {
  return rules.get(id) ?? usual
}

/** The same for all rules: no risk score, no storm. */
export function plainGrouping(lookBackMs: number = DAY_MS): GroupingSettings {
  return { usual: { lookBackMs, afterHandled: 'follow' }, rules: new Map() }
}
