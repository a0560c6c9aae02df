import type { IncomingMessage } from 'node:http'
import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib'

/** Memory that the bodies of all requests share. */
export class BodyBudget {
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false
    this.#bytes += bytes
    return true
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }
}

/** Why there is no body: beyond `bytesMax`, packed or not; not in the encoding it claims; no memory; the sender went away. */
export type BodyFault = 'too_large' | 'bad_encoding' | 'overloaded' | 'aborted'

/** What undoes each Content-Encoding, RFC 9110 §8.4.1. */
const DECODERS: Record<string, () => Gunzip | Inflate | null> = {
  identity: () => null,
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
}

export const ENCODINGS = 'gzip, deflate'

export function isKnownEncoding(encoding: string): boolean {
  return Object.hasOwn(DECODERS, encoding)
}

/**
 * The body of `req`, unpacked. Never more than `bytesMax` of it is in memory, however little a bomb weighs. What it takes
 * of `budget` is the caller's to give back once done with the body; a fault has given it back.
 */
export function readBody(
  req: IncomingMessage,
  { encoding, bytesMax, budget }: { encoding: string; bytesMax: number; budget: BodyBudget },
): Promise<Buffer | BodyFault> {
  return new Promise((resolve) => {
    const decoder = DECODERS[encoding]!()
    const chunks: Buffer[] = []
    let packedBytes = 0
    let bytes = 0
    let done = false
    const finish = (outcome: Buffer | BodyFault): void => {
      if (done) return
      done = true
      req.off('data', countPacked).off('close', abort)
      if (decoder !== null) {
        req.unpipe(decoder)
        decoder.destroy()
      }
      if (typeof outcome === 'string') budget.give(bytes)
      resolve(outcome)
    }
    const countPacked = (chunk: Buffer): void => {
      packedBytes += chunk.length
      if (packedBytes > bytesMax) finish('too_large')
    }
    const abort = (): void => {
      if (!req.complete) finish('aborted') // otherwise it is only done before the decoder is
    }
    const source = decoder === null ? req : req.pipe(decoder)
    source.on('data', (chunk: Buffer) => {
      if (done) return
      if (bytes + chunk.length > bytesMax) return finish('too_large')
      if (!budget.take(chunk.length)) return finish('overloaded')
      bytes += chunk.length
      chunks.push(chunk)
    })
    source.on('end', () => finish(Buffer.concat(chunks, bytes)))
    decoder?.on('error', () => finish('bad_encoding'))
    req.on('data', countPacked).on('error', abort).on('close', abort)
  })
}
