import { join } from 'node:path'
import type { Ground } from '../../api/backtests/backtest.ts'
import type { Simulated } from '../../api/backtests/simulate.ts'
import { plainGrouping } from '../../api/incidents/grouping-settings.ts'
import { readBundle, type Bundle } from '../../pipeline/bundle.ts'
import { SpoolReader } from '../../collector/spool/reader.ts'
import type { Spool } from '../../collector/spool/spool.ts'
import type { Alert } from '../../model/alert.ts'
import { criticality } from '../../model/criticality.ts'
import { parseRegistry } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'
import { runPipeline } from '../../pipeline/pipeline.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import type { EventSource } from '../../store/event-source.ts'
import { openLocal, type LocalDatabase } from '../../store/local/database.ts'
import { placesOfAlerts } from '../../store/local/incident-alerts.ts'
import { getIncidents } from '../../store/local/incidents.ts'
import type { Store } from '../../store/store.ts'

export const ALL = { from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' }
const LATENESS_MS = 5 * 60_000
export const shipped = readBundle({
  rulesFolder: join(ROOT, 'rules'),
  registry: join(ROOT, 'registry', 'hai-duong.yml'),
  timeZone: 'Asia/Ho_Chi_Minh',
})
/** Pipelines, their tables and the log sources, without rules. */
export const wiring = shipped.rules.filter(({ path }) => path.startsWith('pipelines/') || path === 'logsources.yml')
const registry = parseRegistry(shipped.registry.text, 'r.yml')

/** Records in a spool of their own. */
export interface Day {
  folder: string
  spool: Spool
}

/** The whole of a spool through the pipeline, into a store and a database of its own; by default so that files are many. */
export async function run(
  { folder, spool }: Day,
  bundle: Bundle,
  name: string,
  { sealRows = 20, memoryLimit = '256MB' } = {},
): Promise<{ store: Store; local: LocalDatabase }> {
  const store = await openEmbedded(join(folder, name), { memoryLimit, threads: 1, sealRows })
  return { store, local: await runInto(store, { folder, spool }, bundle, name) }
}

/** The same into a store that is there; gives the database of its incidents. */
export async function runInto(
  store: Store,
  { folder, spool }: Day,
  bundle: Bundle,
  name: string,
): Promise<LocalDatabase> {
  const local = openLocal(':memory:')
  let stopped = false
  await runPipeline(
    {
      spoolId: spool.id,
      latenessMs: LATENESS_MS,
      grouping: plainGrouping(),
      rememberSenderIdsMs: 0,
      integrityFolder: join(folder, `${name}-integrity`),
      loadBundle: () => bundle,
      loadIndicators: () => {
        throw new Error('no day has indicators')
      },
    },
    {
      openReader: (seq) => SpoolReader.open(join(folder, 'spool'), seq),
      store,
      local,
      durable: () => spool.durableSeq,
      moreDurable: () => Promise.resolve(void (stopped = true)),
      stopped: () => stopped,
      report: () => undefined,
    },
  )
  return local
}

/** All alerts of a store, newest first, in pages. */
export async function* alertsIn(store: Store): AsyncGenerator<Alert[]> {
  for (let after: { timestamp: string; seq: number; id: string } | undefined; ;) {
    const page = await store.searchAlerts({ scope: 'all', limit: 1_000, ...(after !== undefined && { after }) })
    const last = page.at(-1)
    if (last === undefined) return
    after = { timestamp: last['@timestamp'], seq: last.seq, id: last.id }
    yield page
  }
}

export const groundOf = (store: Store, source: EventSource): Ground => ({
  source,
  alerts: () => alertsIn(store),
  engine: { latenessMs: LATENESS_MS },
  criticality: (agency, system, at) => criticality(registry, agency, system, at),
  grouping: plainGrouping(),
})

export const BUDGET = { cpuMs: Infinity, matches: 100_000 }

/** What a database of incidents holds, in the same form as what is simulated. */
export function realIncidents(local: LocalDatabase) {
  const places = placesOfAlerts(local).map(({ alertId, incidentId }) => [alertId, incidentId] as const)
  const incidents = getIncidents(local, [...new Set(places.map(([, incident]) => incident))], 'all')
  return { places, incidents: incidents.map(faceOf).sort(byId) }
}

export function simulated({ placeOf, incidents }: Simulated) {
  return { places: [...placeOf], incidents: [...incidents.values()].map(faceOf).sort(byId) }
}

/** Without what proves it: words stand in several fields, and stored events have theirs in another order. */
export const saidBy = ({ evidence, ...alert }: Alert) => ({
  ...alert,
  evidence: evidence.map(({ record, seq, original, rule: id }) => ({ record, seq, original, id })),
})

const faceOf = ({
  id,
  title,
  level,
  priority,
  alertCount,
  firstEventAt,
  lastEventAt,
  rules: own,
  entity,
}: SimulatedIncident) => {
  return { id, title, level, priority, alertCount, firstEventAt, lastEventAt, rules: own, entity }
}
type SimulatedIncident = Simulated['incidents'] extends Map<string, infer I> ? I : never
export const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)
