import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../collector/json-record.ts'
import type { Context, Parser } from '../../../collector/parser.ts'
import { loadZone } from '../../../collector/time.ts'
import type { EcsEvent } from '../../../model/event.ts'
import { loadFolder } from '../../../model/load-folder.ts'
import { ROOT } from '../../../model/root.ts'
import { RECEIVED_AT_MS } from './line.ts'

// What every parser of the folder owes, whichever it is: a new file is held to it by being there. Its own words, which steer a made-up
// line into its depths, are read off its source, and the lines to be damaged off the tests.

export const parsers = [...(await loadFolder<Parser>(new URL('../../../collector/parsers/', import.meta.url)))]
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

/** Whole lines, of every kind that a test shows. */
export const lines = readdirSync(join(ROOT, 'test/collector/parsers'))
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => literalsOf(readFileSync(join(ROOT, 'test/collector/parsers', name), 'utf8')))
  .filter((text) => text.length >= 24 && /[ ,|{<]/.test(text))

/** What the source of a parser compares with. */
export function wordsOf(name: string): string[] {
  const source = readFileSync(join(ROOT, 'collector/parsers', `${name}.ts`), 'utf8')
  return [...new Set(literalsOf(source))].filter((text) => !text.startsWith('../'))
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

const BLANK = blank()
const BLANK_TEXT = JSON.stringify(BLANK)
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const KEPT = ['event.original', 'soc.record', 'soc.seq', 'soc.agency'] as const

/**
 * Gives the parser one record.
 * @returns what it did that no parser may, or nothing
 */
export function complaint(
  parser: Parser,
  given: string | JsonObject,
  program: string,
  stream: string,
): string | undefined {
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
    if (done === false && JSON.stringify(event) !== BLANK_TEXT) return `says no, and leaves ${JSON.stringify(event)}`
  }
  if (!STAMP.test(event['@timestamp'])) return `@timestamp is ${event['@timestamp']}`
  if (Object.getPrototypeOf(event) !== Object.prototype) return 'the event is of another kind'
  for (const field of KEPT) if (event[field] !== BLANK[field]) return `changes ${field}`
  for (const [field, value] of Object.entries(event))
    if (value === undefined || value === '') return `${field} is ${value === '' ? 'empty' : 'undefined'}`
  return undefined
}
