import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { isWithin } from '../access/addresses.ts'

const TIMEOUT_MS = 10_000
const ANSWER_BYTES_MAX = 64 * 1024

/** Why a delivery was not taken; the receiver's own words are never kept. */
export type SendError = 'bad_url' | 'private_target' | 'unresolved' | 'timeout' | 'connection' | 'refused'

/** Whether a webhook may go to that address: a public one, or one that the settings name. */
export function isAllowedTarget(address: string, allow: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false
  return ipaddr.process(address).range() === 'unicast' || isWithin(address, allow)
}

/** An `http(s)` URL without credentials; null otherwise. An address written in it must be allowed. */
export function targetOf(url: string, allow: readonly string[]): URL | null {
  if (!URL.canParse(url)) return null
  const target = new URL(url)
  if (!['http:', 'https:'].includes(target.protocol) || target.username !== '' || target.password !== '') return null
  const host = target.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && !isAllowedTarget(host, allow) ? null : target
}

/** Standard Webhooks: HMAC-SHA256 over id, timestamp and body, one signature for each secret. */
export function signatures(secrets: readonly string[], id: string, timestamp: number, body: string): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
    })
    .join(' ')
}

/**
 * Posts a delivery. Every address that the name resolves to must be allowed, and the connection goes to one of those that were
 * checked, so that a name which answers otherwise the second time gains nothing. Redirects are not followed.
 */
export async function send(
  delivery: { id: string; url: string; body: string; secrets: readonly string[] },
  options: { allow: readonly string[]; nowMs: number; resolve?: (host: string) => Promise<string[]> },
): Promise<{ status: number } | { error: SendError; status?: number }> {
  const { allow, resolve = addressesOf } = options
  const url = targetOf(delivery.url, allow)
  if (url === null) return { error: 'bad_url' }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) !== 0 ? [host] : await resolve(host).catch(() => [])
  const [address] = addresses
  if (address === undefined) return { error: 'unresolved' }
  if (!addresses.every((each) => isAllowedTarget(each, allow))) return { error: 'private_target' }

  const timestamp = Math.floor(options.nowMs / 1_000)
  const pinned: LookupFunction = (_host, { all }, found) => {
    const family = isIP(address)
    if (all === true) found(null, [{ address, family }])
    else found(null, address, family)
  }
  return new Promise((done) => {
    const request = (url.protocol === 'https:' ? https : http).request(
      url,
      {
        method: 'POST',
        lookup: pinned,
        agent: false,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(delivery.body),
          'user-agent': 'Vong-Gac',
          'webhook-id': delivery.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signatures(delivery.secrets, delivery.id, timestamp, delivery.body),
        },
      },
      (answer) => {
        const status = answer.statusCode ?? 0
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > ANSWER_BYTES_MAX) request.destroy()
        })
        answer.on('close', () => {
          clearTimeout(late)
          done(status >= 200 && status < 300 ? { status } : { error: 'refused', status })
        })
      },
    )
    let timedOut = false
    const late = setTimeout(() => {
      timedOut = true
      request.destroy()
    }, TIMEOUT_MS)
    request.on('error', () => {
      clearTimeout(late)
      done({ error: timedOut ? 'timeout' : 'connection' })
    })
    request.end(delivery.body)
  })
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}
