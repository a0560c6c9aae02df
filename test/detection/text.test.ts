import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseText, writtenText } from '../../detection/sigma/text.ts'

test.each([
  ['C:\\Windows\\x.exe', 'C:\\Windows\\x.exe'],
  ['50% *', '50% \\*'],
  ['\\\\server\\share?', '\\\\\\server\\share\\?'],
  ['\\*', '\\\\\\*'],
  ['ends\\', 'ends\\'],
])('%s is written %s', (literal, written) => {
  expect(writtenText(literal)).toBe(written)
})

test('any text that is written stands for itself', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('\\', '*', '?', 'a', 'ộ') }))
  fc.assert(
    fc.property(text, (literal) => {
      expect(parseText(writtenText(literal))).toEqual(literal === '' ? [] : [literal])
    }),
  )
})
