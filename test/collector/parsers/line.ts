import type { EcsEvent } from '../../../model/event.ts'
import type { Origin } from '../../../model/record.ts'
import { loadNormaliser } from '../../../collector/normalise.ts'
import type { Normalised } from '../../../collector/normalise.ts'

export const RECEIVED_AT_MS = Date.UTC(2026, 4, 12, 3, 30) // 10:30 in Hải Dương

export interface Arrival {
  receivedAtMs?: number
  origin?: Origin
  senderId?: string
  refused?: string
}

/** A normaliser for one line at a time. */
export async function loadLine(
  timeZone = 'Asia/Ho_Chi_Minh',
): Promise<(line: string | Uint8Array, arrival?: Arrival) => Normalised> {
  const normalise = await loadNormaliser({ spoolId: 'test', timeZone, enrich: () => {} })
  return (line, arrival = {}) =>
    normalise({
      seq: 7,
      receivedAtMs: RECEIVED_AT_MS,
      origin: { input: 'syslog-tcp', address: '192.0.2.10' },
      bytes: typeof line === 'string' ? Buffer.from(line) : line,
      ...arrival,
    })
}

/** The event, or an error that says which dead letter it became. */
export function eventOf(result: Normalised): EcsEvent {
  if (result.kind === 'dead') throw new Error(`${result.letter.code}: ${result.letter.reason}`)
  return result.event
}
