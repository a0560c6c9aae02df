import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeVietnamese } from '../../collector/vietnamese-text.ts'
import { ENCODINGS } from '../../model/encoding.ts'
import { runs } from '../runs.ts'

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')

// «Đăng nhập thất bại» in each, and what differs most: a letter with two marks, capitals.
test.each([
  ['tcvn3', 'a7 a8 6e 67 20 6e 68 cb 70 20 74 68 ca 74 20 62 b9 69', 'Đăng nhập thất bại'],
  ['tcvn3', '6e 67 ad ea 69 20 64 ef 6e 67', 'người dùng'],
  ['vni', 'd1 61 ea 6e 67 20 6e 68 61 e4 70 20 74 68 61 e1 74 20 62 61 ef 69', 'Đăng nhập thất bại'],
  ['vni', '6e 67 f6 f4 f8 69 20 64 75 f8 6e 67', 'người dùng'],
  ['vni', '54 48 41 c1 54 20 42 41 cf 49', 'THẤT BẠI'],
  ['vni', '6b ec 20 6c f3 20 68 e6', 'kì lĩ hỉ'],
  ['windows-1258', 'd0 e3 6e 67 20 6e 68 e2 f2 70', 'Đăng nhập'],
] as const)('%s: %s', (encoding, hex, text) => {
  expect(decodeVietnamese(bytes(hex), encoding)).toBe(text)
})

test('any bytes give text, composed; ASCII is itself', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...ENCODINGS), (any, encoding) => {
      const text = decodeVietnamese(any, encoding)
      expect(text).toBe(text.normalize('NFC'))
      const ascii = any.filter((byte) => byte < 0x80)
      expect(decodeVietnamese(ascii, encoding)).toBe(Buffer.from(ascii).toString('latin1'))
    }),
    { numRuns: runs(500) },
  )
})
