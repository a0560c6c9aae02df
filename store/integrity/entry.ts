import { hash } from 'node:crypto'

/** Where the chain begins: what the store had before is not in it. */
export interface BeginEntry {
  kind: 'begin'
  spool: string
  /** First position. */
  from: number
  at: string
}

/** A unit as the chain has it; `marks` says where its marks lie in the day's file. */
export interface UnitEntry {
  kind: 'unit'
  spool: string
  day: string
  level: number
  from: number
  through: number
  records: number
  /** Merkle root, lower-case hex. */
  root: string
  marks: { at: number; bytes: number }
}

/** A sealed file of the embedded store, whole: also what is no part of a raw line is as it was. */
export interface FileEntry {
  kind: 'file'
  day: string
  /** As of a purge. */
  levels: string
  path: string
  sha256: string
}

/** Records of a day of receipt and of these levels were deleted, as the policy says. Written before they are. */
export interface PurgeEntry {
  kind: 'purge'
  day: string
  /** Digits, `0` for records of no level: `012345` is the whole day. */
  levels: string
  at: string
  /** Days that they were to be kept. */
  keptDays: number
}

/** From here on another key signs. */
export interface KeyEntry {
  kind: 'key'
  at: string
  /** SubjectPublicKeyInfo, DER, base64. */
  key: string
  /** By the key before it; absent for the first. */
  signature?: string
}

/** Everything before this entry, signed. */
export interface SignatureEntry {
  kind: 'signature'
  at: string
  /** `keyId` of the key. */
  key: string
  signature: string
}

export type Entry = BeginEntry | UnitEntry | FileEntry | PurgeEntry | KeyEntry | SignatureEntry

/** A link of the chain. `body` is an entry as JSON: what is hashed is the text that is kept. */
export interface Link {
  n: number
  body: string
  /** Lower-case hex. */
  hash: string
}

/** Where a chain begins. */
export const NO_LINK: Pick<Link, 'n' | 'hash'> = { n: 0, hash: '' }

/**
 * A link's hash covers the one before it and the hash of its own body, so that a body can be left out of a proof. The leading octet
 * sets it apart from leaves and nodes of trees.
 */
export function linkHash(before: string, bodyHash: string): string {
  return hash('sha256', `\u0002${before}\n${bodyHash}`)
}

export function bodyHash(body: string): string {
  return hash('sha256', body)
}

export function linkAfter({ n, hash: before }: Pick<Link, 'n' | 'hash'>, entry: Entry): Link {
  const body = JSON.stringify(entry)
  return { n: n + 1, body, hash: linkHash(before, bodyHash(body)) }
}
