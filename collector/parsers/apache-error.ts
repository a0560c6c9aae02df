import { integer, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime, millis, monthOf } from '../time.ts'

// Apache 2.4: `[TIME] [MODULE:LEVEL] [pid N:tid N] [client IP:PORT] MESSAGE`; 2.2: `[TIME] [LEVEL] [client IP] MESSAGE`.
const TIME = /^\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? (\d{4})\] /
const LEVEL = /^\[(?:([\w-]{0,64}):)?(emerg|alert|crit|error|warn|notice|info|debug|trace\d)\] /
const PROCESS = /^\[pid (\d{1,10})(?::tid (\d{1,20}))?\] /
const CLIENT = /^(?:\S{1,128} )?\[client ([^\]\s]{2,64})\] /
const CODE = /^(AH\d{5}): /

export default {
  layer: 'text',
  precedence: 90,

  parse({ text }, event, { zone }) {
    const time = text.startsWith('[') ? TIME.exec(text) : null
    if (time === null) return false
    let rest = text.slice(time[0].length)
    const level = LEVEL.exec(rest)
    if (level === null) return false
    const ms = instant(
      [
        Number(time[7]),
        monthOf(time[1]!) ?? 0,
        Number(time[2]),
        Number(time[3]),
        Number(time[4]),
        Number(time[5]),
        millis(time[6]),
      ],
      zone,
    )
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${time[0].trim()}, at offset 0`)
    rest = rest.slice(level[0].length)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'apache.error'
    event['event.category'] = ['web']
    event['event.type'] = [/^(?:notice|info|debug|trace)/.test(level[2]!) ? 'info' : 'error']
    event['log.level'] = level[2]!
    put(event, 'apache.error.module', level[1])
    const process = PROCESS.exec(rest)
    if (process !== null) {
      put(event, 'process.pid', integer(process[1]))
      put(event, 'process.thread.id', integer(process[2]))
      rest = rest.slice(process[0].length)
    }
    const client = CLIENT.exec(rest)
    if (client !== null) {
      const [, address, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(client[1]!)!
      // An IPv6 address without a port ends like one with it.
      const plain =
        /^[0-9a-f:]+$/i.test(client[1]!) && client[1]!.split(':').length > 2 && client[1]!.split(':').length <= 8
      if (plain) putPeer(event, 'source', client[1]!)
      else putPeer(event, 'source', address!.replace(/^\[|\]$/g, ''), port)
      rest = rest.slice(client[0].length)
    }
    const code = CODE.exec(rest)
    if (code !== null) event['event.code'] = code[1]!
    put(event, 'message', rest)
    put(event, 'http.request.referrer', /, referer: (\S{1,2048})$/.exec(rest.slice(-2_060))?.[1])
    put(
      event,
      'file.path',
      /^(?:AH\d{5}: )?(?:File does not exist|script not found or unable to stat): (\S{1,1024})/.exec(rest)?.[1],
    )
    return true
  },
} satisfies TextParser
