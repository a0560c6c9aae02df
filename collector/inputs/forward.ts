import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Type } from 'typebox'
import { ANSWERING, serveConversations } from '../answering.ts'
import { readForward } from '../forward.ts'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import { BodyBudget } from '../http-body.ts'
import type { Input } from '../input.ts'
import { Path } from '../listener.ts'

const OPTIONS = Type.Object(
  {
    ...ANSWERING,
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 24_224 }),
    /** By agency: the file with the key that its senders share with this input. With any, a client must know one. */
    sharedKeys: Type.Record(Type.String({ pattern: '^.{1,64}$' }), Path, { default: {} }),
    /** What it calls itself to clients. */
    hostname: Type.String({ minLength: 1, maxLength: 255, default: 'vong-gac' }),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: 4 * FRAME_BYTES_DEFAULT }),
    /** Of one message, which Fluentd calls a chunk. */
    messageBytesMax: Type.Integer({ minimum: 1024, default: 32 * 1024 * 1024 }),
    unpackedBytesMax: Type.Integer({ minimum: 1024, default: 64 * 1024 * 1024 }),
    /** In one message. */
    recordsMax: Type.Integer({ minimum: 1, default: 250_000 }),
    /** Of the messages of all connections. */
    messagesBytesMax: Type.Integer({ minimum: 1024, default: 256 * 1024 * 1024 }),
  },
  { additionalProperties: false },
)

/** Fluent's Forward protocol: Fluentd and Fluent Bit. A message that asks for it is acknowledged when it is durable. */
export default {
  options: OPTIONS,
  byDefault: false,

  async start(options, context) {
    const budget = new BodyBudget(options.messagesBytesMax)
    let keys = await readKeys(options.sharedKeys)
    const { hostname } = options
    const input = await serveConversations(
      {
        read: (chunks) =>
          readForward(chunks, {
            ...options,
            budget,
            ...(keys.size > 0 && { handshake: { nonce: randomBytes(16), hostname, keys } }),
          }),
      },
      options,
      context,
    )
    return {
      ...input,
      async reloadCertificates() {
        keys = await readKeys(options.sharedKeys)
        await input.reloadCertificates?.()
      },
    }
  },
} satisfies Input<typeof OPTIONS>

/** The key of each agency: its file without the line's end. @throws where one cannot be read, or is empty */
async function readKeys(files: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const keys = new Map<string, string>()
  for (const [agency, path] of Object.entries(files)) {
    const key = (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
    if (key === '') throw new Error(`the shared key in ${path} is empty`)
    keys.set(agency, key)
  }
  return keys
}
