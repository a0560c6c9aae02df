import type { EcsEvent } from '../../model/event.ts'
import { classify, put } from '../fields.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putImage, putUser } from '../windows-process.ts'
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
    else if (channel === 'system') system(windows, event)
    else if (channel === 'microsoft-windows-windows defender/operational') defender(windows, event)
    return true
  },
} satisfies JsonParser

/** Microsoft-Windows-PowerShell 4103-4106 and the classic log's 400-800. */
function powershell({ code, data }: WindowsRecord, event: EcsEvent): void {
  event['event.category'] = ['process']
  event['event.type'] = [
    code === '4105' || code === '400' ? 'start' : code === '4106' || code === '403' ? 'end' : 'info',
  ]
  put(event, 'powershell.file.script_block_text', data['ScriptBlockText'])
  put(event, 'powershell.file.script_block_id', data['ScriptBlockId'])
  put(event, 'file.path', data['Path'])
  // The details are lines of `Name = value` (4103) or `Name=value` (classic).
  const details = [data['ContextInfo'], data['param2'], data['param3'], data['Data']].find((text) =>
    text?.includes('Application'),
  )
  if (details === undefined) return
  const application = /(?:^|\n)\s*Host ?Application ?= ?([^\r\n]{1,8192})/.exec(details.slice(0, 65_536))
  put(event, 'process.command_line', application?.[1]?.trim())
  const user = /(?:^|\n)\s*User(?:Id)? ?= ?([^\r\n]{1,256})/.exec(details.slice(0, 65_536))
  putUser(event, user?.[1]?.trim())
}

/** Service Control Manager and the event log service. */
function system({ code, data }: WindowsRecord, event: EcsEvent): void {
  if (code === '7045') {
    put(event, 'service.name', data['ServiceName'])
    put(event, 'winlog.service.image_path', data['ImagePath'])
    classify(event, {
      category: ['configuration'],
      type: ['creation'],
      action: 'service-installed',
      outcome: 'success',
    })
  } else if (code === '7036' || code === '7040') {
    put(event, 'service.name', data['param1'])
    classify(event, { category: ['configuration'], type: ['change'], action: 'service-changed' })
  } else if (code === '104') {
    put(event, 'user.name', data['SubjectUserName'])
    put(event, 'user.domain', data['SubjectDomainName'])
    classify(event, { category: ['iam'], type: ['admin', 'change'], action: 'event-log-cleared', outcome: 'success' })
  }
}

/** Defender: 1006/1116 found, 1007/1117 acted, 5001 real-time protection off. */
function defender({ code, data }: WindowsRecord, event: EcsEvent): void {
  if (['1006', '1116', '1007', '1117'].includes(code)) {
    put(event, 'rule.name', data['ThreatName'])
    put(event, 'file.path', data['Path'])
    if (data['ProcessName'] !== 'Unknown') putImage(event, 'process', data['ProcessName'])
    putUser(event, data['DetectionUser'] ?? data['User'])
    classify(event, {
      category: ['malware'],
      type: ['info'],
      action: code.endsWith('6') ? 'malware-detected' : 'malware-quarantined',
    })
  } else if (code === '5001' || code === '5010' || code === '5012') {
    classify(event, { category: ['configuration'], type: ['change'], action: 'antivirus-protection-disabled' })
  }
}
