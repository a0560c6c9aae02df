import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { segments, visible } from '../../console/lib/highlight.ts'
import { messages } from '../../console/lib/language.ts'
import { localTime, vietnamTime, writtenTime } from '../../console/lib/time.ts'

test.each([
  ['one span', 'Failed password for root', [[0, 15]], ['[Failed password]', ' for root']],
  [
    'overlapping and touching',
    'abcdef',
    [
      [1, 3],
      [2, 4],
      [4, 5],
    ],
    ['a', '[bcde]', 'f'],
  ],
  [
    'outside, empty, upside down',
    'abc',
    [
      [-5, 1],
      [2, 2],
      [3, 1],
      [2, 99],
    ],
    ['[a]', 'b', '[c]'],
  ],
  ['none', 'abc', [], ['abc']],
] as const)('%s', (_name, line, spans, expected) => {
  const shown = segments(line, spans).map(({ text, matched }) => (matched ? `[${text}]` : text))
  expect(shown).toEqual(expected)
})

test('whatever the spans, the line is whole', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.tuple(fc.integer(), fc.integer())), (line, spans) => {
      expect(
        segments(line, spans)
          .map(({ text }) => text)
          .join(''),
      ).toBe(line)
    }),
  )
})

test('nothing invisible is left in what is shown', () => {
  expect(visible('a\u0000b\u202Ec\u200Bd\te')).toBe('a␀b‹U+202E›c‹U+200B›d\te')
  // A sentence can hide in tags, which nothing draws; a space that is a letter makes another name.
  expect(visible('a\u{E0041}b\u3164')).toBe('a‹U+E0041›b‹U+3164›')
  const unseen =
    /[\u0000-\u0008\u202A-\u202E\u2066-\u2069\u200B-\u200F]|\p{Default_Ignorable_Code_Point}(?<!\p{Variation_Selector})/u
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !unseen.test(visible(text))))
})

test('time is Vietnam time, 24 hours, day first', () => {
  expect(vietnamTime('2026-11-22T17:00:00.000Z')).toBe('23/11/2026 00:00')
  expect(vietnamTime('2026-01-02T03:04:05.678Z', true)).toBe('02/01/2026 10:04:05')
  expect(vietnamTime('nothing')).toBe('nothing')
})

test('a parameter is filled in as it is, not read again; numbers and plurals go by the language', () => {
  const { say, has } = messages(
    { said: 'Lỗi ({code})', found: '{n} sự cố' },
    { said: 'Error ({code})', found: { one: '{n} incident', other: '{n} incidents' } },
  )
  expect(say('said', { code: '{code} $& {n}' })).toBe('Lỗi ({code} $& {n})')
  expect(say('found', { n: 12_345 }, 'vi')).toBe('12.345 sự cố')
  expect([1, 2_000].map((n) => say('found', { n }, 'en'))).toEqual(['1 incident', '2,000 incidents'])
  expect([has('said'), has('toString')]).toEqual([true, false])
})

test.each([
  ['22/11/2026', false, '2026-11-22'],
  [' 3/4/2026 ', false, '2026-04-03'],
  ['03-04-2026 9:05', true, '2026-04-03T09:05'],
  ['03.04.2026 9h05', true, '2026-04-03T09:05'],
  ['03/04/2026', true, '2026-04-03T00:00'],
  ['29/02/2028', false, '2028-02-29'],
  ['29/02/2026', false, null],
  ['11/22/2026', false, null],
  ['31/04/2026', false, null],
  ['00/01/2026', false, null],
  ['22/11/26', false, null],
  ['22/11/2026 24:00', true, null],
  ['22/11/2026 14:60', true, null],
  ['', true, null],
] as const)('a written time %j', (written, withClock, local) => expect(localTime(written, withClock)).toBe(local))

test('any minute written and read is itself', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      const local = date.toISOString().slice(0, 'YYYY-MM-DDTHH:mm'.length)
      expect(localTime(writtenTime(local), true)).toBe(local)
      expect(localTime(writtenTime(local), false)).toBe(local.split('T')[0])
    }),
  )
})
