import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRecord, type JsonObject } from '../../../collector/json-record.ts'
import type { Context, Parser } from '../../../collector/parser.ts'
import { Refusal } from '../../../collector/refusal.ts'
import { loadZone } from '../../../collector/time.ts'
import type { EcsEvent } from '../../../model/event.ts'
import { loadFolder } from '../../../model/load-folder.ts'
import { ROOT } from '../../../model/root.ts'
import { runs } from '../../runs.ts'
import { RECEIVED_AT_MS } from './line.ts'

// What every parser of the folder owes, whichever it is: a new file is held to it by being there. Its own words, which steer a made-up
// line into its depths, are read off its source, and the lines to be damaged off the tests.

const parsers = [...(await loadFolder<Parser>(new URL('../../../collector/parsers/', import.meta.url)))]
const zone = loadZone('Asia/Ho_Chi_Minh')

/** String literals of a source, as they read. */
function literalsOf(source: string): string[] {
  return [...source.matchAll(/'((?:[^'\\\n]|\\.){1,2000})'|`([^`$\\]{1,4000})`/g)].map(([, single, back]) =>
    (back ?? single!).replace(/\\(n|t|r|0|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gs, (_, code: string) =>
      code.length > 1
        ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
        : ({ n: '\n', t: '\t', r: '\r', 0: '\0' }[code] ?? code),
    ),
  )
}

const lines = readdirSync(join(ROOT, 'test/collector/parsers'))
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => literalsOf(readFileSync(join(ROOT, 'test/collector/parsers', name), 'utf8')))
  .filter((text) => text.length >= 24 && /[ ,|{<]/.test(text))

function wordsOf(name: string): string[] {
  const source = readFileSync(join(ROOT, 'collector/parsers', `${name}.ts`), 'utf8')
  return [...new Set(literalsOf(source))].filter((text) => !text.startsWith('../'))
}

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

function blank(): EcsEvent {
  return {
    '@timestamp': '2026-05-12T03:30:00.000Z',
    'event.ingested': '2026-05-12T03:30:00.000Z',
    'event.original': 'x',
    'event.dataset': 'generic.text',
    'ecs.version': '8.17.0',
    'soc.record': 'test-7',
    'soc.seq': 7,
    'soc.source': 's',
    'soc.agency': 'unregistered',
  }
}

function hold(parser: Parser, given: string | JsonObject, program: string, stream: string): boolean {
  const event = blank()
  const context: Context = { receivedAtMs: RECEIVED_AT_MS, zone, stream }
  if (parser.layer === 'header') {
    const text = given as string
    if (parser.claims(text)) parser.parse(text, event, context)
  } else {
    const done =
      parser.layer === 'json'
        ? parser.parse(given as JsonObject, event, context)
        : parser.parse({ text: given as string, program }, event, context)
    if (done === false) expect(event).toEqual(blank())
  }
  expect(event['@timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(event).toMatchObject({
    'event.original': 'x',
    'soc.record': 'test-7',
    'soc.seq': 7,
    'soc.agency': 'unregistered',
  })
  expect(Object.getPrototypeOf(event)).toBe(Object.prototype)
  for (const [field, value] of Object.entries(event)) {
    expect({ field, value }).not.toMatchObject({ value: undefined })
    if (value === '') expect({ field, value }).toBe('absent')
  }
  return true
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
        expect(hold(parser, record, program, stream)).toBe(true)
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
          expect(hold(parser, long, program, '')).toBe(true)
        },
      ),
      { numRuns: runs(12) },
    )
  },
)
