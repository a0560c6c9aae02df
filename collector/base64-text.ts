import type { JsonValue } from './json-record.ts'

/** Text as an envelope holds it: as it is, or `{"$base64":"…"}` where its bytes were no UTF-8. Undefined: something else. */
export function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { $base64: packed } = value
  if (typeof packed !== 'string' || Object.keys(value).length > 1) return undefined
  return Buffer.from(packed, 'base64').toString('utf8')
}

/** The JSON of bytes that are no text. */
export function base64Text(bytes: Uint8Array): string {
  return `{"$base64":"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"}`
}
