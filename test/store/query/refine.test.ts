import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EcsEvent } from '../../../model/event.ts'
import { holds } from '../../../store/query/evaluate.ts'
import { parseQuery } from '../../../store/query/parse.ts'
import { VALUE_CHARS_MAX } from '../../../store/query/query.ts'
import { conditionOf, excluding, including, only } from '../../../store/query/refine.ts'

test.each([
  ['', 'user.name:root'],
  ['  ', 'user.name:root'],
  ['a b', 'a b and user.name:root'],
  ['a or b', '(a or b) and user.name:root'],
  ['(a or b)', '((a or b)) and user.name:root'],
  ['| count by host.name', 'user.name:root | count by host.name'],
  ['a or b | sort @timestamp asc', '(a or b) and user.name:root | sort @timestamp asc'],
  ['"a | b"', '"a | b" and user.name:root'],
])('%j narrowed to one user', (search, expected) => {
  expect(including(search, 'user.name', 'root')).toBe(expected)
})

test.each([
  ['user.name', 'and', 'user.name:"and"'],
  ['url.path', '/a b', 'url.path:"/a b"'],
  ['process.executable', 'C:\\Windows\\', 'process.executable:C:\\Windows\\'],
  ['my "field"', 'x', '"my \\"field\\"":x'],
  ['source.ip', 'fe80::1', 'source.ip:fe80::1'],
])('%s of %j', (field, value, expected) => expect(only(field, value)).toBe(expected))

test.each([
  ['a | count', 'a'],
  ['"a | b', '"a | b'],
  ['a (', 'a ('],
])('the condition of %j', (search, condition) => expect(conditionOf(search)).toBe(condition))

const where = (search: string) => {
  const parsed = parseQuery(search)
  if ('error' in parsed) throw new Error(`${search}: ${parsed.error.message}`)
  return parsed.query.where!
}

describe('whatever the field and the value, what is written means just that', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: VALUE_CHARS_MAX / 4 })
  const field = fc.oneof(fc.constantFrom('user.name', 'message', 'source.ip'), text)
  const searches = ['', 'x', 'not x', 'x or not x', '(x or y) z | count by user.name']

  test.each(searches)('%j', (search) => {
    fc.assert(
      fc.property(field, text, fc.boolean(), (name, value, meant) => {
        const event = { [name]: value, 'event.original': meant ? 'x z' : 'other' } as unknown as EcsEvent
        if (name === 'event.original') return
        const before = search === '' || holds(event, where(conditionOf(search) || '*'))
        expect(holds(event, where(including(search, name, value)))).toBe(before)
        expect(holds(event, where(excluding(search, name, value)))).toBe(false)
        expect(holds(event, where(only(name, value)))).toBe(true)
      }),
    )
  })
})
