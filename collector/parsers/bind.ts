import { addRelated, classify, ipOf, put, putPeer } from '../fields.ts'
import { putMember } from '../infoblox.ts'
import { putQuestion } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { instant, isoTime, millis, monthOf } from '../time.ts'

// BIND 9 named (ARM, «The query-log»): `[TIME ][CATEGORY: ][LEVEL: ]client [@OBJECT ]IP#PORT (NAME): [view V: ]query: NAME CLASS
// TYPE FLAGS (SERVER)`. Blanks in names are escaped by named (`\032`).
const TIME = /^(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3}) /
const PREFIX = /^(?:([a-z-]{1,32}): )?(?:(info|notice|warning|error|critical|debug \d{1,2}): )?/
const CLIENT =
  /^client (?:@0x[0-9a-f]{1,16} )?([0-9A-Fa-f.:%]{2,64})#(\d{1,5})(?: \(([^\s)]{0,1024})\))?: (?:view ([^\s:]{1,128}): )?/
const QUERY = /^query: (\S{1,1024}) ([A-Z0-9]{1,16}) ([A-Z0-9-]{1,16}) (\S{1,32})(?: \(([0-9A-Fa-f.:%]{2,64})\))?/
const DENIED =
  /^(?:query(?: \(cache\))?|update|zone transfer|update forwarding|recursion|notify) '?([^\s'/]{0,1024})(?:\/([A-Z0-9-]{1,16})\/([A-Z0-9]{1,16}))?'? (?:[^\s]{1,64} )?denied/
/** A transfer, an update or a notification is about a zone. */
const ZONED = /^(?:zone |transfer of '|updating zone ')([^\s'/:]{1,1024})\/([A-Z]{2,8})/
const VALIDATED = /^validating ([^\s/:]{1,1024})\/([A-Z0-9]{1,16}):/

export default {
  layer: 'text',
  precedence: 311,
  programs: ['named', ''],

  parse({ text, program }, event, { stream, zone }) {
    const ours = program === 'named'
    const time = TIME.exec(text)
    const line = time === null ? text : text.slice(time[0].length)
    const prefix = PREFIX.exec(line)!
    const client = CLIENT.exec(line.slice(prefix[0].length))
    if (client === null && !ours) return false
    if (time !== null) {
      const [day, year, hour, minute, second] = [1, 3, 4, 5, 6].map((i) => Number(time[i])) as [
        number,
        number,
        number,
        number,
        number,
      ]
      const ms = instant([year, monthOf(time[2]!) ?? 0, day, hour, minute, second, millis(time[7])], zone)
      if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    }
    event['event.dataset'] = stream.startsWith('infoblox') ? 'infoblox_nios.log' : 'bind.log'
    if (stream.startsWith('infoblox')) putMember(event)
    classify(event, { category: ['network'], type: ['info'] })
    event['network.protocol'] = 'dns'
    put(event, 'bind.log.category', prefix[1])
    put(event, 'log.level', prefix[2])
    put(event, 'message', line)
    if (client === null) {
      const zoned = ZONED.exec(line)
      if (zoned !== null) putQuestion(event, zoned[1]!, undefined, zoned[2])
      const validated = VALIDATED.exec(line)
      if (validated !== null) putQuestion(event, validated[1]!, validated[2])
      const master = / from ([0-9A-Fa-f.:]{2,45})#\d/.exec(line.slice(0, 1_024))?.[1]
      addRelated(event, 'related.ip', ipOf(master ?? '') ?? '')
      return true
    }
    putPeer(event, 'source', client[1]!, client[2])
    put(event, 'bind.log.view', client[4])
    const rest = line.slice(prefix[0].length + client[0].length)
    const query = QUERY.exec(rest)
    if (query !== null) {
      event['event.type'] = ['protocol']
      event['event.action'] = 'query'
      event['dns.type'] = 'query'
      putQuestion(event, query[1]!, query[3], query[2])
      put(event, 'bind.log.flags', query[4])
      if (query[4]!.startsWith('+')) event['dns.header_flags'] = ['RD']
      event['network.transport'] = query[4]!.includes('T') ? 'tcp' : 'udp'
      putPeer(event, 'destination', query[5] ?? '', 53)
      return true
    }
    const denied = DENIED.exec(rest)
    if (denied !== null) {
      putQuestion(event, denied[1]!, denied[2], denied[3])
      const action = /^[a-z]+(?: transfer| forwarding)?/.exec(rest)![0].replace(' ', '-')
      classify(event, { category: ['network'], type: ['protocol', 'denied'], action, outcome: 'failure' })
    } else {
      const zoned = ZONED.exec(rest)
      if (zoned !== null) putQuestion(event, zoned[1]!, undefined, zoned[2])
      else if (client[3] !== undefined) putQuestion(event, client[3])
    }
    return true
  },
} satisfies TextParser
