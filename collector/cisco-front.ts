import type { EcsEvent } from '../model/event.ts'
import { deviceTime } from './device-time.ts'
import { ipOf } from './fields.ts'
import type { Context } from './parser.ts'
import { putHost } from './syslog-header.ts'
import { isoTime } from './time.ts'

/** `%FACILITY[-SUB]-SEVERITY-MNEMONIC:` of IOS, IOS-XE and NX-OS. */
const CODE = /^%([A-Z][A-Z0-9_]{1,31}(?:-[A-Z][A-Z0-9_]{1,31})?)-(?:[A-Z][A-Z0-9_]{1,31}-)?([0-7])-([A-Z0-9_]{2,64}): ?/
const REPEATED = /^last message repeated \d{1,9} times?$/
const SEQUENCE = /^(\d{1,10}): /
const TIME =
  /^([*.]?(?:(\d{4}) )?[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [A-Z]{1,5}(?=:))?)(?:: ?| )/
const UPTIME = /^(?:(?:\d{1,3}[ywdhms]){1,4}|[*.]?\d\d:\d\d:\d\d(?:\.\d{1,6})?): /
const HOST = /^([\w.-]{1,64}) ?: /
const BARE_HOST = /^([\w.-]{1,64}) (?=%)/
const ZONE = /^[A-Z]{3,5}: /
/** Parts in front of a code at most: two sequence numbers, host, time, zone. */
const PARTS_MAX = 8

export interface CiscoFront {
  facility: string
  severity: string
  mnemonic: string
  /** What stands behind the code; `last message repeated …` where there is none. */
  message: string
  timeMs?: number
  sequence?: number
  host?: string
  /** The year stands first, which only NX-OS does. */
  yearFirst: boolean
}

/** Reads `[SEQ: ][HOST: ][SEQ: ][TIME: ]%CODE: message`, in any order of the parts; undefined where there is no code. */
export function readCiscoFront(text: string, context: Context): CiscoFront | undefined {
  const front: CiscoFront = { facility: '', severity: '', mnemonic: '', message: '', yearFirst: false }
  let rest = text
  for (let part = 0; part < PARTS_MAX; part++) {
    rest = rest.replace(/^[ :]{1,3}/, '')
    const code = CODE.exec(rest)
    if (code !== null) {
      const [whole, facility = '', severity = '', mnemonic = ''] = code
      return { ...front, facility, severity, mnemonic, message: rest.slice(whole.length).trimStart() }
    }
    if (REPEATED.test(rest)) return front.timeMs === undefined ? undefined : { ...front, message: rest }
    const sequence = SEQUENCE.exec(rest)
    const time = TIME.exec(rest)
    const host = (front.timeMs === undefined ? null : BARE_HOST.exec(rest)) ?? HOST.exec(rest)
    const skipped = UPTIME.exec(rest) ?? ZONE.exec(rest)
    if (sequence !== null) front.sequence = Number(sequence[1])
    else if (time !== null) {
      const ms = deviceTime(time[1]!, context)
      if (ms !== undefined) front.timeMs = ms
      front.yearFirst ||= time[2] !== undefined
    } else if (skipped === null && host !== null && front.host === undefined) front.host = host[1]!
    else if (skipped === null) return undefined
    rest = rest.slice((sequence ?? time ?? skipped ?? host)![0].length)
  }
  return undefined
}

/** Sets time, host and sequence number; the header may have taken host or number for a program. */
export function putCiscoFront(event: EcsEvent, front: CiscoFront): void {
  if (front.timeMs !== undefined) event['@timestamp'] = isoTime(front.timeMs)
  if (front.sequence !== undefined) event['event.sequence'] = front.sequence
  if (front.host !== undefined) putHost(event, front.host)
  const name = event['process.name']
  if (typeof name === 'string' && event['process.pid'] === undefined) {
    delete event['process.name']
    if (/^\d{1,10}$/.test(name)) event['event.sequence'] = Number(name)
    else if (event['host.hostname'] === undefined) putHost(event, name)
  }
}

/** The device's own address, where it names itself by it. */
export function observerAddress(event: EcsEvent): string | undefined {
  const host = event['host.hostname']
  return typeof host === 'string' ? ipOf(host) : undefined
}
