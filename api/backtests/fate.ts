import type { State, Verdict } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { findIncidentAlert } from '../../store/local/incident-alerts.ts'
import { getIncidents } from '../../store/local/incidents.ts'
import type { Scope } from '../../store/store.ts'

/** What people made of the alerts that would be gone. */
export interface Fate {
  /** Alerts that would be gone and are in an incident. */
  alerts: number
  /** Alerts that would be gone and are in none: they never came to one, or their rule is newer than they would be. */
  elsewhere: number
  /** Incidents they are in, those with the gravest verdict first. */
  incidents: {
    id: string
    number: number
    title: string
    titleVi: string
    state: State
    verdict?: Verdict
    agency: string
    /** Of its alerts, those that would be gone. */
    gone: number
    alerts: number
  }[]
  /** Of these incidents, those that were found to be attacks, and the alerts that would be gone from them. */
  truePositives: { incidents: number; alerts: number }
}

const AT_ONCE = 500

/** Where alerts stand today, with what was decided about them. A few hundred at a time, between which others get their turn. */
export async function fateOf(db: LocalDatabase, gone: readonly string[], scope: Scope): Promise<Fate> {
  const counts = new Map<string, number>()
  let elsewhere = 0
  for (let at = 0; at < gone.length; at += AT_ONCE) {
    for (const id of gone.slice(at, at + AT_ONCE)) {
      const place = findIncidentAlert(db, id)
      if (place === null || place.withdrawn) elsewhere++
      else counts.set(place.incidentId, (counts.get(place.incidentId) ?? 0) + 1)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  const incidents: Fate['incidents'] = []
  const ids = [...counts.keys()]
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    for (const each of getIncidents(db, ids.slice(at, at + AT_ONCE), scope)) {
      const { id, number, title, titleVi, state, verdict, agency, alertCount } = each
      const named = { id, number, title, titleVi, state, ...(verdict !== undefined && { verdict }), agency }
      incidents.push({ ...named, gone: counts.get(id)!, alerts: alertCount })
    }
  }
  const isTrue = ({ verdict }: Fate['incidents'][number]): boolean => verdict === 'true_positive'
  incidents.sort((a, b) => Number(isTrue(b)) - Number(isTrue(a)) || b.gone - a.gone || a.number - b.number)
  const found = incidents.filter(isTrue)
  const sum = (list: Fate['incidents']): number => list.reduce((total, each) => total + each.gone, 0)
  return {
    alerts: sum(incidents),
    elsewhere,
    incidents,
    truePositives: { incidents: found.length, alerts: sum(found) },
  }
}
