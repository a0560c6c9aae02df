import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { RuleError } from '../errors.ts'
import { notFor, type Modifier } from '../modifier.ts'
import { PRESENT, wholeText } from '../test.ts'

/** An address as text, also in brackets or with a zone; IPv4-mapped IPv6 is the IPv4 address. Null where it is none. */
function readAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (text.length > 64) return null
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/(?<=:.*)%[\w.-]+$/, '')
  return isIP(bare) === 0 || bare.includes('%') ? null : ipaddr.process(bare)
}

/** Sigma spec, «cidr»: the field is an address of the network, IPv4 or IPv6; anything else never matches. */
export default {
  value(value) {
    if (value.kind !== 'text' || value.raw === undefined) throw notFor('cidr', value)
    const [address = '', length, extra] = value.raw.split('/')
    const network = readAddress(address)
    const bits = network?.kind() === 'ipv4' ? 32 : 128
    const written = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : -1
    // Of a network of IPv4-mapped addresses the prefix counts from the start of the IPv6 address.
    const prefix = bits === 32 && address.includes(':') && length !== undefined ? written - 96 : written
    if (network === null || extra !== undefined || prefix < 0 || prefix > bits) {
      throw new RuleError('bad_value', `'${value.raw}' is no IPv4 or IPv6 network`)
    }
    const bytes = network.toByteArray()
    const stray = bytes.some((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, prefix - i * 8))) & 0xff) !== 0)
    if (stray) throw new RuleError('bad_value', `'${value.raw}' has bits set beyond its prefix`)
    return {
      kind: 'test',
      test: {
        about: 'value',
        key: `cidr:${network.toNormalizedString()}/${prefix}`,
        holds(subject) {
          const field = readAddress(subject.text)
          if (field === null || field.kind() !== network.kind()) return false
          return (field as ipaddr.IPv6).match(network, prefix)
        },
        gates: PRESENT,
        find: wholeText,
      },
    }
  },
} satisfies Modifier
