import type { Alert } from '../../model/alert.ts'
import type { Incident } from '../../model/incident.ts'
import { criticality } from '../../model/criticality.ts'
import { type Names, names } from '../../model/registry.ts'
import { workingTime } from '../../model/working-time.ts'
import { type Attachment, attachmentsOf } from '../../store/local/attachments.ts'
import { tasksOf } from '../../store/local/collaboration.ts'
import { reportsOf } from '../../store/local/deadlines.ts'
import { type HistoryEntry, historyOf } from '../../store/local/history.ts'
import { alertIdsOf } from '../../store/local/incident-alerts.ts'
import { type SeenObservable, observablesOf } from '../../store/local/observables.ts'
import type { Scope } from '../../store/store.ts'
import { alertsById } from '../incidents/alerts-by-id.ts'
import { type LegalClock, detectedMs, legalClocks } from '../incidents/legal.ts'
import { type ChecklistItem, checklistOf } from '../incidents/playbooks.ts'
import { type ServiceClocks, serviceClocks } from '../incidents/service-clocks.ts'
import type { Services } from '../services.ts'

/** All that is known about one incident, for whoever may see it. */
export interface IncidentFacts {
  incident: Incident
  agency: Names
  system?: Names & { level: number }
  /** Kind of incident, as a legal profile calls it. */
  group?: Names
  detectedAt: string
  /** The newest first. */
  alerts: Alert[]
  /** Not all of them are here. */
  moreAlerts: boolean
  /** Oldest first. */
  history: HistoryEntry[]
  tasks: ChecklistItem[]
  attachments: Attachment[]
  observables: SeenObservable[]
  service: ServiceClocks
  legal: LegalClock[]
}

type Sources = Pick<Services, 'local' | 'store' | 'registry' | 'playbooks' | 'legal' | 'targets' | 'clock'>

const HISTORY_MAX = 10_000
const ALERTS_AT_ONCE = 200

/** @param alertsMax how many alerts are read, of the newest */
export async function incidentFacts(
  sources: Sources,
  incident: Incident,
  scope: Scope,
  alertsMax: number,
): Promise<IncidentFacts> {
  const { local, registry, playbooks, legal, targets, clock } = sources
  const book = registry()
  const { id, system } = incident
  const detectedAt = new Date(detectedMs(incident)).toISOString()
  const { alerts, more } = await alertsOf(sources, id, scope, alertsMax)
  const group = legal()
    .flatMap(({ groups }) => groups)
    .find(({ key }) => key === incident.legal.group)
  return {
    incident,
    agency: names(book, incident.agency) ?? { vi: incident.agency, en: incident.agency },
    ...(system !== undefined && {
      system: {
        ...(names(book, system) ?? { vi: system, en: system }),
        level: criticality(book, incident.agency, system, detectedAt),
      },
    }),
    ...(group !== undefined && { group }),
    detectedAt,
    alerts,
    moreAlerts: more,
    history: historyOf(local, { kind: 'incident', id }, HISTORY_MAX),
    tasks: checklistOf(playbooks(), incident, tasksOf(local, id)),
    attachments: attachmentsOf(local, id),
    observables: observablesOf(local, id),
    service: serviceClocks(incident, targets(), workingTime(book.calendar, book.timeZone), clock()),
    legal: legalClocks(legal(), incident, reportsOf(local, id), clock()),
  }
}

/** Alerts that retention has deleted are not there any more. */
async function alertsOf(
  { local, store }: Sources,
  incidentId: string,
  scope: Scope,
  alertsMax: number,
): Promise<{ alerts: Alert[]; more: boolean }> {
  const alerts: Alert[] = []
  for (let after: { eventAt: string; alertId: string } | undefined; ;) {
    const limit = Math.min(ALERTS_AT_ONCE, alertsMax - alerts.length)
    if (limit === 0) return { alerts, more: true }
    const rows = alertIdsOf(local, incidentId, { limit, ...(after !== undefined && { after }) })
    after = rows.at(-1)
    if (after === undefined) return { alerts, more: false }
    const byId = await alertsById(
      { local, store },
      rows.map(({ alertId }) => alertId),
      scope,
    )
    alerts.push(...rows.flatMap(({ alertId }) => byId.get(alertId) ?? []))
    if (rows.length < limit) return { alerts, more: false }
  }
}
