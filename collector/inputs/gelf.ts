import { createSocket, type Socket } from 'node:dgram'
import { createServer, isIPv6 } from 'node:net'
import { gunzipSync, inflateSync } from 'node:zlib'
import { Type } from 'typebox'
import type { Frame } from '../../model/record.ts'
import { Datagrams } from '../datagrams.ts'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import { ChunkAssembler, isChunk } from '../gelf-chunks.ts'
import type { Input } from '../input.ts'
import { NulDecoder } from '../nul-framing.ts'
import { readSocketDrops } from '../socket-drops.ts'
import { serveStreams } from '../stream.ts'

const OPTIONS = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1' }),
    /** Of both, TCP and UDP. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 12_201 }),
    /** Of one message, unpacked. */
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: 4 * FRAME_BYTES_DEFAULT }),
    connectionsMax: Type.Integer({ minimum: 1, default: 1024 }),
    /** Asked of the kernel, which may give less (`net.core.rmem_max`). */
    receiveBufferBytes: Type.Integer({ minimum: 4096, default: 8 * 1024 * 1024 }),
    /** Messages from UDP that wait for the spool beyond this are dropped, and counted. */
    pendingBytesMax: Type.Integer({ minimum: FRAME_BYTES_DEFAULT, default: 16 * 1024 * 1024 }),
    /** Chunks that wait for others: of one address, and of all. */
    sourceChunkBytesMax: Type.Integer({ minimum: FRAME_BYTES_DEFAULT, default: 2 * 1024 * 1024 }),
    chunkBytesMax: Type.Integer({ minimum: FRAME_BYTES_DEFAULT, default: 16 * 1024 * 1024 }),
  },
  { additionalProperties: false },
)

const EXPIRE_EVERY_MS = 1_000

/**
 * GELF 1.1, Graylog's format: over UDP one message per datagram or in chunks, packed or not; over TCP ended by NUL. Neither
 * has an answer. What UDP loses is counted: chunks that never became a message, what did not fit, what the kernel dropped.
 */
export default {
  options: OPTIONS,
  byDefault: false,

  async start(options, context) {
    const { host, frameBytesMax, pendingBytesMax } = options
    const { name, tally, log } = context
    const counters = tally.input(name)
    const datagrams = new Datagrams(pendingBytesMax, context)
    const chunks = new ChunkAssembler(
      { sourceBytesMax: options.sourceChunkBytesMax, bytesMax: options.chunkBytesMax },
      (address) => tally.dropped(datagrams.originOf(address), 1),
    )

    const decoder = (): NulDecoder => new NulDecoder(frameBytesMax)
    const streams = await serveStreams(createServer(), { ...options, decoder }, context)
    const { port } = streams.listening[0]!
    const socket = createSocket({
      type: isIPv6(host) ? 'udp6' : 'udp4',
      recvBufferSize: options.receiveBufferBytes,
    })
    socket.on('message', (datagram, { address, port: sender }) => {
      const origin = datagrams.originOf(address)
      if (!isChunk(datagram)) return datagrams.take({ origin, ...unpack(datagram, frameBytesMax) })
      const assembled = chunks.add(datagram, address, sender, Date.now())
      if (assembled.kind === 'message') datagrams.take({ origin, ...unpack(assembled.bytes, frameBytesMax) })
      else if (assembled.kind === 'malformed') datagrams.take({ origin, bytes: datagram, refused: 'bad_chunk' })
    })
    try {
      await bind(socket, port, host)
    } catch (error) {
      await streams.close()
      throw error
    }
    socket.on('error', (error) => log.error({ input: name, error }, 'listener failed'))
    const local = socket.address()
    const expiry = setInterval(() => chunks.expire(Date.now()), EXPIRE_EVERY_MS).unref()

    const measure = (): void => {
      counters.kernelDrops = readSocketDrops(local) ?? counters.kernelDrops
    }
    return {
      listening: streams.listening,
      measure,
      async close() {
        measure()
        clearInterval(expiry)
        await Promise.all([streams.close(), new Promise<void>((resolve) => socket.close(() => resolve()))])
        chunks.clear()
        await datagrams.close()
      },
    }
  },
} satisfies Input<typeof OPTIONS>

function bind(socket: Socket, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, () => {
      socket.off('error', reject)
      resolve()
    })
  })
}

/** A message as it was before it was packed (RFC 1950, RFC 1952); one that cannot be unpacked is kept packed, and refused. */
function unpack(bytes: Buffer, frameBytesMax: number): Pick<Frame, 'bytes' | 'refused'> {
  const [first = 0, second = 0] = bytes
  const gzip = first === 0x1f && second === 0x8b
  const zlib = (first & 0x0f) === 8 && first >> 4 <= 7 && ((first << 8) | second) % 31 === 0
  try {
    if (gzip) return { bytes: gunzipSync(bytes, { maxOutputLength: frameBytesMax }) }
    if (zlib) return { bytes: inflateSync(bytes, { maxOutputLength: frameBytesMax }) }
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return { bytes: bytes.subarray(0, frameBytesMax), refused: tooLarge ? 'oversized' : 'bad_encoding' }
  }
  if (bytes.length > frameBytesMax) return { bytes: bytes.subarray(0, frameBytesMax), refused: 'oversized' }
  return { bytes }
}
