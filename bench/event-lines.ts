import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/**
 * Lines of a file, gzipped or not, as its bytes with their places: a line becomes a string of its own when it is asked for,
 * as it does in a collector, and they do not fill the heap.
 */
export class EventLines {
  readonly #bytes: Buffer
  readonly #ends: Uint32Array
  readonly length: number

  constructor(path: string) {
    const file = readFileSync(path)
    this.#bytes = path.endsWith('.gz') ? gunzipSync(file) : file
    const ends: number[] = []
    for (let at = 0; at < this.#bytes.length;) {
      const end = this.#bytes.indexOf(10, at)
      ends.push(end < 0 ? this.#bytes.length : end)
      at = ends.at(-1)! + 1
    }
    this.#ends = Uint32Array.from(ends)
    this.length = ends.length
  }

  /** UTF-8 bytes a line has on average. */
  get bytesMean(): number {
    return Math.round(this.#bytes.length / this.length)
  }

  bytes(index: number): Buffer {
    return this.#bytes.subarray(index === 0 ? 0 : this.#ends[index - 1]! + 1, this.#ends[index])
  }

  text(index: number): string {
    return this.bytes(index).toString('utf8')
  }
}
