import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MatchedPart, RawLine } from '../../detection/span.ts'

const quoted = (line: string, field: string, whole: string, part = whole): [number | undefined, string | undefined] => {
  const from = whole.indexOf(part)
  const span = new RawLine(line).spanOf(new MatchedPart(field, whole, [from, from + part.length]))
  return [span?.[0], span && line.slice(...span)]
}

test.each([
  ['as it is', 'a=CMD.exe b', 'x', 'cmd.exe', undefined, 2, 'CMD.exe'],
  ['inside the whole text, not where the part stands first', 'exe cmd.exe', 'x', 'cmd.exe', 'exe', 8, 'exe'],
  ['the part alone', 'n exe', 'x', 'cmd.exe', 'exe', 2, 'exe'],
  ['JSON: escaped', '{"p":"C:\\\\T\\\\a.exe"}', 'p', 'C:\\T\\a.exe', '\\a.exe', 11, '\\\\a.exe'],
  [
    'JSON: the field, not another with the text in it',
    '{"q":"a.exe -x","p":"a.exe"}',
    'p',
    'a.exe',
    undefined,
    21,
    'a.exe',
  ],
  ['JSON: the field, not one before it with the same text', '{"q":"a","p" : "a"}', 'p', 'a', undefined, 16, 'a'],
  ['JSON: a name that stands as a value', '{"q":"p","p":"p"}', 'p', 'p', undefined, 14, 'p'],
  ['JSON: nested names', '{"process":{"name":"a"},"name":"b"}', 'process.name', 'a', undefined, 20, 'a'],
  ['JSON: names with dots', '{"name":"x","process.name":"x"}', 'process.name', 'x', undefined, 28, 'x'],
  ['JSON: names that differ in case', '{"user":"an","User":"an"}', 'User', 'an', undefined, 21, 'an'],
  ['the same case goes first', 'AN is an', 'x', 'an', undefined, 6, 'an'],
  ['JSON: numbers', '{"a":10,"EventID":1}', 'EventID', '1', undefined, 18, '1'],
  ['JSON: not the beginning of a longer number', '{"n":12,"m":"1"}', 'n', '1', undefined, 5, '1'],
  ['JSON: quotes and controls', '{"c":"say \\"hi\\"\\n"}', 'c', 'say "hi"\n', '"hi"', 10, '\\"hi\\"'],
  ['JSON: an element of a list', '{"l":["x","C:\\\\y"]}', 'l', 'C:\\y', undefined, 11, 'C:\\\\y'],
  ['JSON inside a line of syslog', '<13>x: {"p":"C:\\\\a"}', 'p', 'C:\\a', '\\a', 15, '\\\\a'],
])('%s', (_name, line, field, whole, part, start, text) => {
  expect(quoted(line, field, whole, part)).toEqual([start, text])
})

test.each([
  ['the text is not there', 'abc', 'x', 'xyz'],
  ['an empty part', 'abc', 'x', ''],
])('nowhere: %s', (_name, line, field, whole) => expect(quoted(line, field, whole)).toEqual([undefined, undefined]))

describe('any event as JSON', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
  const cut = fc.tuple(text, fc.nat(), fc.nat())
  test('what is quoted is the part, as JSON writes it', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), text, cut, (others, field, [whole, a, b]) => {
        const at = [a % (whole.length + 1), b % (whole.length + 1)].sort((x, y) => x - y) as [number, number]
        const line = JSON.stringify({ ...others, [field]: whole })
        const span = new RawLine(line).spanOf(new MatchedPart(field, whole, at))
        const part = whole.slice(...at)
        if (part === '') {
          expect(span).toBeUndefined()
          return
        }
        const found = line.slice(...span!)
        const meant = found.toLowerCase() === part.toLowerCase() ? found : (JSON.parse(`"${found}"`) as string)
        expect(meant.toLowerCase()).toBe(part.toLowerCase())
      }),
    )
  })
})
