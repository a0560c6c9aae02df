import type { Incident } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { type HistoryEntry, addHistory } from '../../store/local/history.ts'
import {
  type GroupedIncident,
  type Opening,
  addIncident,
  changeIncident,
  getIncident,
  incidentsOfGroup,
} from '../../store/local/incidents.ts'
import {
  type Observable,
  type SeenObservable,
  addObservables,
  observableKey,
  seenAgain,
} from '../../store/local/observables.ts'
import { asKept } from '../../store/local/whole-text.ts'
import { type Span, widened } from './span.ts'

/** More than is asked for is read around it, so that the alerts which follow find it read. */
const READ_AROUND_MS = 3_600_000

/** An incident, and what of it stands in the database. */
interface Held {
  now: GroupedIncident
  written: Incident
}

/** Incidents of one agency and group key that are at hand; all that touch `read` are. */
interface Group {
  ids: Set<string>
  read?: Span
}

/**
 * Incidents while a batch of alerts is taken in: each is read once and written once, by `write`, with what was seen in its alerts
 * and what the history is to say. So an alert costs the same however large its incident is and however many alerts it has. For one
 * write transaction: what was read must be nobody else's to change.
 */
export class IncidentsAtHand {
  readonly #db: LocalDatabase
  readonly #held = new Map<string, Held>()
  readonly #groups = new Map<string, Group>()
  readonly #seen = new Map<string, Map<string, SeenObservable>>()
  readonly #history: HistoryEntry[] = []

  constructor(db: LocalDatabase) {
    this.#db = db
  }

  get(id: string): GroupedIncident | null {
    const held = this.#held.get(id)
    if (held !== undefined) return held.now
    const found = getIncident(this.#db, id, 'all')
    if (found !== null) this.#hold(found)
    return found
  }

  /** Incidents of one group, in any state, whose events touch `span`; by number. */
  ofGroup(agency: string, groupKey: string, span: Span): GroupedIncident[] {
    const group = this.#group(agency, groupKey)
    if (group.read === undefined || span.from < group.read.from || span.to > group.read.to) {
      const read = widened(span, READ_AROUND_MS)
      for (const found of incidentsOfGroup(this.#db, { agency, groupKey, ...read })) {
        if (!this.#held.has(found.incident.id)) this.#hold(found)
      }
      group.read = read
    }
    return [...group.ids]
      .map((id) => this.#held.get(id)!.now)
      .filter(({ incident }) => incident.lastEventAt >= span.from && incident.firstEventAt <= span.to)
      .sort((a, b) => a.incident.number - b.incident.number)
  }

  /** A new one: written at once, since its alerts refer to it. */
  add(grouped: GroupedIncident, opening?: Opening): void {
    addIncident(this.#db, grouped, opening)
    this.#hold(grouped)
  }

  /** What became of one that was added or read here. */
  put(now: GroupedIncident): void {
    this.#held.get(now.incident.id)!.now = now
  }

  see(incidentId: string, observables: readonly Observable[], { from, to }: Span): void {
    const seen = this.#seen.get(incidentId) ?? new Map<string, SeenObservable>()
    this.#seen.set(incidentId, seen)
    for (const observable of observables) {
      const [key, one] = [observableKey(observable), { ...observable, firstAt: from, lastAt: to }]
      const before = seen.get(key)
      seen.set(key, before === undefined ? one : seenAgain(before, one))
    }
  }

  tell(entries: readonly HistoryEntry[]): void {
    this.#history.push(...entries)
  }

  write(): void {
    for (const { now, written } of this.#held.values()) changeIncident(this.#db, written, now.incident)
    for (const [id, seen] of this.#seen) addObservables(this.#db, id, [...seen.values()])
    addHistory(this.#db, this.#history)
  }

  #hold(grouped: GroupedIncident): void {
    const { incident, groupKey } = grouped
    this.#held.set(incident.id, { now: grouped, written: incident })
    this.#group(incident.agency, groupKey).ids.add(incident.id)
  }

  #group(agency: string, groupKey: string): Group {
    const key = asKept(`${agency}\n${groupKey}`)
    const group = this.#groups.get(key) ?? { ids: new Set() }
    this.#groups.set(key, group)
    return group
  }
}
