import type { EcsEvent } from '../model/event.ts'
import type { JsonObject } from './json-record.ts'
import type { Refusal } from './refusal.ts'
import type { Zone } from './time.ts'

/** What a parser may know besides the text. There is no other clock: `receivedAtMs` is «now». */
export interface Context {
  receivedAtMs: number
  /** Zone of times that name none. */
  zone: Zone
  /** What the sender calls the stream (`POST /ingest/:source`), lower case; `''` where it says nothing. */
  stream: string
}

/** What is left of a line once its header is read. */
export interface Message {
  text: string
  /** Program that the header names, lower case, without path; `''` where it names none. */
  program: string
  /** Set instead of being read from `text` where the content is a JSON object. */
  json?: JsonObject
}

/**
 * A parser is one file of `parsers/`. Of a layer, the one with the lowest `precedence` is asked first; two of one layer
 * never share a number (the loader refuses that), so the order of files means nothing. A parser fills `event` and
 * neither throws nor keeps anything from one line to the next.
 */
export type Parser = HeaderParser | TextParser | JsonParser

/** Reads the envelope: priority, time, host, program. */
export interface HeaderParser {
  layer: 'header'
  precedence: number
  /** True where its content may also stand inside another header (JSON in a syslog line). */
  embeds?: boolean
  /**
   * It is an envelope: what is in it may be a whole line with a header of its own, but for another envelope's. Dataset of a
   * content that nothing else knows.
   */
  envelope?: `generic.${string}`
  /** A look at the first bytes; a line that is claimed and then refused is a dead letter. */
  claims(text: string): boolean
  parse(text: string, event: EcsEvent, context: Context): Message | Refusal
}

/** Reads the message of one program or one kind of line. */
export interface TextParser {
  layer: 'text'
  precedence: number
  /** Programs whose lines it is asked about, lower case (`''`: lines without a header); without it, every line. */
  programs?: readonly string[]
  /** False: not its line, and `event` is untouched. A refusal counts only where no header vouches for the line. */
  parse(message: Message, event: EcsEvent, context: Context): boolean | Refusal
}

/** Reads a JSON object by its shape. */
export interface JsonParser {
  layer: 'json'
  precedence: number
  /** False: not its shape, and `event` is untouched. `message.program` is the syslog program around it, if any. */
  parse(record: JsonObject, event: EcsEvent, context: Context): boolean | Refusal
}
