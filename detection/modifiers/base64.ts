import { bytesOf } from '../encoding.ts'
import type { Modifier } from '../modifier.ts'
import { textValue } from '../sigma/value.ts'

/** Sigma spec, «base64»: the Base64 text of the value's bytes (UTF-8, or those of a UTF-16 modifier before it). */
export default {
  value: (value) => textValue([Buffer.from(bytesOf('base64', value)).toString('base64')], false),
} satisfies Modifier
