import { strict as assert } from 'node:assert'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ApiServer } from '../api/server.ts'
import type { Incident } from '../model/incident.ts'
import type { LocalDatabase } from '../store/local/database.ts'
import { addHistory } from '../store/local/history.ts'
import { changeIncident, listIncidents } from '../store/local/incidents.ts'
import { inTransaction } from '../store/local/transaction.ts'
import { cpuUs, median } from './fresh-process.ts'

const CLIENTS = 200
const OF_ONE_ASKER = 10
const UPDATES_PER_SECOND = 50
const SETTLE_S = 10

export interface StreamFigures {
  clients: number
  updatesPerSecond: number
  seconds: number
  /** Changes told, to all of them together. */
  told: number
  /** CPU of the server's process for a second, all threads, the updates included. */
  cpuMsPerSecond: number
  /** After a full collection, in the middle of each sixth of the time: flat, or growing. */
  heapMiB: number[]
  residentMiB: number[]
}

interface Heard {
  connected: number
  least: number
  most: number
}

/** 200 clients that read every change, 50 changes a second: what the server's process holds while it lasts. */
export async function streamed(
  app: ApiServer,
  local: LocalDatabase,
  authorizationOf: () => string,
  seconds: number,
): Promise<StreamFigures> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const askers = Array.from({ length: CLIENTS / OF_ONE_ASKER }, authorizationOf)
  const authorizations = Array.from({ length: CLIENTS }, (_, i) => askers[i % askers.length]!)
  const clients = fork(join(import.meta.dirname, 'stream-clients.js'), [JSON.stringify({ port, authorizations })])
  let heard: Heard = { connected: 0, least: 0, most: 0 }
  clients.on('message', (message: Heard) => (heard = message))
  try {
    while (heard.connected < CLIENTS) await sleep(100)
    const shown = listIncidents(local, { scope: 'all', order: 'updated', limit: 500 })
    const [heap, resident]: [number[], number[]] = [[], []]
    let [told, cpu] = [0, 0]
    const begin = performance.now()
    for (let second = 0; second < SETTLE_S + seconds; second++) {
      if (second === SETTLE_S) cpu = cpuUs()
      for (let i = 0; i < UPDATES_PER_SECOND; i++) {
        change(local, shown, told++)
        await sleep(Math.max(0, begin + (second + (i + 1) / UPDATES_PER_SECOND) * 1_000 - performance.now()))
      }
      if (second < SETTLE_S) continue
      collect()
      const { heapUsed, rss } = process.memoryUsage()
      heap.push(heapUsed)
      resident.push(rss)
    }
    const spent = cpuUs() - cpu
    for (let n = 0; heard.least < told && n < 100; n++) await sleep(100)
    assert.deepEqual([heard.least, heard.most], [told, told], 'every client was told every change once')
    const sixth = Math.ceil(seconds / 6)
    const inMiB = (bytes: readonly number[]): number[] =>
      Array.from(
        { length: Math.ceil(bytes.length / sixth) },
        (_, i) => Math.round((median(bytes.slice(i * sixth, (i + 1) * sixth)) / 1_048_576) * 10) / 10,
      )
    return {
      clients: CLIENTS,
      updatesPerSecond: UPDATES_PER_SECOND,
      seconds,
      told: told * CLIENTS,
      cpuMsPerSecond: Math.round(spent / seconds / 1_000),
      heapMiB: inMiB(heap),
      residentMiB: inMiB(resident),
    }
  } finally {
    clients.disconnect()
    await once(clients, 'exit')
  }
}

/** A change as a decision makes one: the incident, and what the history says of it. */
function change(local: LocalDatabase, shown: Incident[], nth: number): void {
  const former = shown[nth % shown.length]!
  const at = new Date().toISOString()
  const assignee = `nguoi-${nth % 7}`
  const incident: Incident = { ...former, assignee, version: former.version + 1, updatedAt: at }
  shown[nth % shown.length] = incident
  inTransaction(local, () => {
    changeIncident(local, former, incident)
    const subject = { kind: 'incident' as const, id: incident.id }
    addHistory(local, [
      { at, actor: 'bench', subject, code: 'incident_changed', params: {}, before: {}, after: { assignee } },
    ])
  })
}
