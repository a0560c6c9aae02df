import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyKind, cutRecords, type BodyKind } from '../../../collector/http-records.ts'

function cut(text: string, kind: BodyKind, recordsMax = 100): string[] | string {
  const records = cutRecords(Buffer.from(text), kind, recordsMax)
  return typeof records === 'string' ? records : records.map((record) => record.toString())
}

test.each<[name: string, kind: BodyKind, body: string, records: string[]]>([
  ['NDJSON', 'lines', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
  ['NDJSON that calls itself JSON', 'json', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
  ['CRLF, blank lines, an indent kept', 'lines', '\r\n\n  a b\r\n \t\n\nc', ['  a b', 'c']],
  ['a broken line is a record like any other', 'lines', '{"a":\n{"b":2}', ['{"a":', '{"b":2}']],
  ['a broken first line, called JSON', 'json', '{"a":"\n{"b":2}', ['{"a":"', '{"b":2}']],
  ['text', 'lines', '<13>đăng nhập\n[1] not an array', ['<13>đăng nhập', '[1] not an array']],
  [
    'an array, elements as they were written',
    'json',
    ' [ {"a" : 1.0},\n {"b":"],[\\""} , 3,"x" ] \n',
    ['{"a" : 1.0}', '{"b":"],[\\""}', '3', '"x"'],
  ],
  ['an array that does not say so', 'unknown', '[{"a":[{}]}]', ['{"a":[{}]}']],
  ['an empty array', 'json', '[ ]', []],
  ['one object over several lines', 'json', '{\n  "a": {"b": "}\\\\"}\n}\n', ['{\n  "a": {"b": "}\\\\"}\n}']],
  ['text that begins like an array, kind unknown', 'unknown', '[warn] one\n[warn] two', ['[warn] one', '[warn] two']],
  ['a byte order mark', 'json', '\uFEFF{"a":1}', ['{"a":1}']],
  ['nothing', 'lines', '', []],
  ['nothing but blanks', 'unknown', ' \n\n ', []],
])('%s', (_name, kind, body, records) => {
  expect(cut(body, kind)).toEqual(records)
})

test.each(['[', '[{"a":1}', '[1,]', '[,1]', '[1 2]', '[1] x', '["a]', '[1],[2]', '[{]'])(
  'refuses an array like %j',
  (body) => {
    expect(cut(body, 'json')).toBe('malformed')
  },
)

test('refuses more records than allowed, in lines and in arrays', () => {
  expect(cut('1\n2\n3', 'lines', 2)).toBe('too_many')
  expect(cut('[1,2,3]', 'json', 2)).toBe('too_many')
  expect(cut('1\n2\n', 'lines', 2)).toHaveLength(2)
})

test('depth costs nothing', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  expect(cut(`[${deep}]`, 'json')).toEqual([deep])
})

test('many blank lines cost no more than their bytes', () => {
  expect(cut(`${'\n'.repeat(4_000_000)}a`, 'lines')).toEqual(['a'])
})

describe('any body', () => {
  test('of JSON values in an array comes apart into the text of each', () => {
    const element = fc.json({ maxDepth: 4 })
    const blank = fc.constantFrom('', ' ', '\n', '\t\r\n')
    fc.assert(
      fc.property(fc.array(fc.tuple(blank, element, blank)), (elements) => {
        const body = `[${elements.map((parts) => parts.join('')).join(',')}]`
        expect(cut(body, 'json')).toEqual(elements.map(([, text]) => text))
      }),
    )
  })

  test('is cut or refused, never a throw, and no byte that is not blank is lost from lines', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom<BodyKind>('lines', 'json', 'unknown'),
        (body, kind) => {
          cutRecords(Buffer.from(body), kind, 10)
          const lines = cutRecords(Buffer.from(body), 'lines', 1000) as Buffer[]
          const solid = (bytes: Uint8Array): number[] =>
            [...bytes].filter((byte) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte))
          const text = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body
          expect(lines.flatMap(solid)).toEqual(solid(text))
        },
      ),
    )
  })
})

test.each([
  [undefined, 'unknown'],
  ['application/json; charset=utf-8', 'json'],
  ['Application/X-NDJSON', 'lines'],
  ['text/plain', 'lines'],
  ['multipart/form-data; boundary=x', undefined],
  ['__proto__', undefined],
])('content type %s is %s', (type, kind) => expect(bodyKind(type)).toBe(kind))
