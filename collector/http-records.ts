/*
 * Cuts the body of a request into records, each as the sender wrote it, byte for byte. No JSON is parsed here: a record that
 * is no JSON, or too deep, or has a key twice, is for the parsers to refuse. Nothing recurses, so depth costs nothing.
 */

const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const TAB = 0x09
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const BYTE_ORDER_MARK = Buffer.from('\uFEFF')

/** How a body says what it is: by its Content-Type, or not at all (curl -d claims to be a form). */
export type BodyKind = 'lines' | 'json' | 'unknown'

const KINDS: Record<string, BodyKind> = {
  '': 'unknown',
  'application/json': 'json',
  'application/x-ndjson': 'lines',
  'application/ndjson': 'lines',
  'application/jsonl': 'lines',
  'application/x-jsonlines': 'lines',
  'application/x-www-form-urlencoded': 'unknown',
  'application/octet-stream': 'unknown',
  'text/plain': 'lines',
}

/** Undefined: nothing that holds records. */
export function bodyKind(contentType: string | undefined): BodyKind | undefined {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase()
  return Object.hasOwn(KINDS, type) ? KINDS[type] : undefined
}

/**
 * The records of `body`: the elements of one JSON array, or one JSON object written over several lines, or else its lines,
 * without blank ones. `malformed`: it claims to be JSON and begins an array that does not end; `too_many`: more than
 * `recordsMax`.
 */
export function cutRecords(body: Buffer, kind: BodyKind, recordsMax: number): Buffer[] | 'malformed' | 'too_many' {
  const text = body.subarray(0, 3).equals(BYTE_ORDER_MARK) ? body.subarray(3) : body
  const start = skipBlank(text, 0)
  if (kind !== 'lines' && text[start] === OPEN_ARRAY) {
    const elements = cutArray(text, start, recordsMax)
    if (elements !== null) return elements
    if (kind === 'json') return 'malformed'
  }
  if (kind !== 'lines' && text[start] === OPEN_OBJECT) {
    const end = endOfValue(text, start)
    if (skipBlank(text, end) === text.length) return [text.subarray(start, end)]
  }
  return cutLines(text, recordsMax)
}

function cutLines(text: Buffer, recordsMax: number): Buffer[] | 'too_many' {
  const records: Buffer[] = []
  let start = 0
  for (;;) {
    const content = skipBlank(text, start)
    if (content >= text.length) return records
    start = Math.max(start, text.lastIndexOf(LF, content) + 1) // past the blank lines, before the line's own indent
    if (records.length === recordsMax) return 'too_many'
    const found = text.indexOf(LF, content)
    const end = found < 0 ? text.length : found
    records.push(text.subarray(start, text[end - 1] === CR ? end - 1 : end))
    start = end + 1
  }
}

/** Null: not one whole array and nothing else. */
function cutArray(text: Buffer, start: number, recordsMax: number): Buffer[] | 'too_many' | null {
  const records: Buffer[] = []
  let at = skipBlank(text, start + 1)
  if (text[at] === CLOSE_ARRAY) return skipBlank(text, at + 1) === text.length ? records : null
  for (;;) {
    const end = endOfValue(text, at)
    if (end === at || end > text.length) return null
    if (records.length === recordsMax) return 'too_many'
    records.push(text.subarray(at, end))
    at = skipBlank(text, end)
    if (text[at] === CLOSE_ARRAY) return skipBlank(text, at + 1) === text.length ? records : null
    if (text[at] !== COMMA) return null
    at = skipBlank(text, at + 1)
  }
}

/** Behind the JSON value that begins at `start`; beyond the text if it does not end; `start` itself if there is none. */
function endOfValue(text: Buffer, start: number): number {
  let at = start
  if (text[at] !== QUOTE && text[at] !== OPEN_OBJECT && text[at] !== OPEN_ARRAY) {
    while (at < text.length && !isBlank(text[at]!) && text[at] !== COMMA && text[at] !== CLOSE_ARRAY) at++
    return at
  }
  let depth = 0
  do {
    const byte = text[at]
    if (byte === QUOTE) at = endOfString(text, at)
    else {
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--
      at++
    }
  } while (depth > 0 && at < text.length)
  return depth > 0 ? text.length + 1 : at
}

function endOfString(text: Buffer, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1
  return at + 1
}

function skipBlank(text: Buffer, start: number): number {
  let at = start
  while (at < text.length && isBlank(text[at]!)) at++
  return at
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === LF || byte === CR || byte === TAB
}
