import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCheckpoint } from '../store/local/checkpoint.ts'
import { openLocal } from '../store/local/database.ts'
import { countIncidents, listIncidents } from '../store/local/incidents.ts'
import { verifyChain } from '../store/local/history.ts'
import { cpuSeconds } from './ingest/receivers.ts'
import { startProductProcess } from './product-process.ts'

const PER_SECOND = 10_000
const SLICES_PER_SECOND = 10

export interface Taken {
  /** From the first byte until the last line was durable, and what came a second. */
  durableMs: number
  durablePerSecond: number
  /** Until every line was matched, stored and, where it alarms, placed; and CPU of the product for it, all threads. */
  doneMs: number
  cpuSeconds: number
}

/** Lines of ten thousand a second over one connection, as the product is started; a rule alarms about each, or about none. */
export async function productStorm(lines: number): Promise<{ perSecond: number; calm: Taken; storm: Taken }> {
  const calm = await taken(lines, 'removed by root from group')
  const storm = await taken(lines, 'added by root to group')
  return { perSecond: PER_SECOND, calm, storm }
}

async function taken(lines: number, what: string): Promise<Taken> {
  const product = await startProductProcess()
  try {
    const socket = connect(product.ports.syslogTcp, '127.0.0.1')
    await once(socket, 'connect')
    const local = openLocal(join(product.dataFolder, 'local.db'))
    const before = cpuSeconds(product.pid)
    const first = await durable(product.url)
    const begun = performance.now()
    const slice = PER_SECOND / SLICES_PER_SECOND
    for (let from = 0; from < lines; from += slice) {
      const time = new Date().toISOString()
      const text = Array.from({ length: Math.min(slice, lines - from) }, (_, i) => {
        const n = from + i
        return `<86>1 ${time} may-${n} gpasswd 2211 - - user u${n % 500} ${what} docker\n`
      })
      if (!socket.write(text.join(''))) await once(socket, 'drain')
      await sleep(Math.max(0, begun + ((from + slice) / PER_SECOND) * 1_000 - performance.now()))
    }
    socket.end()
    while ((await durable(product.url)) < first + lines) await sleep(20)
    const durableMs = performance.now() - begun
    while (readCheckpoint(local).seq < first + lines) await sleep(50)
    const doneMs = performance.now() - begun
    const spent = cpuSeconds(product.pid) - before
    if (what.startsWith('added')) await holds(local, lines)
    else assert.equal(countIncidents(local, { scope: 'all' }, 10).count, 0)
    local.close()
    return {
      durableMs: Math.round(durableMs),
      durablePerSecond: Math.round((lines / durableMs) * 1_000),
      doneMs: Math.round(doneMs),
      cpuSeconds: spent,
    }
  } finally {
    await product.stop()
    rmSync(product.dataFolder, { recursive: true, force: true })
  }
}

async function durable(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^soc_spool_position (\d+)$/m.exec(metrics)![1])
}

/** One open incident has them all, those that it began with are drawn into it, and the history reads whole. */
async function holds(local: ReturnType<typeof openLocal>, lines: number): Promise<void> {
  const [storm, ...others] = listIncidents(local, { scope: 'all', states: ['new'], order: 'priority', limit: 10 })
  assert.deepEqual([storm?.alertCount, others.length], [lines, 0])
  const drawn = listIncidents(local, { scope: 'all', states: ['closed'], order: 'priority', limit: 100 })
  assert.deepEqual([...new Set(drawn.map(({ mergedInto }) => mergedInto))], [storm!.id])
  assert.equal((await verifyChain(local)).ok, true)
}
