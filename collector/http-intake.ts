import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Frame, Origin } from '../model/record.ts'
import type { Authenticate, InputContext } from './input.ts'
import { bytesOf } from './quota.ts'
import { SpoolError, type SpoolErrorCode } from './spool/errors.ts'

/** Why a request is not taken now though nothing is wrong with it: the sender has to send the same again. */
export interface Later {
  status: 429 | 503
  code: 'over_quota' | SpoolErrorCode
  detail: string
  retryAfterSeconds: number
}

/**
 * Takes all frames of a request, whose sender is `from`, or none. Resolves when they are durable, with the position of the
 * last one; what the sender could then not be told is counted.
 */
export async function takeFrames(
  frames: readonly Frame[],
  from: Origin,
  res: ServerResponse,
  context: InputContext,
): Promise<number | Later> {
  const { quotas, spool, tally } = context
  // Asked again: others of its agency may have used the quota up while the body came in.
  const waitMs = quotas.ask(from, 'refused')
  if (waitMs > 0) return overQuota(waitMs)
  const bytes = bytesOf(frames)
  quotas.charge(from, frames.length, bytes)
  let through: number
  try {
    through = await spool.append(frames)
  } catch (error) {
    quotas.charge(from, -frames.length, -bytes)
    if (!(error instanceof SpoolError)) throw error
    return spoolRefuses(error)
  }
  tally.received(frames)
  const unacknowledged = (): void => {
    if (!res.writableFinished) for (const { origin } of frames) tally.unacknowledged(origin, 1)
  }
  if (res.destroyed) unacknowledged()
  else res.once('close', unacknowledged)
  return through
}

/** Whether anything of this sender's would be taken now; asked before a byte of the body is read. */
export function refuseForNow(from: Origin, { quotas, spool }: InputContext): Later | null {
  const refusal = spool.refusal()
  if (refusal !== null) return spoolRefuses(refusal)
  const waitMs = quotas.ask(from, 'refused')
  return waitMs === 0 ? null : overQuota(waitMs)
}

/** More is coming in than can be held. */
export const OVERLOADED: Later = {
  status: 429,
  code: 'overloaded',
  detail: 'more is coming in than the disk can take: nothing was stored, send it again',
  retryAfterSeconds: 1,
}

function overQuota(waitMs: number): Later {
  return {
    status: 429,
    code: 'over_quota',
    detail: 'more than the quota of the agency: nothing was stored, send it again',
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  }
}

function spoolRefuses({ code }: SpoolError): Later {
  if (code === 'overloaded') return OVERLOADED
  const detail =
    code === 'disk_full'
      ? 'the disk is full: nothing was stored, send it again'
      : 'the log cannot be written: whether anything was stored is not known, send it again'
  return { status: 503, code, detail, retryAfterSeconds: 10 }
}

/** Whose the token of a request is. */
export async function senderOf(
  { headers }: IncomingMessage,
  address: string,
  authenticate: Authenticate,
): Promise<{ agency: string } | null> {
  for (const token of tokensIn(headers.authorization)) {
    const sender = await authenticate(token, address)
    if (sender !== null) return sender
  }
  return null
}

/**
 * What may be the token in an Authorization header. Shippers are configured with `id:key` or user and password and send them
 * in base64; the token is what stands behind the colon, whatever they call the rest.
 */
export function tokensIn(authorization: string | undefined): string[] {
  const [, scheme = '', credentials = ''] =
    /^(Basic|ApiKey|Bearer) +([\x21-\x7e]{1,1024})$/i.exec(authorization ?? '') ?? []
  const packed = /^[A-Za-z0-9+/_=-]+$/.test(credentials) ? Buffer.from(credentials, 'base64').toString('latin1') : ''
  const behind = packed.includes(':') ? packed.slice(packed.lastIndexOf(':') + 1) : ''
  const found = scheme.toLowerCase() === 'basic' ? [behind] : [credentials]
  if (scheme.toLowerCase() === 'apikey') found.push(behind)
  return found.filter((token) => /^[\x21-\x7e]{1,512}$/.test(token))
}

/** The Content-Encoding of a request, as `readBody` wants it. */
export function encodingOf({ headers }: IncomingMessage): string {
  return (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
}
