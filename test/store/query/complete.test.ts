import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { choices, expectedAt } from '../../../store/query/complete.ts'
import { parseQuery } from '../../../store/query/parse.ts'

const FIELDS = ['source.ip', 'source.port', 'user.name']
const VALUES = ['root', 'Rõ ràng', 'not', 'a"b', 'c\\']

const offered = (text: string): string[] =>
  choices(text, expectedAt(text, text.length), FIELDS, VALUES).map((choice) => choice.text)

/** `|` is the cursor. */
test.each([
  ['', [...FIELDS, 'not', '(']],
  ['sou', ['source.ip', 'source.port']],
  ['user.name:', ['root', '"Rõ ràng"', '"not"', String.raw`"a\"b"`, 'c\\', '(']],
  ['user.name:r', ['root', '"Rõ ràng"']],
  ['user.name:"r', ['root', '"Rõ ràng"']],
  ['user.name:(root or r', ['root', '"Rõ ràng"']],
  ['user.name:(root ', ['root', '"Rõ ràng"', '"not"', String.raw`"a\"b"`, 'c\\', 'and', 'or', 'not', ')']],
  ['user.name:root ', [...FIELDS, 'and', 'or', 'not', '|']],
  ['(user.name:root ', [...FIELDS, 'and', 'or', 'not', ')']],
  ['user.name:root and ', [...FIELDS, 'not', '(']],
  ['user.name:root a', ['and']],
  ['x |', ['count', 'histogram', 'fields', 'sort']],
  ['x | c', ['count']],
  ['x | count ', ['by', '|']],
  ['x | count by ', FIELDS],
  ['x | count by user.name, s', ['source.ip', 'source.port']],
  ['x | count by user.name ', [',', '|']],
  ['x | count by user.name | ', ['top', 'sort']],
  ['x | count by user.name | top ', ['10', '20', '100']],
  ['x | histogram ', ['1s', '1m', '1h', '1d', 'by', '|']],
  ['x | histogram 5m by u', ['user.name']],
  ['x | sort @timestamp ', ['asc', 'desc', '|']],
])('%s', (text, expected) => expect(offered(text)).toEqual(expected))

test('names the field whose values are to be asked for, and the stretch that a choice replaces', () => {
  expect(expectedAt('a and user.name:ro b', 18)).toMatchObject({ from: 16, to: 18, valuesOf: 'user.name' })
  expect(expectedAt('user.name:"a b', 14)).toMatchObject({ from: 10, to: 14, valuesOf: 'user.name' })
  expect(expectedAt('user.na:x', 7)).toMatchObject({ from: 0, to: 7, fields: true })
})

test('never throws, and a chosen value is read back as it is', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('a:', '"', '\\', ' ', '(', ')', '|', ' count by ', 'or '))
  fc.assert(
    fc.property(fc.array(piece), fc.nat(80), fc.string({ minLength: 1 }), (pieces, cursor, value) => {
      const text = pieces.join('')
      const at = Math.min(cursor, text.length)
      const { from, to } = expectedAt(text, at)
      expect(from >= 0 && from <= to && to === at).toBe(true)
      const [choice] = choices('x:', expectedAt('x:', 2), [], [value])
      const parsed = parseQuery(`x:${choice!.text}`)
      expect(parsed).toMatchObject({ query: { where: { field: 'x', pattern: { kind: 'equals', text: value } } } })
    }),
    { numRuns: 500 },
  )
})
