import { createHmac } from 'node:crypto'
import { post, type PostError } from './post.ts'

/** Standard Webhooks: HMAC-SHA256 over id, timestamp and body, one signature for each secret. */
export function signatures(secrets: readonly string[], id: string, timestamp: number, body: string): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
    })
    .join(' ')
}

/** Posts a signed delivery; the receiver's own words are never kept. */
export async function send(
  delivery: { id: string; url: string; body: string; secrets: readonly string[] },
  options: { allow: readonly string[]; nowMs: number; resolve?: (host: string) => Promise<string[]> },
): Promise<{ status: number } | { error: PostError; status?: number }> {
  const { id, url, body, secrets } = delivery
  const timestamp = Math.floor(options.nowMs / 1_000)
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures(secrets, id, timestamp, body),
  }
  const outcome = await post({ url, body, headers }, options)
  if (!('error' in outcome)) return outcome
  const { error, status } = outcome
  return { error, ...(status !== undefined && { status }) }
}
