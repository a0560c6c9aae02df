import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../fresh-process.ts'
import { freePort } from '../product-process.ts'
import { startCollectorProcess } from './collector.ts'
import { startSender } from './sender.ts'

const CONNECTIONS = 4
const SAMPLE_MS = 1_000
const ENDLESS = 2_000_000_000

export interface OverloadFigures {
  seconds: number
  durablePerSecond: number
  dropped: number
  kernelDrops: number
  /** Resident memory in the middle of each sixth of the time, which is flat or grows. */
  residentMiB: number[]
  residentMiBMax: number
}

/** Lines over TCP and datagrams as fast as both go, at once, for `seconds`: more than is taken by any of the two. */
export async function overload(options: { sender: string; source: string; seconds: number }): Promise<OverloadFigures> {
  const { sender, source, seconds } = options
  const [tcp, udp] = [await freePort(), await freePort()]
  const collector = await startCollectorProcess({
    inputs: { 'syslog-tcp': { port: tcp }, 'syslog-udp': { port: udp } },
  })
  const senders = [
    startSender(sender, ['tcp', tcp, source, ENDLESS, CONNECTIONS, 64 * 1024]),
    startSender(sender, ['udp', udp, source, ENDLESS, 0]),
  ]
  const ended = senders.map(({ sent }) =>
    sent.then(
      () => assert.fail('a sender has come to its end'),
      () => undefined,
    ),
  )
  try {
    const resident: number[] = []
    const begin = Date.now()
    for (let i = 1; i <= seconds; i++) {
      await sleep(Math.max(0, begin + i * SAMPLE_MS - Date.now()))
      resident.push((await collector.tell()).residentBytes)
    }
    const { durable, dropped, kernelDrops } = await collector.tell()
    const passedSeconds = (Date.now() - begin) / 1_000
    assert.ok(kernelDrops + dropped > 0, 'it was no overload: nothing was dropped')
    const sixth = Math.ceil(resident.length / 6)
    const parts = Array.from({ length: 6 }, (_, i) => resident.slice(i * sixth, (i + 1) * sixth))
    return {
      seconds,
      durablePerSecond: Math.round(durable / passedSeconds),
      dropped,
      kernelDrops,
      residentMiB: parts.filter(({ length }) => length > 0).map((part) => toMiB(median(part))),
      residentMiBMax: toMiB(Math.max(...resident)),
    }
  } finally {
    for (const { child } of senders) child.kill('SIGTERM')
    await Promise.all(ended)
    await collector.close()
  }
}

function toMiB(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}
