import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import type { Harness } from './store-contract.ts'
import { storeContract } from './store-contract.ts'

const PROPERTY_RUNS = 60

/** @param filtered wait until all rows but the newest are in files, and each file has its filter */
async function embedded(sealRows: number, filtered = false): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'soc-store-'))
  return {
    open: () => openEmbedded(folder, { sealRows, diskReserveBytes: 0, threads: 1 }),
    settle: async () => {
      if (filtered) await allFiltered(folder)
    },
    remove: () => rm(folder, { recursive: true }),
  }
}

describe('embedded, rows in the hot table', () => {
  storeContract(() => embedded(131_072), PROPERTY_RUNS)
})

/** Every append starts a seal, so that searches meet tables and files at every stage. */
describe('embedded, rows sealed at once', () => {
  storeContract(() => embedded(1), PROPERTY_RUNS)
})

/** As before, and filters rule out files and blocks. */
describe('embedded, rows sealed and filtered', () => {
  storeContract(() => embedded(1, true), PROPERTY_RUNS)
})

async function allFiltered(folder: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const names = await readdir(join(folder, 'segments'), { recursive: true })
        const without = (extension: string): string[] =>
          names.filter((name) => name.endsWith(extension)).map((name) => name.slice(0, -extension.length))
        return without('.parquet').filter((name) => !without('.filter').includes(name)).length
      },
      { timeout: 60_000, interval: 20 },
    )
    .toBe(0)
}
