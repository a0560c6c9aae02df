import { parse } from 'tldts'
import type { EcsEvent } from '../model/event.ts'
import { communityId } from './community-id.ts'
import { addRelated, ipOf, put } from './fields.ts'

// What network sensors, name servers and proxies say in the same words.

/**
 * Sets `network.community_id` from the addresses, ports and transport that the event has; ICMP has a type and a code
 * instead of ports.
 */
export function putCommunityId(
  event: EcsEvent,
  icmp: { type?: number | undefined; code?: number | undefined } = {},
): void {
  const [ip, ip2, transport] = [event['source.ip'], event['destination.ip'], event['network.transport']]
  if (typeof ip !== 'string' || typeof ip2 !== 'string' || typeof transport !== 'string') return
  const messages = transport === 'icmp' || transport === 'ipv6-icmp'
  const [from, to] = messages ? [icmp.type, icmp.code] : [event['source.port'], event['destination.port']]
  const port = typeof from === 'number' ? from : undefined
  const port2 = typeof to === 'number' ? to : undefined
  put(event, 'network.community_id', communityId(transport, { ip, port }, { ip: ip2, port: port2 }))
}

/** Sets what was asked of the DNS; the root's dot at the end of a name is not part of it. */
export function putQuestion(event: EcsEvent, name: string, type?: string, dnsClass?: string): void {
  const host = name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name
  put(event, 'dns.question.name', host)
  put(event, 'dns.question.type', type)
  put(event, 'dns.question.class', dnsClass)
  if (host === '' || host === '.') return
  addRelated(event, 'related.hosts', host)
  putSuffix(event, 'dns.question', host)
}

/**
 * Sets `<prefix>.registered_domain`, `.top_level_domain` and `.subdomain` by the public suffix list; nothing where a name has no
 * suffix that is known, as inside a network.
 */
function putSuffix(event: EcsEvent, prefix: string, host: string): void {
  const { domain, publicSuffix, subdomain, isIcann, isPrivate } = parse(host, SUFFIXES)
  if (domain === null || (isIcann !== true && isPrivate !== true)) return
  event[`${prefix}.registered_domain`] = domain
  put(event, `${prefix}.top_level_domain`, publicSuffix ?? undefined)
  put(event, `${prefix}.subdomain`, subdomain ?? undefined)
}

const SUFFIXES = { allowPrivateDomains: true, validateHostname: false, extractHostname: false, detectIp: true }

/**
 * Sets `url.original` and its parts, of an absolute URL or of a path; the authority of CONNECT is a domain and a port.
 * Percent-encoding stays as logged.
 */
export function putUrl(event: EcsEvent, url: string): void {
  put(event, 'url.original', url)
  const absolute =
    /^([a-z][a-z0-9+.-]{0,20}):\/\/(?:([^/?#@\s]{0,255})@)?(\[[0-9a-f:.]{2,45}\]|[^/?#:\s]{1,255})(?::(\d{1,5}))?/i.exec(
      url,
    )
  let path = url
  if (absolute !== null) {
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
