import { bytesOf } from '../encoding.ts'
import { RuleError } from '../errors.ts'
import type { Modifier } from '../modifier.ts'
import { textValue } from '../sigma/value.ts'

/** Characters at the start that the bytes before the value decide, by shift. */
const START_CUT = [0, 2, 3] as const
/** Characters at the end that the bytes after the value decide, by (length + shift) mod 3. */
const END_CUT = [0, 3, 2] as const

/** Sigma spec, «base64offset»: the value inside a longer Base64 text, at each of the three places it can start. */
export default {
  value(value) {
    const bytes = bytesOf('base64offset', value)
    if (bytes.length < 2)
      throw new RuleError('bad_value', 'base64offset takes two bytes or more: of less nothing is certain')
    return START_CUT.map((cut, shift) => {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
      const end = END_CUT[(bytes.length + shift) % 3]!
      return textValue([encoded.slice(cut, encoded.length - end)], false)
    })
  },
} satisfies Modifier
