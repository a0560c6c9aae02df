/**
 * An IP address as a text that sorts as addresses do: `4` and 8 hexadecimal digits, or `6` and 32; `null` where the text is
 * none. `::ffff:10.0.0.1` is the IPv4 address it maps (RFC 4291 §2.5.5.2). No leading zeros in IPv4, no zone, and no other
 * dotted digits inside IPv6: what is left is read the same by every engine.
 */
export function addressKey(text: string): string | null {
  const number = ipv4Of(MAPPED.test(text) ? text.slice('::ffff:'.length) : text)
  if (number >= 0) return `4${number.toString(16).padStart(8, '0')}`
  if (!IPV6.test(text)) return null
  const given = groups(text).length
  const whole = groups(text.toLowerCase().replace('::', `:${'0:'.repeat(Math.max(0, 8 - given))}`))
  return whole.length === 8 ? `6${whole.map((group) => group.padStart(4, '0')).join('')}` : null
}

/** The 32 bits of four numbers with dots between; below zero where the text is none. Asked for every text that begins with a digit. */
export function ipv4Of(text: string): number {
  if (text.length < 7 || text.length > 15) return -1
  let [address, octet, digits, octets] = [0, 0, 0, 1]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (digits === 0 || ++octets > 4) return -1
      // Multiplied, not shifted: a number of 32 bits may have a sign.
      address = address * 256 + octet
      octet = digits = 0
    } else {
      if (code < ZERO || code > NINE || (digits > 0 && octet === 0)) return -1
      octet = octet * 10 + code - ZERO
      digits++
      if (octet > 255) return -1
    }
  }
  return digits === 0 || octets < 4 ? -1 : address * 256 + octet
}

const [DOT, ZERO, NINE] = [0x2e, 0x30, 0x39]
const MAPPED = /^::[fF]{4}:/
const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const GROUPS = '[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*'
/** Also read by RE2. */
export const IPV4_PATTERN = `(::[fF]{4}:)?${OCTET}([.]${OCTET}){3}`
export const IPV6_PATTERN = `(${GROUPS})?(::(${GROUPS})?)?`
const IPV6 = new RegExp(`^${IPV6_PATTERN}$`)

function groups(text: string): string[] {
  return text.split(':').filter((group) => group !== '')
}

/** First and last key of a network in CIDR notation (RFC 4632); `null` where the text is none. */
export function networkOf(text: string): { gte: string; lte: string } | null {
  const [, address = '', length = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? []
  const key = addressKey(address)
  if (key === null) return null
  const digits = key.length - 1
  if (Number(length) > digits * 4) return null
  const free = BigInt(digits * 4 - Number(length))
  const first = (BigInt(`0x${key.slice(1)}`) >> free) << free
  const last = first | ((1n << free) - 1n)
  const written = (number: bigint): string => key[0]! + number.toString(16).padStart(digits, '0')
  return { gte: written(first), lte: written(last) }
}

/** First and last key of the addresses of the same family as `key`. */
export function familyOf(key: string): { gte: string; lte: string } {
  return key.startsWith('4')
    ? { gte: '400000000', lte: '4ffffffff' }
    : { gte: `6${'0'.repeat(32)}`, lte: `6${'f'.repeat(32)}` }
}
