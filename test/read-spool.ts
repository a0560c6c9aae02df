import { join } from 'node:path'
import { SpoolReader } from '../collector/spool/reader.ts'
import type { SpoolRecord } from '../model/record.ts'

/** Every record that a data folder's spool still holds. */
export async function readSpool(dataFolder: string): Promise<SpoolRecord[]> {
  const reader = await SpoolReader.open(join(dataFolder, 'spool'), 1)
  const records: SpoolRecord[] = []
  for (;;) {
    const more = await reader.read({
      recordsMax: 10_000,
      bytesMax: 64 * 1024 * 1024,
      throughSeq: Number.MAX_SAFE_INTEGER,
    })
    if (more.length === 0) break
    records.push(...more)
  }
  await reader.close()
  return records
}
