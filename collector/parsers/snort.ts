import type { EcsEvent } from '../../model/event.ts'
import { classify, integer, put, putPeer } from '../fields.ts'
import { passed, putMac, putTransport } from '../firewall.ts'
import { putCommunityId, putDirection } from '../flow.ts'
import { readCommaValues } from '../key-values.ts'
import type { TextParser } from '../parser.ts'
import { inferYear, instant, isoTime, millis, type Zone } from '../time.ts'

// Snort 2 and 3, alert_fast and alert_syslog: `[TIME  [**] ][GID:SID:REV] "MESSAGE" [**] [Classification: C] [Priority: N] {PROTO} A:P -> B:P`.
// The message is the signature's, not the attacker's. Also alert_full, whose alert is a paragraph, and alert_csv with its default columns.
const TIME = /^(\d\d)\/(\d\d)(?:\/(\d\d))?-(\d\d):(\d\d):(\d\d)\.(\d{6}) {0,2}/
const ALERT = /^(?:\[\*\*\] )?\[(\d{1,10}):(\d{1,10}):(\d{1,10})\] /
const TAIL =
  /(?: \[\*\*\])?(?: \[Classification: ([^\]]{1,128})\])? ?\[Priority: (\d{1,3})\](?: \[AppID: [^\]]{1,64}\])?:? \{([\w-]{1,32})\} (\S{2,64}) -> (\S{2,64})$/
const FULL_ALERT =
  /^(.{1,512}?) \[\*\*\]\s{1,4}(?:\[Classification: ([^\]]{1,128})\] )?\[Priority: (\d{1,3})\]\s{1,4}(\d\d\/\d\d(?:\/\d\d)?-[\d:.]{15}) (\S{2,64}) -> (\S{2,64})\s{1,4}([A-Z0-9:-]{2,16}) TTL:/s
const ICMP_TYPE = /\sType:(\d{1,3}) {1,2}Code:(\d{1,3})/
const CSV = /^,\d{1,10},\d{1,10},\d{1,10},/
const CSV_VALUES_MAX = 32

export default {
  layer: 'text',
  precedence: 330,

  parse({ text, program }, event, { receivedAtMs, zone }) {
    const ours = program === 'snort' || program === 'snort3'
    const time = TIME.exec(text)
    if (!ours && time === null && !text.startsWith('[')) return false
    const line = time === null ? text : text.slice(time[0].length)
    if (time !== null && CSV.test(line)) {
      putTime(event, time, receivedAtMs, zone)
      putCsv(event, line)
      return true
    }
    const alert = ALERT.exec(line)
    const full = alert === null ? null : FULL_ALERT.exec(line.slice(alert[0].length))
    if (alert !== null && full !== null) {
      putTime(event, TIME.exec(full[4]!)!, receivedAtMs, zone)
      putAlert(event, alert, full[1]!, full[2], full[3])
      putFlowOf(event, full[7]!, full[5]!, full[6]!)
      const icmp = ICMP_TYPE.exec(line)
      if (icmp !== null) putCommunityId(event, { type: Number(icmp[1]), code: Number(icmp[2]) })
      return true
    }
    const tail = alert === null ? null : TAIL.exec(line.slice(-400))
    if (alert === null || tail === null) {
      if (!ours) return false
      event['event.dataset'] = 'snort.log'
      put(event, 'message', text)
      return true
    }
    if (time !== null) putTime(event, time, receivedAtMs, zone)
    const start = line.length - Math.min(400, line.length) + tail.index
    putAlert(event, alert, line.slice(alert[0].length, start).replace(/^"|"$/g, ''), tail[1], tail[2])
    if (/\[Drop\]|\[drop\]/.test(text.slice(0, 64))) event['event.type'] = ['denied']
    putFlowOf(event, tail[3]!, tail[4]!, tail[5]!)
    return true
  },
} satisfies TextParser

function putTime(event: EcsEvent, time: RegExpExecArray, receivedAtMs: number, zone: Zone): void {
  const at = [time[1], time[2], time[4], time[5], time[6]].map(Number) as [number, number, number, number, number]
  const wall = [...at, millis(time[7])] as const
  const ms =
    time[3] === undefined ? inferYear([...wall], receivedAtMs, zone) : instant([2_000 + Number(time[3]), ...wall], zone)
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
}

function putAlert(
  event: EcsEvent,
  [, gid, sid, rev]: string[],
  name: string,
  category?: string,
  priority?: string,
): void {
  event['event.dataset'] = 'snort.log'
  event['event.kind'] = 'alert'
  classify(event, { category: ['network', 'intrusion_detection'], type: ['info'] })
  event['snort.gid'] = Number(gid)
  event['rule.id'] = sid!
  event['rule.version'] = rev!
  put(event, 'rule.name', name)
  put(event, 'rule.description', name)
  put(event, 'message', name)
  put(event, 'rule.category', category)
  put(event, 'event.severity', integer(priority))
}

function putFlowOf(event: EcsEvent, transport: string, source: string, destination: string): void {
  putTransport(event, transport)
  for (const [side, text] of [
    ['source', source],
    ['destination', destination],
  ] as const) {
    const port = text.split(':').length === 2 || text.includes(']:') ? /^(.*):(\d{1,5})$/.exec(text) : null
    putPeer(event, side, (port?.[1] ?? text).replace(/^\[|\]$/g, ''), port?.[2])
  }
  putDirection(event)
}

/** gid, sid, rev, message, protocol, source, port, destination, port; then Ethernet, TCP, IP and ICMP, or what pfSense writes. */
function putCsv(event: EcsEvent, line: string): void {
  const values = readCommaValues(line, CSV_VALUES_MAX)
  const at = (index: number): string => values[index] ?? ''
  const short = values.length < 20
  putAlert(event, ['', at(1), at(2), at(3)], at(4), short ? at(11) : undefined, short ? at(12) : undefined)
  putTransport(event, at(5))
  putPeer(event, 'source', at(6), at(7))
  putPeer(event, 'destination', at(8), at(9))
  putDirection(event)
  const allowed = short ? passed(at(14)) : undefined
  if (allowed !== undefined) event['event.type'] = [allowed ? 'allowed' : 'denied']
  if (short) return
  putMac(event, 'source', at(10))
  putMac(event, 'destination', at(11))
  putCommunityId(event, { type: integer(at(23)), code: integer(at(24)) })
}
