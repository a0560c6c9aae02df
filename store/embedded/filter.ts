import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { EcsValue } from '../../model/event.ts'
import { keysOfEvents, type Marks, type Needed } from './keys.ts'

/**
 * A filter lies beside a segment and tells which of its blocks of rows cannot hold what is looked for, so that these are not
 * read. All of it derives from the segment: one that is missing, damaged or of another version is made anew, and until then
 * every row is looked at. Layout of the file:
 *
 *     'SOCFILT1' · length of the head (4 bytes, little endian) · head (JSON) · table · CRC-32 of all before (4 bytes)
 *
 * The table has 2^n slots of 1, 2, 4, 8 or 16 bits, one for each block; a key sets the bit of its block in the slot that its
 * lowest n bits name.
 */
const MAGIC = Buffer.from('SOCFILT1')
const BLOCKS_MAX = 16
/** As many rows as a row group has. */
export const BLOCK_ROWS = 8_192
const SLOTS_MIN = 2 ** 6
const SLOTS_MAX = 2 ** 21
/** The table is halved as long as no block has more of its bits set. */
const FULL = 0.4

/** What a filter is of: another file under the same name has another digest. */
export interface Identity {
  sha256: string | null
  bytes: number
}

/** Milliseconds since the epoch, both ends included. */
export type Times = [fromMs: number, throughMs: number]

interface Head extends Identity {
  slots: number
  /** Bits of a slot. */
  width: number
  /** Between which times the events of each block are. */
  blocks: Times[]
}

/** Of a filter that can be asked. */
export interface Opened extends Head {
  path: string
  /** Where the table begins. */
  tableAt: number
  fileBytes: number
}

export function filterPath(segment: string): string {
  return segment.replace(/\.parquet$/, '.filter')
}

/** @param rows how many will come, in the order of the file */
export function startFilter(rows: number): {
  /** Begins the next event. */
  begin: (ms: number, line: string) => void
  /** One of its fields. */
  field: (name: string, value: EcsValue | undefined) => void
  finish: (of: Identity) => Buffer
} {
  const count = Math.min(BLOCKS_MAX, Math.max(1, Math.ceil(rows / BLOCK_ROWS)))
  const table = new Uint16Array(SLOTS_MAX)
  // Of one block: a sixteenth of the table, that keys all over it are found in a cache.
  const marks: Marks = new Int32Array(SLOTS_MAX / 32)
  const blocks: Times[] = []
  let [row, block] = [0, 0]
  const keys = keysOfEvents(marks)
  return {
    begin: (ms, line) => {
      const at = Math.min(count - 1, Math.floor(row++ / BLOCK_ROWS))
      if (at !== block) {
        put(marks, table, 1 << block)
        keys.forget()
      }
      block = at
      keys.begin(line)
      const times = (blocks[block] ??= [ms, ms])
      times[0] = Math.min(times[0], ms)
      times[1] = Math.max(times[1], ms)
    },
    field: keys.field,
    finish: ({ sha256, bytes }) => {
      put(marks, table, 1 << block)
      const small = halved(table)
      const width = 2 ** Math.ceil(Math.log2(count))
      const head = Buffer.from(JSON.stringify({ sha256, bytes, slots: small.length, width, blocks } satisfies Head))
      const length = Buffer.alloc(4)
      length.writeUInt32LE(head.length)
      const body = Buffer.concat([MAGIC, length, head, packed(small, width)])
      const check = Buffer.alloc(4)
      check.writeUInt32LE(crc32(body))
      return Buffer.concat([body, check])
    },
  }
}

/** Moves the marks of a block into the table. */
function put(marks: Marks, table: Uint16Array, bit: number): void {
  for (let word = 0; word < marks.length; word++) {
    for (let left = marks[word]!; left !== 0; left &= left - 1) table[word * 32 + 31 - Math.clz32(left & -left)]! |= bit
  }
  marks.fill(0)
}

/** The smallest table that is not too full: the upper half is laid over the lower one. */
function halved(table: Uint16Array): Uint16Array {
  let current = table
  while (current.length > SLOTS_MIN) {
    const half = current.slice(0, current.length / 2)
    for (let i = 0; i < half.length; i++) half[i]! |= current[half.length + i]!
    if (fullest(half) > FULL * half.length) break
    current = half
  }
  return current
}

/** Bits that are set, of the block that has most. */
function fullest(table: Uint16Array): number {
  const counts = new Uint32Array(BLOCKS_MAX)
  for (const slot of table) for (let left = slot; left !== 0; left &= left - 1) counts[31 - Math.clz32(left & -left)]!++
  return Math.max(...counts)
}

function packed(table: Uint16Array, width: number): Buffer {
  const bytes = Buffer.alloc((table.length * width) / 8)
  if (width === 16) for (const [i, slot] of table.entries()) bytes.writeUInt16LE(slot, i * 2)
  else for (const [i, slot] of table.entries()) bytes[(i * width) >> 3]! |= slot << ((i * width) & 7)
  return bytes
}

/** Filters are read into it, one after another: memory of its own for each takes longer than reading it. */
let room = Buffer.alloc(0)

function readInto(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    if (room.length < size) room = Buffer.alloc(size)
    return room.subarray(0, readSync(file, room, 0, size, 0))
  } finally {
    closeSync(file)
  }
}

/**
 * Reads and checks a filter; `null` where there is none that can be relied on. Not async, for it runs where nothing else waits: in a
 * thread or a process of its own.
 */
export function openFilter(path: string, of: Identity): Opened | null {
  try {
    const file = readInto(path)
    const end = file.length - 4
    if (end < MAGIC.length + 4 || !file.subarray(0, MAGIC.length).equals(MAGIC)) return null
    if (crc32(file.subarray(0, end)) !== file.readUInt32LE(end)) return null
    const headAt = MAGIC.length + 4
    const tableAt = headAt + file.readUInt32LE(MAGIC.length)
    const head = JSON.parse(file.toString('utf8', headAt, tableAt)) as Head
    return head.sha256 === of.sha256 && head.bytes === of.bytes
      ? { ...head, path, tableAt, fileBytes: file.length }
      : null
  } catch {
    return null
  }
}

/** The blocks in which a condition may hold, a bit for each. */
export function blocksOf(filter: Opened, needed: Needed): number {
  return blocksOfEach(filter, [needed])[0]!
}

/**
 * The blocks in which each of some conditions may hold. Reads a byte or two for each key, and seldom many: a key that is nowhere ends the
 * question. Not async, as `openFilter`.
 */
export function blocksOfEach(filter: Opened, conditions: readonly Needed[]): number[] {
  const file = openSync(filter.path, 'r')
  try {
    const slotOf = (key: number): number => slotAt(file, filter, key & (filter.slots - 1))
    return conditions.map((needed) => within(needed, slotOf, 2 ** filter.blocks.length - 1))
  } finally {
    closeSync(file)
  }
}

/** When the events of these blocks are. */
export function timesOf({ blocks }: Opened, bits: number): Times[] {
  return blocks.filter((_, i) => (bits & (1 << i)) !== 0)
}

function within(needed: Needed, slotOf: (key: number) => number, all: number): number {
  if (needed === 'any') return all
  if ('all' in needed) return needed.all.reduce((left, one) => (left === 0 ? 0 : within(one, slotOf, left)), all)
  if ('some' in needed) return needed.some.reduce((found, one) => found | within(one, slotOf, all), 0)
  let left = all
  for (const key of needed.keys) {
    left &= slotOf(key)
    if (left === 0) break
  }
  return left
}

const two = Buffer.alloc(2)

function slotAt(file: number, { tableAt, width }: Opened, slot: number): number {
  const bit = slot * width
  readSync(file, two, 0, width === 16 ? 2 : 1, tableAt + (bit >> 3))
  return width === 16 ? two.readUInt16LE(0) : (two[0]! >> (bit & 7)) & (2 ** width - 1)
}
