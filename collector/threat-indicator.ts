import type { EcsEvent } from '../model/event.ts'
import { addRelated, ipOf, put } from './fields.ts'
import type { Zone } from './time.ts'
import { isoTime, parseEpoch, parseIso } from './time.ts'

// Feeds of indicators (MISP, OTX, abuse.ch, Anomali) as ECS has them: `threat.indicator.*`, one indicator an event. They are knowledge and
// not something that happened: `event.kind` is `enrichment`.

/** What is at the end of an ECS name below `threat.indicator`, by the kind of the value. */
const FIELDS: { readonly [kind: string]: string } = {
  md5: 'file.hash.md5',
  sha1: 'file.hash.sha1',
  sha224: 'file.hash.sha224',
  sha256: 'file.hash.sha256',
  sha384: 'file.hash.sha384',
  sha512: 'file.hash.sha512',
  ssdeep: 'file.hash.ssdeep',
  tlsh: 'file.hash.tlsh',
  imphash: 'file.pe.imphash',
  filename: 'file.name',
  email: 'email.address',
  registry: 'registry.key',
}

export function putFeed(event: EcsEvent, dataset: string): void {
  event['event.dataset'] = dataset
  event['event.kind'] = 'enrichment'
  event['event.category'] = ['threat']
  event['event.type'] = ['indicator']
}

/**
 * Sets one indicator and its type (STIX 2.0's names, as ECS asks). `kind`: `ip`, `domain`, `url`, or one of a file, mail or registry;
 * any other leaves the value to the caller.
 */
export function putIndicator(event: EcsEvent, kind: string, value: string): void {
  if (kind === 'ip') {
    const ip = ipOf(value)
    if (ip === undefined) return
    event['threat.indicator.ip'] = ip
    event['threat.indicator.type'] ??= ip.includes(':') ? 'ipv6-addr' : 'ipv4-addr'
  } else if (kind === 'domain') {
    put(event, 'threat.indicator.url.domain', value)
    event['threat.indicator.type'] ??= 'domain-name'
  } else if (kind === 'url') putIndicatorUrl(event, value)
  else {
    const field = Object.hasOwn(FIELDS, kind) ? FIELDS[kind]! : undefined
    if (field === undefined) return
    put(event, `threat.indicator.${field}`, value)
    event['threat.indicator.type'] ??= field.startsWith('file.')
      ? 'file'
      : field.startsWith('email.')
        ? 'email-addr'
        : 'windows-registry-key'
    if (/^file\.(?:hash|pe\.imphash)/.test(field)) addRelated(event, 'related.hash', value)
  }
}

function putIndicatorUrl(event: EcsEvent, url: string): void {
  event['threat.indicator.type'] ??= 'url'
  put(event, 'threat.indicator.url.original', url)
  const parts =
    /^([a-z][a-z0-9+.-]{0,20}):\/\/(?:[^/?#@\s]{0,255}@)?(\[[0-9a-f:.]{2,45}\]|[^/?#:\s]{1,255})(?::(\d{1,5}))?([^?#\s]{0,4096})(?:\?([^#]{0,4096}))?/i.exec(
      url,
    )
  if (parts === null) return
  event['threat.indicator.url.full'] = url
  event['threat.indicator.url.scheme'] = parts[1]!.toLowerCase()
  const host = parts[2]!.replace(/^\[|\]$/g, '')
  event['threat.indicator.url.domain'] = host
  put(event, 'threat.indicator.ip', ipOf(host))
  if (parts[3] !== undefined) event['threat.indicator.url.port'] = Number(parts[3])
  put(event, 'threat.indicator.url.path', parts[4])
  put(event, 'threat.indicator.url.query', parts[5])
  put(event, 'threat.indicator.url.extension', /\.([A-Za-z0-9]{1,16})$/.exec(parts[4]!.slice(-18))?.[1])
}

/** Sets a time of a feed: ISO, with a blank and without zone (UTC) or with the word, or an epoch in seconds as text. */
export function putSeen(event: EcsEvent, field: string, value: unknown): void {
  const ms = feedTime(value)
  if (ms !== undefined) event[field] = isoTime(ms)
}

const UTC: Zone = { offsetMs: () => 0 }

export function feedTime(value: unknown): number | undefined {
  if (typeof value === 'number') return parseEpoch(value)
  if (typeof value !== 'string' || value === '') return undefined
  return /^\d{1,19}$/.test(value) ? parseEpoch(Number(value)) : parseIso(value, UTC)
}

/** ECS's words for a confidence of 0 to 100 (the scale of STIX 2.1, appendix A: None, Low, Med, High). */
export function confidenceWord(percent: number): 'None' | 'Low' | 'Medium' | 'High' {
  if (percent < 1) return 'None'
  return percent < 30 ? 'Low' : percent < 70 ? 'Medium' : 'High'
}
