import type { EcsEvent } from '../../model/event.ts'
import { integer, put } from '../fields.ts'
import { parseRecord, type JsonValue } from '../json-record.ts'
import type { HeaderParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost, putPriority, putProgram, putSeverity } from '../syslog-header.ts'
import { isoTime } from '../time.ts'

// An entry of the systemd journal as `journalctl --output=json` writes it (systemd.journal-fields(7)): fields in no order, all
// text; bytes that are no text as an array of numbers, a field given several times as an array of its values.
const OPENING = /^\{"[A-Z_][A-Z0-9_]{0,63}":/
const NAME = /^[A-Z0-9_]{1,64}$/
const TIME_MS_MAX = 253_402_300_799_999

const FIELDS: Readonly<Record<string, string>> = {
  _MACHINE_ID: 'host.id',
  _BOOT_ID: 'host.boot.id',
  _EXE: 'process.executable',
  _CMDLINE: 'process.command_line',
  _UID: 'process.user.id',
  _GID: 'process.group.id',
  CONTAINER_ID_FULL: 'container.id',
  CONTAINER_NAME: 'container.name',
  IMAGE_NAME: 'container.image.name',
  CODE_FILE: 'log.origin.file.name',
  CODE_FUNC: 'log.origin.function',
  _TRANSPORT: 'systemd.transport',
}
/** Read by themselves, or about nothing but the journal. */
const DONE = new Set(
  (
    '__CURSOR __REALTIME_TIMESTAMP __MONOTONIC_TIMESTAMP __SEQNUM __SEQNUM_ID _SOURCE_REALTIME_TIMESTAMP _SOURCE_MONOTONIC_TIMESTAMP ' +
    '_SOURCE_BOOTTIME_TIMESTAMP MESSAGE PRIORITY SYSLOG_FACILITY SYSLOG_IDENTIFIER SYSLOG_PID SYSLOG_TIMESTAMP SYSLOG_RAW _HOSTNAME ' +
    '_PID CODE_LINE _AUDIT_ID _AUDIT_TYPE _AUDIT_TYPE_NAME'
  ).split(' '),
)

/** What the journal knows of who said it, and then the message, which goes to the parser of the program that said it. */
export default {
  layer: 'header',
  precedence: 5,

  claims: (text) => OPENING.test(text) && text.includes('"__REALTIME_TIMESTAMP":'),

  parse(text, event) {
    const record = parseRecord(text)
    if (record instanceof Refusal) return record
    const get = (name: string): string | undefined => textsOf(record[name])[0]
    const atMs = timeOf(get('_SOURCE_REALTIME_TIMESTAMP')) ?? timeOf(get('__REALTIME_TIMESTAMP'))
    if (atMs === undefined) return new Refusal('bad_time', 'no such time in __REALTIME_TIMESTAMP')
    event['@timestamp'] = isoTime(atMs)
    putHost(event, get('_HOSTNAME') ?? '')
    const severity = integer(get('PRIORITY')) ?? 8
    const facility = integer(get('SYSLOG_FACILITY')) ?? 24
    if (severity < 8 && facility < 24) putPriority(event, facility * 8 + severity)
    else if (severity < 8) putSeverity(event, severity)
    const tag = get('SYSLOG_IDENTIFIER') ?? get('_COMM') ?? ''
    const program = putProgram(event, tag, get('_PID') ?? get('SYSLOG_PID') ?? '')
    put(event, 'log.origin.file.line', integer(get('CODE_LINE')))
    for (const name of Object.keys(record)) putNamed(event, name, textsOf(record[name]))
    const message = textsOf(record['MESSAGE']).join('\n')
    return { text: get('_TRANSPORT') === 'audit' ? auditRecord(message, atMs, get) : message, program }
  },
} satisfies HeaderParser

function putNamed(event: EcsEvent, name: string, values: string[]): void {
  if (values.length === 0 || DONE.has(name) || !NAME.test(name)) return
  const bare = name.replace(/^_+/, '').toLowerCase()
  const field = Object.hasOwn(FIELDS, name)
    ? FIELDS[name]!
    : bare.startsWith('systemd_')
      ? `systemd.${bare.slice('systemd_'.length)}`
      : `journald.${bare}`
  put(event, field, values.length === 1 ? values[0]! : values)
}

/** The values of a field, bytes as the text that they are. */
function textsOf(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (!Array.isArray(value) || value.length === 0) return []
  if (value.every(isByte)) return [Buffer.from(value).toString('utf8')]
  return value.flatMap((item) => {
    if (typeof item === 'string') return [item]
    return Array.isArray(item) && item.every(isByte) ? [Buffer.from(item).toString('utf8')] : []
  })
}

function isByte(value: JsonValue): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255
}

/** Microseconds since 1970. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,18}$/.test(text)) return undefined
  const ms = Math.floor(Number(text) / 1_000)
  return ms <= TIME_MS_MAX ? ms : undefined
}

/** As auditd writes it: the journal takes the head of a record of the kernel's apart into fields. */
function auditRecord(message: string, atMs: number, get: (name: string) => string | undefined): string {
  const [type, id] = [get('_AUDIT_TYPE_NAME'), get('_AUDIT_ID')]
  if (type === undefined || id === undefined) return message
  const rest = message.startsWith(`${type} `) ? message.slice(type.length + 1) : message
  return `type=${type} msg=audit(${Math.floor(atMs / 1_000)}.${String(atMs % 1_000).padStart(3, '0')}:${id}): ${rest}`
}
