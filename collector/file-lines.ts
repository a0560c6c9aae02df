import { withoutTerminator, type Framed } from './framing.ts'

const LF = 0x0a

/** How far a file is read. */
export interface Reached {
  /** Everything before it is done. */
  offset: number
  /** It stands inside a line over the limit, whose beginning is done; the rest is passed over. */
  skipping: boolean
}

export interface Line extends Framed {
  /** Where in the file it begins. */
  offset: number
}

/**
 * The lines that `bytes`, which stand in the file at `from.offset`, complete, and how far that is. Nothing is kept in
 * between: what is cut depends on the file alone, not on how it was read, so whoever reads it again from any place reached
 * gets the same lines at the same offsets.
 * @param atRest the file ends here and did not grow for a while: a last line without LF is one
 */
export function cutLines(
  bytes: Buffer,
  from: Reached,
  frameBytesMax: number,
  atRest: boolean,
): Reached & { lines: Line[] } {
  const lines: Line[] = []
  let { skipping } = from
  let start = 0
  while (start < bytes.length) {
    const found = bytes.indexOf(LF, start)
    const end = found < 0 ? bytes.length : found + 1
    const contentEnd = found < 0 ? end : found
    const offset = from.offset + start
    if (skipping) skipping = found < 0
    else if (contentEnd - start > frameBytesMax) {
      lines.push({ offset, bytes: bytes.subarray(start, start + frameBytesMax), refused: 'oversized' })
      skipping = found < 0
    } else if (found >= 0 || atRest) {
      const line = withoutTerminator(bytes.subarray(start, end))
      if (line.length > 0) lines.push({ offset, bytes: line })
    } else break
    start = end
  }
  return { lines, offset: from.offset + start, skipping }
}

/** Whether a line goes on with the record before it. */
export type Continues = (line: Buffer) => boolean

/**
 * The same for files whose records take several lines (a statement, a stack trace): lines that go on with the one before are one
 * record with it, line ends between them included. The last record is whole when another begins, when it reaches the limit, or
 * when nothing followed it for a while; until then how far is reached is its beginning.
 */
export function cutRecords(
  bytes: Buffer,
  from: Reached,
  frameBytesMax: number,
  atRest: boolean,
  continues: Continues,
): Reached & { lines: Line[] } {
  const cut = cutLines(bytes, from, frameBytesMax, atRest)
  const records: Line[] = []
  for (const line of cut.lines) {
    const before = records.at(-1)
    const start = before === undefined ? 0 : before.offset - from.offset
    const end = line.offset - from.offset + line.bytes.length
    const goesOn = before?.refused === undefined && line.refused === undefined && continues(line.bytes)
    if (before !== undefined && goesOn && end - start <= frameBytesMax) before.bytes = bytes.subarray(start, end)
    else records.push({ ...line })
  }
  const last = records.at(-1)
  if (atRest || last === undefined || last.refused !== undefined) return { ...cut, lines: records }
  return { lines: records.slice(0, -1), offset: last.offset, skipping: false }
}
