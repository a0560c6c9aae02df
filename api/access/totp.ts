import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** RFC 6238 with what every authenticator app takes: SHA-1, 6 digits, 30 seconds. */
const STEP_MS = 30_000
const DIGITS = 6
const SECRET_BYTES = 20
/** Steps to either side: a phone's clock is never quite right. */
const SKEW_STEPS = 1
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A new secret, base32 (RFC 4648) without padding. */
export function newTotpSecret(): string {
  const bits = [...randomBytes(SECRET_BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits
    .match(/.{5}/g)!
    .map((five) => ALPHABET[Number.parseInt(five, 2)]!)
    .join('')
}

function bytesOf(secret: string): Buffer {
  const bits = Array.from(secret, (char) => ALPHABET.indexOf(char).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g)?.map((eight) => Number.parseInt(eight, 2)) ?? [])
}

/** The code of a step, RFC 4226 §5.3. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest()
  const at = mac[mac.length - 1]! & 15
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** The step whose code this is, later than `usedStep`: a code is good once. Null where it is none. */
export function totpStep(secret: string, code: string, usedStep: number, nowMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const now = Math.floor(nowMs / STEP_MS)
  let found: number | null = null
  for (let step = now - SKEW_STEPS; step <= now + SKEW_STEPS; step++) {
    const right = timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code))
    if (right && step > usedStep) found = step
  }
  return found
}

/** What an authenticator app reads from a QR code. */
export function totpUri(secret: string, userName: string): string {
  const label = encodeURIComponent(`Vọng Gác:${userName}`)
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent('Vọng Gác')}`
}
