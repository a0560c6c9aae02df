import type { EcsEvent } from '../../model/event.ts'
import { spoolOf } from '../admission.ts'
import type { LocalDatabase } from '../local/database.ts'
import { entriesOf, linkAt, signatureFrom, unitOf } from '../local/integrity.ts'
import type { Store } from '../store.ts'
import { bodyHash, type KeyEntry, type Link, linkHash, NO_LINK, type SignatureEntry, type UnitEntry } from './entry.ts'
import { isSigned, isVouchedFor, keyId } from './keys.ts'
import { type Evidence, leafOf, levelOf, type StoredRecord } from './leaf.ts'
import { pathOf, rootByPath } from './merkle.ts'
import { signChain } from './signing.ts'

/**
 * That one record stood in the log as it is quoted here: its raw line leads to the root of its unit, the root to a link of the chain,
 * the links after it to a head that is signed. Holds without the product and without any other record.
 */
export interface Proof {
  format: 1
  evidence: Evidence
  /** Place among the unit's records. */
  index: number
  /** Audit path (RFC 6962 §2.1.1), hex, nearest to the leaf first. */
  path: string[]
  /** The unit's entry, as its text stands in the chain, and the hash of the link before it. */
  unit: { n: number; body: string; before: string }
  /** Hashes of the bodies of the links between the unit and the signature. */
  after: string[]
  signature: SignatureEntry
  /** Keys up to the one that signed, the first first. */
  keys: KeyEntry[]
}

/** Why there is no proof of a record. */
export type Unproved = 'unknown' | 'not_complete' | 'not_intact' | 'before_the_chain'

export interface Place {
  record: string
  /** Of receipt. */
  day: string
  seq: number
  level: number
}

export function placeOf(event: EcsEvent): Place {
  return {
    record: event['soc.record'],
    day: event['event.ingested'].slice(0, 10),
    seq: event['soc.seq'],
    level: levelOf(event['soc.criticality']),
  }
}

/** The records of one unit, as the store has them now, with their leaves. */
interface UnitRecords {
  n: number
  own: StoredRecord[]
  leaves: Buffer[]
}

/**
 * Proves records one by one; the unit of the last one is remembered, so that those of one unit are best asked for after each other.
 * @param folder where the signing key is: what is not signed yet is signed now
 */
export function prover(
  store: Store,
  local: LocalDatabase,
  folder: string,
  at: string,
): (place: Place) => Promise<Proof | Unproved> {
  let last: UnitRecords | undefined
  const recordsOf = async (link: Link, { spool, day, level }: { spool: string; day: string; level: number }) => {
    if (last?.n === link.n) return last
    const { from, through } = JSON.parse(link.body) as UnitEntry
    const stored = []
    for (let first = from; first <= through; first += POSITIONS_AT_ONCE) {
      const end = Math.min(first + POSITIONS_AT_ONCE - 1, through)
      stored.push(...(await store.stored({ day, from: first, through: end, limit: RECORDS_MAX })))
    }
    const own = stored.filter((each) => each.spool === spool && each.level === level)
    last = { n: link.n, own, leaves: own.map(leafOf) }
    return last
  }
  return async ({ record, day, seq, level }) => {
    const spool = spoolOf(record, seq)
    if (spool === null) return 'unknown'
    const link = unitOf(local, spool, seq, level)
    if (link === undefined) {
      const begin = entriesOf(local, 'begin')[0]
      return begin?.spool === spool && seq < begin.from ? 'before_the_chain' : 'not_complete'
    }
    const { root, records } = JSON.parse(link.body) as UnitEntry
    const { own, leaves } = await recordsOf(link, { spool, day, level })
    const index = own.findIndex((each) => each.seq === seq)
    if (index < 0 || leaves.length !== records) return 'not_intact'
    const path = pathOf(leaves, index)
    if (rootByPath(leaves[index]!, index, records, path)?.toString('hex') !== root) return 'not_intact'

    signChain(local, folder, at)
    const signed = signatureFrom(local, link.n)!
    const after: string[] = []
    for (let n = link.n + 1; n < signed.n; n++) after.push(bodyHash(linkAt(local, n)!.body))
    const { record: name, receivedAt, source, agency, encoding, raw } = own[index]!
    return {
      format: 1,
      evidence: { record: name, receivedAt, source, agency, encoding, raw },
      index,
      path: path.map((hash) => hash.toString('hex')),
      unit: { n: link.n, body: link.body, before: linkAt(local, link.n - 1)?.hash ?? NO_LINK.hash },
      after,
      signature: JSON.parse(signed.body) as SignatureEntry,
      keys: entriesOf(local, 'key'),
    }
  }
}

const POSITIONS_AT_ONCE = 4_096
const RECORDS_MAX = 10_000

/**
 * What is wrong with a proof; `null` where it holds.
 * @param trusted public key (SPKI, base64) that was kept elsewhere
 */
export function faultOf(proof: Proof, trusted: string): string | null {
  const { evidence, index, path, unit, after, signature, keys } = proof
  const entry = JSON.parse(unit.body) as UnitEntry
  if (entry.kind !== 'unit') return 'the entry is no unit'
  const root = rootByPath(
    leafOf(evidence),
    index,
    entry.records,
    path.map((hash) => Buffer.from(hash, 'hex')),
  )
  if (root?.toString('hex') !== entry.root) return 'the record does not lead to the root of its unit'
  let head: Pick<Link, 'n' | 'hash'> = { n: unit.n, hash: linkHash(unit.before, bodyHash(unit.body)) }
  for (const hash of after) head = { n: head.n + 1, hash: linkHash(head.hash, hash) }
  const from = keys.findIndex(({ key }) => key === trusted)
  if (from < 0) return 'the trusted key is none of those that signed'
  let key = trusted
  for (const next of [undefined, ...keys.slice(from + 1)]) {
    if (next !== undefined) {
      if (!isVouchedFor(next, key)) return 'a key follows that the one before it does not vouch for'
      ;({ key } = next)
    }
    if (keyId(key) === signature.key) return isSigned(signature, head, key) ? null : 'the signature does not hold'
  }
  return 'the trusted key is newer than the one that signed'
}
