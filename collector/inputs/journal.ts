import { Type } from 'typebox'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import type { Input } from '../input.ts'
import { JournalReader } from '../journal-reader.ts'

const OPTIONS = Type.Object(
  {
    /** Journal files in this folder, such as another machine's; by default this machine's journal. */
    directory: Type.Optional(Type.String({ pattern: '^/' })),
    /** Only entries of these units of systemd. */
    units: Type.Array(Type.String({ pattern: '^[A-Za-z0-9@_.:*?][A-Za-z0-9@_.:*?-]{0,255}$' }), { default: [] }),
    stream: Type.Optional(Type.String({ pattern: String.raw`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$` })),
    /** Whose its entries are; by default as the registry says of 127.0.0.1. */
    agency: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** Whether what is in the journal at the very first start is read. */
    from: Type.Union([Type.Literal('start'), Type.Literal('end')], { default: 'start' }),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: 4 * FRAME_BYTES_DEFAULT }),
  },
  { additionalProperties: false },
)

/** Follows the systemd journal of the collector's own host, through `journalctl`. */
export default {
  options: OPTIONS,
  byDefault: false,

  async start(options, context) {
    const reader = await JournalReader.load(options, context)
    const running = reader.run()
    return {
      listening: [],
      close() {
        reader.stop()
        return running
      },
    }
  },
} satisfies Input<typeof OPTIONS>
