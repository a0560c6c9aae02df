import { isUtf8 } from 'node:buffer'
import { ECS_VERSION, newEvent, UNREGISTERED } from '../model/event.ts'
import type { EcsEvent } from '../model/event.ts'
import { HEALTH_INPUT } from '../model/health.ts'
import { recordId, sourceKey } from '../model/record.ts'
import type { DeadLetter, SpoolRecord } from '../model/record.ts'
import type { Encoding } from '../model/encoding.ts'
import type { Reading } from '../model/registry.ts'
import { put, relate } from './fields.ts'
import { putFlow } from './flow.ts'
import { putStatement } from './health/statement.ts'
import type { Context, HeaderParser, Message } from './parser.ts'
import { loadParsers } from './parsers.ts'
import rfc5424 from './parsers/syslog-rfc5424.ts'
import type { Parsers } from './parsers.ts'
import { Refusal } from './refusal.ts'
import { putHost, putPriority, putProgram } from './syslog-header.ts'
import { SyslogLine } from './syslog-line.ts'
import { isoTime, loadZone } from './time.ts'
import type { Zone } from './time.ts'
import type { UserParser } from './user-parser.ts'
import { decodeVietnamese } from './vietnamese-text.ts'
import { windowsId } from './windows-record.ts'

/** What one spool record became: exactly one of the two. */
export type Normalised =
  | {
      kind: 'event'
      event: EcsEvent
      /** The sender's own identity found in the content; only where the frame carries none. */
      senderId?: string
    }
  | { kind: 'dead'; letter: DeadLetter }

export interface NormaliserOptions {
  /** Names the spool in `soc.record`. */
  spoolId: string
  /** IANA zone of times that name none, `Asia/Ho_Chi_Minh`. */
  timeZone: string
  /** What the registry says of how a sender's records are to be read, before anything of them is. */
  reading?: (record: SpoolRecord) => Reading | undefined
  /** Parsers that the place has written, asked before ours. */
  userParsers?: readonly UserParser[]
  /** The name of the only parser of content to be asked. */
  only?: string
  /** Called last, on the finished event. */
  enrich: (event: EcsEvent, record: SpoolRecord) => void
}

/**
 * The function that makes an event, or a dead letter, of a spool record. It is pure but for caches: no clock (the receive
 * time is its only «now»), nothing kept from one record to the next, so a replay gives the same again (law 3). It does not
 * throw, whatever the bytes.
 * @throws Error (from loading) for an unknown zone or two parsers in one place.
 */
export async function loadNormaliser(options: NormaliserOptions): Promise<(record: SpoolRecord) => Normalised> {
  const zones = zonesByName(options.timeZone)
  const parsers = await loadParsers(options.userParsers, options.only)
  /** Whose it is, enrichment says, for a dead letter as for an event: its agency must find it. */
  const dead = (record: SpoolRecord, code: string, reason: string): Normalised => {
    const { event } = begin(record, options.spoolId, undefined)
    options.enrich(event, record)
    return deadLetter(record, event['soc.agency'], options.spoolId, code, reason)
  }
  const understand = (record: SpoolRecord): Normalised => {
    if (record.refused !== undefined) {
      return dead(record, record.refused, `the input ${record.origin.input} could not take it whole`)
    }
    if (record.bytes.length === 0) return dead(record, 'empty', 'a record of no bytes')
    const reading = options.reading?.(record)
    const { event, text } = begin(record, options.spoolId, reading?.encoding)
    const { zone, plain } = zones(reading?.timeZone)
    const context: Context = {
      receivedAtMs: record.receivedAtMs,
      zone,
      stream: record.origin.stream?.toLowerCase() ?? '',
    }
    if (record.origin.input === HEALTH_INPUT) {
      putStatement(event, text)
    } else {
      const header = plain.read(record.bytes, 0, record.bytes.length, record.receivedAtMs)
        ? headerOf(plain, text, event)
        : undefined
      const refusal = parse(text, header, event, context, parsers)
      if (refusal !== undefined) return dead(record, refusal.code, refusal.reason)
    }
    event['event.module'] = event['event.dataset'].slice(0, event['event.dataset'].indexOf('.'))
    relate(event)
    putFlow(event)
    options.enrich(event, record)
    const senderId = record.senderId === undefined ? windowsId(event) : undefined
    return senderId === undefined ? { kind: 'event', event } : { kind: 'event', event, senderId }
  }
  return (record) => {
    try {
      return understand(record)
    } catch (error) {
      // A parser's own fault, on this record every time: thrown further it would stop the log here, at every start.
      const agency = record.origin.agency ?? UNREGISTERED
      return deadLetter(record, agency, options.spoolId, 'parser_failed', String(error).slice(0, 200))
    }
  }
}

/** A zone, and the reader of plain headers whose times are in it. */
interface Zoned {
  zone: Zone
  plain: SyslogLine
}

/** Each zone is loaded once; without a name, the configured one. */
function zonesByName(ours: string): (name: string | undefined) => Zoned {
  const load = (name: string): Zoned => {
    const zone = loadZone(name)
    return { zone, plain: new SyslogLine(zone) }
  }
  const own = load(ours)
  const zones = new Map<string, Zoned>()
  return (name) => {
    if (name === undefined) return own
    const known = zones.get(name)
    if (known !== undefined) return known
    const zoned = load(name)
    zones.set(name, zoned)
    return zoned
  }
}

/** The event with all that does not depend on its content, and the text to parse: without what ends a line. */
function begin(
  record: SpoolRecord,
  spoolId: string,
  encoding: Encoding | undefined,
): { event: EcsEvent; text: string } {
  const bytes = Buffer.from(record.bytes.buffer, record.bytes.byteOffset, record.bytes.length)
  const valid = isUtf8(bytes)
  // Not UTF-8: read in its source's encoding, else with U+FFFD in place of what is not text, and kept as it came. What is UTF-8 is
  // read as that whatever the registry says: no line of an old encoding's letters is, and programs are renewed before registries.
  const text = valid || encoding === undefined ? bytes.toString('utf8') : decodeVietnamese(bytes, encoding)
  const received = isoTime(record.receivedAtMs)
  const event = newEvent({
    '@timestamp': received,
    'event.ingested': received,
    'event.original': valid ? text : bytes.toString('base64'),
    'event.dataset': 'generic.text',
    'event.kind': 'event',
    'ecs.version': ECS_VERSION,
    'log.source.address': record.origin.address,
    'soc.record': recordId(spoolId, record.seq),
    'soc.seq': record.seq,
    'soc.source': sourceKey(record.origin),
    'soc.agency': record.origin.agency ?? UNREGISTERED,
  })
  if (!valid) {
    event['soc.original_encoding'] = 'base64'
    put(event, 'soc.original_charset', encoding)
  }
  if (record.origin.path !== undefined) event['log.file.path'] = record.origin.path
  let end = text.length
  while (end > 0 && isLineEnd(text.charCodeAt(end - 1))) end--
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  return { event, text: text.slice(start, Math.max(start, end)) }
}

function isLineEnd(char: number): boolean {
  return char === 0x0a || char === 0x0d || char === 0
}

/** A plain header is read without a parser, and what stands behind it as behind any syslog header. */
const SYSLOG: HeaderParser = rfc5424

/** What the parser of such a line would say; offsets in bytes are offsets in the text, for a header is ASCII. */
function headerOf(line: SyslogLine, text: string, event: EcsEvent): Message {
  event['@timestamp'] = isoTime(line.timeMs)
  putPriority(event, line.priority)
  if (line.versioned) event['log.syslog.version'] = '1'
  putHost(event, text.slice(line.hostStart, line.hostEnd))
  const tag = text.slice(line.tagStart, line.tagEnd)
  const pid = text.slice(line.pidStart, line.pidEnd)
  const program = putProgram(event, tag, pid)
  if (line.versioned) {
    if (tag !== '-') event['log.syslog.appname'] = tag
    if (pid !== '-') event['log.syslog.procid'] = pid
    const id = text.slice(line.idStart, line.idEnd)
    if (id !== '-') event['log.syslog.msgid'] = id
  }
  return { text: text.slice(line.messageStart), program }
}

/**
 * Fills `event` from the text; a refusal makes it a dead letter.
 * @param plain what a plain syslog header left of the text, where it was read already
 */
function parse(
  text: string,
  plain: Message | undefined,
  event: EcsEvent,
  context: Context,
  parsers: Parsers,
): Refusal | undefined {
  const header = plain === undefined ? parsers.headers.find((parser) => parser.claims(text)) : SYSLOG
  const message = plain ?? header?.parse(text, event, context) ?? { text, program: '' }
  if (message instanceof Refusal) return message
  // A syslog header or an envelope vouches for its line: whatever its content is, the line is one, and is kept.
  const vouched = header !== undefined && header.embeds !== true
  const inner = vouched
    ? openContent(header, message, event, context, parsers)
    : { header: undefined, plain: message, message }
  const done = parseContent(inner.message, event, context, parsers)
  if (done instanceof Refusal) {
    if (!vouched) return done
    putError(event, done)
  }
  if (done !== true) putPlain(inner.plain, event, inner.header)
  return undefined
}

interface Opened {
  /** The innermost header that vouches for its content. */
  header: HeaderParser
  /** What stands behind it. */
  plain: Message
  /** The same, or the record of another kind (JSON) that it is. */
  message: Message
}

/**
 * What stands behind `header`: in an envelope perhaps a whole line with a header of its own, in a syslog line perhaps a record
 * of another kind (JSON). Where that is broken, the content is just text.
 */
function openContent(
  header: HeaderParser,
  message: Message,
  event: EcsEvent,
  context: Context,
  parsers: Parsers,
): Opened {
  const known = header.envelope === undefined ? parsers.embedded : parsers.enclosed
  const inside = known.find((parser) => parser.claims(message.text))
  const inner = inside?.parse(message.text, event, context)
  if (inside === undefined || inner === undefined) return { header, plain: message, message }
  if (inner instanceof Refusal) {
    putError(event, inner)
    return { header, plain: message, message }
  }
  if (inside.embeds !== true) return openContent(inside, inner, event, context, parsers)
  inner.program = message.program
  return { header, plain: message, message: inner }
}

/** True: a parser has read it. False: none knows it. */
function parseContent(message: Message, event: EcsEvent, context: Context, parsers: Parsers): boolean | Refusal {
  if (message.json !== undefined) {
    for (const parser of parsers.json) {
      const done = parser.parse(message.json, event, context)
      if (done !== false) return done
    }
    return false
  }
  const single = unwrapRepeat(message, event)
  for (const parser of parsers.textFor(single.program)) {
    const done = parser.parse(single, event, context)
    if (done !== false) return done
  }
  return false
}

const REPEAT = /^message repeated (\d{1,9}) times: \[ ?(.*)\]$/s

/** rsyslog's and OpenBSD's way to say one line several times; `event.count` is how often. */
function unwrapRepeat(message: Message, event: EcsEvent): Message {
  if (!message.text.startsWith('message repeated ')) return message
  const repeat = REPEAT.exec(message.text)
  if (repeat === null) return message
  event['event.count'] = Number(repeat[1])
  return { text: repeat[2]!, program: message.program }
}

/** What no parser knows is kept whole, under the dataset its header can tell. */
function putPlain(message: Message, event: EcsEvent, header: HeaderParser | undefined): void {
  if (message.text !== '') event['message'] = message.text
  if (header === undefined) return
  const facility = event['log.syslog.facility.code']
  // 4 and 10 are where login, PAM and their like write (RFC 5424 table 1).
  const auth = facility === 4 || facility === 10
  event['event.dataset'] =
    header.envelope ?? (message.program === '' ? 'generic.syslog' : auth ? 'system.auth' : 'system.syslog')
}

function putError(event: EcsEvent, refusal: Refusal): void {
  event['error.code'] = refusal.code
  event['error.message'] = refusal.reason
}

function deadLetter(record: SpoolRecord, agency: string, spoolId: string, code: string, reason: string): Normalised {
  const letter: DeadLetter = {
    record: recordId(spoolId, record.seq),
    seq: record.seq,
    source: sourceKey(record.origin),
    agency,
    receivedAt: isoTime(record.receivedAtMs),
    code,
    reason,
    bytes: Buffer.from(record.bytes.buffer, record.bytes.byteOffset, record.bytes.length).toString('base64'),
    origin: record.origin,
  }
  return { kind: 'dead', letter }
}
