import { crc32 } from 'node:zlib'
import type { Frame } from '../../model/record.ts'

/*
 * A segment is a file of records, end to end, nothing else. Its name is the position of its first record. Little-endian:
 *
 *    0  u32  crc           CRC-32 of bytes 4 to the end of the record, started from the spool's salt
 *    4  u32  length        of the whole record, these 26 bytes included
 *    8  u48  seq           one more than the record before
 *   14  u48  receivedAtMs  epoch; not less than in the record before
 *   20  u8   flags         bit 0: first record of its group
 *   21  u8   length of `refused`, 0: absent
 *   22  u16  length of `origin`
 *   24  u16  length of `senderId`, 0: absent
 *   26       origin (JSON, UTF-8), senderId (UTF-8), refused (UTF-8), then the frame's bytes to the end
 *
 * A group is what one write and one fdatasync carry, and no group is written before the one ahead of it is durable. So
 * whatever follows a bad record tells what happened: nothing, or the rest of one group, is a write that was cut short and
 * was never acknowledged; the *first* record of a later group proves that the bad record was durable once and rotted.
 *
 * The salt is random and stays in the spool's folder: a sender who writes a well-formed record into its message cannot
 * make it pass for one.
 */
export const HEADER_BYTES = 26
const FLAGS_AT = 20
const GROUP_START = 1

/** Longest record the layout takes: far above every input's frame limit, and a bound for what a bad length can claim. */
export const RECORD_BYTES_MAX = 64 * 1024 * 1024

/** What a record needs beside the frame's own bytes, encoded once. */
export interface Envelope {
  origin: Buffer
  senderId: Buffer | undefined
  refused: Buffer | undefined
}

export function recordBytes(frame: Frame, { origin, senderId, refused }: Envelope): number {
  return HEADER_BYTES + origin.length + (senderId?.length ?? 0) + (refused?.length ?? 0) + frame.bytes.length
}

/** Writes one record at `offset` and gives the offset behind it. */
export function encodeRecord(
  target: Buffer,
  offset: number,
  frame: Frame,
  envelope: Envelope,
  place: { seq: number; receivedAtMs: number; groupStart: boolean; salt: number },
): number {
  const { origin, senderId, refused } = envelope
  const end = offset + recordBytes(frame, envelope)
  target.writeUInt32LE(end - offset, offset + 4)
  target.writeUIntLE(place.seq, offset + 8, 6)
  target.writeUIntLE(place.receivedAtMs, offset + 14, 6)
  target[offset + FLAGS_AT] = place.groupStart ? GROUP_START : 0
  target[offset + 21] = refused?.length ?? 0
  target.writeUInt16LE(origin.length, offset + 22)
  target.writeUInt16LE(senderId?.length ?? 0, offset + 24)
  let at = offset + HEADER_BYTES
  target.set(origin, at)
  at += origin.length
  if (senderId !== undefined) {
    target.set(senderId, at)
    at += senderId.length
  }
  if (refused !== undefined) {
    target.set(refused, at)
    at += refused.length
  }
  target.set(frame.bytes, at)
  target.writeUInt32LE(crc32(target.subarray(offset + 4, end), place.salt), offset)
  return end
}

/** Length of the record at `offset`: 0 if more bytes are needed to tell, -1 if no record can stand there. */
export function recordLength(source: Buffer, offset: number): number {
  if (offset + 8 > source.length) return 0
  const length = source.readUInt32LE(offset + 4)
  return length >= HEADER_BYTES && length <= RECORD_BYTES_MAX ? length : -1
}

/** Whether a whole record with a right checksum stands at `offset`, which `recordLength` said is `length` long. */
export function isRecord(source: Buffer, offset: number, length: number, salt: number): boolean {
  const end = offset + length
  if (end > source.length) return false
  return (
    source.readUInt32LE(offset) === crc32(source.subarray(offset + 4, end), salt) &&
    HEADER_BYTES + source[offset + 21]! + source.readUInt16LE(offset + 22) + source.readUInt16LE(offset + 24) <= length
  )
}

export function recordSeq(source: Buffer, offset: number): number {
  return source.readUIntLE(offset + 8, 6)
}

export function recordReceivedAtMs(source: Buffer, offset: number): number {
  return source.readUIntLE(offset + 14, 6)
}

/**
 * The next record behind damage: the first offset from `from` on with a record whose position is at least `seqMin`; with
 * `groupStart`, only the first record of a group. -1 if there is none.
 */
export function findRecord(
  source: Buffer,
  from: number,
  { seqMin, groupStart, salt }: { seqMin: number; groupStart: boolean; salt: number },
): number {
  for (let offset = from; offset + HEADER_BYTES <= source.length; offset++) {
    const flags = source[offset + FLAGS_AT]!
    if (flags > GROUP_START || (groupStart && flags !== GROUP_START)) continue
    const length = recordLength(source, offset)
    if (length < 0 || offset + length > source.length) continue
    const seq = recordSeq(source, offset)
    // A segment of so many bytes cannot hold more positions than this: saves most checksums.
    if (seq < seqMin || seq > seqMin + source.length / HEADER_BYTES) continue
    if (isRecord(source, offset, length, salt)) return offset
  }
  return -1
}
