import { classify, integer, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { inferYear, instant, isoTime, millis } from '../time.ts'

// Snort 2 and 3, alert_fast and alert_syslog: `[TIME  [**] ][GID:SID:REV] "MESSAGE" [**] [Classification: C] [Priority: N] {PROTO} A:P -> B:P`.
// The message is the signature's, not the attacker's.
const TIME = /^(\d\d)\/(\d\d)(?:\/(\d\d))?-(\d\d):(\d\d):(\d\d)\.(\d{6}) {1,2}/
const ALERT = /^(?:\[\*\*\] )?\[(\d{1,10}):(\d{1,10}):(\d{1,10})\] /
const TAIL =
  /(?: \[\*\*\])?(?: \[Classification: ([^\]]{1,128})\])? ?\[Priority: (\d{1,3})\](?: \[AppID: [^\]]{1,64}\])?:? \{([\w-]{1,32})\} (\S{2,64}) -> (\S{2,64})$/

export default {
  layer: 'text',
  precedence: 330,

  parse({ text, program }, event, { receivedAtMs, zone }) {
    const ours = program === 'snort' || program === 'snort3'
    const time = TIME.exec(text)
    if (!ours && time === null && !text.startsWith('[')) return false
    const line = time === null ? text : text.slice(time[0].length)
    const alert = ALERT.exec(line)
    const tail = alert === null ? null : TAIL.exec(line.slice(-400))
    if (alert === null || tail === null) {
      if (!ours) return false
      event['event.dataset'] = 'snort.log'
      put(event, 'message', text)
      return true
    }
    if (time !== null) {
      const at = [time[1], time[2], time[4], time[5], time[6]].map(Number) as [number, number, number, number, number]
      const [month, day, hour, minute, second] = at
      const ms =
        time[3] === undefined
          ? inferYear([month, day, hour, minute, second, millis(time[7])], receivedAtMs, zone)
          : instant([2_000 + Number(time[3]), month, day, hour, minute, second, millis(time[7])], zone)
      if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    }
    event['event.dataset'] = 'snort.log'
    event['event.kind'] = 'alert'
    classify(event, { category: ['network', 'intrusion_detection'], type: ['info'] })
    if (/\[Drop\]|\[drop\]/.test(text.slice(0, 64))) event['event.type'] = ['denied']
    event['snort.gid'] = Number(alert[1])
    event['rule.id'] = alert[2]!
    event['rule.version'] = alert[3]!
    const start = line.length - Math.min(400, line.length) + tail.index
    const name = line.slice(alert[0].length, start).replace(/^"|"$/g, '')
    put(event, 'rule.name', name)
    put(event, 'rule.description', name)
    put(event, 'message', name)
    put(event, 'rule.category', tail[1])
    put(event, 'event.severity', integer(tail[2]))
    event['network.transport'] = tail[3]!.toLowerCase()
    for (const [side, text] of [
      ['source', tail[4]!],
      ['destination', tail[5]!],
    ] as const) {
      const port = text.split(':').length === 2 || text.includes(']:') ? /^(.*):(\d{1,5})$/.exec(text) : null
      putPeer(event, side, (port?.[1] ?? text).replace(/^\[|\]$/g, ''), port?.[2])
    }
    return true
  },
} satisfies TextParser
