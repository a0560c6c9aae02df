/** OTLP's messages written from their JSON form, by hand: the tests' own idea of the wire format. */

export interface Any {
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number
  arrayValue?: { values: Any[] }
  kvlistValue?: { values: KeyValue[] }
  bytesValue?: string
}
export interface KeyValue {
  key: string
  value: Any
}
export interface LogRecord {
  timeUnixNano?: string
  observedTimeUnixNano?: string
  severityNumber?: number
  severityText?: string
  eventName?: string
  body?: Any
  attributes?: KeyValue[]
  droppedAttributesCount?: number
  flags?: number
  traceId?: string
  spanId?: string
}
export interface Request {
  resourceLogs: {
    resource?: { attributes: KeyValue[] }
    scopeLogs: { scope?: { name?: string; version?: string; attributes?: KeyValue[] }; logRecords: LogRecord[] }[]
  }[]
}

export function varint(value: bigint | number): Buffer {
  const bytes: number[] = []
  let left = BigInt.asUintN(64, BigInt(value))
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0))
    left >>= 7n
  } while (left > 0n)
  return Buffer.from(bytes)
}
const tag = (number: number, type: number): Buffer => varint((number << 3) | type)
export const bytesField = (number: number, bytes: Buffer | string): Buffer => {
  const value = Buffer.from(bytes)
  return Buffer.concat([tag(number, 2), varint(value.length), value])
}
const varintField = (number: number, value: bigint | number): Buffer => Buffer.concat([tag(number, 0), varint(value)])
const fixed64 = (number: number, value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return Buffer.concat([tag(number, 1), bytes])
}
const fixed32 = (number: number, value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return Buffer.concat([tag(number, 5), bytes])
}
const double = (number: number, value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([tag(number, 1), bytes])
}

/** The fields that there are. */
function fields<T extends object>(value: T, write: { [K in keyof T]-?: (v: NonNullable<T[K]>) => Buffer }): Buffer {
  return Buffer.concat(
    (Object.keys(write) as (keyof T)[]).flatMap((name) => {
      const field = value[name]
      return field === undefined || field === null ? [] : [write[name](field)]
    }),
  )
}

const all =
  <T>(number: number, write: (item: T) => Buffer) =>
  (items: T[]): Buffer =>
    Buffer.concat(items.map((item) => bytesField(number, write(item))))

export function any(value: Any): Buffer {
  return fields(value, {
    stringValue: (v) => bytesField(1, v),
    boolValue: (v) => varintField(2, v ? 1 : 0),
    intValue: (v) => varintField(3, BigInt(v)),
    doubleValue: (v) => double(4, v),
    arrayValue: (v) => bytesField(5, all<Any>(1, any)(v.values)),
    kvlistValue: (v) => bytesField(6, all<KeyValue>(1, keyValue)(v.values)),
    bytesValue: (v) => bytesField(7, Buffer.from(v, 'base64')),
  })
}

function keyValue({ key, value }: KeyValue): Buffer {
  return Buffer.concat([bytesField(1, key), bytesField(2, any(value))])
}

export function logRecord(record: LogRecord): Buffer {
  return fields(record, {
    timeUnixNano: (v) => fixed64(1, BigInt(v)),
    severityNumber: (v) => varintField(2, v),
    severityText: (v) => bytesField(3, v),
    body: (v) => bytesField(5, any(v)),
    attributes: all<KeyValue>(6, keyValue),
    droppedAttributesCount: (v) => varintField(7, v),
    flags: (v) => fixed32(8, v),
    traceId: (v) => bytesField(9, Buffer.from(v, 'hex')),
    spanId: (v) => bytesField(10, Buffer.from(v, 'hex')),
    observedTimeUnixNano: (v) => fixed64(11, BigInt(v)),
    eventName: (v) => bytesField(12, v),
  })
}

export function protobuf(request: Request): Buffer {
  return fields(request, {
    resourceLogs: all(1, (logs) =>
      fields(logs, {
        resource: (v) => bytesField(1, all<KeyValue>(1, keyValue)(v.attributes)),
        scopeLogs: all(2, (scoped) =>
          fields(scoped, {
            scope: (v) =>
              bytesField(
                1,
                fields(v, {
                  name: (n) => bytesField(1, n),
                  version: (n) => bytesField(2, n),
                  attributes: all<KeyValue>(3, keyValue),
                }),
              ),
            logRecords: all<LogRecord>(2, logRecord),
          }),
        ),
      }),
    ),
  })
}

/** One record, of one scope, of one resource. */
export function requestOf(records: LogRecord[], resource: KeyValue[] = []): Request {
  return { resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ logRecords: records }] }] }
}

export const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })
