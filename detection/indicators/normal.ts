import { domainToASCII } from 'node:url'
import ipaddr from 'ipaddr.js'
import { getPublicSuffix } from 'tldts'
import type { Indicator, IndicatorKind } from './indicator.ts'

const DOMAIN_CHARS_MAX = 253
const URL_CHARS_MAX = 2_000
const LABELS = /^(?=[^]*[a-z])[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)+$/
/** Wider networks would name whole countries. */
const PREFIX_MIN = { ipv4: 8, ipv6: 16 }

export type Refused = 'bad_value' | 'unknown_kind' | 'too_broad'
type Named = Pick<Indicator, 'kind' | 'value'>

/** What a feed's text names, in one spelling, or why it names nothing that is looked for. Without `kind` it is guessed. */
export function normalIndicator(text: string, kind?: IndicatorKind): Named | Refused {
  const written = refanged(text.trim())
  const found = kind ?? kindOf(written)
  if (found === null) return 'unknown_kind'
  const value = NORMAL[found](written)
  if (value === null) return 'bad_value'
  if (value === TOO_BROAD) return 'too_broad'
  return { kind: found, value }
}

/** The values of which an indicator would match this one: a name and those above it, an address or network and what it lies in. */
export function valuesAround({ kind, value }: Named): string[] {
  if (kind === 'domain') {
    const labels = value.split('.')
    return labels.slice(0, -1).map((_, first) => labels.slice(first).join('.'))
  }
  if (kind !== 'ip') return [value]
  const [first = '', bits] = value.split('/')
  const family = ipaddr.parse(first).kind()
  const narrowest = Number(bits ?? (family === 'ipv4' ? 32 : 128))
  const wider = Array.from({ length: narrowest - PREFIX_MIN[family] }, (_, i) => `${first}/${narrowest - 1 - i}`)
  return [value, ...wider.flatMap((network) => networkIndicator(network) ?? [])]
}

/** Analysts write `hxxp://evil[.]example` so that nobody clicks on it. */
function refanged(text: string): string {
  return text.replace(/^hxxp/i, 'http').replaceAll(/\[(\.|:)\]|\((\.)\)/g, '$1$2')
}

function kindOf(text: string): IndicatorKind | null {
  if (text.includes('://')) return 'url'
  if (normalHash(text) !== null) return 'hash' // first: an address can be written as one number
  if (ipaddr.isValid(text) || ipaddr.isValidCIDR(text)) return 'ip'
  if (text.includes('/')) return 'url'
  return text.includes('.') ? 'domain' : null
}

/** Instead of a value; no value has a blank. */
const TOO_BROAD = 'too broad'

const NORMAL: Record<IndicatorKind, (text: string) => string | null> = {
  ip: networkIndicator,
  domain: (text) => {
    const name = normalDomain(text.replace(/^\*?\./, ''))
    if (name === null || !LABELS.test(name)) return null
    return getPublicSuffix(name) === name ? TOO_BROAD : name
  },
  url: normalUrl,
  hash: normalHash,
}

/** An address, or a network with the bits behind its prefix zero. */
function networkIndicator(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.isValid(text))) {
    return ipaddr.process(text).toString()
  }
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && !ipaddr.IPv6.isValidCIDR(text)) return null
  const [address, prefix] = ipaddr.parseCIDR(text)
  if (prefix < PREFIX_MIN[address.kind()]) return TOO_BROAD
  if (prefix === (address.kind() === 'ipv4' ? 32 : 128)) return ipaddr.process(address.toString()).toString()
  const first =
    address.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text)
  return `${first.toString()}/${prefix}`
}

/** Lower case, in ASCII (RFC 5891), without the root's dot; null where it is no name. */
export function normalDomain(text: string): string | null {
  let name = text
  if (isAscii(text)) name = text.toLowerCase()
  else {
    if (text.length > DOMAIN_CHARS_MAX) return null
    name = domainToASCII(text)
  }
  if (name.endsWith('.')) name = name.slice(0, -1)
  return name === '' || name.length > DOMAIN_CHARS_MAX ? null : name
}

/** Digits of MD5, SHA-1 and SHA-256. */
const HASH_CHARS: ReadonlySet<number> = new Set([32, 40, 64])

export function normalHash(text: string): string | null {
  return HASH_CHARS.has(text.length) && /^[0-9a-fA-F]+$/.test(text) ? text.toLowerCase() : null
}

/**
 * Host in lower case, port where it is not the scheme's own, path and query; no scheme, since a link is the same danger with
 * both, and no fragment, since none is ever sent. Null where there is no host.
 */
export function normalUrl(text: string): string | null {
  if (text.length > URL_CHARS_MAX) return null
  const scheme = text.indexOf('://')
  const from = scheme < 0 ? 0 : scheme + 3
  const fragment = text.indexOf('#', from)
  const whole = fragment < 0 ? text.slice(from) : text.slice(from, fragment)
  const end = whole.search(/[/?\\]/)
  const authority = (end < 0 ? whole : whole.slice(0, end)).replace(/^.*@/, '')
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? []
  const name = host.startsWith('[') ? host.toLowerCase() : normalDomain(host)
  if (name === null || !/^[\w.[\]:-]+$/.test(name)) return null
  const rest = end < 0 ? '/' : `${whole[end] === '?' ? '/' : ''}${whole.slice(end)}`
  const shown = port === '' || port === '80' || port === '443' ? '' : `:${port}`
  const url = `${name}${shown}${rest}`
  if (isAscii(url)) return /[\0- \x7f]/.test(url) ? url.replace(/[\0- \x7f]/g, encoded) : url
  return /\p{Cs}/u.test(url) ? null : url.replace(/[^!-~]+/g, encoded)
}

function encoded(text: string): string {
  return encodeURIComponent(text)
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}
