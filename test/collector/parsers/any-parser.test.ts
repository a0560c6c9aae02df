import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRecord, type JsonObject } from '../../../collector/json-record.ts'
import { Refusal } from '../../../collector/refusal.ts'
import { runs } from '../../runs.ts'
import { complaint, lines, parsers, wordsOf } from './any-parser.ts'

/** A line with parts left out, doubled, swapped or replaced. */
const damaged = (words: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...lines),
      fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.nat(3),
          fc.constantFrom(...words, '"', '\\', '=', '|', ']', '>', '\n', '99999999999999999999', 'ả', ' '),
        ),
        { maxLength: 4 },
      ),
    )
    .map(([line, changes]) =>
      changes.reduce((text, [where, what, word]) => {
        const at = Math.floor(where * text.length)
        if (what === 0) return text.slice(0, at)
        if (what === 1) return text.slice(0, at) + word + text.slice(at)
        if (what === 2) return text.slice(0, at) + text.slice(at + 3)
        return text.slice(0, at) + text.slice(Math.max(0, at - 20))
      }, line),
    )

const texts = (words: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    damaged(words),
    fc
      .array(fc.oneof(fc.constantFrom(...words, ' ', ':', '='), fc.string({ maxLength: 12 })), { maxLength: 16 })
      .map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 80 }),
  )

function objects(words: readonly string[]): fc.Arbitrary<JsonObject> {
  const leaf = fc.oneof(
    fc.constantFrom(...words),
    fc.string({ maxLength: 12 }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('2026-05-12T02:59:58Z', '203.0.113.9'),
  )
  const { object } = fc.letrec<{ value: unknown; object: object }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
    object: fc.dictionary(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...words) },
        { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
      ),
      tie('value'),
      { maxKeys: 12 },
    ),
  }))
  return object
    .map((made) => parseRecord(JSON.stringify(made)))
    .filter((record) => !(record instanceof Refusal)) as fc.Arbitrary<JsonObject>
}

test.each(parsers)('%s: anything is an event or a reason; what is not its line it leaves alone', (name, parser) => {
  const words = wordsOf(name)
  const programs = parser.layer === 'text' ? (parser.programs ?? ['']) : ['']
  const given: fc.Arbitrary<string | JsonObject> = parser.layer === 'json' ? objects(words) : texts(words)
  fc.assert(
    fc.property(
      given,
      fc.constantFrom(...programs),
      fc.constantFrom('', name.split('-', 1)[0]!),
      (record, program, stream) => {
        expect(complaint(parser, record, program, stream)).toBeUndefined()
      },
    ),
    { numRuns: runs(150) },
  )
})

test.each(parsers.filter(([, { layer }]) => layer !== 'json'))(
  '%s: a line made of one part over and over costs no more than its length',
  (name, parser) => {
    // Quadratic reading of these would take minutes, and the test's time limit would end it.
    const words = wordsOf(name)
    const programs = parser.layer === 'text' ? (parser.programs ?? ['']) : ['']
    fc.assert(
      fc.property(
        fc.constantFrom(...lines),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(12),
        fc.constantFrom(...words, ' ', '"', '<', '[', ': ', ', '),
        fc.constantFrom(...programs),
        (line, where, length, word, program) => {
          const at = Math.floor(where * line.length)
          const part = length < 3 ? word : line.slice(at, at + length)
          if (part === '') return
          const long = line.slice(0, at) + part.repeat(Math.ceil(200_000 / part.length)) + line.slice(at)
          expect(complaint(parser, long, program, '')).toBeUndefined()
        },
      ),
      { numRuns: runs(12) },
    )
  },
)

// What the long run has found.
test.each([
  ['coredns', '[ERROR] plugin/errors: 2 example.vn. A: ', 'coredns'],
  ['github-audit', '{"_document_id":"","action":"a","created_at":"2026-05-12T02:59:58Z"}', ''],
  ['iis', '2026-05-12 02:59:58 W3SVC1 WEB01 10.10.2.9 GET / - 80 - 203.0.113.9  - - 403 4 5 437 534 7', ''],
  ['juniper-srx', 'RT_SCREEN: ', 'rt_ids'],
  ['generic-json', '{"user":""}', ''],
])('%s: %s', (name, given, program) => {
  const [, parser] = parsers.find(([known]) => known === name)!
  const record = parser.layer === 'json' ? (parseRecord(given) as JsonObject) : given
  expect(complaint(parser, record, program, '')).toBeUndefined()
})
