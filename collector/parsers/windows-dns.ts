import { classify, put, putPeer } from '../fields.ts'
import { putQuestion } from '../network-events.ts'
import type { Context, TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime } from '../time.ts'

// Debug log of Windows' DNS server (dnscmd /loglevel, «Debug Logging»), as its own heading explains the columns:
//   DATE TIME THREAD PACKET POINTER UDP|TCP Snd|Rcv ADDRESS XID [R]OPCODE [FLAGS RCODE] TYPE (3)www(6)example(3)com(0)
// Date and time are written in the server's regional format, which the line does not name: `en-US` puts the month first, `vi-VN` the
// day. Where both are days, the one nearer to the time of receipt is meant: a debug log is shipped as it is written.
const LINE =
  /^(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4}) (\d{1,2}):(\d\d):(\d\d)(?: ([AP]M|SA|CH))? ([0-9A-F]{3,8}) PACKET {1,2}([0-9A-F]{8,16}) (UDP|TCP) (Snd|Rcv) (\S{2,64}) {1,20}([0-9a-f]{4}) (R| ) ([QNU?]) \[([0-9a-f]{4}) ([ A-Z]{4,8}) {1,6}([A-Z0-9]{1,16})\] (\S{1,16}) {1,20}(\S{1,1100})/
const OTHER =
  /^(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4}) (\d{1,2}):(\d\d):(\d\d)(?: ([AP]M|SA|CH))? ([0-9A-F]{3,8}) (EVENT|Note:|DSPOLL|INIT|LOOKUP|RECURSE|REMOTE|TOMBSTN|UPDATE|WARN|ERROR) {1,6}(.*)$/s
const OPCODES: { readonly [letter: string]: string } = { Q: 'QUERY', N: 'NOTIFY', U: 'UPDATE' }
const FLAGS: { readonly [letter: string]: string } = { A: 'AA', T: 'TC', D: 'RD', R: 'RA' }

export default {
  layer: 'text',
  precedence: 316,

  parse({ text }, event, context) {
    const first = text.charCodeAt(0)
    if (first < 0x30 || first > 0x39) return false
    const packet = LINE.exec(text)
    const line = packet ?? OTHER.exec(text)
    if (line === null) return false
    const ms = timeOf(line, context)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${text.slice(0, 24)}, at offset 0`)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'windows.dns_server_debug'
    event['host.os.type'] = 'windows'
    event['winlog.process.thread.id'] = Number.parseInt(line[9]!, 16)
    if (packet === null) {
      classify(event, { category: ['network'], type: [/^(?:WARN|ERROR)/.test(line[10]!) ? 'error' : 'info'] })
      put(event, 'message', line[11])
      return true
    }
    const [transport, direction, peer, id, response, opcode, , flags, rcode, type, name] = packet.slice(11)
    const answer = response === 'R'
    classify(event, { category: ['network'], type: ['protocol', ...(answer ? ['info'] : ['connection'])] })
    event['event.action'] = answer ? 'dns-response' : 'dns-query'
    event['network.protocol'] = 'dns'
    event['network.transport'] = transport!.toLowerCase()
    // Rcv: the packet came from that address; Snd: it went there. A question's asker and an answer's receiver are the client.
    putPeer(event, direction === 'Rcv' ? 'source' : 'destination', peer!)
    event['network.direction'] = direction === 'Rcv' ? 'inbound' : 'outbound'
    event['dns.id'] = String(Number.parseInt(id!, 16))
    event['dns.type'] = answer ? 'answer' : 'query'
    put(event, 'dns.op_code', OPCODES[opcode!])
    const set = flags!.split('').flatMap((letter) => FLAGS[letter] ?? [])
    if (set.length > 0) event['dns.header_flags'] = set
    if (answer) {
      event['dns.response_code'] = rcode!
      event['event.outcome'] = rcode === 'NOERROR' ? 'success' : 'failure'
    }
    putQuestion(event, readLabels(name!), type)
    return true
  },
} satisfies TextParser

/** `(3)www(6)example(3)com(0)` is `www.example.com`: lengths stand before their labels. */
function readLabels(text: string): string {
  return text.replace(/\(\d{1,3}\)/g, '.').replace(/^\.|\.$/g, '')
}

function timeOf(line: RegExpExecArray, { receivedAtMs, zone }: Context): number | undefined {
  const [a, b, c] = [Number(line[1]), Number(line[3]), Number(line[4])]
  const half = line[8]
  let hour = Number(line[5])
  // `SA` and `CH` are the Vietnamese halves of the day.
  if (half !== undefined) hour = (hour % 12) + (half === 'PM' || half === 'CH' ? 12 : 0)
  const clock = [hour, Number(line[6]), Number(line[7])] as const
  if (line[1]!.length === 4) return instant([a, b, c, ...clock], zone)
  const monthFirst = instant([c, a, b, ...clock], zone)
  const dayFirst = instant([c, b, a, ...clock], zone)
  if (monthFirst === undefined || dayFirst === undefined) return monthFirst ?? dayFirst
  const distance = (ms: number): number => Math.abs(receivedAtMs - ms)
  return distance(dayFirst) < distance(monthFirst) ? dayFirst : monthFirst
}
