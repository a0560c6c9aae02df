import { Type } from 'typebox'
import { ANSWERING, serveConversations } from '../answering.ts'
import { FRAME_BYTES_MAX } from '../framing.ts'
import type { Input } from '../input.ts'
import { readRelp, RELP_FAREWELL } from '../relp.ts'

const OPTIONS = Type.Object(
  {
    ...ANSWERING,
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 2514 }),
    /** librelp itself sends no more than its default of 128 KiB. */
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: 128 * 1024 }),
  },
  { additionalProperties: false },
)

/** Syslog over RELP: each message is answered when it is durable. */
export default {
  options: OPTIONS,
  byDefault: false,

  start(options, context) {
    const { frameBytesMax } = options
    return serveConversations(
      { read: (chunks) => readRelp(chunks, frameBytesMax), farewell: RELP_FAREWELL },
      options,
      context,
    )
  },
} satisfies Input<typeof OPTIONS>
