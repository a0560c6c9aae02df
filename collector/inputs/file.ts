import { isAbsolute, resolve } from 'node:path'
import { RE2JS } from 're2js'
import { Type } from 'typebox'
import { FileFollower } from '../file-follower.ts'
import type { Continues } from '../file-lines.ts'
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
          /** Of records of several lines: an RE2 expression of the line that begins one, or of those that go on with it. */
          begins: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
          continues: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
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
    const files = options.files.map(({ begins, continues, ...followed }) => ({
      ...followed,
      path: checked(followed.path),
      ...joining(followed.path, begins, continues),
    }))
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

/** Only so much of a line is looked at: what begins a record stands at its front. */
const LOOKED_BYTES = 512

function joining(path: string, begins: string | undefined, continues: string | undefined): { continues?: Continues } {
  if (begins === undefined && continues === undefined) return {}
  if (begins !== undefined && continues !== undefined) throw new Error(`files: ${path} has either begins or continues`)
  const source = begins ?? continues!
  let pattern: RE2JS
  try {
    pattern = RE2JS.compile(source)
  } catch (error) {
    throw new Error(`files: ${path}: '${source}' is no RE2 expression: ${String(error)}`, { cause: error })
  }
  return {
    continues: (line) => pattern.matcher(line.toString('utf8', 0, LOOKED_BYTES)).find() === (continues !== undefined),
  }
}

function checked(path: string): string {
  if (!isAbsolute(path)) throw new Error(`files: ${path} is no absolute path`)
  if (/(?:^|\/)(?:\*\*|)$/.test(path) || /[^/]\*\*|\*\*[^/]/.test(path)) {
    throw new Error(`files: ${path} must end with a file's name, and ** stand alone between slashes`)
  }
  return resolve(path)
}
