import { crc32 } from 'node:zlib'

/** A file of an archive. Its bytes are asked for once, when its turn comes, and must be those that were counted. */
export interface ZipFile {
  /** Letters, digits, `-`, `_`, `.`, and `/` between folders. */
  name: string
  bytes: number
  /** CRC-32, as of zlib. */
  crc: number
  content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

// PKWARE APPNOTE 6.3.10: §4.3.7 local file header, §4.3.12 central directory header, §4.3.16 end of central directory.
const LOCAL = { signature: 0x04034b50, bytes: 30 }
const CENTRAL = { signature: 0x02014b50, bytes: 46 }
const END = { signature: 0x06054b50, bytes: 22 }
const VERSION = 20
/** The first day of a ZIP archive, 01/01/1980: the same content is the same archive. */
const DATE = 0x0021
const SAFE = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/

export function textFile(name: string, text: string): ZipFile {
  const buffer = Buffer.from(text)
  return { name, bytes: buffer.length, crc: crc32(buffer), content: () => [buffer] }
}

/**
 * A ZIP archive of `files` in their order, stored and not compressed, so that the same files give the same bytes whatever the
 * version of zlib. Below 4 GiB and 65,535 files.
 * @throws for a name that could be a path out of the folder, or content that is not as long as it said
 */
export async function* zip(files: readonly ZipFile[]): AsyncGenerator<Buffer> {
  const total = files.reduce((sum, { bytes, name }) => sum + bytes + 2 * name.length + LOCAL.bytes + CENTRAL.bytes, 0)
  if (total > 0xffff_0000 || files.length > 0xfffe) throw new Error('too much for one archive')
  const places: { file: ZipFile; at: number }[] = []
  let at = 0
  for (const file of files) {
    if (!SAFE.test(file.name)) throw new Error('a name that is not safe in an archive')
    places.push({ file, at })
    const header = localHeader(file)
    yield header
    let bytes = 0
    for await (const chunk of file.content()) {
      bytes += chunk.length
      yield Buffer.from(chunk)
    }
    if (bytes !== file.bytes) throw new Error(`${file.name} has ${bytes} bytes and not ${file.bytes}`)
    at += header.length + bytes
  }
  const directory = Buffer.concat(places.map(({ file, at: place }) => centralHeader(file, place)))
  yield directory
  const end = Buffer.alloc(END.bytes)
  end.writeUInt32LE(END.signature, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  yield end
}

function localHeader({ name, bytes, crc }: ZipFile): Buffer {
  const header = Buffer.alloc(LOCAL.bytes)
  header.writeUInt32LE(LOCAL.signature, 0)
  header.writeUInt16LE(VERSION, 4)
  header.writeUInt16LE(DATE, 12)
  header.writeUInt32LE(crc, 14)
  header.writeUInt32LE(bytes, 18)
  header.writeUInt32LE(bytes, 22)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, Buffer.from(name, 'ascii')])
}

function centralHeader({ name, bytes, crc }: ZipFile, at: number): Buffer {
  const header = Buffer.alloc(CENTRAL.bytes)
  header.writeUInt32LE(CENTRAL.signature, 0)
  header.writeUInt16LE(VERSION, 4)
  header.writeUInt16LE(VERSION, 6)
  header.writeUInt16LE(DATE, 14)
  header.writeUInt32LE(crc, 16)
  header.writeUInt32LE(bytes, 20)
  header.writeUInt32LE(bytes, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt32LE(at, 42)
  return Buffer.concat([header, Buffer.from(name, 'ascii')])
}
