/**
 * One event: a flat object with dotted ECS names, as Elasticsearch's `_bulk` accepts it. Flat, so that a rule's field
 * costs one property look-up. An absent field is absent, never `undefined` or `''`.
 */
export interface EcsEvent {
  /** Event time, UTC, `YYYY-MM-DDTHH:mm:ss.sssZ`. */
  '@timestamp': string
  /** When the collector received the record; same form. Comes from the spool, so a replay gives the same value. */
  'event.ingested': string
  /** The raw line, verbatim; base64 of the raw bytes where they are not UTF-8 (then `soc.original_encoding` says so). */
  'event.original': string
  'event.dataset': string
  'ecs.version': string
  /** The socket's peer. A HOSTNAME in the line is a claim (`host.hostname`), this is not. */
  'log.source.address'?: string
  /** Name of the record: its place in the spool (see `recordId`). It is the event's identity in every store. */
  'soc.record': string
  /** Position in the spool, for order and accounting. */
  'soc.seq': number
  /** Key of the source the record is counted under (see `sourceKey`). */
  'soc.source': string
  /** Agency key from the registry at event time; `unregistered` where the source belongs to none. */
  'soc.agency': string
  /** System key from the registry at event time, where known. */
  'soc.system'?: string
  [field: string]: EcsValue | undefined
}

export type EcsValue = string | number | boolean | null | EcsValue[] | { [key: string]: EcsValue }

/** So many fields V8 keeps inside an object that is made below; most events have fewer. */
const ROOM = 96

/**
 * V8 makes a hash table of an object that gets more than a dozen computed names, as an event does: to build one then cost three
 * times as much, to walk over its fields four times, and five kilobytes of garbage each time. An object of a constructor has as
 * much room inside as the constructor's text assigns names, and stays what it is; the assignments need not run.
 */
// oxlint-disable-next-line typescript/no-implied-eval -- a hundred assignments, written out
const Roomy = Function(
  'fill',
  `if (fill) ${Array.from({ length: ROOM }, (_, i) => `this._${i} = 0`).join(', ')}`,
) as unknown as new (fill: boolean) => EcsEvent
Roomy.prototype = Object.prototype as EcsEvent
// Room that the first few objects do not use is taken from all later ones, unless one lives that uses it all.
Object.assign(Roomy, { fullest: new Roomy(true) })

/** An event of these fields, with room for those to come. */
export function newEvent(fields: EcsEvent): EcsEvent {
  return Object.assign(new Roomy(false), fields)
}

export const ECS_VERSION = '8.17.0'

/** Agency of what no registered source sent. */
export const UNREGISTERED = 'unregistered'
