import { sourceKey, type Frame, type Origin } from '../model/record.ts'

/** Sources are addresses, and an address in a datagram can be made up: those beyond this share one row per input. */
const SOURCES_MAX = 10_000

/** Since the process began. */
export interface SourceCounters {
  /** `sourceKey` of the origin, or `<input>/other`. */
  source: string
  input: string
  /** Frames and their bytes that became durable. */
  frames: number
  bytes: number
  /** Frames that were lost here because the protocol cannot wait. */
  dropped: number
  /** Frames that are durable but whose sender could not be told, or could not know, before the connection broke. */
  unacknowledged: number
}

export interface InputCounters {
  input: string
  connectionsOpen: number
  connections: number
  /** Turned away: too many, or a failed TLS handshake. */
  connectionsRefused: number
  /** Datagrams that the kernel dropped because the socket's buffer was full. */
  kernelDrops: number
  /** Bytes that stand in files and are not read yet, when last looked at. */
  backlogBytes: number
}

/** Frames of a source that were lost here. */
export interface Drops {
  source: string
  /** Whose the source is, where that is known. */
  agency?: string
  count: number
}

/** What the inputs have done, counted per source and per input. Runs per frame: no text is made for a known origin. */
export class Tally {
  readonly #rows = new Map<string, SourceCounters>()
  readonly #rowOf = new WeakMap<Origin, SourceCounters>()
  readonly #inputs = new Map<string, InputCounters>()
  readonly #reported = new Map<string, number>()
  readonly #droppedFrom = new Map<string, Origin>()
  readonly #agencyOf: (origin: Origin) => string | undefined

  /** @param agencyOf whose an origin is, now */
  constructor(agencyOf: (origin: Origin) => string | undefined = () => undefined) {
    this.#agencyOf = agencyOf
  }

  received(frames: readonly Frame[]): void {
    for (const { origin, bytes } of frames) {
      const row = this.#row(origin)
      row.frames++
      row.bytes += bytes.length
    }
  }

  dropped(origin: Origin, frames: number): void {
    const row = this.#row(origin)
    row.dropped += frames
    if (row.source !== otherSource(origin)) this.#droppedFrom.set(row.source, origin)
  }

  unacknowledged(origin: Origin, frames: number): void {
    this.#row(origin).unacknowledged += frames
  }

  /** The counters of an input, to be counted up in place. */
  input(name: string): InputCounters {
    let counters = this.#inputs.get(name)
    if (counters === undefined) {
      counters = {
        input: name,
        connectionsOpen: 0,
        connections: 0,
        connectionsRefused: 0,
        kernelDrops: 0,
        backlogBytes: 0,
      }
      this.#inputs.set(name, counters)
    }
    return counters
  }

  sources(): SourceCounters[] {
    return structuredClone([...this.#rows.values()])
  }

  inputs(): InputCounters[] {
    return structuredClone([...this.#inputs.values()])
  }

  /** Frames lost since the last call, kernel drops included (the kernel does not say whose they were: `<input>/kernel`). */
  drops(): Drops[] {
    const totals = new Map([...this.#rows.values()].map(({ source, dropped }) => [source, dropped]))
    for (const { input, kernelDrops } of this.#inputs.values()) totals.set(`${input}/kernel`, kernelDrops)
    const drops: Drops[] = []
    for (const [source, total] of totals) {
      const count = total - (this.#reported.get(source) ?? 0)
      if (count <= 0) continue
      const origin = this.#droppedFrom.get(source)
      const agency = origin && this.#agencyOf(origin)
      drops.push({ source, ...(agency !== undefined && { agency }), count })
      this.#reported.set(source, total)
    }
    return drops
  }

  #row(origin: Origin): SourceCounters {
    const known = this.#rowOf.get(origin)
    if (known !== undefined) return known
    const key = sourceKey(origin)
    const source = this.#rows.has(key) || this.#rows.size < SOURCES_MAX ? key : otherSource(origin)
    let row = this.#rows.get(source)
    if (row === undefined) {
      row = { source, input: origin.input, frames: 0, bytes: 0, dropped: 0, unacknowledged: 0 }
      this.#rows.set(source, row)
    }
    this.#rowOf.set(origin, row)
    return row
  }
}

function otherSource({ input }: Origin): string {
  return `${input}/other`
}
