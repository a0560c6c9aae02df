import {
  type BeginEntry,
  bodyHash,
  type Entry,
  type FileEntry,
  type Link,
  linkHash,
  NO_LINK,
  type PurgeEntry,
  type UnitEntry,
} from './entry.ts'
import { isSigned, isVouchedFor, keyId } from './keys.ts'

/** One thing that is not as it was. */
export interface Break {
  what:
    | 'chain_altered'
    | 'bad_signature'
    | 'unknown_key'
    | 'file_changed'
    | 'file_missing'
    | 'unreadable'
    | 'changed'
    | 'missing'
    | 'inserted'
    | 'doubled'
  /** Entry of the chain. */
  entry?: number
  /** A sealed file. */
  path?: string
  /** Positions of the unit. */
  unit?: { spool: string; from: number; through: number; level: number }
  record?: string
}

/** What the chain says, as far as it holds. */
export interface ChainReading {
  head: Pick<Link, 'n' | 'hash'>
  breaks: Break[]
  begin?: BeginEntry
  /** Of the day that was asked for. */
  units: (UnitEntry & { entry: number })[]
  files: (FileEntry & { entry: number })[]
  purges: PurgeEntry[]
  /** Last entry about records or files of the day. */
  lastOfDay: number
  /** The newest signature that holds: it covers all entries before its own. */
  signed?: { entry: number; at: string; key: string }
}

/**
 * Reads the whole chain: every link by its hash, every signature by the key in force there, every key by the one before it.
 * @param trusted public key (SPKI, base64) that was kept elsewhere. It, or one before it, must have announced whoever signs; without
 * it the first key is taken at its word, which whoever can write the chain can write as well
 */
export async function readChain(links: AsyncIterable<Link>, day: string, trusted?: string): Promise<ChainReading> {
  const reading: ChainReading = { head: NO_LINK, breaks: [], units: [], files: [], purges: [], lastOfDay: 0 }
  const { breaks } = reading
  let key: string | undefined
  let known = trusted === undefined
  for await (const { n, body, hash } of links) {
    const before = reading.head
    if (n !== before.n + 1 || linkHash(before.hash, bodyHash(body)) !== hash) {
      // What follows stands on this link: nothing after it can be told from a forgery.
      breaks.push({ what: 'chain_altered', entry: before.n + 1 })
      return reading
    }
    reading.head = { n, hash }
    const entry = JSON.parse(body) as Entry
    switch (entry.kind) {
      case 'key':
        if (key !== undefined && !isVouchedFor(entry, key) && entry.key !== trusted) {
          breaks.push({ what: 'unknown_key', entry: n })
        }
        key = entry.key
        known ||= key === trusted
        break
      case 'signature':
        if (key === undefined || entry.key !== keyId(key) || !isSigned(entry, before, key)) {
          breaks.push({ what: 'bad_signature', entry: n })
        } else reading.signed = { entry: n, at: entry.at, key: entry.key }
        break
      case 'begin':
        if (n === 1) reading.begin = entry
        break
      default:
        if (entry.day !== day) break
        reading.lastOfDay = n
        if (entry.kind === 'unit') reading.units.push({ ...entry, entry: n })
        else if (entry.kind === 'file') reading.files.push({ ...entry, entry: n })
        else reading.purges.push(entry)
    }
  }
  if (!known) breaks.push({ what: 'unknown_key' })
  return reading
}
