import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { isWithin } from '../access/addresses.ts'

const TIMEOUT_MS = 10_000
const ANSWER_BYTES_MAX = 64 * 1024

/** Why a request was not taken. */
export type PostError = 'bad_url' | 'private_target' | 'unresolved' | 'timeout' | 'connection' | 'refused'

/** Whether a request may go to that address: a public one, or one that the settings name. */
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

/**
 * Posts JSON to a URL outside. Every address that the name resolves to must be allowed, and the connection goes to one of those
 * that were checked, so that a name which answers otherwise the second time gains nothing. Redirects are not followed.
 * @returns the status and the beginning of the answer where it is a 2xx; else why not
 */
export async function post(
  target: { url: string; body: string; headers?: Record<string, string> },
  options: { allow: readonly string[]; resolve?: (host: string) => Promise<string[]> },
): Promise<{ status: number } | { error: PostError; status?: number; answer?: string }> {
  const { allow, resolve = addressesOf } = options
  const url = targetOf(target.url, allow)
  if (url === null) return { error: 'bad_url' }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) !== 0 ? [host] : await resolve(host).catch(() => [])
  const [address] = addresses
  if (address === undefined) return { error: 'unresolved' }
  if (!addresses.every((each) => isAllowedTarget(each, allow))) return { error: 'private_target' }

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
          'content-length': Buffer.byteLength(target.body),
          'user-agent': 'Vong-Gac',
          ...target.headers,
        },
      },
      (answer) => {
        const status = answer.statusCode ?? 0
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > ANSWER_BYTES_MAX) request.destroy()
          else chunks.push(chunk)
        })
        answer.on('close', () => {
          clearTimeout(late)
          const taken = status >= 200 && status < 300
          done(taken ? { status } : { error: 'refused', status, answer: Buffer.concat(chunks).toString() })
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
    request.end(target.body)
  })
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}
