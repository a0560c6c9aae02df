import ipaddr from 'ipaddr.js'
import type { Encoding } from './encoding.ts'
import type { HealthSettings } from './health.ts'
import type { Period } from './period.ts'

/** Who sends: all conditions of `match` must hold, during the period. */
export interface Source extends Period {
  match: {
    /** Networks, any of which the socket's peer is in. */
    networks: Network[]
    /** SHA-256 fingerprint of the verified client certificate, lower-case hex. */
    certificate?: string
    /** Claimed host name, lower case; `*` stands for any characters. */
    hostname?: string
    /** What the sender calls its stream. */
    stream?: string
  }
  agency?: string
  system?: string
  /** What sends: `server`, `firewall`, `camera` … */
  kind?: string
  /** What its bytes are where they are not UTF-8. */
  encoding?: Encoding
  /** IANA zone of the times it writes without one. */
  timeZone?: string
  /** How it is judged, where that differs from the rest. */
  health?: Partial<HealthSettings>
}

export interface Network {
  /** The address as hex digits: 8 for IPv4, 32 for IPv6. */
  bits: string
  prefix: number
}

export interface Claim {
  /** The socket's peer. */
  address: string
  certificate?: string | undefined
  hostname?: string | undefined
  stream?: string | undefined
}

/** A source that matches, and how firmly. */
export interface Match {
  source: Source
  /** The socket or the TLS handshake vouches for the sender; a name in the log is only its own word. */
  vouched: boolean
}

/** RFC 5424 §6.2.4. A longer name matches nothing. */
export const HOSTNAME_MAX = 255

/** `10.0.0.0/8`, `2001:db8::1`; an IPv4-mapped IPv6 address is IPv4. `null` for anything else, and for bits beyond the prefix. */
export function parseNetwork(text: string): Network | null {
  const [address = '', length, ...rest] = text.split('/')
  const bits = addressBits(address)
  if (bits === null || rest.length > 0) return null
  const width = bits.length * 4
  if (length === undefined) return { bits, prefix: width }
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) return null
  const prefix = Number(length)
  return masked(bits, prefix) === bits ? { bits, prefix } : null
}

function addressBits(address: string): string | null {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return null
  return Buffer.from(ipaddr.process(address).toByteArray()).toString('hex')
}

/** The bits with everything after the prefix zero. */
function masked(bits: string, prefix: number): string {
  const digits = prefix >> 2
  const partial = prefix & 3
  const kept = bits.slice(0, digits)
  const edge = partial === 0 ? '' : (parseInt(bits[digits]!, 16) & (0xf0 >> partial) & 0xf).toString(16)
  return (kept + edge).padEnd(bits.length, '0')
}

/**
 * Linear match of a name against a pattern with `*`; the name is hostile, so no regular expression.
 * Both in lower case.
 */
export function matchesName(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return name === pattern
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false
  let at = head.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0 || found + part.length > name.length - tail.length) return false
    at = found + part.length
  }
  return true
}

/**
 * The sources that match a claim, in order of authority: a certificate first, then the longest prefix of an address, then
 * those with more conditions, then as listed. Compiled once: networks by prefix length and bits, so that a look-up costs one
 * hash per distinct prefix length whatever the number of sources.
 */
export function compileSources(sources: readonly Source[]): (claim: Claim, atMs: number) => Match[] {
  const byNetwork = new Map<string, Entry[]>()
  const prefixes = { 8: new Set<number>(), 32: new Set<number>() } // by hex digits of the family's addresses
  const unaddressed: Entry[] = []
  for (const [order, source] of sources.entries()) {
    if (source.match.networks.length === 0) unaddressed.push({ source, order, rank: rank(source, -1) })
    for (const { bits, prefix } of source.match.networks) {
      prefixes[bits.length as 8 | 32].add(prefix)
      const key = `${bits}/${prefix}`
      const entry = { source, order, rank: rank(source, prefix) }
      byNetwork.set(key, [...(byNetwork.get(key) ?? []), entry])
    }
  }

  return (claim, atMs) => {
    const bits = addressBits(claim.address)
    const lengths = bits === null ? [] : [...prefixes[bits.length as 8 | 32]]
    const addressed = lengths.flatMap((prefix) => byNetwork.get(`${masked(bits!, prefix)}/${prefix}`) ?? [])
    const name =
      claim.hostname !== undefined && claim.hostname.length <= HOSTNAME_MAX ? claim.hostname.toLowerCase() : undefined
    return [...addressed, ...unaddressed]
      .filter(({ source: { match, fromMs, toMs } }) => {
        const named = match.hostname === undefined || (name !== undefined && matchesName(match.hostname, name))
        const held = match.certificate === undefined || match.certificate === claim.certificate
        const streamed = match.stream === undefined || match.stream === claim.stream
        return named && held && streamed && fromMs <= atMs && atMs < toMs
      })
      .sort((a, b) => b.rank - a.rank || a.order - b.order)
      .map(({ source }) => ({
        source,
        vouched: source.match.networks.length > 0 || source.match.certificate !== undefined,
      }))
  }
}

interface Entry {
  source: Source
  /** Place in the file. */
  order: number
  rank: number
}

function rank({ match: { certificate, hostname, stream } }: Source, prefix: number): number {
  const named = Number(hostname !== undefined) + Number(stream !== undefined)
  return Number(certificate !== undefined) * 10_000 + (prefix + 1) * 10 + named
}
