import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ROOT } from '../../model/root.ts'
import type { Condition } from '../query/query.ts'
import { deniedIn, leftOf } from './denied.ts'
import type { Times } from './filter.ts'
import type { Asked, Filtered, FromFilters, ToFilters } from './filter-thread.ts'
import { neededBy } from './keys.ts'
import type { Segment } from './schema.ts'
import { Unfiltered } from './unfiltered.ts'

/** Compiled code, which a thread needs even where the rest runs from its sources. */
const THREAD = join(ROOT, 'dist', 'store', 'embedded', 'filter-thread.js')

/** Where in a segment events may be that are meant: everywhere, or only between these times. */
export interface Candidate {
  segment: Segment
  times: Times[] | null
  /** What is left to be asked of its rows, one object for all segments of which the same is; absent: they are all meant. */
  where?: Condition | undefined
}

/** The filters of a store's segments, made and asked in a thread of their own: neither holds up what is appended. */
export class Filters {
  /** What is known of events of which there is no filter. */
  readonly unfiltered = new Unfiltered()
  readonly #folder: string
  readonly #onProblem: (message: string) => void
  #thread: Worker | null = null
  #exited: Promise<void> = Promise.resolve()
  #lastId = 0
  readonly #asked = new Map<number, (answers: Asked[] | null) => void>()
  /** By path of the segment. */
  readonly #bytes = new Map<string, number>()
  #closed = false

  constructor(folder: string, onProblem: (message: string) => void) {
    this.#folder = folder
    this.#onProblem = onProblem
  }

  /** Makes those that are missing. */
  make(segments: readonly Segment[]): void {
    if (segments.length === 0 || this.#closed) return
    this.#send({ kind: 'make', segments: segments.map(filtered) })
  }

  /** What a segment's filter takes on the disk; 0 while there is none. */
  bytesOf({ path }: Segment): number {
    return this.#bytes.get(path) ?? 0
  }

  forget(paths: string[]): void {
    for (const path of paths) {
      this.#bytes.delete(path)
      this.unfiltered.forget(path)
    }
    if (!this.#closed) this.#thread?.postMessage({ kind: 'forget', paths } satisfies ToFilters)
  }

  /** Segments that may hold what is meant, in their order. */
  async candidates(segments: readonly Segment[], where: Condition | undefined): Promise<Candidate[]> {
    const everywhere = (): Candidate[] => segments.map((segment) => ({ segment, times: null, where }))
    if (where === undefined || segments.length === 0 || this.#closed) return everywhere()
    const [needed, denied] = [neededBy(where), deniedIn(where)]
    if (needed === 'any' && denied.length === 0) return everywhere()
    const id = ++this.#lastId
    const answers = await new Promise<Asked[] | null>((resolve) => {
      this.#asked.set(id, resolve)
      this.#send({ kind: 'ask', id, needed, denied: denied.map(neededBy), segments: segments.map(filtered) })
    })
    if (answers === null) return everywhere()
    const left = new Map<number, Condition | undefined>([[0, where]])
    return segments.flatMap((segment, i) => {
      const { times, nowhere: filtered } = answers[i]!
      if (times?.length === 0) return []
      const nowhere = denied.reduce(
        (bits, own, at) => (this.unfiltered.isNowhere(segment.path, own) ? bits | (1 << at) : bits),
        filtered,
      )
      if (!left.has(nowhere))
        left.set(
          nowhere,
          leftOf(where, (own) => (nowhere & (1 << denied.indexOf(own))) !== 0),
        )
      return [{ segment, times, where: left.get(nowhere) }]
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#thread?.postMessage({ kind: 'stop' } satisfies ToFilters)
    await this.#exited
  }

  #send(message: ToFilters): void {
    this.#thread ??= this.#start()
    this.#thread.postMessage(message)
  }

  #start(): Worker {
    const thread = new Worker(THREAD, { workerData: { folder: this.#folder } })
    thread.on('message', (message: FromFilters) => {
      if (message.kind === 'answer') {
        this.#asked.get(message.id)?.(message.answers)
        this.#asked.delete(message.id)
        return
      }
      if (message.kind === 'ready') {
        this.#bytes.set(message.path, message.bytes)
        this.unfiltered.forget(message.path)
      } else this.#onProblem(message.message)
    })
    thread.on('error', (error) => this.#onProblem(`the thread of the filters ended: ${String(error)}`))
    this.#exited = new Promise((resolve) => {
      thread.on('exit', () => {
        this.#thread = null // the next question starts another
        for (const answer of this.#asked.values()) answer(null)
        this.#asked.clear()
        resolve()
      })
    })
    return thread
  }
}

function filtered({ path, sha256, bytes, rows }: Segment): Filtered {
  return { path, sha256, bytes, rows }
}
