import type { KeyObject } from 'node:crypto'
import type { LocalDatabase } from '../local/database.ts'
import { addToChain, chainEnd, entriesOf } from '../local/integrity.ts'
import { inTransaction } from '../local/transaction.ts'
import type { Entry } from './entry.ts'
import { adoptKey, announceKey, makeKey, publicOf, readKeys, signHead } from './keys.ts'

/**
 * Signs the end of the chain, unless it is signed. The first time it makes the key, which is announced in the chain.
 * @returns whether the key that signs is another than the chain announced last, and none that it vouches for
 */
export function signChain(db: LocalDatabase, folder: string, at: string): { replaced: boolean } {
  return inTransaction(db, () => {
    const { key, replaced } = currentKey(db, folder, at)
    const end = chainEnd(db)
    const last = end.n === 0 ? undefined : (JSON.parse(end.body) as Entry)
    if (last !== undefined && last.kind !== 'signature') addToChain(db, [signHead(key, end, at)])
    return { replaced }
  })
}

/** Another key from here on, for which the one before it vouches. */
export function rotateKey(db: LocalDatabase, folder: string, at: string): KeyObject {
  return inTransaction(db, () => {
    const { key: former } = currentKey(db, folder, at)
    const next = makeKey(folder)
    addToChain(db, [announceKey(next, former, at)])
    return next
  })
  // The file takes its place with the next signature, when the announcement is durable.
}

function currentKey(db: LocalDatabase, folder: string, at: string): { key: KeyObject; replaced: boolean } {
  const announced = entriesOf(db, 'key').at(-1)?.key
  const { current, next } = readKeys(folder)
  if (next !== null && publicOf(next) === announced) {
    adoptKey(folder)
    return { key: next, replaced: false }
  }
  if (current !== null && publicOf(current) === announced) return { key: current, replaced: false }
  // The very first, or one that was lost or put there by hand: nobody vouches for it, and verifying says so.
  const key = current ?? makeKey(folder)
  if (current === null) adoptKey(folder)
  addToChain(db, [announceKey(key, null, at)])
  return { key, replaced: announced !== undefined }
}
