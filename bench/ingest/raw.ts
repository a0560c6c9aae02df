import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../fresh-process.ts'
import { freePort } from '../product-process.ts'
import { startCollectorProcess } from './collector.ts'
import { startSender } from './sender.ts'

const CONNECTIONS = 4
const LINE_BYTES = 256
const SETTLE_MS_MAX = 60_000

export interface RawFigures {
  lines: number
  bytesPerWrite: number
  perCpuSecond: number
  perSecond: number
}

/**
 * Lines over TCP → the spool, synced: what the collector does before anything is made of a line. The clock stops when the
 * last of them is durable.
 * @param source a file of lines of 256 bytes
 */
export async function rawIntake(options: {
  sender: string
  source: string
  lines: number
  rounds: number
}): Promise<RawFigures[]> {
  const { sender, source, rounds } = options
  const runs = new Map([
    [64 * 1024, { lines: options.lines, rates: [] as [number, number][] }],
    [0, { lines: Math.round(options.lines / 5), rates: [] as [number, number][] }],
  ])
  for (let round = 0; round < rounds; round++) {
    for (const [bytesPerWrite, { lines, rates }] of runs) {
      const port = await freePort()
      const collector = await startCollectorProcess({ inputs: { 'syslog-tcp': { port } } })
      const before = collector.cpuSeconds()
      const { at } = await startSender(sender, ['tcp', port, source, lines, CONNECTIONS, bytesPerWrite]).sent
      let told = await collector.tell()
      for (const deadline = Date.now() + SETTLE_MS_MAX; told.durable < lines && Date.now() < deadline; await sleep(5))
        told = await collector.tell()
      const ms = Date.now() - at
      const cpu = collector.cpuSeconds() - before
      await collector.close()
      assert.equal(told.durable, lines)
      assert.equal(told.bytes, lines * LINE_BYTES)
      rates.push([lines / cpu, (lines / ms) * 1_000])
    }
  }
  return [...runs].map(([bytesPerWrite, { lines, rates }]) => ({
    lines,
    bytesPerWrite,
    perCpuSecond: Math.round(median(rates.map(([perCpuSecond]) => perCpuSecond))),
    perSecond: Math.round(median(rates.map(([, perSecond]) => perSecond))),
  }))
}
