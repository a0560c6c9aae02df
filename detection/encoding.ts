import { RuleError } from './errors.ts'
import { notFor, type Modifier } from './modifier.ts'
import type { Value } from './sigma/value.ts'

/** The bytes an encoding modifier works on. Throws `RuleError` where the value holds wildcards. */
export function bytesOf(modifier: string, value: Value): Uint8Array {
  if (value.kind === 'bytes') return value.bytes
  return Buffer.from(plainText(modifier, value), 'utf8')
}

function plainText(modifier: string, value: Value): string {
  if (value.kind === 'number') return value.text
  if (value.kind !== 'text') throw notFor(modifier, value)
  const [text = '', ...more] = value.parts
  if (more.length > 0 || typeof text !== 'string') {
    throw new RuleError('bad_value', `${modifier} cannot encode a value with wildcards`)
  }
  return text
}

/** A modifier that turns text to UTF-16 bytes: `wide` and its kin, to be followed by Base64. */
export function utf16(name: string, encode: (littleEndian: Buffer) => Uint8Array): Modifier {
  return { value: (value) => ({ kind: 'bytes', bytes: encode(Buffer.from(plainText(name, value), 'utf16le')) }) }
}
