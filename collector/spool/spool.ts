import { open, readFile, stat, statfs, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Frame, Origin } from '../../model/record.ts'
import { SpoolError } from './errors.ts'
import { listSegments, openHeader, segmentName, syncFolder, type SpoolHeader } from './folder.ts'
import {
  encodeRecord,
  findRecord,
  isRecord,
  RECORD_BYTES_MAX,
  recordBytes,
  recordLength,
  recordReceivedAtMs,
  recordSeq,
  type Envelope,
} from './layout.ts'
import { lockFolder } from './lock.ts'

export interface SpoolOptions {
  /** A segment that has reached this is closed and the next one begun. Default 64 MiB. */
  segmentBytes?: number
  /** Watermark: appends are refused while the file system has less than this free. Default 512 MiB. */
  freeBytesMin?: number
  /** The same as a share of the file system's size, 0 to 100; the larger of the two counts. Default 0. */
  freePercentMin?: number
  /** How often the free space is looked up; writing of our own is accounted for in between. Default 1 s. */
  recheckMs?: number
  /** Frames waiting for the disk beyond this are refused. Default 64 MiB. */
  pendingBytesMax?: number
}

export interface SpoolState {
  /** Whether an append would be taken now. */
  accepting: boolean
  /** Why not: `disk_full`, `overloaded`, `failed` or `closed`, and for a person what happened. */
  reason?: string
  /** Size of all segments. */
  bytes: number
  /** Oldest position still held; `durableSeq + 1` when none is. */
  firstSeq: number
  durableSeq: number
  /** Bytes of records appended but not durable yet. */
  pendingBytes: number
}

/** A clock that was this far ahead was wrong, and is right now. */
const CLOCK_STEP_MS = 3_600_000

/**
 * Now, but never before the last frame: a clock that is set back a little must not take order with it. One that had been
 * hours ahead is believed when it comes back, or a single bad minute would date all frames from then on.
 */
export function receiveTime(lastMs: number, nowMs: number): number {
  return lastMs - nowMs > CLOCK_STEP_MS ? nowMs : Math.max(lastMs, nowMs)
}

interface Waiting {
  frames: readonly Frame[]
  envelopes: Envelope[]
  bytes: number
  receivedAtMs: number
  resolve: (seq: number) => void
  reject: (error: SpoolError) => void
}

interface HeldSegment {
  name: string
  firstSeq: number
  bytes: number
}

/** One write carries at most this much, unless a single append is larger: it bounds the encoding buffer. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024
const SCRATCH_BYTES = 256 * 1024
const SENDER_ID_BYTES_MAX = 1024
const REFUSED_BYTES_MAX = 255
const ORIGIN_BYTES_MAX = 65_535

/**
 * The append-only log on which everything downstream is a function. One process writes it; readers (`SpoolReader`) may be
 * other threads. An append resolves only after `fdatasync`; while one write is in flight everything that arrives is queued
 * and goes into the next one, so the price of a sync is shared.
 */
export class Spool {
  readonly id: string
  readonly #folder: string
  readonly #header: SpoolHeader
  readonly #options: Required<SpoolOptions>
  readonly #unlock: () => Promise<void>
  readonly #envelopes = new WeakMap<Origin, Envelope>()
  readonly #listeners = new Set<(seq: number) => void>()
  readonly #timer: NodeJS.Timeout

  #segments: HeldSegment[]
  #file: FileHandle
  #durableSeq: number
  #receivedAtMs: number
  #queue: Waiting[] = []
  #pendingBytes = 0
  #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #working: Promise<void> | null = null
  #rotationWanted = false
  /** Bytes that may be written before the free space must be looked up again. */
  #room = 0
  /** While the disk is full: bytes that must fit before appends are taken again. 0: it is not full. */
  #roomWanted = 0
  #failure: SpoolError | null = null
  #closed = false

  private constructor(
    folder: string,
    header: SpoolHeader,
    options: Required<SpoolOptions>,
    unlock: () => Promise<void>,
    tail: Tail,
  ) {
    this.id = header.id
    this.#folder = folder
    this.#header = header
    this.#options = options
    this.#unlock = unlock
    this.#segments = tail.segments
    this.#file = tail.file
    this.#durableSeq = tail.lastSeq
    this.#receivedAtMs = tail.receivedAtMs
    this.#timer = setInterval(() => void this.recheck(), options.recheckMs)
    this.#timer.unref()
  }

  /**
   * Opens the spool in `folder`, or makes one. What a crash left behind the last whole record is cut off; damage further
   * up is left for the reader to report, and does not keep new records out.
   * @throws {SpoolError} `locked`, `corrupt`
   */
  static async open(folder: string, options: SpoolOptions = {}): Promise<Spool> {
    const settings = {
      segmentBytes: 64 * 1024 * 1024,
      freeBytesMin: 512 * 1024 * 1024,
      freePercentMin: 0,
      recheckMs: 1000,
      pendingBytesMax: 64 * 1024 * 1024,
      ...options,
    }
    const header = await openHeader(folder)
    const unlock = await lockFolder(folder)
    try {
      const spool = new Spool(folder, header, settings, unlock, await openTail(folder, header.salt))
      await spool.recheck()
      return spool
    } catch (error) {
      await unlock()
      throw error
    }
  }

  /** Position up to which every record is on the disk. */
  get durableSeq(): number {
    return this.#durableSeq
  }

  /**
   * Takes `frames` in order and answers with the position of the last one, once all are durable. The bytes must not change
   * before that. An append that rejects has left nothing that a reader will see. One that a crash interrupts may have left a
   * first part.
   * @throws {SpoolError} `disk_full` and `overloaded`: try again later; `failed`, `closed`; `too_large`: never.
   */
  append(frames: readonly Frame[]): Promise<number> {
    const refusal = this.refusal()
    if (refusal !== null) return Promise.reject(refusal)
    if (frames.length === 0) return Promise.resolve(this.#durableSeq)
    const envelopes: Envelope[] = []
    let bytes = 0
    for (const frame of frames) {
      const envelope = this.#envelope(frame)
      const size = recordBytes(frame, envelope)
      if (
        size > RECORD_BYTES_MAX ||
        envelope.origin.length > ORIGIN_BYTES_MAX ||
        (envelope.senderId?.length ?? 0) > SENDER_ID_BYTES_MAX ||
        (envelope.refused?.length ?? 0) > REFUSED_BYTES_MAX
      ) {
        return Promise.reject(new SpoolError('too_large', `a record of ${size} bytes does not fit the spool`))
      }
      envelopes.push(envelope)
      bytes += size
    }
    const receivedAtMs = (this.#receivedAtMs = receiveTime(this.#receivedAtMs, Date.now()))
    return new Promise((resolve, reject) => {
      this.#queue.push({ frames, envelopes, bytes, receivedAtMs, resolve, reject })
      this.#pendingBytes += bytes
      void this.#work()
    })
  }

  /**
   * Deletes the segments that hold nothing beyond `seq`. The segment being written stays, unless the disk is full and all
   * of it has been read: then a new one is begun, so that a reader who keeps up always frees space.
   */
  async releaseThrough(seq: number): Promise<void> {
    const active = this.#segments.at(-1)!
    const activeIsDone = seq >= this.#durableSeq && active.bytes > 0
    if (activeIsDone && (this.#roomWanted > 0 || active.bytes >= this.#options.segmentBytes)) {
      this.#rotationWanted = true
      await this.#work()
    }
    let released = 0
    while (released + 1 < this.#segments.length && this.#segments[released + 1]!.firstSeq <= seq + 1) released++
    if (released === 0) return
    const gone = this.#segments.splice(0, released)
    for (const { name } of gone) await unlink(join(this.#folder, name))
    await syncFolder(this.#folder)
    await this.recheck()
  }

  /** Why an append would be refused now; null: it would be taken. */
  refusal(): SpoolError | null {
    if (this.#failure !== null) return this.#failure
    if (this.#closed) return new SpoolError('closed', 'the spool is closed')
    if (this.#roomWanted > 0) return new SpoolError('disk_full', `less than the watermark is free at ${this.#folder}`)
    if (this.#pendingBytes > this.#options.pendingBytesMax) {
      return new SpoolError('overloaded', `${this.#pendingBytes} bytes wait for the disk`)
    }
    return null
  }

  state(): SpoolState {
    const refusal = this.refusal()
    return {
      accepting: refusal === null,
      ...(refusal === null ? {} : { reason: `${refusal.code}: ${refusal.message}` }),
      bytes: this.#segments.reduce((sum, { bytes }) => sum + bytes, 0),
      firstSeq: this.#segments[0]!.firstSeq,
      durableSeq: this.#durableSeq,
      pendingBytes: this.#pendingBytes,
    }
  }

  /** Calls `listener` with the new `durableSeq` whenever it has grown; the answer ends that. */
  onDurable(listener: (seq: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Looks up the free space now; also done by itself every `recheckMs`. */
  async recheck(): Promise<void> {
    if (this.#closed) return
    const { freeBytesMin, freePercentMin } = this.#options
    try {
      const { bavail, blocks, bsize } = await statfs(this.#folder)
      this.#room = bavail * bsize - Math.max(freeBytesMin, (blocks * bsize * freePercentMin) / 100)
      if (this.#roomWanted > 0 ? this.#room >= this.#roomWanted : this.#room > 0) this.#roomWanted = 0
      else if (this.#roomWanted === 0) this.#roomWanted = 1
    } catch (cause) {
      this.#fail('cannot look up the free space', cause)
    }
  }

  /** Writes what was appended, then lets go of the files. Appends from now on are refused. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#timer)
    await this.#work()
    await this.#file.close()
    await this.#unlock()
  }

  /** Most frames carry nothing but their connection's origin, and share one envelope. */
  #envelope({ origin, senderId, refused }: Frame): Envelope {
    let shared = this.#envelopes.get(origin)
    if (shared === undefined) {
      shared = { origin: Buffer.from(JSON.stringify(origin)), senderId: undefined, refused: undefined }
      this.#envelopes.set(origin, shared)
    }
    if (senderId === undefined && refused === undefined) return shared
    return {
      origin: shared.origin,
      senderId: senderId === undefined ? undefined : Buffer.from(senderId),
      refused: refused === undefined ? undefined : Buffer.from(refused),
    }
  }

  /** Everything that touches the file runs in here, one thing after another. */
  #work(): Promise<void> {
    this.#working ??= this.#drain()
    return this.#working
  }

  async #drain(): Promise<void> {
    await Promise.resolve() // appends made in the same turn go into one group
    try {
      while (this.#failure === null && (this.#queue.length > 0 || this.#rotationWanted)) {
        if (this.#rotationWanted || this.#segments.at(-1)!.bytes >= this.#options.segmentBytes) await this.#rotate()
        else await this.#commit()
      }
    } finally {
      this.#working = null // in the same turn as the last look at the queue: nothing can slip in between
    }
  }

  async #commit(): Promise<void> {
    let bytes = 0
    let count = 0
    while (count < this.#queue.length && (count === 0 || bytes + this.#queue[count]!.bytes <= GROUP_BYTES_MAX)) {
      bytes += this.#queue[count++]!.bytes
    }
    if (this.#room < bytes) await this.recheck()
    if (this.#failure !== null) return
    if (this.#room < bytes) return this.#refuseAll(bytes)
    const group = this.#queue.splice(0, count)
    const lastSeq = this.#encode(group, bytes)
    const segment = this.#segments.at(-1)!
    try {
      for (let done = 0; done < bytes;) {
        done += (await this.#file.write(this.#scratch, done, bytes - done, segment.bytes + done)).bytesWritten
      }
      await this.#file.datasync()
    } catch (cause) {
      this.#queue.unshift(...group)
      if (isDiskFull(cause)) return this.#cutBack(bytes)
      // The kernel may call pages clean that never reached the disk: the next start must not read them back as durable.
      await this.#file.truncate(segment.bytes).catch(() => undefined)
      return this.#fail('cannot write', cause)
    }
    segment.bytes += bytes
    this.#room -= bytes
    this.#durableSeq = lastSeq
    this.#pendingBytes -= bytes
    if (this.#scratch.length > GROUP_BYTES_MAX) this.#scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    let seq = lastSeq - group.reduce((sum, { frames }) => sum + frames.length, 0)
    for (const { frames, resolve } of group) resolve((seq += frames.length))
    for (const listener of this.#listeners) listener(lastSeq)
  }

  /** Positions are given here, not when an append is queued: one that is refused in between must not leave a gap. */
  #encode(group: readonly Waiting[], bytes: number): number {
    if (this.#scratch.length < bytes) this.#scratch = Buffer.allocUnsafeSlow(Math.max(bytes, this.#scratch.length * 2))
    let offset = 0
    let seq = this.#durableSeq
    for (const { frames, envelopes, receivedAtMs } of group) {
      for (let i = 0; i < frames.length; i++) {
        const place = { seq: ++seq, receivedAtMs, groupStart: offset === 0, salt: this.#header.salt }
        offset = encodeRecord(this.#scratch, offset, frames[i]!, envelopes[i]!, place)
      }
    }
    return seq
  }

  async #rotate(): Promise<void> {
    this.#rotationWanted = false
    if (this.#segments.at(-1)!.bytes === 0) return // begun while it was asked for: one more would have the same name
    const firstSeq = this.#durableSeq + 1
    const name = segmentName(firstSeq)
    let file: FileHandle
    try {
      file = await open(join(this.#folder, name), 'wx', 0o600)
      await file.sync()
      await syncFolder(this.#folder)
    } catch (cause) {
      if (!isDiskFull(cause)) return this.#fail(`cannot begin ${name}`, cause)
      await unlink(join(this.#folder, name)).catch(() => undefined) // it may never have come to be
      return this.#refuseAll(1)
    }
    await this.#file.close()
    this.#file = file
    this.#segments.push({ name, firstSeq, bytes: 0 })
  }

  /** After ENOSPC: the pages of the failed write are thrown away, not retried, and the file ends where it was durable. */
  async #cutBack(bytes: number): Promise<void> {
    try {
      await this.#file.truncate(this.#segments.at(-1)!.bytes)
      await this.#file.sync()
    } catch (cause) {
      return this.#fail('cannot cut back after the disk was full', cause)
    }
    this.#room = 0
    this.#refuseAll(bytes)
  }

  #refuseAll(roomWanted: number): void {
    this.#roomWanted = Math.max(1, roomWanted)
    this.#rejectAll(this.refusal()!)
  }

  #fail(what: string, cause: unknown): void {
    const detail = cause instanceof Error ? cause.message : String(cause)
    this.#failure ??= new SpoolError('failed', `${what}: ${detail}`, { cause })
    this.#rejectAll(this.#failure)
  }

  #rejectAll(error: SpoolError): void {
    const queue = this.#queue
    this.#queue = []
    for (const { bytes, reject } of queue) {
      this.#pendingBytes -= bytes
      reject(error)
    }
  }
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

interface Tail {
  segments: HeldSegment[]
  file: FileHandle
  lastSeq: number
  receivedAtMs: number
}

/** Opens the last segment for writing, behind its last whole record. */
async function openTail(folder: string, salt: number): Promise<Tail> {
  const listed = await listSegments(folder)
  if (listed.length === 0) {
    const name = segmentName(1)
    const file = await open(join(folder, name), 'wx', 0o600)
    await file.sync()
    await syncFolder(folder)
    return { segments: [{ name, firstSeq: 1, bytes: 0 }], file, lastSeq: 0, receivedAtMs: 0 }
  }
  const segments: HeldSegment[] = []
  for (const segment of listed) segments.push({ ...segment, bytes: (await stat(join(folder, segment.name))).size })
  const active = segments.at(-1)!
  const end = scan(await readFile(join(folder, active.name)), active.firstSeq, salt)
  const before = segments.at(-2)
  if (end.lastSeq < active.firstSeq && before !== undefined) {
    end.receivedAtMs = scan(await readFile(join(folder, before.name)), before.firstSeq, salt).receivedAtMs
  }
  const file = await open(join(folder, active.name), 'r+')
  await file.truncate(end.bytes)
  await file.sync() // whole records behind the last sync survive the process, but are durable only now
  active.bytes = end.bytes
  return { segments, file, lastSeq: end.lastSeq, receivedAtMs: end.receivedAtMs }
}

/** Where a segment's last whole record ends, given that a write may have been cut short at its end. */
function scan(
  source: Buffer,
  firstSeq: number,
  salt: number,
): { bytes: number; lastSeq: number; receivedAtMs: number } {
  let offset = 0
  let lastSeq = firstSeq - 1
  let receivedAtMs = 0
  for (;;) {
    const length = recordLength(source, offset)
    if (length > 0 && isRecord(source, offset, length, salt)) {
      lastSeq = recordSeq(source, offset)
      receivedAtMs = recordReceivedAtMs(source, offset)
      offset += length
      continue
    }
    const later = findRecord(source, offset + 1, { seqMin: lastSeq + 2, groupStart: true, salt })
    if (later < 0) return { bytes: offset, lastSeq, receivedAtMs }
    offset = later
  }
}
