import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

const [DOT, ZERO, NINE] = [46, 48, 57]
/** The longest text of an address: six groups and four octets of three digits. */
const CHARS_MAX = 45

/**
 * Writes the 32-bit words of an address, highest first, and gives how many: 1 for IPv4 and for IPv6 that maps it (RFC 4291
 * §2.5.5.2), 4 for other IPv6; 0 where the text is no address. No leading zeros, no zone.
 */
export function readAddress(text: string, words: Uint32Array): 0 | 1 | 4 {
  if (text.length > CHARS_MAX) return 0
  let [word, octet, digits, dots] = [0, 0, 0, 0]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= ZERO && code <= NINE && digits < 3 && !(digits > 0 && octet === 0)) {
      octet = octet * 10 + code - ZERO
      digits++
    } else if (code === DOT && digits > 0 && octet < 256 && dots < 3) {
      word = word * 256 + octet
      dots++
      octet = digits = 0
    } else return readIPv6(text, words)
  }
  if (dots !== 3 || digits === 0 || octet > 255) return 0
  words[0] = word * 256 + octet
  return 1
}

function readIPv6(text: string, words: Uint32Array): 0 | 1 | 4 {
  if (!text.includes(':') || text.includes('%') || !isIPv6(text)) return 0
  const address = ipaddr.process(text)
  const bytes = address.toByteArray()
  for (let i = 0; i < bytes.length; i += 4) {
    words[i >> 2] = ((bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!) >>> 0
  }
  return address.kind() === 'ipv4' ? 1 : 4
}

/** The bits of a word that belong to a prefix of `length` bits of which the first 32 × `index` lie in words before it. */
export function maskOf(length: number, index: number): number {
  const bits = Math.min(32, Math.max(0, length - 32 * index))
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
}
