import { lowerBound } from './lower-bound.ts'

/**
 * A sum that numbers enter and leave without a trace: kept exactly, as parts that do not overlap (Shewchuk 1997), and
 * rounded once when read. A running double would drift, and would depend on the order of arrival.
 */
export class ExactSum {
  readonly #parts: number[] = []

  add(number: number): void {
    let rest = number
    let kept = 0
    for (const part of this.#parts) {
      const restIsLess = Math.abs(rest) < Math.abs(part)
      const large = restIsLess ? part : rest
      const small = restIsLess ? rest : part
      const sum = large + small
      const lost = small - (sum - large)
      if (lost !== 0) this.#parts[kept++] = lost
      rest = sum
    }
    this.#parts.length = kept
    if (rest !== 0) this.#parts.push(rest)
  }

  /** The double nearest to the sum. */
  get value(): number {
    let place = this.#parts.length - 1
    let sum = this.#parts[place] ?? 0
    let lost = 0
    while (place > 0 && lost === 0) {
      const before = sum
      const part = this.#parts[--place]!
      sum = before + part
      lost = part - (sum - before)
    }
    // Half-way between two doubles, the next part says to which side.
    if (place > 0 && lost !== 0 && Math.sign(lost) === Math.sign(this.#parts[place - 1]!)) {
      const further = sum + lost * 2
      if (further - sum === lost * 2) return further
    }
    return sum
  }
}

const CHUNK_MAX = 512

/** Numbers in order, in chunks: adding, removing and reading by rank cost about a chunk, however many there are. */
export class Ranks {
  readonly #chunks: number[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(number: number): void {
    this.#size++
    const place = this.#chunkOf(number)
    const chunk = this.#chunks[place]
    if (chunk === undefined) {
      this.#chunks.push([number])
      return
    }
    chunk.splice(lowerBound(chunk, number), 0, number)
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(place + 1, 0, chunk.splice(CHUNK_MAX >> 1))
  }

  /** Takes out one that was added. */
  remove(number: number): void {
    this.#size--
    let place = this.#chunkOf(number)
    if (this.#chunks[place]!.at(-1)! < number) place++
    const chunk = this.#chunks[place]!
    chunk.splice(lowerBound(chunk, number), 1)
    if (chunk.length === 0) this.#chunks.splice(place, 1)
  }

  /** The number at a rank, the smallest at 0. */
  at(rank: number): number {
    let left = rank
    for (const chunk of this.#chunks) {
      if (left < chunk.length) return chunk[left]!
      left -= chunk.length
    }
    throw new RangeError(`rank ${rank} of ${this.#size}`)
  }

  /** The first chunk that ends at or after a number, or the last. */
  #chunkOf(number: number): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#chunks[middle]!.at(-1)! < number) low = middle + 1
      else high = middle
    }
    return low
  }
}
