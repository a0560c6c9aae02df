import type { EcsEvent } from '../../model/event.ts'
import { normalUrl } from './normal.ts'

/** Fields in which indicators are looked for. What only names the machine that logs (`host.ip`) is not among them. */
export const ADDRESS_FIELDS = [
  'source.ip',
  'destination.ip',
  'client.ip',
  'server.ip',
  'source.nat.ip',
  'destination.nat.ip',
  'dns.resolved_ip',
] as const
export const DOMAIN_FIELDS = [
  'dns.question.name',
  'url.domain',
  'destination.domain',
  'server.domain',
  'source.domain',
  'client.domain',
  'tls.client.server_name',
] as const
/** Written out: a name put together at run time costs each look-up more. */
export const HASH_FIELDS = [
  'file.hash.md5',
  'file.hash.sha1',
  'file.hash.sha256',
  'process.hash.md5',
  'process.hash.sha1',
  'process.hash.sha256',
  'process.parent.hash.md5',
  'process.parent.hash.sha1',
  'process.parent.hash.sha256',
  'dll.hash.md5',
  'dll.hash.sha1',
  'dll.hash.sha256',
  'email.attachments.file.hash.md5',
  'email.attachments.file.hash.sha1',
  'email.attachments.file.hash.sha256',
  'related.hash',
] as const
export const URL_FIELDS = ['url.full', 'url.original'] as const

/** Of one list of values. */
const VALUES_MAX = 64

/** Calls `each` with the texts of a field: its value, or the first ones of its list. */
export function eachText(event: EcsEvent, field: string, each: (text: string) => void): void {
  const value = event[field]
  if (typeof value === 'string') each(value)
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length && i < VALUES_MAX; i++) {
      const one = value[i]
      if (typeof one === 'string') each(one)
    }
  }
}

/** The link of a field in its normal form; a web server's log has the host beside it. Null where there is none. */
export function urlOf(event: EcsEvent, text: string): string | null {
  if (!text.startsWith('/')) return text.includes('/') ? normalUrl(text) : null
  const host = event['url.domain']
  if (typeof host !== 'string') return null
  const port = event['url.port']
  return normalUrl(
    `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}${typeof port === 'number' ? `:${port}` : ''}${text}`,
  )
}
