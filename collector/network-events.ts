import { parse as parseName } from 'tldts'
import type { EcsEvent } from '../model/event.ts'
import { addRelated, ipOf, put } from './fields.ts'

// What network sensors, name servers and proxies say in the same words.

/** RFC 1035 §2.3.4. */
const NAME_LENGTH_MAX = 253

/**
 * Sets `<prefix>.registered_domain`, `.top_level_domain` and `.subdomain` of a name, by the Public Suffix List (its private part
 * included: what is below `ssl.fastly.net` belongs to different people). A suffix that the list does not know gives nothing.
 */
export function putNameParts(event: EcsEvent, prefix: 'dns.question' | 'url', name: string): void {
  if (name.length > NAME_LENGTH_MAX || !name.includes('.')) return
  const parts = parseName(name.toLowerCase(), { allowPrivateDomains: true, validateHostname: false })
  if (parts.domain === null || (parts.isIcann !== true && parts.isPrivate !== true)) return
  put(event, `${prefix}.registered_domain`, parts.domain)
  put(event, `${prefix}.top_level_domain`, parts.publicSuffix ?? undefined)
  put(event, `${prefix}.subdomain`, parts.subdomain ?? undefined)
}

/** Sets what was asked of the DNS; the root's dot at the end of a name is not part of it. */
export function putQuestion(event: EcsEvent, asked: string, type?: string, dnsClass?: string): void {
  const name = asked.length > 1 && asked.endsWith('.') ? asked.slice(0, -1) : asked
  put(event, 'dns.question.name', name)
  put(event, 'dns.question.type', type)
  put(event, 'dns.question.class', dnsClass)
  putNameParts(event, 'dns.question', name)
  if (name !== '.') addRelated(event, 'related.hosts', name)
}

/**
 * Sets `url.original` and its parts, of an absolute URL or of a path; the authority of CONNECT is a domain and a port.
 * Percent-encoding stays as logged.
 */
export function putUrl(event: EcsEvent, url: string | undefined): void {
  if (url === undefined || url === '') return
  put(event, 'url.original', url)
  const absolute =
    /^([a-z][a-z0-9+.-]{0,20}):\/\/(?:([^/?#@\s]{0,255})@)?(\[[0-9a-f:.]{2,45}\]|[^/?#:\s]{1,255})(?::(\d{1,5}))?/i.exec(
      url,
    )
  let path = url
  if (absolute !== null) {
    event['url.full'] = url
    event['url.scheme'] = absolute[1]!.toLowerCase()
    put(event, 'url.username', absolute[2]?.split(':', 1)[0])
    event['url.domain'] = absolute[3]!.replace(/^\[|\]$/g, '')
    if (absolute[4] !== undefined) event['url.port'] = Number(absolute[4])
    path = url.slice(absolute[0].length)
  } else if (!url.startsWith('/')) {
    const authority = /^([^/?#:\s]{1,255}|\[[0-9a-f:.]{2,45}\]):(\d{1,5})$/i.exec(url)
    if (authority === null) return
    event['url.domain'] = authority[1]!.replace(/^\[|\]$/g, '')
    event['url.port'] = Number(authority[2])
    return
  }
  putPath(event, path)
}

/** Sets what follows the host in an address. */
export function putPath(event: EcsEvent, text: string): void {
  let path = text
  const hash = path.indexOf('#')
  if (hash >= 0) put(event, 'url.fragment', path.slice(hash + 1))
  if (hash >= 0) path = path.slice(0, hash)
  const question = path.indexOf('?')
  if (question >= 0) put(event, 'url.query', path.slice(question + 1))
  if (question >= 0) path = path.slice(0, question)
  put(event, 'url.path', path)
  put(event, 'url.extension', /\.([A-Za-z0-9]{1,16})$/.exec(path.slice(-18))?.[1])
}

/** Sets `<side>.domain` for a name and nothing for an address, which that side has already. */
export function putDomain(event: EcsEvent, field: string, name: string): void {
  if (name !== '' && name !== '-' && ipOf(name) === undefined) event[field] = name
}

const VERSION = /^(SSL|TLS)\s?v?(\d)(?:\.?(\d))?/i

/** `TLSv12`, `TLS 1.2` and `TLSv1.2` are version 1.2 of `tls`. */
export function putTlsVersion(event: EcsEvent, text: string): void {
  const version = VERSION.exec(text)
  if (version === null) return
  event['tls.version'] = `${version[2]!}.${version[3] ?? '0'}`
  event['tls.version_protocol'] = version[1]!.toLowerCase()
}

/** Sets a certificate's owner and issuer, whole and by common name (RFC 4514 strings). */
export function putCertificate(event: EcsEvent, side: 'client' | 'server', subject?: string, issuer?: string): void {
  for (const [kind, name] of [
    ['subject', subject],
    ['issuer', issuer],
  ] as const) {
    if (name === undefined) continue
    put(event, `tls.${side}.${kind}`, name)
    put(event, `tls.${side}.x509.${kind}.common_name`, /(?:^|[,/] ?)CN=([^,/]{1,256})/.exec(name.slice(0, 2_048))?.[1])
  }
}
