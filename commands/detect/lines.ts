import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

export interface Line {
  /** 0-based. */
  position: number
  /** Without its line feed; undefined where it was too long to hold. */
  bytes: Buffer | undefined
}

const CHUNK_BYTES = 1 << 20
export const LINE_BYTES_MAX = 16 << 20
const LINE_FEED = 0x0a

/**
 * The lines of a file, in lots of what was read at once, so that a caller waits per lot and not per line. `-` is the standard
 * input; a name that ends in `.gz` is unpacked. Memory is bounded whatever the file: a line of more than 16 MiB is passed over.
 * @throws what reading or unpacking throws, after all lines before
 */
export async function* readLines(path: string): AsyncGenerator<Iterable<Line>> {
  const input = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const gunzip = path.endsWith('.gz') ? createGunzip({ chunkSize: CHUNK_BYTES }) : undefined
  if (gunzip !== undefined) input.on('error', (error: Error) => gunzip.destroy(error)).pipe(gunzip)
  const cutter = new Cutter()
  for await (const chunk of gunzip ?? input) yield cutter.cut(chunk as Buffer)
  yield cutter.rest()
}

class Cutter {
  #position = 0
  /** The beginning of a line whose end has not come. */
  #begun: Buffer[] = []
  #begunBytes = 0

  #begin(bytes: Buffer): void {
    this.#begunBytes += bytes.length
    if (this.#begunBytes > LINE_BYTES_MAX) this.#begun = []
    else this.#begun.push(bytes)
  }

  *cut(chunk: Buffer): Generator<Line> {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const tail = chunk.subarray(start, end)
      start = end + 1
      yield this.#begunBytes === 0 ? { position: this.#position++, bytes: tail } : this.#finish(tail)
    }
    if (start < chunk.length) this.#begin(chunk.subarray(start))
  }

  *rest(): Generator<Line> {
    if (this.#begunBytes > 0) yield this.#finish(Buffer.alloc(0))
  }

  #finish(tail: Buffer): Line {
    this.#begin(tail)
    const bytes = this.#begunBytes > LINE_BYTES_MAX ? undefined : Buffer.concat(this.#begun)
    this.#begun = []
    this.#begunBytes = 0
    return { position: this.#position++, bytes }
  }
}
