import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutLines, cutRecords, type Reached } from '../../collector/file-lines.ts'
import { runs } from '../runs.ts'

const START: Reached = { offset: 0, skipping: false }
const LIMIT = 8

function told(content: string, from = START, atRest = false): { lines: string[]; offset: number; skipping: boolean } {
  const { lines, ...reached } = cutLines(Buffer.from(content, 'latin1'), from, LIMIT, atRest)
  const text = lines.map(({ offset, bytes, refused }) => `${offset}:${refused ?? ''}|${bytes.toString('latin1')}`)
  return { lines: text, ...reached }
}

test.each<[name: string, content: string, lines: string[], offset: number, skipping?: boolean]>([
  ['lines', 'a\nbc\n', ['0:|a', '2:|bc'], 5],
  ['a last line without LF is left', 'a\nbc', ['0:|a'], 2],
  ['CRLF', 'a\r\nb\r\n', ['0:|a', '3:|b'], 6],
  ['a CR inside a line is content', 'a\rb\n', ['0:|a\rb'], 4],
  ['lines of nothing are none', '\n\r\n\na\n', ['4:|a'], 6],
  ['one NUL at the end goes, others stay', 'a\0b\0\n', ['0:|a\0b'], 5],
  ['exactly the limit', 'x'.repeat(8) + '\n', ['0:|xxxxxxxx'], 9],
  ['over the limit', 'x'.repeat(9) + '\nb\n', ['0:oversized|xxxxxxxx', '10:|b'], 12],
  ['over the limit without an end yet', 'x'.repeat(9), ['0:oversized|xxxxxxxx'], 9, true],
  ['nothing', '', [], 0],
])('%s', (_name, content, lines, offset, skipping = false) => {
  expect(told(content)).toEqual({ lines, offset, skipping })
})

test('what is left of a line over the limit is passed over', () => {
  const inside = { offset: 100, skipping: true }
  expect(told('xxx', inside)).toEqual({ lines: [], offset: 103, skipping: true })
  expect(told('xxx\na\n', inside)).toEqual({ lines: ['104:|a'], offset: 106, skipping: false })
})

test('at rest a last line is one', () => {
  expect(told('a\nbc', START, true)).toEqual({ lines: ['0:|a', '2:|bc'], offset: 4, skipping: false })
})

test('the lines do not depend on how the file was read', () => {
  const content = fc
    .array(fc.constantFrom('a', 'bc', '\n', '\r\n', '\0', 'x'.repeat(7), 'y'.repeat(20)), { maxLength: 60 })
    .map((parts) => Buffer.from(parts.join('')))
  fc.assert(
    fc.property(content, fc.array(fc.integer({ min: LIMIT + 2, max: 40 }), { minLength: 1 }), (file, sizes) => {
      const whole = cutLines(file, START, LIMIT, true)
      const lines = []
      let reached: Reached = START
      for (let i = 0; reached.offset < file.length; i++) {
        const end = Math.min(file.length, reached.offset + sizes[i % sizes.length]!)
        const cut = cutLines(file.subarray(reached.offset, end), reached, LIMIT, end === file.length)
        expect(cut.offset, 'goes on').toBeGreaterThan(reached.offset)
        lines.push(...cut.lines)
        reached = cut
      }
      expect(lines).toEqual(whole.lines)
      expect(whole.offset).toBe(file.length)
    }),
    { numRuns: runs(300) },
  )
})

const indented = (bytes: Buffer): boolean => bytes[0] === 0x20

function records(content: string, from = START, atRest = false): { lines: string[]; offset: number } {
  const { lines, offset } = cutRecords(Buffer.from(content, 'latin1'), from, LIMIT, atRest, indented)
  return { lines: lines.map((line) => `${line.offset}:${line.refused ?? ''}|${line.bytes.toString('latin1')}`), offset }
}

test.each<[name: string, content: string, atRest: boolean, lines: string[], offset: number]>([
  ['what goes on is one record, the last waits', 'a\n b\nc\n', false, ['0:|a\n b'], 5],
  ['at rest the last is whole', 'a\n b\nc\n d\n', true, ['0:|a\n b', '5:|c\n d'], 10],
  ['blank lines inside belong to it', 'a\n\n b\nc\n', true, ['0:|a\n\n b', '6:|c'], 8],
  ['a record ends at the limit', 'a\n bc\n de\nf\n', true, ['0:|a\n bc', '6:| de', '10:|f'], 12],
  ['what goes on with nothing is a record', ' b\nc\n', true, ['0:| b', '3:|c'], 5],
  ['a line over the limit is not joined to', 'x'.repeat(9) + '\n b\n', true, ['0:oversized|xxxxxxxx', '10:| b'], 13],
  ['CRLF inside is kept', 'a\r\n b\r\nc\n', true, ['0:|a\r\n b', '7:|c'], 9],
])('records of several lines: %s', (_name, content, atRest, lines, offset) => {
  expect(records(content, START, atRest)).toEqual({ lines, offset })
})

test('records of several lines do not depend on how the file was read', () => {
  const content = fc
    .array(fc.constantFrom('a', 'bc', '\n', '\n ', '\r\n', 'x'.repeat(7), 'y'.repeat(20)), { maxLength: 60 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(content, fc.array(fc.integer({ min: 2 * LIMIT + 4, max: 60 }), { minLength: 1 }), (file, sizes) => {
      const whole = records(file, START, true).lines
      const found: string[] = []
      let reached: Reached = START
      for (let i = 0; reached.offset < file.length; i++) {
        const end = Math.min(file.length, reached.offset + sizes[i % sizes.length]!)
        const window = Buffer.from(file.slice(reached.offset, end), 'latin1')
        const { lines, ...next } = cutRecords(window, reached, LIMIT, end === file.length, indented)
        found.push(...lines.map((line) => `${line.offset}:${line.refused ?? ''}|${line.bytes.toString('latin1')}`))
        if (next.offset === reached.offset && next.skipping === reached.skipping && end < file.length)
          throw new Error(`stuck at ${next.offset}`)
        reached = next
      }
      expect(found).toEqual(whole)
    }),
    { numRuns: runs(500) },
  )
})
