import type { EcsEvent } from '../model/event.ts'
import { baseName, integer, put } from './fields.ts'
import { Refusal } from './refusal.ts'

/** Severity words of RFC 5424 §6.2.1, as `log.level` has them. */
const LEVELS = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'] as const
const FACILITIES = [
  'kernel',
  'user-level',
  'mail',
  'system',
  'security/authorization',
  'syslogd',
  'line printer',
  'network news',
  'uucp',
  'clock',
  'security/authorization',
  'ftp',
  'ntp',
  'log audit',
  'log alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const

/** RFC 5424 §6.2.1: facility 0-23 times 8 plus severity 0-7. */
const PRIORITY_MAX = 191

/** `<34>` at the start: its value and where the rest begins; undefined where the text does not start that way. */
export function readPriority(text: string): { priority: number; end: number } | Refusal | undefined {
  if (text.charCodeAt(0) !== 0x3c) return undefined
  let end = 1
  let priority = 0
  for (; end < text.length; end++) {
    const digit = text.charCodeAt(end) - 0x30
    if (digit < 0 || digit > 9) break
    priority = Math.min(priority * 10 + digit, 1_000)
  }
  if (end === 1 || text.charCodeAt(end) !== 0x3e) return undefined
  if (priority > PRIORITY_MAX || end > 4) {
    return new Refusal(
      'bad_priority',
      `priority ${text.slice(0, Math.min(end + 1, 12))}: at most ${PRIORITY_MAX}, at offset 1`,
    )
  }
  return { priority, end: end + 1 }
}

export function putPriority(event: EcsEvent, priority: number): void {
  const facility = priority >> 3
  const severity = priority & 7
  event['log.syslog.priority'] = priority
  event['log.syslog.facility.code'] = facility
  event['log.syslog.facility.name'] = FACILITIES[facility]!
  putSeverity(event, severity)
}

/** @param severity 0 to 7 */
export function putSeverity(event: EcsEvent, severity: number): void {
  event['log.syslog.severity.code'] = severity
  event['log.syslog.severity.name'] = LEVELS[severity]!
  event['log.level'] = LEVELS[severity]!
}

/** What the line says of its host: a claim, unlike `log.source.address`. */
export function putHost(event: EcsEvent, hostname: string): void {
  if (hostname === '' || hostname === '-') return
  event['host.hostname'] = hostname
  event['host.name'] = hostname.toLowerCase()
}

/** Sets the process a tag names; gives the program, lower case, without path and PAM module. */
export function putProgram(event: EcsEvent, tag: string, pid: string): string {
  if (tag === '' || tag === '-') return ''
  const module = tag.indexOf('(') // `sshd(pam_unix)` of old PAM
  const name = baseName(module > 0 ? tag.slice(0, module) : tag)
  put(event, 'process.name', name)
  const number = integer(pid)
  if (number !== undefined) event['process.pid'] = number
  return name.toLowerCase()
}
