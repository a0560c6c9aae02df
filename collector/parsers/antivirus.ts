import type { EcsEvent } from '../../model/event.ts'
import { addRelated, classify, ipOf, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { putFile } from '../windows-process.ts'
import cef from './cef.ts'
import leef from './leef.ts'

// The consoles of two makers of antivirus, which send what their agents found as CEF or LEEF: Kaspersky Security Center («Exporting events
// to SIEM systems») and Trend Micro Apex Central («Syslog Content Mapping - CEF»). The lines are read as any CEF or LEEF; what is added
// is what happened, in ECS's words, and the file and the threat, which each maker puts in places of its own.
const KASPERSKY = /^(?:CEF:0|LEEF:[12]\.0)\|Kaspersky ?Lab\|/i
const TREND = /^CEF:0\|Trend Micro\|(?:Apex Central|Control Manager)\|/

/** Kaspersky's event types → action, category, types, outcome. */
const EVENTS: { readonly [code: string]: readonly [string, string, string, ('success' | 'failure')?] } = {
  GNRL_EV_VIRUS_FOUND: ['malware-detected', 'malware', 'info'],
  GNRL_EV_VIRUS_FOUND_BY_KSN: ['malware-detected', 'malware', 'info'],
  GNRL_EV_VIRUS_FOUND_AND_BLOCKED: ['malware-blocked', 'malware', 'info,denied', 'success'],
  GNRL_EV_VIRUS_FOUND_AND_PASSED: ['malware-passed', 'malware', 'info,allowed', 'failure'],
  GNRL_EV_OBJECT_CURED: ['malware-cured', 'malware', 'info,deletion', 'success'],
  GNRL_EV_OBJECT_DELETED: ['malware-deleted', 'malware', 'info,deletion', 'success'],
  GNRL_EV_OBJECT_QUARANTINED: ['malware-quarantined', 'malware', 'info,deletion', 'success'],
  GNRL_EV_OBJECT_NOTCURED: ['malware-not-cured', 'malware', 'info', 'failure'],
  GNRL_EV_OBJECT_NOT_ISOLATED: ['malware-not-isolated', 'malware', 'info', 'failure'],
  GNRL_EV_OBJECT_BLOCKED: ['object-blocked', 'malware', 'info,denied', 'success'],
  GNRL_EV_VIRUS_OUTBREAK: ['virus-outbreak', 'malware', 'info'],
  GNRL_EV_SUSPICIOUS_OBJECT_FOUND: ['suspicious-object-found', 'malware', 'info'],
  GNRL_EV_ATTACK_DETECTED: ['network-attack-detected', 'intrusion_detection', 'info,denied'],
  GNRL_EV_APPLICATION_LAUNCH_DENIED: ['application-denied', 'process', 'start,denied', 'failure'],
  GNRL_EV_DEVCTRL_DEV_PLUG_DENIED: ['device-denied', 'host', 'denied', 'failure'],
  GNRL_EV_WEB_URL_BLOCKED: ['url-blocked', 'web', 'denied', 'failure'],
  GNRL_EV_LICENSE_EXPIRATION: ['license-expired', 'configuration', 'info'],
  KLNAG_EV_INV_APP_INSTALLED: ['package-installed', 'package', 'installation'],
  KLNAG_EV_INV_APP_UNINSTALLED: ['package-removed', 'package', 'deletion'],
  KLSRV_HOST_STATUS_CRITICAL: ['host-status-critical', 'host', 'info'],
  KLSRV_EV_AUDIT_LOGON: ['logged-in', 'authentication', 'start', 'success'],
}

/** How Apex Central's ids begin → the same. */
const TREND_EVENTS: readonly (readonly [start: string, string, string, string])[] = [
  ['AV:', 'malware-detected', 'malware', 'info'],
  ['SPYWARE:', 'malware-detected', 'malware', 'info'],
  ['BM:', 'suspicious-behaviour-detected', 'malware', 'info'],
  ['PML:', 'malware-detected', 'malware', 'info'],
  ['CnC:', 'command-and-control-callback', 'intrusion_detection,network', 'info,connection'],
  ['WB:', 'url-blocked', 'web', 'info,access'],
  ['NCIE:', 'network-content-violation', 'network', 'info'],
  ['IPS:', 'network-attack-detected', 'intrusion_detection', 'info'],
  ['DLP:', 'data-loss-detected', 'file', 'info'],
  ['DC:', 'device-denied', 'host', 'denied'],
  ['FH:', 'suspicious-object-found', 'malware', 'info'],
  ['700', 'attack-discovered', 'intrusion_detection', 'info'],
]

export default {
  layer: 'text',
  precedence: 249,

  parse(message, event, context) {
    const { text } = message
    const kaspersky = KASPERSKY.test(text)
    if (!kaspersky && !TREND.test(text)) return false
    const done = text.startsWith('CEF') ? cef.parse(message, event, context) : leef.parse(message, event, context)
    if (!done) return false
    const code = typeof event['event.code'] === 'string' ? event['event.code'] : ''
    if (kaspersky) putKaspersky(code, event)
    else putTrend(code, event)
    return true
  },
} satisfies TextParser

function putKaspersky(code: string, event: EcsEvent): void {
  const row = Object.hasOwn(EVENTS, code) ? EVENTS[code]! : undefined
  if (row !== undefined)
    classify(event, { category: row[1].split(','), type: row[2].split(','), action: row[0], outcome: row[3] })
  put(event, 'rule.name', labelled(event, 'VirusName') ?? extension(event, 'deviceCustomString1'))
  putFile(event, extension(event, 'filePath'))
  putHost(event)
}

function putTrend(code: string, event: EcsEvent): void {
  const row = TREND_EVENTS.find(([start]) => code.startsWith(start))
  if (row !== undefined) classify(event, { category: row[2].split(','), type: row[3].split(','), action: row[1] })
  put(
    event,
    'rule.name',
    labelled(event, 'VirusName') ?? labelled(event, 'Virus/Malware') ?? labelled(event, 'Threat_Name'),
  )
  putFile(event, extension(event, 'filePath'))
  const name = extension(event, 'filename')
  if (event['file.name'] === undefined) put(event, 'file.name', name)
  put(event, 'file.hash.sha1', extension(event, 'fileHash'))
  putHost(event)
}

/** The console speaks for another host: the one on which it was found. */
function putHost(event: EcsEvent): void {
  const host = extension(event, 'destinationHostName') ?? extension(event, 'dhost')
  if (host !== undefined) {
    event['host.hostname'] = host
    event['host.name'] = host.toLowerCase()
  }
  const ip = ipOf(extension(event, 'destinationAddress') ?? '')
  if (ip === undefined) return
  event['host.ip'] = ip
  addRelated(event, 'related.ip', ip)
}

function extension(event: EcsEvent, name: string): string | undefined {
  const value = event[`cef.extensions.${name}`] ?? event[`leef.attributes.${name}`]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The custom string that the sender has given this label. */
function labelled(event: EcsEvent, label: string): string | undefined {
  for (let i = 1; i <= 6; i++)
    if (extension(event, `deviceCustomString${i}Label`)?.toLowerCase() === label.toLowerCase())
      return extension(event, `deviceCustomString${i}`)
  return undefined
}
