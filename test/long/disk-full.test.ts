import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProductProcess } from '../../bench/product-process.ts'
import { record } from '../../bench/record.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { openLocal } from '../../store/local/database.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { addToken } from '../../store/local/tokens.ts'

const MIB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'vong-gac-full-'))
let mounted = false

beforeAll(() => {
  mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', folder]).status === 0
})
afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', folder])
})

test('a full disk stops acknowledging, says so, and loses nothing', { timeout: 300_000 }, async (context) => {
  if (!mounted) context.skip('cannot mount a tmpfs here (needs root)')
  const filler = join(folder, 'filler')
  writeFileSync(filler, Buffer.alloc(120 * MIB))
  const product = await startProductProcess({
    SOC_DATA_FOLDER: join(folder, 'data'),
    SOC_SPOOL_FREE_BYTES_MIN: String(64 * MIB),
    SOC_SPOOL_SEGMENT_BYTES: String(4 * MIB),
  })
  try {
    const local = openLocal(join(product.dataFolder, 'local.db'))
    const token = addToken(local, {
      kind: 'ingest',
      name: 'disk test',
      agencies: ['motcua'],
      scopes: [],
      createdAt: new Date().toISOString(),
      createdBy: 'test',
    }).text
    const acknowledged: string[] = []
    const post = async (i: number): Promise<number> => {
      // Random text, so that compression does not keep the disk from filling.
      const lines = Array.from({ length: 200 }, (_, j) => {
        const noise = Array.from({ length: 60 }, () => Math.random().toString(36).slice(2)).join('')
        return JSON.stringify({ message: `đĩa đầy ${i}-${j} ${noise}`, marker: `m${i}-${j}` })
      })
      const answer = await fetch(`${product.url}/ingest/disk`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
      })
      await answer.arrayBuffer()
      if (answer.status === 200) acknowledged.push(...lines)
      return answer.status
    }
    const ready = async (): Promise<number> => (await fetch(`${product.url}/readyz`)).status
    for (let i = 0; i < 50 && (await ready()) !== 200; i++) await sleep(100)
    expect(await ready()).toBe(200)

    let status = 200
    let i = 0
    const deadline = Date.now() + 120_000
    while (status !== 503 && Date.now() < deadline) status = await post(i++)
    expect(status, 'refused when the disk is full').toBe(503)
    expect(await ready()).toBe(503)
    expect(await (await fetch(`${product.url}/readyz`)).text()).toMatch(/spool|disk/)

    rmSync(filler)
    for (let n = 0; n < 300 && (await ready()) !== 200; n++) await sleep(100)
    expect(await ready(), `recovers:\n${product.output()}`).toBe(200)
    expect(await post(i++)).toBe(200)

    const last = acknowledged.length
    for (let n = 0; n < 600 && readCheckpoint(local).seq < last; n++) await sleep(100)
    local.close()
    expect(await product.stop()).toBe(0)
    const store = await openEmbedded(join(product.dataFolder, 'events'), { diskReserveBytes: 0 })
    const { events } = await store.counts('all')
    await store.close()
    record('disk-full', { acknowledged: acknowledged.length, events, requestsUntilFull: i })
    expect(events, 'all that was acknowledged, once').toBe(acknowledged.length)
  } finally {
    await product.kill()
  }
})
