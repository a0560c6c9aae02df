import { isUtf8 } from 'node:buffer'
import { base64Text } from './base64-text.ts'
import { Allowance, decode, Fields, MalformedProtobuf, TooManyValues, type Message } from './protobuf.ts'

/*
 * The logs of OTLP (opentelemetry-proto, logs/v1 and common/v1, version 1): resources, in each scopes, in each records. Both
 * encodings become the same objects here, with OTLP's JSON names, and each record becomes one text that stands for itself:
 *
 *   {"otlp":{"timeUnixNano":"1778554798307000000","severityNumber":17,"body":"…","attributes":{"user.name":"lan"},
 *            "traceId":"…","spanId":"…","scope":{"name":"…"},"resource":{"service.name":"motcua"}}}
 *
 * Values are plain JSON: an `intValue` a number with all its digits, a `kvlistValue` an object, bytes and text that is no UTF-8
 * `{"$base64":"…"}`, a double that JSON cannot say its name. What is zero or empty is left out; so is what OTLP does not
 * define. The record stands first: were the text cut at its limit, it is what would be left.
 */

const ANY_VALUE: Message = {
  1: { name: 'stringValue', kind: 'bytes' }, // looked at below: it may be no UTF-8
  2: { name: 'boolValue', kind: 'bool' },
  3: { name: 'intValue', kind: 'int64' },
  4: { name: 'doubleValue', kind: 'double' },
  7: { name: 'bytesValue', kind: 'bytes' },
}
const KEY_VALUE: Message = { 1: { name: 'key', kind: 'text' }, 2: { name: 'value', kind: ANY_VALUE } }
ANY_VALUE[5] = { name: 'arrayValue', kind: { 1: { name: 'values', kind: ANY_VALUE, repeated: true } } }
ANY_VALUE[6] = { name: 'kvlistValue', kind: { 1: { name: 'values', kind: KEY_VALUE, repeated: true } } }

const RESOURCE: Message = { 1: { name: 'attributes', kind: KEY_VALUE, repeated: true } }
const SCOPE: Message = {
  1: { name: 'name', kind: 'text' },
  2: { name: 'version', kind: 'text' },
  3: { name: 'attributes', kind: KEY_VALUE, repeated: true },
}
const LOG_RECORD: Message = {
  1: { name: 'timeUnixNano', kind: 'fixed64' },
  2: { name: 'severityNumber', kind: 'uint32' },
  3: { name: 'severityText', kind: 'text' },
  5: { name: 'body', kind: ANY_VALUE },
  6: { name: 'attributes', kind: KEY_VALUE, repeated: true },
  7: { name: 'droppedAttributesCount', kind: 'uint32' },
  8: { name: 'flags', kind: 'fixed32' },
  9: { name: 'traceId', kind: 'hex' },
  10: { name: 'spanId', kind: 'hex' },
  11: { name: 'observedTimeUnixNano', kind: 'fixed64' },
  12: { name: 'eventName', kind: 'text' },
}
/** Fields of the messages that only hold others: a request, the logs of a resource, the logs of a scope. */
const RESOURCE_LOGS = 1
const OWNER = 1
const SCOPE_LOGS = 2
const LOG_RECORDS = 2

/** Values deeper than this are written as null. Parsers refuse a record that is half as deep. */
const DEPTH_MAX = 64
/** Of one request. An attribute is two, and takes some 40 bytes: of what programs send, a body holds a fraction of it. */
const MESSAGES_MAX = 2_000_000
/** A resource, and a scope, cost as much as so many messages, however empty they are. */
const OWNER_MESSAGES = 10
/** Objects and arrays, or what looks like one, of one request in JSON: it is parsed as a whole, at some 150 bytes for each. */
const BRACKETS_MAX = 1_000_000
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
/** `log.record.uid`, «unique identifier for the log record»: records with the same one are one record. */
const UID = 'log.record.uid'

export interface OtlpRecord {
  /** As above; of a record that is larger than asked for, its own bytes, not read. */
  text: string | Buffer
  /** `service.name` of its resource. */
  service?: string
  /** The sender's own identity of it. */
  uid?: string
}

/** The request is not what it says it is. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest'
}

/**
 * The records of a request in protobuf, one after the other: no more than one of them is in memory as objects.
 * @param recordBytesMax a record of more bytes is given as it came
 * @throws {MalformedRequest | TooManyValues}
 */
export function* recordsOfProtobuf(body: Buffer, recordBytesMax: number): Generator<OtlpRecord> {
  const allowance = new Allowance(MESSAGES_MAX)
  try {
    for (const resourceLogs of messages(body, RESOURCE_LOGS)) {
      allowance.take(OWNER_MESSAGES)
      const resource = new Owner('resource', decode(lastOf(resourceLogs, OWNER), RESOURCE, allowance))
      for (const scopeLogs of messages(resourceLogs, SCOPE_LOGS)) {
        allowance.take(OWNER_MESSAGES)
        const scope = new Owner('scope', decode(lastOf(scopeLogs, OWNER), SCOPE, allowance))
        for (const record of messages(scopeLogs, LOG_RECORDS)) {
          yield record.length > recordBytesMax
            ? { text: record, ...resource.named }
            : recordOf(decode(record, LOG_RECORD, allowance), scope, resource)
        }
      }
    }
  } catch (error) {
    if (!(error instanceof MalformedProtobuf)) throw error
    throw new MalformedRequest(`not an ExportLogsServiceRequest: ${error.message}`)
  }
}

/** The same of a request in JSON. */
export function* recordsOfJson(body: Buffer): Generator<OtlpRecord> {
  let brackets = 0
  for (const byte of body) if (byte === OPEN_BRACE || byte === OPEN_BRACKET) brackets++
  if (brackets > BRACKETS_MAX) throw new TooManyValues('too many values')
  let request: unknown
  try {
    request = JSON.parse(body.toString('utf8'))
  } catch {
    throw new MalformedRequest('not JSON')
  }
  for (const resourceLogs of listOf(objectOf(request, 'the request'), 'resourceLogs')) {
    const resource = new Owner('resource', ownerOf(resourceLogs, 'resource'))
    for (const scopeLogs of listOf(resourceLogs, 'scopeLogs')) {
      const scope = new Owner('scope', ownerOf(scopeLogs, 'scope'))
      for (const record of listOf(scopeLogs, 'logRecords')) yield recordOf(record, scope, resource)
    }
  }
}

/** Any object with OTLP's names: of its values nothing is known. */
type Named = Readonly<Record<string, unknown>>

/** A resource or a scope, written once for all its records. */
class Owner {
  readonly text: string
  readonly named: Pick<OtlpRecord, 'service'>

  constructor(kind: 'resource' | 'scope', owner: Named) {
    const attributes = attributesOf(owner)
    const written = objectText(keyValues(attributes))
    const members = [stringText(owner['name']), stringText(owner['version']), written]
    const scope = objectText(...['name', 'version', 'attributes'].map((name, i) => member(name, members[i]!)))
    this.text = member(kind, kind === 'resource' ? written : scope)
    const service = kind === 'resource' ? stringAt(attributes, 'service.name') : undefined
    this.named = service === undefined ? {} : { service }
  }
}

function recordOf(record: Named, scope: Owner, resource: Owner): OtlpRecord {
  const attributes = attributesOf(record)
  const text = objectText(
    member('timeUnixNano', timeText(record['timeUnixNano'])),
    member('observedTimeUnixNano', timeText(record['observedTimeUnixNano'])),
    member('severityNumber', integerText(record['severityNumber'])),
    member('severityText', stringText(record['severityText'])),
    member('eventName', stringText(record['eventName'])),
    record['body'] === undefined ? '' : `"body":${valueText(record['body'], 0)}`,
    member('attributes', objectText(keyValues(attributes))),
    member('droppedAttributesCount', integerText(record['droppedAttributesCount'])),
    member('flags', integerText(record['flags'])),
    member('traceId', idText(record['traceId'])),
    member('spanId', idText(record['spanId'])),
    scope.text,
    resource.text,
  )
  const uid = stringAt(attributes, UID)
  return { text: `{"otlp":${text || '{}'}}`, ...resource.named, ...(uid !== undefined && { uid }) }
}

/** `{…}` of the members that there are; nothing of none. */
function objectText(...members: string[]): string {
  const present = members.filter((text) => text !== '')
  return present.length === 0 ? '' : `{${present.join(',')}}`
}

function member(name: string, text: string): string {
  return text === '' ? '' : `"${name}":${text}`
}

function keyValues(list: readonly Named[], depth = 0): string {
  return list
    .map(({ key, value }) => `${JSON.stringify(typeof key === 'string' ? key : '')}:${valueText(value, depth)}`)
    .join(',')
}

/** The JSON of an AnyValue; null where it holds nothing. */
function valueText(any: unknown, depth: number): string {
  if (!isObject(any) || depth > DEPTH_MAX) return 'null'
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = any
  if (typeof stringValue === 'string') return JSON.stringify(stringValue)
  if (stringValue instanceof Uint8Array) {
    return isUtf8(stringValue) ? JSON.stringify(Buffer.from(stringValue).toString('utf8')) : base64Text(stringValue)
  }
  if (typeof boolValue === 'boolean') return String(boolValue)
  if (intValue !== undefined) return integerText(intValue) || '0'
  if (typeof doubleValue === 'number') return Number.isFinite(doubleValue) ? `${doubleValue}` : `"${doubleValue}"`
  if (typeof doubleValue === 'string') return JSON.stringify(doubleValue) // NaN, Infinity
  if (isObject(arrayValue)) {
    return `[${listIn(arrayValue, 'values')
      .map((value) => valueText(value, depth + 1))
      .join(',')}]`
  }
  if (isObject(kvlistValue)) return `{${keyValues(listIn(kvlistValue, 'values'), depth + 1)}}`
  if (bytesValue instanceof Uint8Array) return base64Text(bytesValue)
  if (typeof bytesValue === 'string') return base64Text(Buffer.from(bytesValue, 'base64'))
  return 'null'
}

/** An integer that OTLP/JSON writes as a number or, of 64 bits, as text; '' for 0 and for what is none. */
function integerText(value: unknown): string {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  return typeof text === 'string' && /^-?[1-9]\d{0,18}$/.test(text) ? text : ''
}

/** Nanoseconds since 1970, kept as text as OTLP/JSON has them. */
function timeText(value: unknown): string {
  const text = typeof value === 'number' && Number.isInteger(value) && value > 0 ? String(value) : value
  return typeof text === 'string' && /^[1-9]\d{0,19}$/.test(text) ? `"${text}"` : ''
}

/** Ids are hexadecimal in OTLP/JSON, unlike other bytes; all zeros is none. */
function idText(value: unknown): string {
  return typeof value === 'string' && /^(?=.*[1-9a-f])[\da-f]{1,64}$/i.test(value) ? `"${value.toLowerCase()}"` : ''
}

function stringText(value: unknown): string {
  return typeof value === 'string' && value !== '' ? JSON.stringify(value) : ''
}

function stringAt(attributes: readonly Named[], name: string): string | undefined {
  const value = attributes.find(({ key }) => key === name)?.['value']
  if (!isObject(value)) return undefined
  const { stringValue: text } = value
  const string = text instanceof Uint8Array ? Buffer.from(text).toString('utf8') : text
  return typeof string === 'string' && string !== '' ? string : undefined
}

function* messages(bytes: Buffer, number: number): Generator<Buffer> {
  const fields = new Fields(bytes)
  while (fields.next()) if (fields.number === number && fields.isLength) yield fields.value
}

function lastOf(bytes: Buffer, number: number): Buffer {
  let last: Buffer = Buffer.alloc(0)
  for (const message of messages(bytes, number)) last = message
  return last
}

function isObject(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function objectOf(value: unknown, what: string): Named {
  if (!isObject(value)) throw new MalformedRequest(`${what} is no object`)
  return value
}

/** What does not name a list has an empty one. @throws {MalformedRequest} where it is none, or not of objects */
function listOf(holder: Named, name: string): Named[] {
  const list = holder[name] ?? []
  if (!Array.isArray(list)) throw new MalformedRequest(`${name} is no array`)
  return list.map((item) => objectOf(item, `an element of ${name}`))
}

function ownerOf(holder: Named, name: string): Named {
  return holder[name] === undefined || holder[name] === null ? {} : objectOf(holder[name], name)
}

function attributesOf(holder: Named): Named[] {
  return listIn(holder, 'attributes')
}

/** As `listOf`, of what stands inside a record: whatever is no object there is left out, and the record is kept. */
function listIn(holder: Named, name: string): Named[] {
  const list = holder[name]
  return Array.isArray(list) ? list.filter(isObject) : []
}
