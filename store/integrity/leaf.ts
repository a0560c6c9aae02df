import { isUtf8 } from 'node:buffer'
import type { EcsEvent } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { leafHash } from './merkle.ts'

/**
 * What of a record is proved: its name, when it came, from whom, whose it is, and its raw line. All of it is a function of the
 * log and the bundle in force there, so that a replay gives the same; fields read out of the line are not in it, for a newer
 * parser may read more.
 */
export interface Evidence {
  /** `soc.record`. */
  record: string
  /** `event.ingested`. */
  receivedAt: string
  source: string
  agency: string
  /** `base64` where the raw bytes are no UTF-8 text. */
  encoding: '' | 'base64'
  raw: string
}

/** The evidence of a record as a store keeps it. */
export interface StoredRecord extends Evidence {
  spool: string
  seq: number
  level: number
}

/** Security levels of systems are 1 to 5. Records of none, dead letters among them, have this one. */
export const NO_LEVEL = 0

export function leafOf({ record, receivedAt, source, agency, encoding, raw }: Evidence): Buffer {
  return leafHash(JSON.stringify([record, receivedAt, source, agency, encoding, raw]))
}

export function eventEvidence(event: EcsEvent): Evidence {
  return {
    record: event['soc.record'],
    receivedAt: event['event.ingested'],
    source: event['soc.source'],
    agency: event['soc.agency'],
    encoding: event['soc.original_encoding'] === 'base64' ? 'base64' : '',
    raw: event['event.original'],
  }
}

/** The same as of an event of these bytes: what a store refuses is a dead letter and no event. */
export function letterEvidence(
  letter: Pick<DeadLetter, 'record' | 'receivedAt' | 'source' | 'agency' | 'bytes'>,
): Evidence {
  const { record, receivedAt, source, agency, bytes } = letter
  const raw = Buffer.from(bytes, 'base64')
  const text = isUtf8(raw)
  return { record, receivedAt, source, agency, encoding: text ? '' : 'base64', raw: text ? raw.toString() : bytes }
}

/** Level of the system that an event is about, by which it is kept. */
export function levelOf(criticality: unknown): number {
  return Number.isInteger(criticality) && Number(criticality) >= 1 && Number(criticality) <= 5
    ? Number(criticality)
    : NO_LEVEL
}
