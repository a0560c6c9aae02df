import { randomInt } from 'node:crypto'
import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startProductProcess } from '../../bench/product-process.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { openLocal } from '../../store/local/database.ts'
import { listSources, type Source } from '../../store/local/sources.ts'

const KILLS = 2
/** As many as there are names for: what was rotated away before it was read is lost by the rotation. */
const ROTATIONS_MAX = 50
/** However slowly a busy machine starts the product: what was written has to be read in time. */
const LINES_MAX = 40_000
const EVERYTHING = { from: '1970-01-01T00:00:00.000Z', to: '9999-01-01T00:00:00.000Z' }

test('every line of a followed file is stored exactly once, whatever is killed and rotated', async () => {
  const logs = mkdtempSync(join(tmpdir(), 'vong-gac-logs-'))
  onTestFinished(() => rmSync(logs, { recursive: true, force: true }))
  const log = join(logs, 'app.log')
  const config = join(logs, 'soc.yaml')
  const file = { files: [{ path: `${log}*`, stream: 'app', agency: 'hp-so-yt' }], pollMs: 20 }
  writeFileSync(config, JSON.stringify({ inputs: { file } })) // YAML holds JSON
  let product = await startProductProcess({ SOC_CONFIG: config })
  const { dataFolder, environment } = product
  let written = 0
  let rotations = 0
  const end = new AbortController()
  const writer = (async () => {
    while (!end.signal.aborted) {
      const count = written < LINES_MAX ? randomInt(1, 200) : 1
      appendFileSync(log, Array.from({ length: count }, (_, i) => `dòng ${written + i}\n`).join(''))
      written += count
      if (rotations < ROTATIONS_MAX && randomInt(20) === 0) {
        rotations++
        for (let n = 50; n > 0; n--) if (existsSync(`${log}.${n}`)) renameSync(`${log}.${n}`, `${log}.${n + 1}`)
        renameSync(log, `${log}.1`)
      }
      await sleep(randomInt(1, 20))
    }
  })()
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(randomInt(300, 1_500))
      await product.kill()
      await sleep(randomInt(0, 300))
      product = await startProductProcess(environment)
    }
    await sleep(500)
    end.abort()
    await writer
    const counts = (): Source | undefined => {
      const local = openLocal(join(dataFolder, 'local.db'))
      const source = listSources(local, { scope: 'all', limit: 100 }).find((row) => row.source.startsWith('file/'))
      local.close()
      return source
    }
    await expect.poll(() => counts()?.events, { timeout: 120_000, interval: 200 }).toBe(written)
    expect(await product.stop(), product.output()).toBe(0)
    expect(counts()).toMatchObject({
      source: 'file/127.0.0.1/app',
      agency: 'hp-so-yt',
      events: written,
      deadLetters: 0,
    })
    const store = await openEmbedded(join(dataFolder, 'events'))
    onTestFinished(() => store.close())
    const stored: string[] = []
    let after: { timestamp: string; seq: number } | undefined
    for (;;) {
      const page = await store.searchEvents({
        scope: 'all',
        range: EVERYTHING,
        limit: 1_000,
        ...(after && { after }),
      })
      stored.push(...page.map((event) => event['event.original']))
      const last = page.at(-1)
      if (last === undefined || page.length < 1_000) break
      after = { timestamp: last['@timestamp'], seq: last['soc.seq'] }
    }
    expect(stored.length).toBe(written)
    expect(new Set(stored)).toEqual(new Set(Array.from({ length: written }, (_, i) => `dòng ${i}`)))
  } finally {
    end.abort()
    await product.kill()
  }
})
