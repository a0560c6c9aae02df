import { RE2JS } from 're2js'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { LineCounter, parseDocument } from 'yaml'
import type { EcsEvent } from '../model/event.ts'
import { matchesName } from '../model/source-table.ts'
import { integer, ipOf, put } from './fields.ts'
import type { Message, TextParser } from './parser.ts'
import { isoTime, parseEpoch, parseIso } from './time.ts'
import { compileTime, type ReadTime } from './time-pattern.ts'
import { parseClf } from './web-access.ts'

// Parsers that a place writes itself, for programs of its own: a YAML file each. Their expressions run on RE2, in time that grows with the
// line alone, whatever the author wrote and an attacker sends.

/** A parser of the place's own, and the lines that it is tried on. */
export interface UserParser extends TextParser {
  name: string
  samples: readonly UserSample[]
  /** A stream whose lines it is asked about, to try the samples as. */
  stream?: string
}

export interface UserSample {
  line: string
  /** Fields that the event must have; `null`: must not. */
  expect: { readonly [field: string]: unknown }
}

/** What is wrong with a file, and where. */
export class UserParserError extends Error {
  override name = 'UserParserError'
}

const LINE_LENGTH_MAX = 16_384
/** Ours end at 999; the place's own come before them, in the order of their files' names. */
const PRECEDENCE_FIRST = -1_000
const FIELD = '^[a-z][a-z0-9_]*(\\.[A-Za-z0-9_@-]+)+$'
const strict = { additionalProperties: false }
const Constant = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Array(Type.String())])

const Schema = Type.Object(
  {
    /** `app.ho-so-dat`: what the events are called. */
    dataset: Type.String({ pattern: '^[a-z][a-z0-9_-]*\\.[a-z0-9_.-]+$' }),
    /** Which lines it is asked about: all that are given must hold. */
    when: Type.Object(
      {
        programs: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
        streams: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
        startsWith: Type.Optional(Type.String({ minLength: 1 })),
        contains: Type.Optional(Type.String({ minLength: 1 })),
      },
      { ...strict, minProperties: 1 },
    ),
    time: Type.Optional(Type.Object({ from: Type.String(), format: Type.String({ minLength: 1 }) }, strict)),
    set: Type.Optional(Type.Record(Type.String({ pattern: FIELD }), Constant)),
    messages: Type.Array(
      Type.Object(
        {
          match: Type.String({ minLength: 1, maxLength: 4_096 }),
          fields: Type.Optional(Type.Record(Type.String(), Type.String({ pattern: FIELD }))),
          words: Type.Optional(Type.Record(Type.String({ pattern: FIELD }), Type.Record(Type.String(), Constant))),
          set: Type.Optional(Type.Record(Type.String({ pattern: FIELD }), Constant)),
        },
        strict,
      ),
      { minItems: 1, maxItems: 64 },
    ),
    samples: Type.Array(
      Type.Object({ line: Type.String({ minLength: 1 }), expect: Type.Record(Type.String(), Type.Unknown()) }, strict),
      { minItems: 1 },
    ),
  },
  strict,
)
type File = Static<typeof Schema>

/** What only the collector may say. */
const OURS = /^(?:soc|ecs)\.|^event\.(?:original|ingested|dataset|module)$|^log\.source\.address$/

/**
 * @param files name and text, in the order in which they are to be asked
 * @throws {UserParserError} `path: where: what`
 */
export function loadUserParsers(files: readonly { path: string; text: string }[]): UserParser[] {
  return files.map(({ path, text }, i) => compile(path, text, PRECEDENCE_FIRST + i))
}

function compile(path: string, text: string, precedence: number): UserParser {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [broken] = document.errors
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0])
    throw new UserParserError(`${path}:${line}:${col}: ${broken.message}`)
  }
  const value: unknown = document.toJS({ maxAliasCount: 0 })
  if (!Value.Check(Schema, value)) {
    const [error] = Value.Errors(Schema, value)
    throw new UserParserError(`${path}: ${error?.instancePath ?? ''}: ${error?.message ?? 'not a parser'}`)
  }
  const fail = (where: string, what: string): never => {
    throw new UserParserError(`${path}: ${where}: ${what}`)
  }
  const names = [
    ...Object.keys(value.set ?? {}),
    ...value.messages.flatMap(({ fields, set }) => [...Object.values(fields ?? {}), ...Object.keys(set ?? {})]),
  ]
  for (const name of names) if (OURS.test(name)) fail(name, 'only the collector sets this field')
  const messages = value.messages.map((message, i) =>
    compileMessage(message, value.time?.from, (what) => fail(`/messages/${i}`, what)),
  )
  const readTime =
    value.time === undefined ? undefined : timeReader(value.time.format, (what) => fail('/time/format', what))
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).replace(/\.ya?ml$/, '')
  const { when, dataset, set, samples } = value
  const programs = when.programs?.map((program) => program.toLowerCase())
  return {
    name,
    samples,
    layer: 'text',
    precedence,
    ...(programs !== undefined && { programs }),
    ...(when.streams !== undefined && { stream: when.streams[0]!.toLowerCase().replaceAll('*', 'x') }),
    parse(given, event, context) {
      if (!concerns(given, when, context.stream)) return false
      const line = given.text.slice(0, LINE_LENGTH_MAX)
      for (const message of messages) {
        const groups = message.read(line)
        if (groups === undefined) continue
        event['event.dataset'] = dataset
        put(event, 'message', given.text)
        putAll(event, set)
        putAll(event, message.set)
        for (const [group, field] of message.fields) putField(event, field, groups(group), message.words[field])
        const stamp = value.time === undefined ? undefined : groups(value.time.from)
        const ms = stamp === undefined ? undefined : readTime!(stamp, context)
        if (ms !== undefined) event['@timestamp'] = isoTime(ms)
        else if (stamp !== undefined) {
          event['error.code'] = 'bad_time'
          event['error.message'] = `no such time: ${stamp.slice(0, 60)}`
        }
        return true
      }
      return false
    },
  }
}

function concerns({ text }: Message, when: File['when'], stream: string): boolean {
  if (when.streams !== undefined && !when.streams.some((pattern) => matchesName(pattern.toLowerCase(), stream)))
    return false
  if (when.startsWith !== undefined && !text.startsWith(when.startsWith)) return false
  return when.contains === undefined || text.includes(when.contains)
}

interface CompiledMessage {
  /** Reads a group of a line that matches; undefined where it does not. */
  read(line: string): ((group: string) => string | undefined) | undefined
  fields: readonly (readonly [group: string, field: string])[]
  words: { readonly [field: string]: { readonly [word: string]: unknown } | undefined }
  set: File['set']
}

function compileMessage(
  message: File['messages'][number],
  time: string | undefined,
  fail: (what: string) => never,
): CompiledMessage {
  const pattern = compiled(message.match, fail)
  const groups = new Set(Object.keys(pattern.namedGroups()))
  for (const group of Object.keys(message.fields ?? {}))
    if (!groups.has(group)) fail(`the expression has no group '${group}'`)
  for (const field of Object.keys(message.words ?? {}))
    if (!Object.values(message.fields ?? {}).includes(field)) fail(`words of ${field}, which no group fills`)
  const timed = time !== undefined && groups.has(time)
  return {
    fields: Object.entries(message.fields ?? {}),
    words: message.words ?? {},
    set: message.set,
    read(line) {
      const matcher = pattern.matcher(line)
      if (!matcher.find()) return undefined
      return (group) =>
        groups.has(group) && (group !== time || timed) ? (matcher.group(group) ?? undefined) : undefined
    },
  }
}

function compiled(source: string, fail: (what: string) => never): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    return fail(
      `'${source.slice(0, 80)}' is no RE2 expression: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function timeReader(format: string, fail: (what: string) => never): ReadTime {
  if (format === 'iso') return (text, { zone }) => parseIso(text, zone)
  if (format === 'epoch')
    return (text) => (/^\d{1,19}(?:\.\d{1,9})?$/.test(text) ? parseEpoch(Number(text)) : undefined)
  if (format === 'clf') return (text) => parseClf(text)
  return (
    compileTime(format) ?? fail(`'${format}' has no day and no hour: iso, epoch, clf, or YYYY MM MMM DD hh mm ss SSS`)
  )
}

function putAll(event: EcsEvent, constants: File['set']): void {
  for (const [field, value] of Object.entries(constants ?? {})) event[field] = Array.isArray(value) ? [...value] : value
}

const NUMBERS = /\.(?:port|pid|bytes|packets|status_code|count|duration|severity)$/

/** A value as its field wants it: a number, an address (else beside it, as `.address`), or what the file says of its word. */
function putField(
  event: EcsEvent,
  field: string,
  text: string | undefined,
  words: CompiledMessage['words'][string],
): void {
  if (text === undefined || text === '') return
  if (words !== undefined) {
    if (Object.hasOwn(words, text)) event[field] = words[text] as EcsEvent[string]
    return
  }
  if (field.endsWith('.ip')) {
    const ip = ipOf(text)
    put(event, `${field.slice(0, -3)}.address`, ip ?? text)
    put(event, field, ip)
  } else if (NUMBERS.test(field)) put(event, field, integer(text))
  else event[field] = text
}
