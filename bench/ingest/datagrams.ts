import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../product-process.ts'
import { startCollectorProcess, type CollectorTold } from './collector.ts'
import { startSender } from './sender.ts'

const SETTLE_MS_MAX = 60_000

export interface DatagramFigures {
  /** 0: as fast as the kernel took them. */
  askedPerSecond: number
  sentPerSecond: number
  sent: number
  durable: number
  dropped: number
  kernelDrops: number
  cpuSeconds: number
}

/**
 * Datagrams of 256 bytes at a rate. Whatever was sent is durable, or was dropped here, or by the kernel, and all three
 * counts together are what was sent, to the datagram.
 */
export async function datagrams(options: {
  sender: string
  source: string
  perSecond: number
  count: number
}): Promise<DatagramFigures> {
  const { sender, source, perSecond, count } = options
  const port = await freePort()
  const collector = await startCollectorProcess({ inputs: { 'syslog-udp': { port } } })
  try {
    const before = collector.cpuSeconds()
    const { sent, ms } = await startSender(sender, ['udp', port, source, count, perSecond]).sent
    const sumOf = ({ durable, dropped, kernelDrops }: CollectorTold): number => durable + dropped + kernelDrops
    let told = await collector.tell()
    for (const deadline = Date.now() + SETTLE_MS_MAX; sumOf(told) < sent && Date.now() < deadline; await sleep(100))
      told = await collector.tell()
    assert.equal(sumOf(told), sent, JSON.stringify(told))
    return {
      askedPerSecond: perSecond,
      sentPerSecond: Math.round((sent / ms) * 1_000),
      sent,
      durable: told.durable,
      dropped: told.dropped,
      kernelDrops: told.kernelDrops,
      cpuSeconds: collector.cpuSeconds() - before,
    }
  } finally {
    await collector.close()
  }
}
