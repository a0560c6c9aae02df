import { textOf } from '../base64-text.ts'
import { put } from '../fields.ts'
import { putLeaf } from '../json-names.ts'
import { flatten, parseRecord, type JsonObject, type JsonValue } from '../json-record.ts'
import type { HeaderParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost, putProgram } from '../syslog-header.ts'
import { isoTime, parseEpoch, parseNanos } from '../time.ts'

/** Where Fluentd and Fluent Bit put a line, the first that there is. */
const LINES = ['log', 'message', 'MESSAGE']
/** What they put beside one in `message`: where there is more, it is a program's own record, and not a line. */
const BESIDE = new Set(
  (
    'host hostname ident pid msgid time extradata pri priority facility severity level tag path tailed_path file filename source ' +
    'source_address source_host source_hostname stream logtag container_id container_name'
  ).split(' '),
)

/**
 * A record of Fluent's Forward protocol (its form: `collector/forward.ts`). A line that was read from somewhere goes to the
 * parser whose line it is, with what Fluent knows of it; any other record is read as the JSON that it is.
 */
export default {
  layer: 'header',
  precedence: 7,
  envelope: 'generic.forward',

  claims: (text) => text.startsWith('{"forward":{"tag":'),

  parse(text, event) {
    const whole = parseRecord(text)
    if (whole instanceof Refusal) return whole
    const { tag, time, record } = objectOf(whole['forward'])
    const ms = timeOf(time)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    put(event, 'fluent.tag', textOf(tag))
    const fields = objectOf(record)
    const name = LINES.find((key) => textOf(fields[key]) !== undefined)
    const isLine =
      name === 'log' || (name !== undefined && Object.keys(fields).every((key) => key === name || BESIDE.has(key)))
    if (!isLine) return { text: JSON.stringify(record ?? null), program: '' }
    const { [name]: line, host, hostname, ident, pid, ...rest } = fields
    putHost(event, textOf(host) ?? textOf(hostname) ?? '')
    flatten(rest, '', (leaf, value) => putLeaf(event, BESIDE.has(leaf) ? `fluent.${leaf}` : leaf, value))
    const number = typeof pid === 'number' ? String(pid) : (textOf(pid) ?? '')
    return { text: (textOf(line) ?? '').replace(/\r?\n$/, ''), program: putProgram(event, textOf(ident) ?? '', number) }
  },
} satisfies HeaderParser

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

/** Seconds as a number, or seconds and nanoseconds as text. */
function timeOf(time: JsonValue | undefined): number | undefined {
  if (typeof time === 'number') return parseEpoch(time)
  return typeof time === 'string' && /^\d{1,10}\.\d{9}$/.test(time) ? parseNanos(time.replace('.', '')) : undefined
}
