import type { EcsEvent } from '../../model/event.ts'
import { addRelated, ipOf, put, putPort } from '../fields.ts'
import { putQuestion } from '../network-events.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseIso } from '../time.ts'
import { putCommandLine, putFile, putHashes, putImage, putPid, putRegistry, putUser } from '../windows-process.ts'
import { channelOf, readWindows, SYSMON_LINUX } from '../windows-record.ts'
import type { WindowsRecord } from '../windows-record.ts'

/** Sysmon event id → action (its own name), category, types. */
const EVENTS: { readonly [code: string]: readonly [string, string, string] } = {
  1: ['process-create', 'process', 'start'],
  2: ['file-create-time', 'file', 'change'],
  3: ['network-connect', 'network', 'start,connection,protocol'],
  4: ['service-state-change', 'process', 'change'],
  5: ['process-terminate', 'process', 'end'],
  6: ['driver-load', 'driver', 'start'],
  7: ['image-load', 'process', 'change'],
  8: ['create-remote-thread', 'process', 'change'],
  9: ['raw-access-read', 'process', 'access'],
  10: ['process-access', 'process', 'access'],
  11: ['file-create', 'file', 'creation'],
  12: ['registry-object', 'configuration,registry', 'change'],
  13: ['registry-value-set', 'configuration,registry', 'change'],
  14: ['registry-rename', 'configuration,registry', 'change'],
  15: ['file-create-stream-hash', 'file', 'access'],
  16: ['configuration-change', 'configuration', 'change'],
  17: ['pipe-created', 'file', 'creation'],
  18: ['pipe-connected', 'file', 'access'],
  19: ['wmi-filter', 'process', 'creation'],
  20: ['wmi-consumer', 'process', 'creation'],
  21: ['wmi-binding', 'process', 'access'],
  22: ['dns-query', 'network', 'connection,protocol,info'],
  23: ['file-delete', 'file', 'deletion'],
  24: ['clipboard-change', 'process', 'change'],
  25: ['process-tampering', 'process', 'change'],
  26: ['file-delete-detected', 'file', 'deletion'],
  27: ['file-block-executable', 'file', 'creation,denied'],
  28: ['file-block-shredding', 'file', 'deletion,denied'],
  29: ['file-executable-detected', 'file', 'creation'],
  255: ['sysmon-error', 'process', 'info'],
}

export default {
  layer: 'json',
  precedence: 20,

  parse(record, event, context) {
    const channel = channelOf(record)
    if (channel === undefined || !channel.includes('sysmon')) return false
    const windows = readWindows(record, event, context)
    if (windows instanceof Refusal) return windows
    const row = Object.hasOwn(EVENTS, windows.code) ? EVENTS[windows.code]! : undefined
    if (row !== undefined) {
      // Elastic calls every record of Sysmon for Linux `log`; what it is say category, type and code.
      event['event.action'] = event['event.dataset'] === SYSMON_LINUX ? 'log' : row[0]
      event['event.category'] = row[1].split(',')
      event['event.type'] = row[2].split(',')
    }
    // When it happened, by the driver; the record's own time is when the service wrote it.
    const ms = parseIso(`${windows.data['UtcTime'] ?? ''}Z`, context.zone)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    putProcess(windows, event)
    putObject(windows, event)
    return true
  },
} satisfies JsonParser

function putProcess({ code, data }: WindowsRecord, event: EcsEvent): void {
  // 8 and 10 act from one process on another: who acts is the process, whom it hits stays in event_data.
  putImage(event, 'process', data['Image'] ?? data['SourceImage'])
  putPid(event, 'process.pid', data['ProcessId'] ?? data['SourceProcessId'])
  put(event, 'process.entity_id', data['ProcessGuid'] ?? data['SourceProcessGuid'] ?? data['SourceProcessGUID'])
  putCommandLine(event, 'process', data['CommandLine'])
  put(event, 'process.working_directory', data['CurrentDirectory'])
  putImage(event, 'process.parent', data['ParentImage'])
  putPid(event, 'process.parent.pid', data['ParentProcessId'])
  put(event, 'process.parent.entity_id', data['ParentProcessGuid'])
  putCommandLine(event, 'process.parent', data['ParentCommandLine'])
  if (code === '1') {
    putHashes(event, 'process', data['Hashes'])
    for (const [name, field] of PE) put(event, field, data[name])
  }
  putUser(event, data['User'] ?? data['SourceUser'])
  if (data['RuleName'] !== '-') put(event, 'rule.name', data['RuleName'])
}

const PE = [
  ['Company', 'process.pe.company'],
  ['Description', 'process.pe.description'],
  ['FileVersion', 'process.pe.file_version'],
  ['OriginalFileName', 'process.pe.original_file_name'],
  ['Product', 'process.pe.product'],
] as const

function putObject({ code, data }: WindowsRecord, event: EcsEvent): void {
  putFile(event, data['TargetFilename'])
  if (code === '3') putConnection(data, event)
  else if (code === '6' || code === '7') {
    putFile(event, data['ImageLoaded'])
    put(event, 'dll.path', data['ImageLoaded'])
    put(event, 'dll.name', event['file.name'])
    putHashes(event, 'dll', data['Hashes'])
    put(event, 'dll.code_signature.subject_name', data['Signature'])
    put(event, 'dll.code_signature.status', data['SignatureStatus'])
    if (data['Signed'] !== undefined) event['dll.code_signature.signed'] = data['Signed'] === 'true'
  } else if (code === '9') putFile(event, data['Device'])
  else if (code === '12' || code === '13' || code === '14') {
    const key = data['EventType'] === 'CreateKey' || data['EventType'] === 'DeleteKey'
    putRegistry(event, data['TargetObject'], !key)
    putDetails(event, data['Details'])
  } else if (code === '17' || code === '18') put(event, 'file.name', data['PipeName'])
  else if (code === '20') putImage(event, 'process', data['Destination'])
  else if (code === '22') putQuery(data, event)
  else if (data['TargetFilename'] !== undefined) putHashes(event, 'file', data['Hashes'] ?? data['Hash'])
}

function putConnection(data: WindowsRecord['data'], event: EcsEvent): void {
  for (const [side, name] of [
    ['source', 'Source'],
    ['destination', 'Destination'],
  ] as const) {
    const ip = ipOf(data[`${name}Ip`] ?? '')
    put(event, `${side}.ip`, ip)
    put(event, `${side}.address`, ip)
    putPort(event, `${side}.port`, data[`${name}Port`])
    if (data[`${name}Hostname`] !== '-') put(event, `${side}.domain`, data[`${name}Hostname`])
  }
  put(event, 'network.transport', data['Protocol']?.toLowerCase())
  if (data['DestinationPortName'] !== '-') put(event, 'network.protocol', data['DestinationPortName'])
  if (data['DestinationIsIpv6'] !== undefined)
    event['network.type'] = data['DestinationIsIpv6'] === 'true' ? 'ipv6' : 'ipv4'
  if (data['Initiated'] !== undefined) event['network.direction'] = data['Initiated'] === 'true' ? 'egress' : 'ingress'
}

/** `DWORD (0x00000001)`, `QWORD (0x0-0x5)`, `Binary Data` or plain text. */
function putDetails(event: EcsEvent, details: string | undefined): void {
  if (details === undefined) return
  const number = /^(D|Q)WORD \((?:0x([0-9a-fA-F]{1,8})-)?0x([0-9a-fA-F]{1,8})\)$/.exec(details)
  if (number !== null) {
    event['registry.data.type'] = `SZ_${number[1]!}WORD`
    event['registry.data.strings'] = [BigInt(`0x${number[2] ?? ''}${number[3]!}`).toString()]
  } else if (details === 'Binary Data') event['registry.data.type'] = 'REG_BINARY'
  else {
    event['registry.data.type'] = 'REG_SZ'
    event['registry.data.strings'] = [details]
  }
}

const ANSWERS_MAX = 100

/** `QueryResults`: `type:  5 NAME;ADDRESS;…`; an address is not said to be one. */
function putQuery(data: WindowsRecord['data'], event: EcsEvent): void {
  event['network.protocol'] = 'dns'
  putQuestion(event, data['QueryName'] ?? '')
  put(event, 'sysmon.dns.status', data['QueryStatus'])
  const answers: { type: string; data: string }[] = []
  const ips: string[] = []
  for (const part of (data['QueryResults'] ?? '').split(';', ANSWERS_MAX)) {
    const said = part.trim()
    const typed = /^type: {1,4}(\d{1,5}) (\S{1,1024})$/.exec(said)
    const ip = ipOf(typed?.[2] ?? said)
    if (typed === null && ip === undefined) continue
    const type = typed === null ? (ip!.includes(':') ? 'AAAA' : 'A') : (RECORD_TYPES[typed[1]!] ?? typed[1]!)
    answers.push({ type, data: ip ?? typed![2]! })
    if (ip === undefined) addRelated(event, 'related.hosts', typed![2]!)
    else {
      ips.push(ip)
      addRelated(event, 'related.ip', ip)
    }
  }
  if (answers.length > 0) event['dns.answers'] = answers
  if (ips.length > 0) event['dns.resolved_ip'] = ips
}

/** DNS parameters (IANA), those that Windows' resolver reports. */
const RECORD_TYPES: { readonly [number: string]: string } = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  64: 'SVCB',
  65: 'HTTPS',
}
