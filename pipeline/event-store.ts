import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { openElasticsearch } from '../store/elasticsearch/elasticsearch.ts'
import { openEmbedded } from '../store/embedded/embedded.ts'
import type { Store, StoreError } from '../store/store.ts'

/**
 * Opens the event store that the settings name, or the other one.
 * @param onProblem told of what failed in the background and is tried again
 * @throws {StoreError}
 */
export function openEventStore(
  config: Config,
  onProblem: (problem: StoreError) => void,
  engine = config.store.engine,
): Promise<Store> {
  const { memoryLimit, node, ca, apiKey, username, password, prefix } = config.store
  if (engine === 'embedded') {
    return openEmbedded(join(config.dataFolder, 'events'), {
      ...(memoryLimit !== undefined && { memoryLimit }),
      // Below the spool's own mark: what was accepted before the disk ran short can still be stored.
      diskReserveBytes: Math.floor(config.spool.freeBytesMin / 2),
      classes: config.retention.classes,
      onProblem,
    })
  }
  return openElasticsearch({
    node: node!,
    ...(apiKey !== undefined && { auth: { apiKey } }),
    ...(username !== undefined && { auth: { username, password: password ?? '' } }),
    ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
    ...(prefix !== undefined && { prefix }),
  })
}
