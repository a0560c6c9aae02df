import type { EcsEvent } from '../../model/event.ts'
import { addRelated, ipOf, lookUp, put, putPort } from '../fields.ts'
import { putTransport } from '../firewall.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { AUDIT_EVENTS, FAILURE_REASONS, KERBEROS_STATUSES, LOGON_STATUSES, LOGON_TYPES } from '../windows-audit.ts'
import { putCommandLine, putFile, putImage, putPid, putRegistry } from '../windows-process.ts'
import { channelOf, readWindows } from '../windows-record.ts'
import type { WindowsRecord } from '../windows-record.ts'

type Data = WindowsRecord['data']

/** Events about the account that logs on: it is the user, whoever the subject was. */
const LOGONS = new Set(['4624', '4625', '4634', '4647', '4768', '4769', '4770', '4771', '4776', '4964'])
/** Events whose target is a user account somebody else administers. */
const ACCOUNTS = new Set([
  '4720',
  '4722',
  '4723',
  '4724',
  '4725',
  '4726',
  '4738',
  '4740',
  '4767',
  '4781',
  '4797',
  '4798',
])
const KERBEROS = new Set(['4768', '4769', '4770', '4771'])

export default {
  layer: 'json',
  precedence: 10,

  parse(record, event, context) {
    if (channelOf(record) !== 'security') return false
    const windows = readWindows(record, event, context)
    if (windows instanceof Refusal) return windows
    const { code, data } = windows
    const row = Object.hasOwn(AUDIT_EVENTS, code) ? AUDIT_EVENTS[code]! : undefined
    if (row !== undefined) {
      event['event.action'] = row[0]
      event['event.category'] = row[1].split(',')
      event['event.type'] = row[2].split(',')
    }
    putUsers(code, data, event)
    putLogon(code, data, event)
    putSource(code, data, event)
    putProcess(code, data, event)
    putObject(code, data, event)
    return true
  },
} satisfies JsonParser

function said(value: string | undefined): string | undefined {
  return value === '-' ? undefined : value
}

function putUsers(code: string, data: Data, event: EcsEvent): void {
  const side = LOGONS.has(code) ? 'Target' : 'Subject'
  const name = said(data[`${side}UserName`]) ?? said(data['AccountName'])
  put(event, 'user.name', accountOf(code, name))
  put(event, 'user.domain', said(data[`${side}DomainName`]) ?? said(data['AccountDomain']))
  put(event, 'user.id', said(data[`${side}UserSid`] ?? data[`${side}Sid`]))
  // Who asked for the log-on is related to it, and so are both names of an account that was given another.
  if (LOGONS.has(code))
    for (const other of RELATED) addRelated(event, 'related.user', accountOf(code, said(data[other])) ?? '')
  if (code === '4648' || code === '4688') {
    put(event, 'user.effective.name', said(data['TargetUserName']))
    put(event, 'user.effective.domain', said(data['TargetDomainName']))
    put(event, 'user.effective.id', said(data['TargetUserSid']))
  } else if (ACCOUNTS.has(code)) {
    put(event, 'user.target.name', said(data['TargetUserName'] ?? data['OldTargetUserName']))
    put(event, 'user.target.domain', said(data['TargetDomainName']))
    put(event, 'user.target.id', said(data['TargetSid']))
    if (code === '4781') {
      put(event, 'user.target.name', said(data['OldTargetUserName']))
      put(event, 'user.changes.name', said(data['NewTargetUserName']))
      for (const name of ['SubjectUserName', 'OldTargetUserName', 'NewTargetUserName'])
        addRelated(event, 'related.user', said(data[name]) ?? '')
    }
  } else if ((event['event.type'] as string[] | undefined)?.includes('group') === true && !LOGONS.has(code)) {
    put(event, 'group.name', said(data['TargetUserName']))
    put(event, 'group.domain', said(data['TargetDomainName']))
    put(event, 'group.id', said(data['TargetSid']))
    putMember(data, event)
  }
}

/** Kerberos writes `user@REALM`. */
function accountOf(code: string, name: string | undefined): string | undefined {
  return KERBEROS.has(code) ? name?.split('@', 1)[0] : name
}

/** Data that hold names of users, in order. */
const RELATED = ['SubjectUserName', 'TargetUserName']

/** `MemberName` is a distinguished name: `CN=Nguyen Van A,OU=So TTTT,DC=tinh,DC=gov`. */
function putMember(data: Data, event: EcsEvent): void {
  put(event, 'user.target.id', said(data['MemberSid']))
  const member = said(data['MemberName'])
  if (member === undefined) return
  const name = /^CN=((?:[^,\\]|\\.){1,256})/i.exec(member)
  put(event, 'user.target.name', name === null ? member : name[1]!.replace(/\\(.)/g, '$1'))
  const domain = [...member.slice(0, 2_048).matchAll(/(?<=,)DC=([^,]{1,63})/gi)].map(([, label]) => label!)
  put(event, 'user.target.domain', domain.join('.'))
  put(event, 'user.target.group.name', event['group.name'])
  put(event, 'user.target.group.domain', event['group.domain'])
  put(event, 'user.target.group.id', event['group.id'])
}

function putLogon(code: string, data: Data, event: EcsEvent): void {
  put(event, 'winlog.logon.id', data['TargetLogonId'] ?? data['SubjectLogonId'])
  const type = data['LogonType']
  if (type !== undefined) put(event, 'winlog.logon.type', Object.hasOwn(LOGON_TYPES, type) ? LOGON_TYPES[type]! : type)
  const status = data['Status']?.toLowerCase()
  const subStatus = data['SubStatus']?.toLowerCase()
  if (code === '4625') {
    event['event.outcome'] = 'failure'
    const reason = data['FailureReason']
    put(event, 'winlog.logon.failure.reason', word(FAILURE_REASONS, reason) ?? reason)
    put(event, 'winlog.logon.failure.status', word(LOGON_STATUSES, status) ?? status)
    // 0x0: there is nothing more to say than the status does.
    if (subStatus !== '0x0') put(event, 'winlog.logon.failure.sub_status', word(LOGON_STATUSES, subStatus) ?? subStatus)
  } else if (code === '4776' && status !== undefined) {
    event['event.outcome'] = status === '0x0' ? 'success' : 'failure'
    if (status !== '0x0') put(event, 'winlog.logon.failure.status', word(LOGON_STATUSES, status) ?? status)
  } else if (KERBEROS.has(code)) {
    if (status !== undefined) event['event.outcome'] = status === '0x0' ? 'success' : 'failure'
    if (status !== undefined && status !== '0x0')
      put(event, 'winlog.logon.failure.status', word(KERBEROS_STATUSES, status) ?? status)
    put(event, 'service.name', said(data['ServiceName']))
  } else if (code === '4624' || code === '4634' || code === '4647' || code === '1102')
    event['event.outcome'] ??= 'success'
}

function word(words: { readonly [code: string]: string }, code: string | undefined): string | undefined {
  return code !== undefined && Object.hasOwn(words, code) ? words[code] : undefined
}

function putSource(code: string, data: Data, event: EcsEvent): void {
  const address = said(data['IpAddress'] ?? data['ClientAddress'] ?? data['SourceAddress'])
  const ip = address === undefined ? undefined : ipOf(address)
  put(event, 'source.ip', ip)
  put(event, 'source.address', ip ?? address)
  putPort(event, 'source.port', data['IpPort'] ?? data['SourcePort'])
  const name = said(data['WorkstationName'] ?? data['Workstation'] ?? data['ClientName'])?.replace(/^\\+/, '')
  put(event, 'source.domain', name)
  const destination = ipOf(data['DestAddress'] ?? '')
  put(event, 'destination.ip', destination)
  put(event, 'destination.address', destination)
  putPort(event, 'destination.port', data['DestPort'])
  if (PACKETS.test(code)) {
    putTransport(event, data['Protocol'])
    put(event, 'network.direction', lookUp(DIRECTIONS, data['Direction'] ?? ''))
  }
}

/** Events of the Filtering Platform. */
const PACKETS = /^515\d$/
/** Message codes of their `Direction`. */
const DIRECTIONS: { readonly [code: string]: string } = { '%%14592': 'inbound', '%%14593': 'outbound' }

function putProcess(code: string, data: Data, event: EcsEvent): void {
  if (code === '4688') {
    putImage(event, 'process', data['NewProcessName'])
    putPid(event, 'process.pid', data['NewProcessId'])
    putCommandLine(event, 'process', data['CommandLine'])
    putImage(event, 'process.parent', data['ParentProcessName'])
    putPid(event, 'process.parent.pid', data['ProcessId'])
    return
  }
  putImage(event, 'process', data['ProcessName'] ?? data['Application'] ?? data['CallerProcessName'])
  putPid(event, 'process.pid', data['ProcessId'] ?? data['ProcessID'] ?? data['CallerProcessId'])
}

function putObject(code: string, data: Data, event: EcsEvent): void {
  if (code === '4697') put(event, 'service.name', data['ServiceName'])
  else if (code === '4657') {
    putRegistry(event, data['ObjectName'], false)
    put(event, 'registry.value', said(data['ObjectValueName']))
    if (data['NewValue'] !== undefined) event['registry.data.strings'] = [data['NewValue']]
  } else if (code === '4656' || code === '4663' || code === '4660') {
    if (data['ObjectType'] === 'File') putFile(event, data['ObjectName'])
  } else if (code === '5145') put(event, 'file.path', said(data['RelativeTargetName']))
}
