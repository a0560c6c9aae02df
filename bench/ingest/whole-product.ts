import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { openLocal } from '../../store/local/database.ts'
import { listSources } from '../../store/local/sources.ts'
import { median } from '../fresh-process.ts'
import { peakRssMiBOf } from '../process-tree.ts'
import { startProductProcess } from '../product-process.ts'
import { cpuSeconds } from './receivers.ts'
import { serverRoomLine } from './server-room.ts'

// Syslog bytes over one TCP connection → durable, parsed, matched, stored, raised and counted.
const LINES = 300_000
const FIRST_MS = 1_795_000_000_000

interface Round {
  storedMs: number
  cpuSeconds: number
  peakRssMiB: number
}

async function round(bytes: Buffer): Promise<Round> {
  const product = await startProductProcess()
  try {
    const socket = connect(product.ports.syslogTcp, '127.0.0.1')
    await once(socket, 'connect')
    const local = openLocal(join(product.dataFolder, 'local.db'))
    const before = cpuSeconds(product.pid)
    const begin = performance.now()
    socket.end(bytes)
    while (readCheckpoint(local).seq < LINES + 1) await sleep(20)
    const storedMs = performance.now() - begin
    const cpu = cpuSeconds(product.pid) - before
    const peakRssMiB = peakRssMiBOf(product.pid)
    const events = listSources(local, { scope: 'all', limit: 10 }).reduce((sum, source) => sum + source.events, 0)
    local.close()
    assert.equal(events, LINES)
    return { storedMs, cpuSeconds: cpu, peakRssMiB }
  } finally {
    await product.stop()
  }
}

/** The whole way, for all that the product does with a line. */
export async function wholeProduct(rounds: number): Promise<Record<string, number>> {
  const bytes = Buffer.concat(
    Array.from({ length: LINES }, (_, i) => {
      const text = serverRoomLine(i, FIRST_MS + i * 10)
      return Buffer.from(`${Buffer.byteLength(text)} ${text}`)
    }),
  )
  const all: Round[] = []
  for (let i = 0; i < rounds; i++) all.push(await round(bytes))
  const of = (value: (one: Round) => number): number => median(all.map(value))
  return {
    lines: LINES,
    bytesPerLine: Math.round(bytes.length / LINES),
    rounds,
    storedEventsPerSecond: Math.round((LINES / of(({ storedMs }) => storedMs)) * 1_000),
    storedEventsPerCpuSecond: Math.round(LINES / of((one) => one.cpuSeconds)),
    peakRssMiB: Math.max(...all.map((one) => one.peakRssMiB)),
  }
}
