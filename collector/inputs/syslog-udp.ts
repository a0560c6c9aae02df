import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { Type } from 'typebox'
import { Datagrams } from '../datagrams.ts'
import { FRAME_BYTES_DEFAULT, withoutTerminator } from '../framing.ts'
import type { Input } from '../input.ts'
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

/**
 * Syslog over UDP, RFC 5426: one datagram, one message. Nobody can be told to wait: what does not fit is dropped and
 * counted, here per source and, where the kernel did it, per socket.
 */
export default {
  options: OPTIONS,
  byDefault: true,

  async start({ host, port, receiveBufferBytes, pendingBytesMax }, context) {
    const { name, tally, log } = context
    const counters = tally.input(name)
    const datagrams = new Datagrams(pendingBytesMax, context)
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: receiveBufferBytes })

    socket.on('message', (datagram, { address }) => {
      datagrams.take({ origin: datagrams.originOf(address), bytes: withoutTerminator(datagram) })
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
        await datagrams.close()
      },
    }
  },
} satisfies Input<typeof OPTIONS>
