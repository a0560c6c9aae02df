import { createHash, randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Reached } from './file-lines.ts'
import { damaged, readState, writeState } from './state-file.ts'

const HEAD_BYTES = 1_024
const TAIL_BYTES = 256
/** A file that was not seen for this long is forgotten; a folder that is unmounted for a while must not be. */
const REMEMBER_MS = 30 * 86_400_000
const POSITIONS_MAX = 20_000

const strict = { additionalProperties: false }
const Print = Type.Object({ bytes: Type.Integer({ minimum: 0 }), digest: Type.String() }, strict)
const Position = Type.Object(
  {
    /** Names the file in its lines' identities; another one once its content has been begun anew. */
    id: Type.String(),
    /** Where a pattern found it last. */
    path: Type.String(),
    device: Type.String(),
    inode: Type.String(),
    offset: Type.Integer({ minimum: 0 }),
    skipping: Type.Boolean(),
    /** Of its first bytes, and of those before `offset`: by them it is known again. */
    head: Print,
    tail: Print,
    seenMs: Type.Integer(),
  },
  strict,
)
const State = Type.Object({ version: Type.Literal(1), files: Type.Array(Position) }, strict)

export type Position = Static<typeof Position>
type Print = Static<typeof Print>

/** Where a file lies on the disk. */
export interface Place {
  path: string
  device: string
  inode: string
}

/** How far each file was read, kept across restarts. */
export class Positions {
  readonly #path: string
  #positions: Position[]
  /** Nothing was ever written down. */
  readonly anew: boolean

  private constructor(path: string, positions: Position[], anew: boolean) {
    this.#path = path
    this.#positions = positions
    this.anew = anew
  }

  /** @throws Error where what was written down does not read back */
  static async load(path: string): Promise<Positions> {
    const state = await readState(path)
    if (state === null) return new Positions(path, [], true)
    if (!Value.Check(State, state)) throw damaged(path)
    return new Positions(path, state.files, false)
  }

  all(): readonly Position[] {
    return this.#positions
  }

  /** Of a file that is read from its start. */
  add(place: Place, nowMs: number): Position {
    const nothing = print(Buffer.alloc(0))
    const id = randomBytes(9).toString('base64url')
    const position = { id, ...place, offset: 0, skipping: false, head: nothing, tail: nothing, seenMs: nowMs }
    this.#positions.push(position)
    return position
  }

  /**
   * Of a file at this place that is not followed yet: how far it was read, if it is one that was read before. By its inode and
   * content, under whatever name; inodes are given anew, and so are device numbers, at a restart.
   */
  async find(place: Place, handle: FileHandle): Promise<Position | undefined> {
    const candidates = this.#positions.filter(({ inode }) => inode === place.inode)
    for (const position of candidates.sort((a, b) => b.seenMs - a.seenMs)) {
      const told = position.offset > 0 || position.device === place.device
      if (told && (await isContinuedIn(position, handle))) return position
    }
    return undefined
  }

  /**
   * Whether the file is a copy of one in its folder that was read, as rotation by copying makes them: then it is to be read
   * from where the original was, under the original's identity. `growing`: it may become one.
   */
  async findOriginal(place: Place, size: number, handle: FileHandle): Promise<Position | 'growing' | undefined> {
    const folder = dirname(place.path)
    let growing = false
    for (const position of this.#positions) {
      // A whole head only: files may well begin alike for some bytes.
      if (position.inode === place.inode || position.head.bytes < HEAD_BYTES) continue
      if (dirname(position.path) !== folder || !(await begins(handle, position.head))) continue
      if (size < position.offset) growing = true
      else if (await isContinuedIn(position, handle)) return position
    }
    return growing ? 'growing' : undefined
  }

  /** A position of its own for a copy, which goes on under the same identity. */
  addCopy(original: Position, place: Place, nowMs: number): Position {
    const copy = { ...original, ...place, seenMs: nowMs }
    this.#positions.push(copy)
    return copy
  }

  /** Writes all down; durable when it resolves. */
  async save(nowMs: number): Promise<void> {
    const kept = this.#positions.filter(({ seenMs }) => nowMs - seenMs < REMEMBER_MS)
    this.#positions = kept.sort((a, b) => b.seenMs - a.seenMs).slice(0, POSITIONS_MAX)
    await writeState(this.#path, { version: 1, files: this.#positions } satisfies Static<typeof State>)
  }
}

/** Moves `position` on. @param before the bytes before the new offset, as many as there are or more */
export async function advance(position: Position, reached: Reached, before: Buffer, handle: FileHandle): Promise<void> {
  position.offset = reached.offset
  position.skipping = reached.skipping
  position.tail = print(before.subarray(-TAIL_BYTES))
  if (position.head.bytes >= HEAD_BYTES) return
  position.head = print(await readAt(handle, 0, Math.min(position.offset, HEAD_BYTES)))
}

/** Whether `before`, the bytes that now stand before the offset, are those that were read. */
export function isAsRead({ tail }: Position, before: Buffer): boolean {
  return before.length === tail.bytes && print(before).digest === tail.digest
}

/** Whether what was read is still there. */
async function isContinuedIn(position: Position, handle: FileHandle): Promise<boolean> {
  const { head, tail, offset } = position
  return (await begins(handle, head)) && isAsRead(position, await readAt(handle, offset - tail.bytes, tail.bytes))
}

async function begins(handle: FileHandle, { bytes, digest }: Print): Promise<boolean> {
  return print(await readAt(handle, 0, bytes)).digest === digest
}

function print(bytes: Buffer): Print {
  return { bytes: bytes.length, digest: createHash('sha256').update(bytes).digest('base64url').slice(0, 22) }
}

/** Up to `bytes` of the file from `offset` on: fewer where it ends. */
export async function readAt(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes)
  let filled = 0
  while (filled < bytes) {
    const { bytesRead } = await handle.read(buffer, filled, bytes - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** The same in one call of the system, which may give fewer. */
export async function readOnce(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(bytes), 0, bytes, offset)
  return buffer.subarray(0, bytesRead)
}
