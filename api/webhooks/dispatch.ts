import type { Masking } from '../../model/personal.ts'
import type { Change } from '../../store/local/changes.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { type Webhook, dueDeliveries, noteAttempt, queueDeliveries } from '../../store/local/webhooks.ts'
import { sees } from '../access/policy.ts'
import { send } from './send.ts'

/** Waits before the tries after the first: a receiver that is down over night still gets it. */
const WAITS_MS = [10_000, 60_000, 300_000, 1_800_000, 7_200_000, 28_800_000] as const
const SENT_AT_ONCE = 20

/** What a webhook is told of a change, or null where it is not for it. */
export function bodyFor({ agencies, codes }: Webhook, change: Change, masking: Masking): string | null {
  if (!sees(agencies, change.agency) || (codes.length > 0 && !codes.includes(change.code))) return null
  const { position: _position, ...data } = change
  return JSON.stringify({ type: `incident.${change.code}`, timestamp: change.at, data: masking.deep(data) })
}

/**
 * One round: what happened becomes deliveries, and those that are due are sent. Delivered at least once: a stop between the
 * receiver's answer and its being noted sends again, under the same `webhook-id`.
 */
export async function dispatchWebhooks(
  db: LocalDatabase,
  options: {
    allow: readonly string[]
    now: () => number
    resolve?: (host: string) => Promise<string[]>
    /** What is hidden in every answer is hidden in what is sent. */
    masking: () => Masking
  },
): Promise<number> {
  const masking = options.masking()
  inTransaction(db, () => queueDeliveries(db, options.now(), (hook, change) => bodyFor(hook, change, masking)))
  const due = dueDeliveries(db, options.now(), SENT_AT_ONCE)
  const outcomes = await Promise.all(
    due.map(async (delivery) => ({ delivery, outcome: await send(delivery, { ...options, nowMs: options.now() }) })),
  )
  inTransaction(db, () => {
    for (const { delivery, outcome } of outcomes) {
      const { id, attempts } = delivery
      if (!('error' in outcome)) noteAttempt(db, id, { state: 'delivered', nextMs: 0, status: outcome.status })
      else {
        const waitMs = WAITS_MS[attempts]
        const { error, status } = outcome
        noteAttempt(db, id, {
          state: waitMs === undefined ? 'failed' : 'pending',
          nextMs: options.now() + (waitMs ?? 0),
          error,
          ...(status !== undefined && { status }),
        })
      }
    }
  })
  return due.length
}
