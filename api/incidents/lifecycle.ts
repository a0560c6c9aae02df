import { type Incident, NEXT_STATES, type State, type Verdict } from '../../model/incident.ts'

/** What an analyst may decide about an incident. */
export interface Decision {
  state?: State
  verdict?: Verdict | null
  /** A user's name; `null` puts the incident back for anyone. */
  assignee?: string | null
}

const HANDLED: ReadonlySet<State> = new Set<State>(['resolved', 'closed'])

/** A handled incident on which work begins anew, by the program itself: another alert came, and its rule wants that. */
export function reopen(incident: Incident, at: string): Incident {
  const { verdict: _verdict, ...rest } = incident
  return {
    ...rest,
    state: 'in_progress',
    life: [...rest.life, { state: 'in_progress', at }],
    version: rest.version + 1,
  }
}

export type Decided =
  | { refused: 'transition_refused' | 'verdict_required' | 'merged' }
  | {
      /** Nothing differs: no new version, no history. */
      unchanged: true
    }
  | { incident: Incident; code: 'incident_changed' | 'incident_reopened'; before: Decision; after: Decision }

/** `incident` after the decision, with what the history records. Reopening takes the verdict back: it was a judgement on less. */
export function decide(incident: Incident, decision: Decision, at: string): Decided {
  if (incident.mergedInto !== undefined) return { refused: 'merged' }
  const state = decision.state ?? incident.state
  if (state !== incident.state && !NEXT_STATES[incident.state].includes(state)) return { refused: 'transition_refused' }
  const reopened = HANDLED.has(incident.state) && !HANDLED.has(state)
  const verdict = decision.verdict === undefined ? (reopened ? null : incident.verdict) : decision.verdict
  if (HANDLED.has(state) && (verdict ?? null) === null) return { refused: 'verdict_required' }

  const was = { state: incident.state, verdict: incident.verdict ?? null, assignee: incident.assignee ?? null }
  const is = {
    state,
    verdict: verdict ?? null,
    assignee: decision.assignee === undefined ? was.assignee : decision.assignee,
  }
  const changed = (['state', 'verdict', 'assignee'] as const).filter((name) => was[name] !== is[name])
  if (changed.length === 0) return { unchanged: true }

  const { verdict: _verdict, assignee: _assignee, ...rest } = incident
  return {
    code: reopened ? 'incident_reopened' : 'incident_changed',
    before: Object.fromEntries(changed.map((name) => [name, was[name]])),
    after: Object.fromEntries(changed.map((name) => [name, is[name]])),
    incident: {
      ...rest,
      state: is.state,
      life: is.state === incident.state ? incident.life : [...incident.life, { state: is.state, at }],
      ...(is.verdict !== null && { verdict: is.verdict }),
      ...(is.assignee !== null && { assignee: is.assignee }),
      version: incident.version + 1,
      updatedAt: at,
    },
  }
}
