import type { HeaderParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost, putPriority, readPriority } from '../syslog-header.ts'
import { isoTime, parseIso } from '../time.ts'

// Check Point's Log Exporter writes an RFC 5424 header, but its own `[name:"value"; …]` where structured data should stand;
// read as structured data it would be a broken line.
const CLAIM =
  /^<\d{1,3}>1 (\S{1,64}) (\S{1,255}) (?:CheckPoint|Check_Point) \S{1,64} \S{1,64} (?=\[ ?[A-Za-z_]{1,64}:+")/

export default {
  layer: 'header',
  precedence: 15,

  claims: (text) => CLAIM.test(text),

  parse(text, event, { zone }) {
    const claim = CLAIM.exec(text)
    const head = readPriority(text)
    if (head instanceof Refusal) return head
    if (claim === null || head === undefined) return new Refusal('bad_header', 'no priority, at offset 0')
    const [whole, time = '-', host = '-'] = claim
    if (time !== '-') {
      const ms = parseIso(time, zone)
      if (ms === undefined)
        return new Refusal('bad_time', `no such time: ${time.slice(0, 40)}, at offset ${head.end + 2}`)
      event['@timestamp'] = isoTime(ms)
    }
    putPriority(event, head.priority)
    event['log.syslog.version'] = '1'
    putHost(event, host)
    return { text: text.slice(whole.length), program: 'checkpoint' }
  },
} satisfies HeaderParser
