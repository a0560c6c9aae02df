import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../model/root.ts'

/** What `npm run build:wasm` makes of `wasm/sieve.ts`. */
const CODE = join(ROOT, 'dist', 'detection', 'network', 'sieve.wasm')
const PAGE = 0x10000

/** Masks are kept in so many slots of so many bytes. */
export const MASKS = 256
export const MASKS_BYTES = 128
/** Places that are looked at by one call; the code may write a few more. */
export const PLACES = 4096
const PLACES_AT = MASKS * MASKS_BYTES
const TEXT_AT = PAGE
/** Bytes that are read behind the text. */
const BEHIND = 32

type SieveCode = (masks: number, text: number, from: number, to: number, places: number) => number

/**
 * The memory of this thread in which a text lies to be looked through: what is compiled to WebAssembly sees no other. One text after
 * another lies there, whoever looks through it.
 */
class TextMemory {
  readonly #memory = new WebAssembly.Memory({ initial: 2 })
  readonly #code = instantiate(this.#memory)
  /** Whose text it is. */
  owner: object | undefined
  /** Of the text, a byte for each unit, and then what is left of others. */
  bytes!: Buffer
  /** The same, whole words, and to be read several bytes at a time from anywhere. */
  words!: Int32Array
  runs!: DataView
  masks!: Uint8Array
  /** What the last call found. */
  places!: Int32Array

  constructor() {
    this.#view()
  }

  /** Whether there is code for this processor: an x86 needs SSE 4.1. */
  get canSieve(): boolean {
    return this.#code !== undefined
  }

  /** Makes room for a text. */
  reserve(units: number): void {
    const lacking = units + BEHIND - this.bytes.length
    if (lacking <= 0) return
    this.#memory.grow(Math.ceil((2 * lacking) / PAGE))
    this.#view()
  }

  /**
   * Looks at places of the text.
   * @param slot of the masks
   * @param to behind the last, and no further than the text reaches; at most `PLACES` behind `from`
   * @returns how many were written to `places`; some may be `to` or behind it
   */
  sieve(slot: number, from: number, to: number): number {
    return this.#code!(slot * MASKS_BYTES, TEXT_AT, from, to, PLACES_AT)
  }

  #view(): void {
    const { buffer } = this.#memory
    this.bytes = Buffer.from(buffer, TEXT_AT)
    this.words = new Int32Array(buffer, TEXT_AT)
    this.runs = new DataView(buffer, TEXT_AT)
    this.masks = new Uint8Array(buffer, 0, PLACES_AT)
    this.places = new Int32Array(buffer, PLACES_AT, PLACES + BEHIND)
  }
}

function instantiate(memory: WebAssembly.Memory): SieveCode | undefined {
  const code = readFileSync(CODE)
  if (!WebAssembly.validate(code)) return undefined
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } })
  return exports['sieve'] as SieveCode
}

export const MEMORY = new TextMemory()
