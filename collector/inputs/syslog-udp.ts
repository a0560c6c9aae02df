import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import { Type } from 'typebox'
import type { Origin } from '../../model/record.ts'
import { FRAME_BYTES_DEFAULT, withoutTerminator } from '../framing.ts'
import { peerAddress, type Input } from '../input.ts'
import { Lane } from '../lane.ts'
import { readSocketDrops } from '../socket-drops.ts'

const OPTIONS = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 5514 }),
    /** Asked of the kernel, which may give less (`net.core.rmem_max`). */
    receiveBufferBytes: Type.Integer({ minimum: 4096, default: 8 * 1024 * 1024 }),
    /** Datagrams waiting for the spool beyond this are dropped, and counted. */
    pendingBytesMax: Type.Integer({ minimum: FRAME_BYTES_DEFAULT, default: 16 * 1024 * 1024 }),
  },
  { additionalProperties: false },
)

const ORIGINS_MAX = 10_000
const CLOSE_TIMEOUT_MS = 5_000

/**
 * Syslog over UDP, RFC 5426: one datagram, one message. Nobody can be told to wait: what does not fit is dropped and
 * counted, here per source and, where the kernel did it, per socket.
 */
export default {
  options: OPTIONS,
  byDefault: true,

  async start({ host, port, receiveBufferBytes, pendingBytesMax }, { name, spool, tally, log }) {
    const counters = tally.input(name)
    const origins = new LRUCache<string, Origin>({ max: ORIGINS_MAX })
    const lane = new Lane(spool, tally)
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: receiveBufferBytes })

    socket.on('message', (datagram, { address }) => {
      let origin = origins.get(address)
      if (origin === undefined) {
        origin = { input: name, address: peerAddress(address) }
        origins.set(address, origin)
      }
      const bytes = withoutTerminator(datagram)
      if (bytes.length === 0) return
      if (lane.bytes + bytes.length > pendingBytesMax) tally.dropped(origin, 1)
      else lane.offer([{ origin, bytes }])
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, host, () => {
        socket.off('error', reject)
        resolve()
      })
    })
    socket.on('error', (error) => log.error({ input: name, error }, 'listener failed'))
    const local = socket.address()

    const measure = (): void => {
      counters.kernelDrops = readSocketDrops(local) ?? counters.kernelDrops
    }
    return {
      listening: [{ address: local.address, port: local.port }],
      measure,
      async close() {
        measure()
        await new Promise<void>((resolve) => socket.close(() => resolve()))
        lane.giveUpAfter(CLOSE_TIMEOUT_MS)
        const lost = await lane.settle()
        if (lost.length > 0) log.error({ input: name, frames: lost.length }, 'frames lost: the spool did not take them')
      },
    }
  },
} satisfies Input<typeof OPTIONS>
