import type { Entity, Level } from './alert.ts'

/** OCSF Incident Finding states. Reopening is an event of the history, not a state. */
export const STATES = ['new', 'in_progress', 'on_hold', 'resolved', 'closed'] as const
export type State = (typeof STATES)[number]

/** Where an incident may go. Nothing becomes `new` again; from a handled state the way back is to work on it. */
export const NEXT_STATES: Readonly<Record<State, readonly State[]>> = {
  new: ['in_progress', 'on_hold', 'resolved', 'closed'],
  in_progress: ['on_hold', 'resolved', 'closed'],
  on_hold: ['in_progress', 'resolved', 'closed'],
  resolved: ['in_progress', 'closed'],
  closed: ['in_progress'],
}

/** What it turned out to be; required to resolve or close. `duplicate` is what a merge gives to the one that went. */
export const VERDICTS = ['true_positive', 'benign_positive', 'false_positive', 'inconclusive', 'duplicate'] as const
export type Verdict = (typeof VERDICTS)[number]

/** How far the law takes an incident: an analyst's answers, which decide the deadlines that apply. */
export interface LegalFacts {
  /** Serious, as the centre's own scale has it. */
  serious?: boolean
  /** Signs of harm to national security or public order, or a serious interruption. */
  nationalSecurity?: boolean
  /** Personal data were exposed. */
  personalData?: boolean
  /** Kind of incident, a key of the legal profile. */
  group?: string
  /** When it was detected, where that was not when it was opened; ISO UTC. */
  detectedAt?: string
}

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
  /** Id of the incident that has its alerts now. */
  mergedInto?: string
  /** Each state it came to, oldest first; the clocks are read from it. */
  life: { state: State; at: string }[]
  legal: LegalFacts
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

/** States in which there is something left to do. */
export const OPEN_STATES: readonly State[] = ['new', 'in_progress', 'on_hold']

export function isOpen({ state }: Pick<Incident, 'state'>): boolean {
  return OPEN_STATES.includes(state)
}

/** When somebody first took it up; undefined while nobody has. ISO UTC. */
export function acknowledgedAt({ life }: Pick<Incident, 'life'>): string | undefined {
  return life.find(({ state }) => state !== 'new')?.at
}

/** Since when it is handled: of `resolved`, then `closed`, it was the former. Undefined while it is open. ISO UTC. */
export function handledAt({ life }: Pick<Incident, 'life'>): string | undefined {
  return life.slice(life.findLastIndex((step) => isOpen(step)) + 1)[0]?.at
}
