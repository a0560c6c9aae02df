import type { Alert } from '../../model/alert.ts'
import type { Incident } from '../../model/incident.ts'
import { openLocal } from '../../store/local/database.ts'
import { placesOfAlerts } from '../../store/local/incident-alerts.ts'
import { getIncidents } from '../../store/local/incidents.ts'
import { raiseIncidents, type RaiseOptions } from '../incidents/raise.ts'
import type { Version } from './replay.ts'

/** What alerts come to when they are grouped anew, as if nobody had worked on any of it. */
export interface Simulated {
  incidents: Map<string, Incident>
  /** Incident of each alert that stands. */
  placeOf: Map<string, string>
  /** Each alert in its last version, but for withdrawn ones. */
  alerts: Map<string, Alert>
}

const NOWHERE = '1970-01-01T00:00:00.000Z'
const AT_ONCE = 500

/** In a database of its own, in memory. */
export function simulate(versions: readonly Version[], options: Omit<RaiseOptions, 'now'>): Simulated {
  if (versions.length === 0) return { incidents: new Map(), placeOf: new Map(), alerts: new Map() }
  const db = openLocal(':memory:')
  try {
    const ordered = [...versions].sort((a, b) => a.alert.seq - b.alert.seq || a.rank - b.rank)
    const alerts = new Map<string, Alert>()
    for (let at = 0; at < ordered.length; at += AT_ONCE) {
      const batch = ordered.slice(at, at + AT_ONCE).map(({ alert }) => alert)
      raiseIncidents(db, batch, { ...options, now: () => NOWHERE })
      for (const alert of batch) {
        if (alert.count === 0) alerts.delete(alert.id)
        else alerts.set(alert.id, alert)
      }
    }
    const placeOf = new Map(placesOfAlerts(db).map(({ alertId, incidentId }) => [alertId, incidentId]))
    const incidents = new Map<string, Incident>()
    const ids = [...new Set(placeOf.values())]
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      for (const incident of getIncidents(db, ids.slice(at, at + AT_ONCE), 'all')) incidents.set(incident.id, incident)
    }
    return { incidents, placeOf, alerts }
  } finally {
    db.close()
  }
}
