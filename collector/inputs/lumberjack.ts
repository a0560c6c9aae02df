import { Type } from 'typebox'
import { ANSWERING, serveConversations } from '../answering.ts'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import type { Input } from '../input.ts'
import { acknowledgement, readLumberjack } from '../lumberjack.ts'

const OPTIONS = Type.Object(
  {
    ...ANSWERING,
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 5044 }),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: 4 * FRAME_BYTES_DEFAULT }),
    windowMax: Type.Integer({ minimum: 1, default: 100_000 }),
    unpackedBytesMax: Type.Integer({ minimum: 1024, default: 64 * 1024 * 1024 }),
    /** Beats give up, and send all of a window again, when they hear nothing for 30 s. */
    keepAliveMs: Type.Integer({ minimum: 100, maximum: 25_000, default: 5_000 }),
  },
  { additionalProperties: false },
)

/** Lumberjack version 2: Beats with `output.logstash`. Each window is acknowledged when it is durable. */
export default {
  options: OPTIONS,
  byDefault: false,

  start(options, context) {
    return serveConversations(
      {
        read: (chunks) => readLumberjack(chunks, options),
        keepAlive: { bytes: acknowledgement(0), everyMs: options.keepAliveMs },
      },
      options,
      context,
    )
  },
} satisfies Input<typeof OPTIONS>
