import type { EcsEvent } from '../../model/event.ts'
import { addRelated, integer, ipOf, put } from '../fields.ts'
import { putUrl } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putAccess, readAccess, type AccessLine } from '../web-access.ts'

/**
 * Tomcat's AccessLogValve: NCSA lines, so only the program or the stream (`POST /ingest/tomcat`) can say whose they are, or a pattern
 * with what no other server writes: the local address and the state of the connection (`%A %X`) behind the size. Without
 * them, what follows the size may be the time taken (`%D`, ms).
 */
export default {
  layer: 'text',
  precedence: 95,

  parse({ text, program }, event, { stream }) {
    const bars = text.slice(0, 128).indexOf('%APACHETOMCAT-')
    if (bars >= 0) return readBars(text.slice(bars), event)
    const named = /tomcat|catalina/.test(program) || /tomcat|catalina/.test(stream)
    const line = readAccess(text)
    const local = line === null ? null : LOCAL.exec(line.rest)
    const address = ipOf(local?.[1] ?? '')
    if (line === null || (!named && address === undefined)) return false
    const known = putAccess(line, event)
    event['event.dataset'] = 'apache_tomcat.access'
    put(event, 'destination.bytes', integer(line.bytes))
    if (local !== null && address !== undefined) putLocal(local, address, line, event)
    else {
      const [first] = line.rest.split(' ', 1)
      const taken = integer(first)
      if (taken !== undefined) event['event.duration'] = taken * 1_000_000
      else put(event, 'apache_tomcat.access.rest', line.rest)
    }
    return known || new Refusal('bad_time', `no such time: ${line.time}`)
  },
} satisfies TextParser

const LOCAL =
  /^(\S{2,64}) ([+X-])(?: ([\d.]{1,12}))?(?: "((?:[^"\\]|\\.){0,2048})" "((?:[^"\\]|\\.){0,2048})")?(?: X-Forwarded-For="([^"]{0,512})"?)?/

function putLocal(local: RegExpExecArray, address: string, line: AccessLine, event: EcsEvent): void {
  event['apache_tomcat.access.ip.local'] = address
  event['apache_tomcat.access.connection_status'] = local[2]!
  if (local[3] !== undefined) event['event.duration'] = Math.round(Number(local[3]) * 1e9)
  if (local[4] !== '-') put(event, 'http.request.referrer', local[4])
  if (local[5] !== '-') put(event, 'user_agent.original', local[5])
  const forwarded = ipOf(local[6]?.split(',', 1)[0]?.trim() ?? '')
  put(event, 'network.forwarded_ip', forwarded)
  for (const ip of [line.clients[0], address, forwarded])
    if (ip !== undefined && ipOf(ip) !== undefined) addRelated(event, 'related.ip', ip)
}

/** `%APACHETOMCAT-LEVEL-METHOD: ADDRESS||…||USER||[TIME]||METHOD||URL||…||BYTES||REFERRER||AGENT||COOKIE`, the pattern NetWitness asks for. */
function readBars(text: string, event: EcsEvent): boolean {
  const head = /^%APACHETOMCAT-[\w-]{0,64} ?([\w-]{0,32}): /.exec(text)
  const values = head === null ? [] : text.slice(head[0].length).split('||', 20)
  const ip = ipOf(values[0] ?? '')
  if (ip === undefined || values.length < 12) return false
  event['event.dataset'] = 'apache_tomcat.access'
  event['event.category'] = ['web']
  event['event.type'] = ['access']
  event['source.ip'] = ip
  event['source.address'] = ip
  put(event, 'user.name', values[2])
  put(event, 'http.request.method', values[4])
  putUrl(event, values[5] ?? '')
  put(event, 'http.response.body.bytes', integer(values[10]))
  put(event, 'http.request.referrer', values[11])
  put(event, 'user_agent.original', values[12])
  return true
}
