import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import type { Harness } from './store-contract.ts'
import { storeContract } from './store-contract.ts'

const PROPERTY_RUNS = 60

async function embedded(sealRows: number): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'soc-store-'))
  return {
    open: () => openEmbedded(folder, { sealRows, diskReserveBytes: 0, threads: 1 }),
    settle: async () => {},
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
