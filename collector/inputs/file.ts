import { isAbsolute, resolve } from 'node:path'
import { Type } from 'typebox'
import { FileFollower } from '../file-follower.ts'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import type { Input } from '../input.ts'

const OPTIONS = Type.Object(
  {
    files: Type.Array(
      Type.Object(
        {
          /** Absolute; `*` and `?` in names, `**` for any folders. */
          path: Type.String({ minLength: 2 }),
          /** What the source is called; by default each file by its path. */
          stream: Type.Optional(Type.String({ pattern: String.raw`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$` })),
          /** Whose its lines are; by default as the registry says of 127.0.0.1. */
          agency: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
    /** Where files are begun that are there at the very first start; what appears later is read from its start. */
    from: Type.Union([Type.Literal('start'), Type.Literal('end')], { default: 'start' }),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: FRAME_BYTES_DEFAULT }),
    pollMs: Type.Integer({ minimum: 10, default: 500 }),
    /** A last line without LF is taken for whole when nothing followed it for so long. */
    lineTimeoutMs: Type.Integer({ minimum: 10, default: 5_000 }),
  },
  { additionalProperties: false },
)

/** Follows files of the collector's own host through appending, rotation and truncation. */
export default {
  options: OPTIONS,
  byDefault: false,

  async start(options, context) {
    const files = options.files.map((followed) => ({ ...followed, path: checked(followed.path) }))
    const follower = await FileFollower.load({ ...options, files }, context)
    const running = follower.run()
    return {
      listening: [],
      measure() {
        context.tally.input(context.name).backlogBytes = follower.backlogBytes
      },
      close() {
        follower.stop()
        return running
      },
    }
  },
} satisfies Input<typeof OPTIONS>

function checked(path: string): string {
  if (!isAbsolute(path)) throw new Error(`files: ${path} is no absolute path`)
  if (/(?:^|\/)(?:\*\*|)$/.test(path) || /[^/]\*\*|\*\*[^/]/.test(path)) {
    throw new Error(`files: ${path} must end with a file's name, and ** stand alone between slashes`)
  }
  return resolve(path)
}
