import { crc32, inflateRawSync } from 'node:zlib'
import { ImportError } from './errors.ts'

/** One file of an archive; folders are left out. */
export interface ZipEntry {
  /** As it stands in the archive: to be checked before it becomes a path. */
  name: string
  isLink: boolean
  /** Uncompressed size that the archive claims, in bytes. */
  size: number
  /** @throws {ImportError} `bad_zip`: encrypted, unknown method, or not what the directory of the archive says it is */
  read(): Buffer
}

// PKWARE APPNOTE 6.3.10: §4.3.16 end of central directory, §4.3.12 central directory header, §4.3.7 local file header.
const END = { signature: 0x06054b50, bytes: 22, commentBytesMax: 0xffff }
const CENTRAL = { signature: 0x02014b50, bytes: 46 }
const LOCAL = { signature: 0x04034b50, bytes: 30 }
const FLAG_ENCRYPTED = 0x1
const STORED = 0
const DEFLATED = 8
/** §4.4.2: made on Unix, so that the upper half of the external attributes is its file mode. */
const MADE_ON_UNIX = 3
const MODE_TYPE = 0o170000
const MODE_LINK = 0o120000

const broken = (what: string): ImportError => new ImportError('bad_zip', `the archive cannot be read: ${what}`)

/**
 * The files of a ZIP archive as its central directory lists them. Archives beyond 4 GiB or 65,534 entries (ZIP64), several
 * disks and encryption are refused.
 * @throws {ImportError} `bad_zip`
 */
export function readZip(bytes: Buffer): ZipEntry[] {
  const end = findEnd(bytes)
  const count = bytes.readUInt16LE(end + 10)
  const length = bytes.readUInt32LE(end + 12)
  const start = bytes.readUInt32LE(end + 16)
  if (count === 0xffff || start === 0xffffffff) throw broken('it is a ZIP64 archive')
  if (bytes.readUInt16LE(end + 4) !== 0 || bytes.readUInt16LE(end + 8) !== count) throw broken('it spans several disks')
  if (start + length > end) throw broken('its directory lies outside of it')
  const entries: ZipEntry[] = []
  const names = new Set<string>()
  let at = start
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL.bytes > end || bytes.readUInt32LE(at) !== CENTRAL.signature) throw broken('its directory is cut')
    const nameBytes = bytes.readUInt16LE(at + 28)
    const next = at + CENTRAL.bytes + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
    if (next > end) throw broken('its directory is cut')
    const name = nameOf(bytes.subarray(at + CENTRAL.bytes, at + CENTRAL.bytes + nameBytes))
    if (names.has(name)) throw broken(`'${name}' is in it twice`)
    names.add(name)
    if (!name.endsWith('/')) entries.push(entryAt(bytes, at, name))
    at = next
  }
  return entries
}

function findEnd(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - END.bytes - END.commentBytesMax)
  for (let at = bytes.length - END.bytes; at >= first; at--) {
    const isEnd = bytes.readUInt32LE(at) === END.signature
    if (isEnd && at + END.bytes + bytes.readUInt16LE(at + 20) === bytes.length) return at
  }
  throw broken('it is no ZIP archive, or cut')
}

function nameOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw broken('a file name is not UTF-8')
  }
}

function entryAt(bytes: Buffer, at: number, name: string): ZipEntry {
  const flags = bytes.readUInt16LE(at + 8)
  const method = bytes.readUInt16LE(at + 10)
  const sum = bytes.readUInt32LE(at + 16)
  const packed = bytes.readUInt32LE(at + 20)
  const size = bytes.readUInt32LE(at + 24)
  const local = bytes.readUInt32LE(at + 42)
  const mode = bytes.readUInt16LE(at + 40)
  return {
    name,
    isLink: bytes.readUInt8(at + 5) === MADE_ON_UNIX && (mode & MODE_TYPE) === MODE_LINK,
    size,
    read() {
      if ((flags & FLAG_ENCRYPTED) !== 0) throw broken(`'${name}' is encrypted`)
      if (local + LOCAL.bytes > bytes.length || bytes.readUInt32LE(local) !== LOCAL.signature) {
        throw broken(`'${name}' is not where the directory says`)
      }
      const from = local + LOCAL.bytes + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
      if (from + packed > bytes.length) throw broken(`'${name}' is cut`)
      const data = unpack(bytes.subarray(from, from + packed), { method, size, name })
      if (data.length !== size || crc32(data) !== sum) throw broken(`'${name}' is damaged`)
      return data
    },
  }
}

/** Gives no more than the size that was claimed, however much the data would swell to. */
function unpack(packed: Buffer, { method, size, name }: { method: number; size: number; name: string }): Buffer {
  if (method === STORED) return packed
  if (method !== DEFLATED) throw broken(`'${name}' is packed by method ${method}`)
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) })
  } catch (cause) {
    throw new ImportError('bad_zip', `the archive cannot be read: '${name}' is damaged`, { cause })
  }
}
