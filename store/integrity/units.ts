import { type Frontier, grow, rootOf } from './merkle.ts'

/** A unit holds at most so many records, so that one is proved, or found broken, by reading a few thousand lines. */
export const UNIT_RECORDS_MAX = 8_192

/** Records of one spool, one hour of receipt (UTC) and one security level, in order of position, under one Merkle root. */
export interface Unit {
  spool: string
  /** `2026-11-27`. */
  day: string
  level: number
  /** Positions of the first and the last record. Those in between that are not in it came to nothing, or are of another level. */
  from: number
  through: number
  records: number
  /** Lower-case hex. */
  root: string
  /** `marksOf`: only to say which record differs. */
  marks: Buffer
}

/** A unit that is not full, and whose hour has not passed. */
interface Open {
  spool: string
  /** `2026-11-27T14`. */
  hour: string
  level: number
  from: number
  through: number
  tree: Frontier
  marks: Buffer[]
}

/** How an open unit is kept from one checkpoint to the next. */
export interface KeptUnit {
  spool: string
  hour: string
  level: number
  from: number
  through: number
  records: number
  /** Hex. */
  peaks: string[]
  /** Base64. */
  marks: string
}

/**
 * Cuts the records of the log into units, the same wherever batches are cut. Records come in order of position; what is given
 * again after a crash is given from the kept state on.
 */
export class Units {
  readonly #spool: string
  readonly #open = new Map<number, Open>()
  readonly #closed: Unit[] = []

  /** @param kept what was open at the checkpoint; units of a former spool are closed, for nothing follows them */
  constructor(spool: string, kept: readonly KeptUnit[]) {
    this.#spool = spool
    for (const { records, peaks, marks, ...unit } of kept) {
      const open: Open = {
        ...unit,
        tree: { size: records, peaks: peaks.map((peak) => Buffer.from(peak, 'hex')) },
        marks: [Buffer.from(marks, 'base64')],
      }
      if (unit.spool === spool) this.#open.set(unit.level, open)
      else this.#close(open)
    }
  }

  add(seq: number, receivedAt: string, level: number, leaf: Buffer): void {
    const hour = receivedAt.slice(0, 13)
    let unit = this.#open.get(level)
    if (unit !== undefined && unit.hour !== hour) this.#close(unit)
    if (unit === undefined || unit.hour !== hour) {
      unit = { spool: this.#spool, hour, level, from: seq, through: seq, tree: { size: 0, peaks: [] }, marks: [] }
      this.#open.set(level, unit)
    }
    unit.marks.push(markOf(seq - unit.through, leaf))
    unit.through = seq
    grow(unit.tree, leaf)
    if (unit.tree.size === UNIT_RECORDS_MAX) this.#close(unit)
  }

  /** The log has come to this time: units of other hours are complete. */
  advance(receivedAt: string): void {
    for (const unit of this.#open.values()) if (unit.hour !== receivedAt.slice(0, 13)) this.#close(unit)
  }

  #close(unit: Open): void {
    const { spool, hour, level, from, through, tree, marks } = unit
    this.#closed.push({
      spool,
      day: hour.slice(0, 10),
      level,
      from,
      through,
      records: tree.size,
      root: rootOf(tree).toString('hex'),
      marks: Buffer.concat(marks),
    })
    if (this.#open.get(level) === unit) this.#open.delete(level)
  }

  /** Complete units that were not taken yet. */
  take(): Unit[] {
    return this.#closed.splice(0)
  }

  keep(): KeptUnit[] {
    return [...this.#open.values()].map((unit) => {
      const marks = Buffer.concat(unit.marks)
      unit.marks = [marks]
      const { spool, hour, level, from, through, tree } = unit
      const peaks = tree.peaks.map((peak) => peak.toString('hex'))
      return { spool, hour, level, from, through, records: tree.size, peaks, marks: marks.toString('base64') }
    })
  }
}

/** Octets of a leaf that are kept to tell which record differs: one in 2^32 slips through here, none through the root. */
const MARK_BYTES = 4

/** Distance to the position before as a varint (LEB128), then the head of the leaf's hash. */
function markOf(distance: number, leaf: Buffer): Buffer {
  const bytes: number[] = []
  let rest = distance
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  bytes.push(rest)
  for (let i = 0; i < MARK_BYTES; i++) bytes.push(leaf[i]!)
  return Buffer.from(bytes)
}

/** Positions of a unit with the heads of their leaves; `null` where the bytes are no such list. */
export function marksOf(bytes: Buffer, from: number): Map<number, Buffer> | null {
  const marks = new Map<number, Buffer>()
  let seq = from
  for (let at = 0; at < bytes.length;) {
    let [distance, scale] = [0, 1]
    for (; at < bytes.length && bytes[at]! >= 0x80; at++, scale *= 0x80) distance += (bytes[at]! - 0x80) * scale
    if (at + MARK_BYTES >= bytes.length) return null
    seq += distance + bytes[at]! * scale
    if (!Number.isSafeInteger(seq)) return null
    marks.set(seq, bytes.subarray(at + 1, at + 1 + MARK_BYTES))
    at += 1 + MARK_BYTES
  }
  return marks
}

/** Whether a leaf is the one that was marked. */
export function isMarked(mark: Buffer, leaf: Buffer): boolean {
  return leaf.subarray(0, MARK_BYTES).equals(mark)
}
