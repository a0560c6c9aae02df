import type { EcsEvent, EcsValue } from '../model/event.ts'
import { put } from './fields.ts'
import { flatten } from './json-record.ts'
import type { JsonObject, JsonValue } from './json-record.ts'
import type { Context } from './parser.ts'
import { Refusal } from './refusal.ts'
import { putHost } from './syslog-header.ts'
import { isoTime, parseEpoch, parseIso } from './time.ts'
import { part } from './json-parts.ts'
import { ofEvtxJson } from './windows-shapes.ts'

/** The event's own data by name, all as text. */
export interface WindowsRecord {
  code: string
  data: { readonly [name: string]: string | undefined }
}

const SYSMON = 'Microsoft-Windows-Sysmon/Operational'
const UTC = { offsetMs: () => 0 }

/**
 * Channel of a Windows event, lower case, whichever shipper wrote it; `''` where it names none and its fields do not tell;
 * undefined where the record is no Windows event. Shapes: Winlogbeat (`winlog.*`), Windows' own (`Event.System`), and flat ones:
 * NXLog, and the names Sigma itself uses.
 */
export function channelOf(record: JsonObject): string | undefined {
  const own = ofEvtxJson(record)
  if (own !== undefined) return channelOf(own)
  const winlog = record['winlog']
  if (isObject(winlog)) {
    if (winlog['event_id'] === undefined && winlog['channel'] === undefined) return undefined
    return typeof winlog['channel'] === 'string' ? winlog['channel'].toLowerCase() : ''
  }
  const id = record['EventID']
  if (!(typeof id === 'number' || (typeof id === 'string' && /^\d{1,6}$/.test(id)))) return undefined
  if (typeof record['Channel'] === 'string') return record['Channel'].toLowerCase()
  return guessChannel(record).toLowerCase()
}

/** The event's number as text, in whichever shape; undefined where the record is no Windows event. */
export function eventIdOf(record: JsonObject): string | undefined {
  const id =
    part(record['winlog'])?.['event_id'] ?? record['EventID'] ?? part(ofEvtxJson(record)?.['winlog'])?.['event_id']
  return text(id)
}

/** Flat records often leave the channel out; the fields that only one channel has tell it. */
function guessChannel(record: JsonObject): string {
  const provider = record['SourceName'] ?? record['Provider_Name'] ?? record['ProviderName']
  if (provider === 'Microsoft-Windows-Sysmon') return SYSMON
  if (provider === 'Microsoft-Windows-Security-Auditing') return 'Security'
  if (provider !== undefined) return ''
  if ('ProcessGuid' in record || 'UtcTime' in record || 'SourceProcessGUID' in record || 'Image' in record)
    return SYSMON
  if ('SubjectUserName' in record || 'TargetUserName' in record || 'SubjectUserSid' in record) return 'Security'
  return ''
}

/** Sets `winlog.*`, the time, the host and the dataset; refuses an impossible time. */
export function readWindows(given: JsonObject, event: EcsEvent, context: Context): WindowsRecord | Refusal {
  const record = ofEvtxJson(given) ?? given
  const data = Object.create(null) as { [name: string]: string }
  const winlog = record['winlog']
  const refusal = isObject(winlog)
    ? readWinlogbeat(record, winlog, event, data, context)
    : readFlat(record, event, data, context)
  if (refusal !== undefined) return refusal
  const code = text(event['winlog.event_id']) ?? text(event['event.code']) ?? ''
  put(event, 'winlog.event_id', code)
  put(event, 'event.code', code)
  if (event['log.level'] === undefined) put(event, 'log.level', event['winlog.level'])
  put(event, 'event.provider', event['winlog.provider_name'])
  const computer = text(event['winlog.computer_name'])
  if (computer !== undefined) {
    putHost(event, computer)
    event['host.name'] = computer // as Windows writes it: rules and dashboards compare it with `winlog.computer_name`
  }
  const dataset = datasetOf(text(event['winlog.channel']) ?? '')
  event['event.dataset'] = dataset
  const system = dataset === SYSMON_LINUX ? 'linux' : 'windows'
  event['host.os.type'] = system
  event['host.os.family'] ??= system
  put(event, 'event.outcome', auditOutcome(event))
  put(event, 'user.id', event['winlog.user.identifier'])
  return { code, data }
}

/**
 * `win:<computer>/<channel>/<record id>/<event time>`: how Windows itself names a record, and when. Without the time, a host
 * that was set back to a snapshot would use its ids again for other events, and those would be lost as repeats. Undefined
 * where a part is missing.
 */
export function windowsId(event: EcsEvent): string | undefined {
  const computer = event['winlog.computer_name']
  const channel = event['winlog.channel']
  const id = event['winlog.record_id']
  if (typeof computer !== 'string' || typeof channel !== 'string' || typeof id !== 'string') return undefined
  return `win:${computer}/${channel}/${id}/${event['@timestamp']}`
}

/** Sysmon for Linux writes Windows' records of another system. */
export const SYSMON_LINUX = 'sysmon_linux.log'

/** `Microsoft-Windows-Sysmon/Operational` is `windows.sysmon_operational`; `Windows PowerShell` is `windows.powershell`. */
function datasetOf(channel: string): string {
  const name = channel
    .slice(0, 128)
    .toLowerCase()
    .replace(/^microsoft-windows-/, '')
    .replace(/^windows /, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
  if (name === 'linux_sysmon_operational') return SYSMON_LINUX
  return `windows.${name === '' ? 'other' : name}`
}

// --- Winlogbeat ---------------------------------------------------------------------------------------------------------

/** Fields of Winlogbeat's event that are ours to set, or that hold the raw event once more. */
const NOT_TAKEN = new Set([
  'log.source.address',
  'event.original',
  'event.ingested',
  'event.dataset',
  'event.module',
  'ecs.version',
  '@timestamp',
])

function readWinlogbeat(
  record: JsonObject,
  winlog: JsonObject,
  event: EcsEvent,
  data: { [name: string]: string },
  context: Context,
): Refusal | undefined {
  const refusal = putTime(event, [winlog['time_created'], record['@timestamp']], context)
  if (refusal !== undefined) return refusal
  for (const key of Object.keys(record)) {
    const value = record[key]!
    if (key === 'winlog' || value === null) continue
    if (isObject(value)) flatten(value, key, (name, leaf) => take(event, name, leaf))
    else take(event, key, value)
  }
  for (const key of Object.keys(winlog)) {
    const value = winlog[key]!
    if (key === 'event_data' || key === 'user_data') continue
    if (isObject(value)) flatten(value, `winlog.${key}`, (name, leaf) => put(event, name, leaf))
    else if (value !== null) put(event, `winlog.${key}`, value)
  }
  for (const field of ['winlog.event_id', 'winlog.record_id'] as const) put(event, field, text(event[field]))
  // Events without a template (1102, 104) carry their data here, under the same names.
  for (const part of ['user_data', 'event_data'] as const) {
    const values = winlog[part]
    if (isObject(values)) for (const key of Object.keys(values)) putData(event, data, key, values[key]!)
  }
  return undefined
}

function take(event: EcsEvent, name: string, value: JsonValue): void {
  if (NOT_TAKEN.has(name) || name.startsWith('soc.') || name === '__proto__') return
  put(event, name, value)
}

// --- Flat: NXLog and Sigma's own names ------------------------------------------------------------------------------------

const SYSTEM: { readonly [name: string]: string } = {
  ActivityID: 'winlog.activity_id',
  Channel: 'winlog.channel',
  Computer: 'winlog.computer_name',
  ComputerName: 'winlog.computer_name',
  Correlation_ActivityID: 'winlog.activity_id',
  EventID: 'winlog.event_id',
  EventRecordID: 'winlog.record_id',
  ExecutionProcessID: 'winlog.process.pid',
  ExecutionThreadID: 'winlog.process.thread.id',
  Execution_ProcessID: 'winlog.process.pid',
  Execution_ThreadID: 'winlog.process.thread.id',
  Hostname: 'winlog.computer_name',
  Keywords: 'winlog.keywords',
  Level: 'winlog.level',
  Message: 'message',
  Opcode: 'winlog.opcode',
  ProviderGuid: 'winlog.provider_guid',
  ProviderName: 'winlog.provider_name',
  Provider_Guid: 'winlog.provider_guid',
  Provider_Name: 'winlog.provider_name',
  RecordNumber: 'winlog.record_id',
  Security_UserID: 'winlog.user.identifier',
  Severity: 'log.level',
  SourceName: 'winlog.provider_name',
  Task: 'winlog.task',
  ThreadID: 'winlog.process.thread.id',
  UserID: 'winlog.user.identifier',
  Version: 'winlog.version',
}
/** What NXLog says of itself, and times that `@timestamp` already tells. */
const SKIPPED = new Set([
  '@timestamp',
  'EventReceivedTime',
  'EventTime',
  'EventID_Qualifiers',
  'OpcodeValue',
  'SeverityValue',
  'SourceModuleName',
  'SourceModuleType',
  'TimeCreated',
  'TimeCreated_SystemTime',
])
const NUMBERS = new Set(['winlog.process.pid', 'winlog.process.thread.id', 'winlog.version'])

/** Microsoft Defender has data of the name by which NXLog calls the provider. */
function isData(key: string, record: JsonObject): boolean {
  return key === 'SourceName' && ('Provider_Name' in record || 'ProviderName' in record)
}

function readFlat(
  record: JsonObject,
  event: EcsEvent,
  data: { [name: string]: string },
  context: Context,
): Refusal | undefined {
  const nxlog = 'SourceModuleName' in record || 'EventReceivedTime' in record
  const utc = typeof record['UtcTime'] === 'string' ? `${record['UtcTime']}Z` : undefined
  const times = [
    record['@timestamp'],
    record['TimeCreated'],
    record['TimeCreated_SystemTime'],
    record['EventTime'],
    utc,
  ]
  const refusal = putTime(event, times, context)
  if (refusal !== undefined) return refusal
  for (const key of Object.keys(record)) {
    const value = record[key]!
    if (value === null || SKIPPED.has(key)) continue
    const system = Object.hasOwn(SYSTEM, key) && !isData(key, record) ? SYSTEM[key]! : undefined
    if (system !== undefined) {
      const scalar = text(value)
      if (scalar !== undefined)
        put(event, system, NUMBERS.has(system) && /^\d{1,10}$/.test(scalar) ? Number(scalar) : scalar)
    } else if (
      key === 'EventType' &&
      /^(?:AUDIT_(?:SUCCESS|FAILURE)|INFO|WARNING|ERROR|VERBOSE|CRITICAL)$/.test(text(value) ?? '')
    ) {
      put(event, 'winlog.event_type', text(value)) // NXLog's; Sysmon's own EventType says SetValue, CreateKey …
    } else if (key === 'ProcessID' && nxlog) put(event, 'winlog.process.pid', Number(value))
    else if (key === 'Category' && nxlog) put(event, 'winlog.task', text(value))
    else if (key === 'Domain' && nxlog) put(event, 'winlog.user.domain', text(value))
    else putData(event, data, key, value)
  }
  if (event['winlog.channel'] === undefined) put(event, 'winlog.channel', guessChannel(record))
  return undefined
}

// --- Both ---------------------------------------------------------------------------------------------------------------

const DATA = 'winlog.event_data.'

function putData(event: EcsEvent, data: { [name: string]: string }, key: string, value: JsonValue): void {
  const name = key.includes(' ') ? key.replaceAll(' ', '') : key
  const scalar = text(value)
  if (scalar !== undefined) {
    // Rules ask for `''`, which is there and says nothing: only under its own name, as no other field follows from it.
    event[DATA + name] = scalar
    if (scalar !== '') data[name] = scalar
  } else if (isObject(value)) {
    // `winlog.user_data` may wrap its fields once: {"LogFileCleared": {"SubjectUserName": …}}.
    flatten(value, '', (leaf, inner) => {
      const at = leaf.slice(leaf.lastIndexOf('.') + 1)
      event[DATA + at] = inner as EcsValue
      if (typeof inner === 'string') data[at] = inner
    })
  } else if (Array.isArray(value) && value.length > 0) event[DATA + name] = value as EcsValue
}

/** The first of `times` that is there; refused where it is no time. A record without any keeps the time it came. */
function putTime(event: EcsEvent, times: readonly (JsonValue | undefined)[], { zone }: Context): Refusal | undefined {
  for (const time of times) {
    if (time === undefined || time === null || time === '') continue
    const ms = typeof time === 'string' ? parseIso(time, time.endsWith('Z') ? UTC : zone) : parseEpoch(Number(time))
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${JSON.stringify(time).slice(0, 60)}`)
    event['@timestamp'] = isoTime(ms)
    return undefined
  }
  return undefined
}

// Bits 52 and 53 of the keywords: audit failure, audit success (winmeta.xml); NXLog writes them as a signed decimal.
const FAILURE_KEYWORD = /^(?:0x8010\d{12}|-9218868437227405312)$/
const SUCCESS_KEYWORD = /^(?:0x8020\d{12}|-9214364837600034816)$/

function auditOutcome(event: EcsEvent): 'success' | 'failure' | undefined {
  const given = event['event.outcome'] ?? event['winlog.outcome']
  if (given === 'success' || given === 'failure') return given
  const keywords = event['winlog.keywords']
  const words = Array.isArray(keywords)
    ? keywords.map(String)
    : [text(keywords) ?? '', text(event['winlog.event_type']) ?? '']
  for (const word of words) {
    if (word === 'Audit Failure' || word === 'AUDIT_FAILURE' || FAILURE_KEYWORD.test(word)) return 'failure'
    if (word === 'Audit Success' || word === 'AUDIT_SUCCESS' || SUCCESS_KEYWORD.test(word)) return 'success'
  }
  return undefined
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A scalar as text; undefined for anything else. */
function text(value: EcsValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
