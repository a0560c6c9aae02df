import type { EcsEvent } from '../../model/event.ts'
import { addRelated, classify, ipOf, put, putPeer } from '../fields.ts'
import { putQuestion } from '../network-events.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { CHANNEL_EVENTS } from '../windows-channels.ts'
import { putCommandLine, putFile, putImage, putUser } from '../windows-process.ts'
import { channelOf, readWindows } from '../windows-record.ts'
import type { WindowsRecord } from '../windows-record.ts'

/** Every other channel: System, Application, PowerShell, Defender, Task Scheduler … */
export default {
  layer: 'json',
  precedence: 30,

  parse(record, event, context) {
    const channel = channelOf(record)
    if (channel === undefined) return false
    const windows = readWindows(record, event, context)
    if (windows instanceof Refusal) return windows
    if (channel.includes('powershell')) powershell(windows, event)
    else {
      putKind(channel, windows.code, event)
      putDetails(channel, windows, event)
    }
    return true
  },
} satisfies JsonParser

function putKind(channel: string, code: string, event: EcsEvent): void {
  const events = Object.hasOwn(CHANNEL_EVENTS, channel) ? CHANNEL_EVENTS[channel]! : {}
  const row = Object.hasOwn(events, code) ? events[code]! : undefined
  if (row === undefined) return
  const [action, category, type, outcome] = row
  classify(event, { category: category.split(','), type: type.split(','), action, outcome })
}

/** Microsoft-Windows-PowerShell 4103-4106 and the classic log's 400-800. */
function powershell({ code, data }: WindowsRecord, event: EcsEvent): void {
  event['event.category'] = ['process']
  event['event.type'] = [
    code === '4105' || code === '400' ? 'start' : code === '4106' || code === '403' ? 'end' : 'info',
  ]
  put(event, 'powershell.file.script_block_text', data['ScriptBlockText'])
  put(event, 'powershell.file.script_block_id', data['ScriptBlockId'])
  const text = [data['ContextInfo'], data['param2'], data['param3'], data['Data']].find((said) =>
    said?.includes('Application'),
  )
  const details = readDetails(text ?? '')
  putFile(event, data['Path'] ?? details.get('scriptname'))
  putCommandLine(event, 'process', details.get('hostapplication'))
  put(event, 'process.title', details.get('hostname'))
  put(event, 'process.entity_id', details.get('hostid'))
  const user = details.get('user') ?? details.get('userid')
  putUser(event, user)
  // Over a remote session: who connected, and as whom the engine runs.
  const connected = details.get('connecteduser')
  if (connected === undefined) return
  for (const [side, name] of [
    ['source', connected],
    ['destination', user],
  ] as const) {
    const slash = name?.indexOf('\\') ?? -1
    if (slash > 0) put(event, `${side}.user.domain`, name!.slice(0, slash))
    put(event, `${side}.user.name`, name?.slice(slash + 1))
  }
}

const DETAIL = /^\s{0,16}([A-Za-z][A-Za-z ]{0,32}?) ?= ?(.{0,8192}?)\s{0,4}$/
const DETAILS_MAX = 64

/** Lines of `Name = value` (4103) or `Name=value` (classic), by name in lower case without blanks; empty ones are not there. */
function readDetails(text: string): Map<string, string> {
  const details = new Map<string, string>()
  for (const line of text.slice(0, 65_536).split(/\r?\n/, DETAILS_MAX)) {
    const detail = DETAIL.exec(line)
    if (detail !== null && detail[2] !== '') details.set(detail[1]!.replaceAll(' ', '').toLowerCase(), detail[2]!)
  }
  return details
}

function putDetails(channel: string, { code, data }: WindowsRecord, event: EcsEvent): void {
  if (channel === 'system') {
    put(event, 'service.name', data['ServiceName'] ?? (/^70(?:34|36|40)$/.test(code) ? data['param1'] : undefined))
    if (code === '7045') put(event, 'winlog.service.image_path', data['ImagePath'])
    else if (code === '104') {
      put(event, 'user.name', data['SubjectUserName'])
      put(event, 'user.domain', data['SubjectDomainName'])
    }
  } else if (channel.startsWith('microsoft-windows-windows defender')) {
    put(event, 'rule.name', data['ThreatName'])
    if (data['ThreatName'] !== undefined) putFile(event, data['Path']?.replace(/^file:_/, ''))
    if (data['ProcessName'] !== 'Unknown') putImage(event, 'process', data['ProcessName'])
    putUser(event, data['DetectionUser'] ?? data['User'])
  } else if (channel.startsWith('microsoft-windows-terminalservices')) {
    // 1149 calls its three values Param1 to Param3: user, domain, address.
    const address = data['Address'] ?? data['Param3']
    if (address !== undefined && ipOf(address) !== undefined) {
      putPeer(event, 'source', address)
      addRelated(event, 'related.ip', event['source.ip'] as string)
    }
    if (data['Param1'] !== undefined && code === '1149') {
      put(event, 'user.name', data['Param1'])
      put(event, 'user.domain', data['Param2'])
    } else putUser(event, data['User'])
  } else if (channel.startsWith('microsoft-windows-dns-client')) putQuestion(event, data['QueryName'] ?? '')
  else if (channel.startsWith('microsoft-windows-taskscheduler')) {
    put(event, 'winlog.task_name', data['TaskName'])
    putUser(event, data['UserContext'] ?? data['UserName'])
    putImage(event, 'process', data['ActionName'] === undefined || code !== '200' ? undefined : data['ActionName'])
  } else if (channel.startsWith('microsoft-windows-bits-client')) put(event, 'url.original', data['url'])
}
