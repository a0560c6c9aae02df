import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameDecoder, withoutTerminator, type Framed } from '../../../collector/framing.ts'
import { runs } from '../../runs.ts'

const LIMIT = 64

function decode(chunks: readonly Buffer[], limit = LIMIT): [string, string?][] {
  const decoder = new FrameDecoder(limit)
  const frames = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()]
  return frames.map(({ bytes, refused }: Framed) => {
    const text = bytes.toString('latin1')
    return refused === undefined ? [text] : [text, refused]
  })
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const utf8 = (text: string): string => Buffer.from(text).toString('latin1')
const counted = (text: string): string => `${Buffer.byteLength(text)} ${utf8(text)}`

const FORTIGATE = '<189>date=2026-03-01 devname="FG-SYT"'
const SSHD = '<38>Mar  1 08:00:00 web1 sshd[311]: Failed'
const VIETNAMESE = '<14>1 - xa-tan-ky app - - - đăng nhập'

test.each<[name: string, stream: string, frames: [string, string?][]]>([
  ['LF', `${SSHD}\n${SSHD}\n`, [[SSHD], [SSHD]]],
  ['LF, the last line without', `${SSHD}\n<13>last`, [[SSHD], ['<13>last']]],
  ['CRLF', `${SSHD}\r\n<13>b\r\n`, [[SSHD], ['<13>b']]],
  ['NUL before LF', '<13>a\0\n<13>b\0\r\n<13>c\0', [['<13>a'], ['<13>b'], ['<13>c']]],
  ['a NUL inside is content, not an end', '<13>a\0<13>forged\n', [['<13>a\0<13>forged']]],
  ['a space after LF is content: no continuation', '<13>a\n <13>b\n', [['<13>a'], [' <13>b']]],
  ['blank lines are no messages', '\n\r\n<13>a\n\n\n', [['<13>a']]],
  ['no priority', 'plain text\n', [['plain text']]],
  ['octet counting, no LF (logger --octet-count)', counted(SSHD) + counted(FORTIGATE), [[SSHD], [FORTIGATE]]],
  ['octet counting, LF counted in (rsyslog)', `7 <13>ab\n7 <13>cd\n`, [['<13>ab'], ['<13>cd']]],
  ['octet counting, LF not counted', `6 <13>ab\n6 <13>cd\r\n`, [['<13>ab'], ['<13>cd']]],
  ['the count is of octets, not characters', counted(VIETNAMESE) + counted(SSHD), [[utf8(VIETNAMESE)], [SSHD]]],
  ['LF inside a counted frame is content', counted('<13>a\nb') + counted('<13>c'), [['<13>a\nb'], ['<13>c']]],
  ['a CR at the end of a counted frame is content', '6 <13>a\r6 <13>bc', [['<13>a\r'], ['<13>bc']]],
  ['later frames need no priority', `${counted('<13>a')}5 plain`, [['<13>a'], ['plain']]],
  ['a number at the start of a line', '54 <1 minute elapsed\n4 <13>a\n', [['54 <1 minute elapsed'], ['4 <13>a']]],
  ['a number and a priority of four digits', '54 <1000>x\n', [['54 <1000>x']]],
  ['a number of seven digits', '1234567 <13>x\n', [['1234567 <13>x']]],
  ['a number that begins with 0', '05 <1>ab\n', [['05 <1>ab']]],
  ['a later line that looks counted does not change the framing', '<13>a\n5 <1>ab\n', [['<13>a'], ['5 <1>ab']]],
  ['invalid UTF-8', '<13>\xff\xfe\xc3\n', [['<13>\xff\xfe\xc3']]],
  ['nothing at all', '', []],
  ['only what may become a count', '12', [['12']]],
  ['exactly the limit', `${'x'.repeat(LIMIT)}\ny\n`, [['x'.repeat(LIMIT)], ['y']]],
])('%s', (_name, stream, frames) => {
  expect(decode([bytes(stream)])).toEqual(frames)
})

test.each<[name: string, stream: string, frames: [string, string?][]]>([
  ['one byte over, then the next line', `${'x'.repeat(LIMIT + 1)}\ny\n`, [['x'.repeat(LIMIT), 'oversized'], ['y']]],
  ['a line that never ends', 'x'.repeat(100_000), [['x'.repeat(LIMIT), 'oversized']]],
  [
    'a counted frame over the limit, then the next',
    `100 <13>${'x'.repeat(96)}6 <13>ab`,
    [[`<13>${'x'.repeat(60)}`, 'oversized'], ['<13>ab']],
  ],
  ['a counted frame that never ends', `999999 <13>${'x'.repeat(500)}`, [[`<13>${'x'.repeat(60)}`, 'oversized']]],
  ['a counted frame cut off', '20 <13>abc', [['<13>abc', 'truncated']]],
  ['cut off inside a later count', '6 <13>ab12', [['<13>ab'], ['12', 'truncated']]],
  ['cut off behind a count', '6 <13>ab12 ', [['<13>ab'], ['', 'truncated']]],
  ['text where a count should be', '6 <13>ab<13>lost', [['<13>ab'], ['<13>lost', 'unframed']]],
  ['a count of seven digits', '6 <13>ab1234567 <13>x', [['<13>ab'], ['1234567 <13>x', 'unframed']]],
  ['a count of 0', '6 <13>ab0 <13>x', [['<13>ab'], ['0 <13>x', 'unframed']]],
  ['a count without a space', '6 <13>ab12<13>x', [['<13>ab'], ['12<13>x', 'unframed']]],
  [
    'no more than the limit of what cannot be framed',
    `6 <13>ab${'z'.repeat(1000)}`,
    [['<13>ab'], ['z'.repeat(LIMIT), 'unframed']],
  ],
])('refuses: %s', (_name, stream, frames) => {
  expect(decode([bytes(stream)])).toEqual(frames)
})

test('says at once when counts make no sense, so that the connection can be closed', () => {
  const decoder = new FrameDecoder(LIMIT)
  decoder.push(bytes('6 <13>ab'))
  expect(decoder.broken).toBe(false)
  decoder.push(bytes('x'))
  expect(decoder.broken).toBe(true)
})

/** Streams made of the things that senders send, and of anything. */
const part = fc.oneof(
  fc.constantFrom('\n', '\r\n', '\0', ' ', '<13>', '6 <13>ab', '7 <13>ab\n', '1', '12 <13>', '999999 ', '<', '>'),
  fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\0', ' ', '<', '>', '0', '1', '\xff'), maxLength: 12 }),
  fc.integer({ min: 1, max: 200 }).map((length) => 'y'.repeat(length)),
  fc.string({ maxLength: 30 }).map((text) => counted(`<13>${text}`)),
)
const stream = fc.array(part, { maxLength: 12 }).map((parts) => bytes(parts.join('')))

describe('any bytes', () => {
  test('give the same frames however they are cut into chunks', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 40 })), (whole, sizes) => {
        const chunks: Buffer[] = []
        let at = 0
        for (const size of sizes) chunks.push(whole.subarray(at, (at += size)))
        chunks.push(whole.subarray(at))
        const expected = decode([whole])
        expect(decode(chunks)).toEqual(expected)
        expect(decode([...whole].map((byte) => Buffer.from([byte])))).toEqual(expected)
      }),
      { numRuns: runs(500) },
    )
  })

  test('are kept: lines within the limit come back joined as they went in', () => {
    const line = fc
      .uint8Array({ minLength: 1, maxLength: LIMIT })
      .filter((raw) => !raw.includes(0x0a) && ![0, 0x0d].includes(raw.at(-1)!))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
        const raw = lines.map((one) => Buffer.from(one).toString('latin1'))
        expect(decode([bytes(`<13>first\n${raw.join('\n')}`)])).toEqual([['<13>first'], ...raw.map((one) => [one])])
      }),
    )
  })

  test('never make a frame beyond the limit, nor hold more than it', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 20 }), (whole, limit) => {
        for (const [text] of decode([whole], limit)) expect(text.length).toBeLessThanOrEqual(Math.max(limit, 11))
      }),
    )
  })
})

test.each([
  ['<13>a', '<13>a'],
  ['<13>a\n', '<13>a'],
  ['<13>a\r\n', '<13>a'],
  ['<13>a\0', '<13>a'],
  ['<13>a\0\n', '<13>a'],
  ['<13>a\n\n', '<13>a\n'],
  ['\n', ''],
  ['', ''],
])('a datagram %j is the message %j', (datagram, message) => {
  expect(withoutTerminator(bytes(datagram)).toString('latin1')).toBe(message)
})
