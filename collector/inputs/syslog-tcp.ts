import { createServer } from 'node:net'
import { Type } from 'typebox'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import type { Input } from '../input.ts'
import { serveStreams } from '../stream.ts'

const OPTIONS = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 5514 }),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: FRAME_BYTES_DEFAULT }),
    connectionsMax: Type.Integer({ minimum: 1, default: 1024 }),
  },
  { additionalProperties: false },
)

/** Syslog over TCP, RFC 6587: both framings, told apart per connection. */
export default {
  options: OPTIONS,
  byDefault: true,

  start(options, context) {
    return serveStreams(createServer(), options, context)
  },
} satisfies Input<typeof OPTIONS>
