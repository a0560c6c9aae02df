import type { Entity, Level } from './alert.ts'

/** OCSF Incident Finding states. Reopening is an event of the history, not a state. */
export const STATES = ['new', 'in_progress', 'on_hold', 'resolved', 'closed'] as const
export type State = (typeof STATES)[number]

/** What it turned out to be; required to resolve or close. */
export const VERDICTS = ['true_positive', 'benign_positive', 'false_positive', 'inconclusive'] as const
export type Verdict = (typeof VERDICTS)[number]

/** Alerts about one entity of one agency inside a look-back window, as an analyst handles them. */
export interface Incident {
  id: string
  /** Human number, 1, 2, 3 … */
  number: number
  /** Rises with every change that the history records; the ETag. */
  version: number
  agency: string
  system?: string
  /** Title of the gravest rule. */
  title: string
  titleVi: string
  state: State
  verdict?: Verdict
  level: Level
  /** 1 (lowest) to 100: rule level × criticality of the system. */
  priority: number
  /** Words behind `priority`, as message codes with parameters. */
  priorityReasons: string[]
  assignee?: string
  /** The entity that groups its alerts. */
  entity: Entity
  entities: Entity[]
  rules: { id: string; title: string; titleVi: string; level: Level; count: number }[]
  /** ATT&CK tags, as in the rules. */
  attack: string[]
  alertCount: number
  firstEventAt: string
  lastEventAt: string
  createdAt: string
  updatedAt: string
}
