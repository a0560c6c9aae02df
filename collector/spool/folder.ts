import { randomBytes, randomInt } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SpoolError } from './errors.ts'

const FORMAT = 1
const HEADER_FILE = 'spool.json'
const SEGMENT = /^(\d{16})\.log$/

/** What `spool.json` holds: chosen once, when the spool was made. */
export interface SpoolHeader {
  format: number
  /** Eight characters of `[a-z0-9]`; the first half of every record's name. */
  id: string
  /** Start value of every checksum. */
  salt: number
}

export interface Segment {
  name: string
  firstSeq: number
}

export function segmentName(firstSeq: number): string {
  return `${String(firstSeq).padStart(16, '0')}.log`
}

/** Segments in order of position. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const names = (await readdir(folder)).filter((name) => SEGMENT.test(name)).sort()
  return names.map((name) => ({ name, firstSeq: Number(SEGMENT.exec(name)![1]) }))
}

/** Makes names in a folder durable: without it a new file can be gone after a power cut, contents and all. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** @throws {SpoolError} `missing`: no spool in this folder; `corrupt`: one that this program cannot read. */
export async function readHeader(folder: string): Promise<SpoolHeader> {
  const path = join(folder, HEADER_FILE)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SpoolError('missing', `no spool at ${folder}`, { cause })
  })
  let header: Partial<SpoolHeader> | null
  try {
    header = JSON.parse(text) as Partial<SpoolHeader> | null
  } catch (cause) {
    throw new SpoolError('corrupt', `${path} is not JSON`, { cause })
  }
  if (header?.format !== FORMAT) {
    throw new SpoolError('corrupt', `${path} has format ${header?.format}; this program knows format ${FORMAT}`)
  }
  const { id, salt } = header
  if (typeof id !== 'string' || !/^[a-z0-9]{8}$/.test(id) || typeof salt !== 'number' || !Number.isInteger(salt)) {
    throw new SpoolError('corrupt', `${path} has no valid id and salt`)
  }
  return { format: FORMAT, id, salt }
}

/**
 * The header of the spool in `folder`, made if the folder holds none.
 * @throws {SpoolError} `corrupt`: segments without their header, or a header that cannot be read.
 */
export async function openHeader(folder: string): Promise<SpoolHeader> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (made !== undefined) await syncFolder(dirname(made))
  const names = await readdir(folder)
  if (names.includes(HEADER_FILE)) return readHeader(folder)
  if (names.some((name) => SEGMENT.test(name))) {
    throw new SpoolError('corrupt', `${folder} has segments but no ${HEADER_FILE}: restore it from a backup`)
  }
  const id = Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('')
  const header: SpoolHeader = { format: FORMAT, id, salt: randomBytes(4).readUInt32LE() }
  const fresh = join(folder, `${HEADER_FILE}.new`)
  const handle = await open(fresh, 'w', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(header)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, join(folder, HEADER_FILE))
  await syncFolder(folder)
  return header
}
