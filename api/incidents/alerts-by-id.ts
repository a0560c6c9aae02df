import type { Alert } from '../../model/alert.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { positionsOfAlerts } from '../../store/local/incident-alerts.ts'
import type { Scope, Store } from '../../store/store.ts'

/**
 * Those of `ids` (at most `LIMIT_MAX`) that are in the scope, each in its highest version. They are looked for where their incident
 * knows them, and elsewhere only what is not there: an alert of no incident, and one of which a higher version has just come. A store
 * keeps one version of each, so that none out of date is found at a place where it used to stand.
 */
export async function alertsById(
  { local, store }: { local: LocalDatabase; store: Store },
  ids: readonly string[],
  scope: Scope,
): Promise<Map<string, Alert>> {
  const found = new Map<string, Alert>()
  const look = async (wanted: readonly string[], seqs?: readonly number[]): Promise<void> => {
    const query = { scope, ids: wanted, limit: wanted.length, ...(seqs !== undefined && { seqs }) }
    if (wanted.length > 0) for (const alert of await store.searchAlerts(query)) found.set(alert.id, alert)
  }
  const positions = positionsOfAlerts(local, ids)
  await look([...positions.keys()], [...new Set(positions.values())])
  await look(ids.filter((id) => !found.has(id)))
  return found
}
