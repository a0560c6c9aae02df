import type { BigIntStats } from 'node:fs'
import { lstat, readdir, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { Frame, Origin } from '../model/record.ts'
import { cutLines, cutRecords, type Continues, type Reached } from './file-lines.ts'
import { findFiles, names, NotAFileError, openNamed } from './file-pattern.ts'
import { advance, isAsRead, Positions, readAt, readOnce, type Place, type Position } from './file-positions.ts'
import type { InputContext } from './input.ts'
import { bytesOf } from './quota.ts'
import { SpoolError } from './spool/errors.ts'

/** Files that are followed, and as whose. */
export interface Followed {
  /** An absolute path, with wildcards or without. */
  path: string
  stream?: string
  agency?: string
  /** Which lines go on with the record before; without it, every line is one. */
  continues?: Continues
}

export interface FollowerOptions {
  files: readonly Followed[]
  /** Where files that are there at the very first start are begun. */
  from: 'start' | 'end'
  frameBytesMax: number
  pollMs: number
  lineTimeoutMs: number
}

/** One append carries at most about so many bytes, of all files together. */
const ROUND_BYTES = 4 * 1024 * 1024
const CHUNK_BYTES = 256 * 1024
/** A file may have grown since it was last looked at. */
const GROWTH_BYTES = 4 * 1024
const FILES_MAX = 10_000
/** Beyond so many open files those at rest are closed. */
const OPEN_MAX = 256
/** One at rest for so long is closed anyway: a file that was deleted takes up room until then. */
const IDLE_MS = 5 * 60_000
/** What may become a copy is waited for until it has been at rest so long. */
const COPY_MS = 10_000
const SAVE_EVERY_MS = 1_000
/** Also where nothing changed, so that what is merely quiet is not forgotten. */
const SAVE_SEEN_EVERY_MS = 3_600_000
const RETRY_MS = 200
const TOLD_MAX = 10_000
/** Packed by rotation: what is in them was read before, or can no longer be. */
const PACKED = /\.(?:gz|bz2|xz|zst|lz4|zip|Z)$/
const GZIP_MAGIC = 0x1f8b
const LF = 0x0a

interface File {
  pattern: string
  origin: Origin
  continues: Continues | undefined
  position: Position
  handle: FileHandle | null
  size: number
  changedMs: number
  /** When that was last seen to change, by a clock that is not set. */
  grownAtMs: number
  /** All of it was read when it was last looked at. */
  exhausted: boolean
  /** But for a last line without LF. */
  open: boolean
  heldUntilMs: number
}

/** What one file gives to an append. */
interface Reading {
  key: string
  file: File
  handle: FileHandle
  frames: Frame[]
  reached: Reached
  /** What stands before the place reached. */
  before: Buffer
  exhausted: boolean
  /** It ends with a line that is whole only because nothing followed it for a while. */
  atRest: boolean
}

/**
 * Follows files: looks for them, reads what was appended, hands it to the spool, and only then writes down how far that was.
 * Nothing waits in memory: what the spool refuses is read again. So is what a crash takes back, and it is recognised: the
 * identity of a line is its file's, its offset and its checksum.
 */
export class FileFollower {
  readonly #options: FollowerOptions
  readonly #context: InputContext
  readonly #positions: Positions
  /** By device and inode. */
  readonly #files = new Map<string, File>()
  /** What could not be read, with the reason that was told. */
  readonly #told = new Map<string, string>()
  readonly #stop = new AbortController()
  #firstLook = true
  /** Where the next round begins: files are read in turns. */
  #turn = 0
  /** A file is not read before its identity is on the disk. */
  #begun = false
  #moved = false
  #savedAtMs = -Infinity
  #saveTookMs = 0

  private constructor(options: FollowerOptions, context: InputContext, positions: Positions) {
    this.#options = options
    this.#context = context
    this.#positions = positions
  }

  /** @throws Error where what a former run wrote down does not read back */
  static async load(options: FollowerOptions, context: InputContext): Promise<FileFollower> {
    return new FileFollower(options, context, await Positions.load(join(context.stateFolder, `${context.name}.json`)))
  }

  /** Bytes of all files that are not read yet, when last looked at. */
  get backlogBytes(): number {
    return [...this.#files.values()].reduce((sum, { size, position }) => sum + Math.max(0, size - position.offset), 0)
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Until stopped. How far was read is written down when it resolves. */
  async run(): Promise<void> {
    const { signal } = this.#stop
    const { name, log } = this.#context
    while (!signal.aborted) {
      const begunMs = performance.now()
      let lookedMs = 0
      try {
        await this.#look()
        lookedMs = performance.now() - begunMs
        if (await this.#saved()) while (!signal.aborted && (await this.#readRound())) await this.#saved()
        await this.#closeRested()
      } catch (error) {
        if (error instanceof SpoolError) {
          log.error({ input: name, error }, 'files are no longer followed')
          break
        }
        this.#tell('', error)
      }
      // A look at ten thousand files takes its time: it must not be all that is done.
      const pauseMs = Math.max(this.#options.pollMs, 4 * lookedMs)
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    }
    await this.#saved(true)
    for (const file of this.#files.values()) await close(file)
  }

  /** Finds new files, and what became of those that are known. */
  async #look(): Promise<void> {
    const seen = new Set<string>()
    const paths = new Set<string>()
    for (const followed of this.#options.files) {
      const found = await findFiles(followed.path, FILES_MAX)
      for (const { path, code } of found.failures) this.#tell(path, code)
      for (const path of found.paths) {
        if (paths.has(path) || PACKED.test(path)) continue
        if (paths.size >= FILES_MAX) {
          this.#tell(followed.path, `more than ${FILES_MAX} files`)
          break
        }
        paths.add(path)
        try {
          const stats = await lstat(path, { bigint: true })
          const file = this.#files.get(keyOf(stats)) ?? (await this.#adopt(path, path, followed.path, followed))
          if (file === null) continue
          seen.add(keyOf(stats))
          file.position.path = path
          note(file, stats)
          this.#told.delete(path)
        } catch (error) {
          // Gone between two glances; where it is named outright, somebody may have misspelt it.
          if (codeOf(error) !== 'ENOENT' || path === followed.path) this.#tell(path, error)
        }
      }
    }
    for (const [key, file] of this.#files) {
      if (seen.has(key)) continue
      // No pattern finds it any more: renamed, or deleted. It is read to its end as long as it is open.
      const stats = await file.handle?.stat({ bigint: true }).catch(() => undefined) // a stale handle of a network's
      if (stats !== undefined) note(file, stats)
      else {
        await this.#forget(key, file)
        await this.#findRenamed([file.position])
      }
    }
    if (this.#firstLook) await this.#findRenamed(this.#positions.all())
    this.#firstLook = false
  }

  /**
   * Takes in a file that is not followed yet. Null: it is not to be read, or not yet.
   * @param named where a pattern found it, if only formerly: that is what it is called
   */
  async #adopt(path: string, named: string, pattern: string, followed: Followed): Promise<File | null> {
    const stats = await lstat(path, { bigint: true })
    if (!stats.isFile()) throw new NotAFileError(stats.isSymbolicLink() ? 'is_link' : 'is_no_file')
    const handle = await openNamed(path, pattern)
    let kept = false
    try {
      const opened = await handle.stat({ bigint: true })
      const place = { path: named, device: String(opened.dev), inode: String(opened.ino) }
      const position = (await this.#positions.find(place, handle)) ?? (await this.#begin(place, opened, handle))
      if (position === null) return null
      Object.assign(position, place)
      const { name: input } = this.#context
      const { stream = named, agency, continues } = followed
      const openFiles = [...this.#files.values()].filter((file) => file.handle !== null).length
      kept = openFiles < OPEN_MAX || path !== named
      const file: File = {
        pattern,
        continues,
        origin: { input, address: '127.0.0.1', stream, path: named, ...(agency !== undefined && { agency }) },
        position,
        handle: kept ? handle : null,
        size: Number(opened.size),
        changedMs: Number(opened.mtimeMs),
        grownAtMs: performance.now(),
        exhausted: false,
        open: false,
        heldUntilMs: 0,
      }
      this.#files.set(keyOf(opened), file)
      return file
    } finally {
      if (!kept) await handle.close()
    }
  }

  /** The position of a file that was never read. Null: it is not to be read, or not yet. */
  async #begin(place: Place, stats: BigIntStats, handle: FileHandle): Promise<Position | null> {
    const nowMs = Date.now()
    const size = Number(stats.size)
    const original = await this.#positions.findOriginal(place, size, handle)
    if (original === 'growing' && nowMs - Number(stats.mtimeMs) < COPY_MS) return null
    if (original !== undefined && original !== 'growing') return this.#positions.addCopy(original, place, nowMs)
    const magic = await readAt(handle, 0, 2)
    if (magic.length === 2 && magic.readUInt16BE() === GZIP_MAGIC) {
      this.#tell(place.path, 'it is packed')
      return null
    }
    const atEnd = this.#options.from === 'end' && this.#positions.anew && this.#firstLook
    const offset = atEnd ? size : 0
    const before = await readAt(handle, Math.max(0, offset - GROWTH_BYTES), Math.min(offset, GROWTH_BYTES))
    const position = this.#positions.add(place, nowMs)
    await advance(position, { offset, skipping: (before.at(-1) ?? LF) !== LF }, before, handle)
    this.#begun = true
    return position
  }

  /**
   * What was renamed while nobody looked, to a name that no pattern covers, is found by its inode in the folder where it was,
   * and read to its end.
   */
  async #findRenamed(positions: readonly Position[]): Promise<void> {
    const folders = new Map<string, Position[]>()
    for (const position of positions) {
      const { device, inode, path } = position
      if (this.#files.has(`${device}:${inode}`)) continue
      folders.set(dirname(path), [...(folders.get(dirname(path)) ?? []), position])
    }
    for (const [folder, missing] of folders) {
      for (const name of await readdir(folder).catch(() => [])) {
        const path = join(folder, name)
        try {
          const stats = await lstat(path, { bigint: true })
          if (this.#files.has(keyOf(stats)) || PACKED.test(name)) continue
          const unread = missing.filter(
            ({ inode, offset }) => inode === String(stats.ino) && offset < Number(stats.size),
          )
          for (const position of unread) await this.#adoptRenamed(path, position)
        } catch (error) {
          this.#tell(path, error)
        }
      }
    }
  }

  async #adoptRenamed(path: string, position: Position): Promise<void> {
    const followed = this.#options.files.find((one) => names(one.path, position.path))
    if (followed === undefined) return // no longer configured
    const pattern = join(dirname(followed.path), '*')
    const handle = await openNamed(path, pattern)
    let known: Position | undefined
    try {
      const { dev, ino } = await handle.stat({ bigint: true })
      known = await this.#positions.find({ path, device: String(dev), inode: String(ino) }, handle)
    } finally {
      await handle.close()
    }
    if (known === position) await this.#adopt(path, position.path, pattern, followed)
  }

  /** Reads every file a bit, and hands it all to the spool in one. True: there is more at once. */
  async #readRound(): Promise<boolean> {
    const { spool, tally, quotas } = this.#context
    if (spool.refusal() !== null) {
      await this.#pause()
      return false
    }
    const readings: Reading[] = []
    const files = [...this.#files]
    let bytes = 0
    let asked = 0
    for (; asked < files.length && bytes < ROUND_BYTES; asked++) {
      const [key, file] = files[(this.#turn + asked) % files.length]!
      if (file.exhausted && !(file.open && this.#rests(file))) continue
      if (performance.now() < file.heldUntilMs) continue
      file.heldUntilMs = performance.now() + quotas.ask(file.origin, 'held')
      if (performance.now() < file.heldUntilMs) continue
      const reading = await this.#read(key, file).catch((error: unknown) => {
        this.#tell(file.position.path, error)
        file.exhausted = true // until it changes, or is looked for again
        return null
      })
      if (reading === null) continue
      readings.push(reading)
      bytes += bytesOf(reading.frames)
    }
    this.#turn = files.length === 0 ? 0 : (this.#turn + asked) % files.length
    const frames = readings.flatMap((reading) => reading.frames)
    try {
      if (frames.length > 0) await spool.append(frames)
    } catch (error) {
      if (!(error instanceof SpoolError) || (error.code !== 'disk_full' && error.code !== 'overloaded')) throw error
      await this.#pause()
      return false
    }
    tally.received(frames)
    for (const { key, file, handle, reached, before, ...reading } of readings) {
      quotas.charge(file.origin, reading.frames.length, bytesOf(reading.frames))
      await advance(file.position, reached, before, handle).catch(async (error: unknown) => {
        this.#tell(file.position.path, error)
        await this.#forget(key, file)
      })
      file.exhausted = reading.exhausted
      this.#moved = true
      // Read again it might not rest, and be cut elsewhere.
      if (reading.atRest) this.#begun = true
    }
    return readings.length > 0
  }

  /** Null: there is nothing for now. */
  async #read(key: string, file: File): Promise<Reading | null> {
    const { position, origin } = file
    const handle = (file.handle ??= await reopen(key, file))
    const { frameBytesMax } = this.#options
    const from = position.offset - position.tail.bytes
    const unread = Math.max(0, file.size - position.offset) + GROWTH_BYTES
    const bytesMax = Math.min(unread, Math.max(CHUNK_BYTES, 2 * frameBytesMax))
    // In one call: between two the file may be truncated and written anew, and the first would vouch for what only the second saw.
    const bytes = await readOnce(handle, from, position.tail.bytes + bytesMax)
    if (!isAsRead(position, bytes.subarray(0, position.tail.bytes))) {
      const { name: input, log } = this.#context
      log.info({ input, path: position.path }, 'file was truncated or written anew: read from its start')
      await this.#forget(key, file)
      return null
    }
    const content = bytes.subarray(position.tail.bytes)
    const exhausted = content.length < bytesMax && position.offset + content.length >= file.size
    const atRest = exhausted && position.offset + content.length === file.size && this.#rests(file)
    const { lines, ...reached } =
      file.continues === undefined
        ? cutLines(content, position, frameBytesMax, atRest)
        : cutRecords(content, position, frameBytesMax, atRest, file.continues)
    const taken = reached.offset - position.offset
    file.open = exhausted && !reached.skipping && taken < content.length
    if (taken === 0) {
      file.exhausted = exhausted
      return null
    }
    const frames = lines.map(({ offset, ...line }): Frame => ({
      origin,
      ...line,
      senderId: `file/${position.id}/${offset}/${crc32(line.bytes).toString(16)}`,
    }))
    const before = bytes.subarray(0, position.tail.bytes + taken)
    return { key, file, handle, frames, reached, before, exhausted, atRest: atRest && lines.length > 0 }
  }

  /** It is taken in anew at the next look, as whatever it is then. */
  async #forget(key: string, file: File): Promise<void> {
    this.#files.delete(key)
    await close(file)
  }

  #rests({ grownAtMs }: File): boolean {
    return performance.now() - grownAtMs >= this.#options.lineTimeoutMs
  }

  /** Whether all that must be written down before more is read is. */
  async #saved(now = false): Promise<boolean> {
    const sinceMs = performance.now() - this.#savedAtMs
    const due = this.#moved && sinceMs > Math.max(SAVE_EVERY_MS, 20 * this.#saveTookMs)
    if (!this.#begun && !due && !(now && this.#moved) && sinceMs < SAVE_SEEN_EVERY_MS) return true
    const begunMs = performance.now()
    const nowMs = Date.now()
    try {
      for (const { position } of this.#files.values()) position.seenMs = nowMs
      await this.#positions.save(nowMs)
    } catch (error) {
      this.#tell('', `how far files are read cannot be written down: ${codeOf(error)}`)
      return !this.#begun
    }
    this.#told.delete('')
    this.#begun = this.#moved = false
    this.#savedAtMs = performance.now()
    this.#saveTookMs = this.#savedAtMs - begunMs
    return true
  }

  async #closeRested(): Promise<void> {
    let open = [...this.#files.values()].filter(({ handle }) => handle !== null).length
    for (const file of this.#files.values()) {
      if (file.handle === null || !file.exhausted || file.open) continue
      if (open <= OPEN_MAX && performance.now() - file.grownAtMs < IDLE_MS) continue
      await close(file)
      open--
    }
  }

  async #pause(): Promise<void> {
    await sleep(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  /** Once, until it changes or passes. */
  #tell(path: string, error: unknown): void {
    const reason = typeof error === 'string' ? error : codeOf(error)
    if (this.#told.get(path) === reason) return
    if (this.#told.size >= TOLD_MAX) this.#told.clear()
    this.#told.set(path, reason)
    const { name: input, log } = this.#context
    log.warn({ input, path, reason }, 'file not followed for now: tried again')
  }
}

function keyOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}

function note(file: File, stats: BigIntStats): void {
  const size = Number(stats.size)
  const changedMs = Number(stats.mtimeMs)
  if (size === file.size && changedMs === file.changedMs) return
  Object.assign(file, { size, changedMs, grownAtMs: performance.now(), exhausted: false })
}

/** @throws where another file is in its place: it is found there at the next look */
async function reopen(key: string, { position, pattern }: File): Promise<FileHandle> {
  const handle = await openNamed(position.path, pattern)
  if (keyOf(await handle.stat({ bigint: true })) === key) return handle
  await handle.close()
  throw new NotAFileError('is_no_file')
}

async function close(file: File): Promise<void> {
  const { handle } = file
  file.handle = null
  await handle?.close().catch(() => undefined)
}
