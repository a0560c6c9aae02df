import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * A number that only this installation can read (AES-256-GCM, base64url), for a place in a sequence that runs through all agencies:
 * seen as it is, it would tell one agency how much happens at the others.
 */
export function seal(secret: Buffer, value: number): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce)
  const text = Buffer.concat([cipher.update(String(value).padStart(16, '0')), cipher.final()])
  return Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url')
}

/** Null where it was not sealed here. */
export function unseal(secret: Buffer, sealed: string): number | null {
  const bytes = Buffer.from(sealed.slice(0, 200), 'base64url')
  if (bytes.length !== 12 + 16 + 16) return null
  const cipher = createDecipheriv('aes-256-gcm', keyOf(secret), bytes.subarray(0, 12))
  cipher.setAuthTag(bytes.subarray(28))
  try {
    return Number(Buffer.concat([cipher.update(bytes.subarray(12, 28)), cipher.final()]).toString())
  } catch {
    return null
  }
}

function keyOf(secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'place in the history', 32))
}
