import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'
import { listHistory } from '../../store/local/history.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { openLocal } from '../../store/local/database.ts'
import { addToken } from '../../store/local/tokens.ts'
import { ALL_TIME } from '../store/sample.ts'

const SOC = join(ROOT, 'dist', 'soc.js')

function folder(name: string): string {
  return join(mkdtempSync(join(tmpdir(), 'vong-gac-backup-')), name)
}

/** The command line as whoever owns the data folder runs it. */
function soc(dataFolder: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], SOC_DATA_FOLDER: dataFolder }
    const child = execFile(process.execPath, [SOC, ...args], { env, cwd: tmpdir() }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

let product: ProductProcess
let token = ''
let sent = 0
const acknowledged: { marker: string; through: number }[] = []

/** The same centre once more, when its store is open. */
async function again(): Promise<ProductProcess> {
  const started = await startProductProcess(product.environment)
  while (!(await fetch(`${started.url}/readyz`)).ok) await sleep(50)
  return started
}

async function post(): Promise<void> {
  const lines = Array.from({ length: 20 }, () => {
    const marker = `dấu-${sent++}`
    return { marker, text: JSON.stringify({ message: `sao lưu ${marker}`, marker }) }
  })
  const answer = await fetch(`${product.url}/ingest/backup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    body: lines.map(({ text }) => text).join('\n'),
  })
  const { through } = (await answer.json()) as { through: number }
  if (answer.status === 200) acknowledged.push(...lines.map(({ marker }) => ({ marker, through })))
}

beforeAll(async () => {
  product = await startProductProcess()
  const local = openLocal(join(product.dataFolder, 'local.db'))
  const createdAt = new Date().toISOString()
  token = addToken(local, {
    kind: 'ingest',
    name: 'backup',
    agencies: ['motcua'],
    scopes: [],
    createdAt,
    createdBy: 'test',
  }).text
  local.close()
})
afterAll(() => product.kill())

/** Lets a restored centre work off its spool, and gives every marker it stored, with how often. */
async function markersOf(dataFolder: string): Promise<Map<string, number>> {
  const restored = await startProductProcess({ SOC_DATA_FOLDER: dataFolder })
  while (!(await fetch(`${restored.url}/readyz`)).ok) await sleep(100)
  const durable = Number(/^soc_spool_position (\d+)$/m.exec(await (await fetch(`${restored.url}/metrics`)).text())?.[1])
  const local = openLocal(join(dataFolder, 'local.db'))
  while (!(readCheckpoint(local).seq >= durable)) await sleep(100)
  local.close()
  expect(await restored.stop(), restored.output()).toBe(0)
  const store = await openEmbedded(join(dataFolder, 'events'), { diskReserveBytes: 0 })
  const markers = new Map<string, number>()
  for (let after: { timestamp: string; seq: number } | undefined; ;) {
    const page = await store.searchEvents({ scope: 'all', range: ALL_TIME, limit: 1_000, ...(after && { after }) })
    for (const event of page) {
      const [marker] = /dấu-\d+/.exec(event['event.original']) ?? []
      if (marker !== undefined) markers.set(marker, (markers.get(marker) ?? 0) + 1)
    }
    const last = page.at(-1)
    if (last === undefined) break
    after = { timestamp: last['@timestamp'], seq: last['soc.seq'] }
  }
  await store.close()
  return markers
}

/** What must be there in a backup that began after these were acknowledged, once each. */
function expectOnce(markers: Map<string, number>, before: readonly { marker: string }[]): void {
  expect(before.filter(({ marker }) => markers.get(marker) !== 1)).toEqual([])
  expect([...markers].filter(([, times]) => times !== 1)).toEqual([])
}

test(
  'a backup while it takes in, then kill -9: what was acknowledged before is there once, in a folder and in a file',
  { timeout: 180_000 },
  async () => {
    const filling = new AbortController()
    const filler = (async () => {
      for (; !filling.signal.aborted; await sleep(100)) await post()
    })()
    while (acknowledged.length < 200) await sleep(20)
    const [kept, archive] = [folder('kept'), folder('all.tar')]
    const before = [acknowledged.length]
    const first = await soc(product.dataFolder, 'backup', kept)
    expect(first, first.stderr).toMatchObject({ code: 0 })
    before.push(acknowledged.length)
    const second = await soc(product.dataFolder, 'backup', archive)
    expect(second, second.stderr).toMatchObject({ code: 0 })
    filling.abort()
    await filler
    await product.kill()
    expect(readdirSync(join(product.dataFolder, 'snapshots'))).toEqual([])
    const local = openLocal(join(product.dataFolder, 'local.db'))
    const entries = listHistory(local, { code: 'backup_made', limit: 10 })
    local.close()
    expect(entries.map(({ subject }) => subject.id)).toEqual([archive, expect.stringContaining(kept)])

    const [name] = readdirSync(kept)
    expect((await soc(product.dataFolder, 'restore', '--check', join(kept, name!))).stdout).toMatch(/intact/)
    for (const [i, from] of [join(kept, name!), archive].entries()) {
      const data = folder('data')
      const restored = await soc(data, 'restore', from)
      expect(restored, restored.stderr).toMatchObject({ code: 0 })
      expectOnce(await markersOf(data), acknowledged.slice(0, before[i]))
    }
    product = await again()
  },
)

test(
  'a backup of the stopped product; a folder that is not empty and a changed byte are refused',
  { timeout: 60_000 },
  async () => {
    await post()
    expect(await product.stop()).toBe(0)
    const kept = folder('kept')
    expect((await soc(product.dataFolder, 'backup', kept)).stdout).toMatch(/backed up/)
    expect((await soc(product.dataFolder, 'backup', join(product.dataFolder, 'x'))).code).toBe(2)
    const backup = join(kept, readdirSync(kept)[0]!)
    const full = await soc(product.dataFolder, 'restore', backup)
    expect(full).toMatchObject({ code: 1 })
    expect(full.stderr).toMatch(/is not empty/)

    const victim = join(backup, 'events', 'hot.duckdb')
    const file = openSync(victim, 'r+')
    const byte = Buffer.alloc(1)
    const at = Math.floor(statSync(victim).size / 2)
    readSync(file, byte, 0, 1, at)
    writeSync(file, Buffer.from([byte[0]! ^ 1]), 0, 1, at)
    closeSync(file)
    const data = folder('data')
    const changed = await soc(data, 'restore', backup)
    expect(changed).toMatchObject({ code: 1 })
    expect(changed.stderr).toMatch(/events\/hot\.duckdb is not what was backed up/)
    expect(readdirSync(data), 'nothing is left of it').toEqual([])

    rmSync(join(backup, 'SHA256SUMS'))
    expect((await soc(data, 'restore', backup)).stderr).toMatch(/not finished/)
    product = await again()
  },
)

test('kill -9 of the backup leaves none that counts, and the product goes on', { timeout: 60_000 }, async () => {
  const kept = folder('kept')
  for (const afterMs of [150, 300, 450, 600, 900]) {
    const env = { PATH: process.env['PATH'], SOC_DATA_FOLDER: product.dataFolder }
    const child = spawn(process.execPath, [SOC, 'backup', kept], { env, cwd: tmpdir(), stdio: 'ignore' })
    const ended = once(child, 'exit')
    await sleep(afterMs)
    child.kill('SIGKILL')
    await ended
  }
  await post()
  const whole = await soc(product.dataFolder, 'backup', kept)
  expect(whole, whole.stderr).toMatchObject({ code: 0 })
  const path = /backed up: (.+)/.exec(whole.stdout)![1]!
  for (const name of readdirSync(kept)) {
    const backup = join(kept, name)
    const finished = readdirSync(backup).includes('SHA256SUMS')
    const data = folder('data')
    expect((await soc(data, 'restore', backup)).code, name).toBe(finished ? 0 : 1)
    if (backup === path) expect(finished).toBe(true)
    if (finished) expect(readFileSync(join(data, 'version.json'), 'utf8')).toMatch(/version/)
  }
})
