const EMPTY: Buffer = Buffer.alloc(0)
const ROOM_BYTES_MIN = 256

/**
 * Reads a stream of chunks by counts of bytes, however it was cut. What it gives out are slices of the chunks wherever that
 * can be, and it holds back no more than what was asked for and the chunk that came last.
 */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #bytes = EMPTY
  #start = 0
  #end = 0
  #ended = false

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** What has come and was not taken. */
  get held(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  /** More was asked for than there was. */
  get ended(): boolean {
    return this.#ended
  }

  /** Waits until more has come; false: nothing more will. Throws what the stream throws. */
  async more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next()
    if (done === true) this.#ended = true
    else this.#add(value)
    return done !== true
  }

  /** The next `count` bytes, null where the stream ends before. What there is stays held. */
  async take(count: number): Promise<Buffer | null> {
    while (this.#end - this.#start < count) if (!(await this.more())) return null
    return this.#bytes.subarray(this.#start, (this.#start += count))
  }

  /** The next `count` bytes as they come; fewer where the stream ends before. */
  async *pieces(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0;) {
      if (this.#end === this.#start && !(await this.more())) return
      const end = Math.min(this.#end, this.#start + left)
      left -= end - this.#start
      const piece = this.#bytes.subarray(this.#start, end)
      this.#start = end
      yield piece
    }
  }

  /** Passes over `count` bytes; false where the stream ends before. */
  async skip(count: number): Promise<boolean> {
    let left = count
    for await (const piece of this.pieces(count)) left -= piece.length
    return left === 0
  }

  #add(chunk: Buffer): void {
    const heldBytes = this.#end - this.#start
    if (heldBytes === 0) {
      this.#bytes = chunk
      this.#start = 0
      this.#end = chunk.length
      return
    }
    // Only memory of this reader's has room behind `#end`: a chunk, and what was given out, is never written to.
    if (this.#end + chunk.length > this.#bytes.length) {
      // Doubled, so that a sender of single bytes costs no more than what it sends does.
      const grown = Buffer.allocUnsafeSlow(Math.max(2 * heldBytes, heldBytes + chunk.length, ROOM_BYTES_MIN))
      this.#bytes.copy(grown, 0, this.#start, this.#end)
      this.#bytes = grown
      this.#start = 0
      this.#end = heldBytes
    }
    chunk.copy(this.#bytes, this.#end)
    this.#end += chunk.length
  }
}
