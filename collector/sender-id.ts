import { createHash } from 'node:crypto'

/** A longer name is kept as its digest. */
const NAME_BYTES_MAX = 512

/** The identity that a sender gives a record, for `Frame.senderId`. @param kind whose namespace `name` is from */
export function senderId(kind: string, name: string): string {
  const short = Buffer.byteLength(name) <= NAME_BYTES_MAX
  return `${kind} ${short ? name : createHash('sha256').update(name).digest('base64url')}`
}
