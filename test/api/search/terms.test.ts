import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTerms } from '../../../api/search/terms.ts'

test.each([
  ['', []],
  ['user.name:root', [['user.name', 'root']]],
  [
    'user.name:root AND source.ip:203.0.113.9',
    [
      ['user.name', 'root'],
      ['source.ip', '203.0.113.9'],
    ],
  ],
  [
    '  "Failed password"   sshd ',
    [
      ['', 'Failed password'],
      ['', 'sshd'],
    ],
  ],
  ['process.command_line:"rm -rf \\"/tmp\\""', [['process.command_line', 'rm -rf "/tmp"']]],
  ['winlog.event_data.TargetUserName:"C:\\\\Users"', [['winlog.event_data.TargetUserName', 'C:\\Users']]],
  ['url.original:http://a/b?c=d', [['url.original', 'http://a/b?c=d']]],
  ['@timestamp:2026-11-22', [['@timestamp', '2026-11-22']]],
  ['10:22:01', [['', '10:22:01']]],
  [
    'đăng nhập',
    [
      ['', 'đăng'],
      ['', 'nhập'],
    ],
  ],
  [
    '"AND" "OR"',
    [
      ['', 'AND'],
      ['', 'OR'],
    ],
  ],
] as const)('%j', (text, terms) => {
  expect(parseTerms(text)).toEqual({ terms: terms.map(([field, value]) => ({ field, value })) })
})

test.each([
  ['user.name:root "Failed', 'unclosed_quote', 15],
  ['user.name:', 'missing_value', 0],
  ['a user.name: b', 'missing_value', 2],
  ['a:""', 'missing_value', 0],
  ['root OR admin', 'unsupported_operator', 5],
  ['(root)', 'unsupported_operator', 0],
  ['a '.repeat(33), 'too_many_terms', 64],
  ['a'.repeat(2_001), 'too_long', 2_000],
])('refused: %j', (text, code, position) => {
  expect(parseTerms(text)).toEqual({ error: { code, position, message: expect.any(String) as string } })
})

test('any text gives terms with values, or an error inside the text', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('a:', '"', '\\', ' ', ':', 'AND'))
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (text) => {
        const parsed = parseTerms(text)
        const fits =
          'terms' in parsed ? parsed.terms.every(({ value }) => value !== '') : parsed.error.position <= text.length
        expect(fits).toBe(true)
      },
    ),
  )
})

test('what is quoted comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      const quoted = value.replace(/["\\]/g, '\\$&')
      expect(parseTerms(`message:"${quoted}"`)).toEqual({ terms: [{ field: 'message', value }] })
    }),
  )
})
