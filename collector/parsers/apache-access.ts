import type { TextParser } from '../parser.ts'
import { ipOf, put, putPeer } from '../fields.ts'
import { Refusal } from '../refusal.ts'
import { isoTime } from '../time.ts'
import { parseClf, putAccess, putRequest, readAccess } from '../web-access.ts'

// mod_ssl's ssl_request_log: `[TIME] CLIENT PROTOCOL CIPHER "REQUEST" BYTES`.
const SSL = /^\[([^\]]{20,30})\] (\S{1,255}) (TLS\S{1,15}|SSL\S{1,15}) ([A-Z0-9_-]{3,64}) "([^"]*)" (\d{1,15}|-)$/
const NAMES = /apache|httpd/
/** What Elastic asks Apache's administrators to add to their format. */
const FORWARDED = /^X-Forwarded-For="([^"]{0,512})"$/

/** Apache's `common`, `combined`, `vhost_combined` and ssl_request lines. */
export default {
  layer: 'text',
  precedence: 100,

  parse({ text, program }, event, { stream }) {
    if (text.startsWith('[')) {
      const ssl = SSL.exec(text)
      const ms = ssl === null ? undefined : parseClf(ssl[1]!)
      if (ssl === null || ms === undefined) return false
      event['@timestamp'] = isoTime(ms)
      event['event.dataset'] = 'apache.access'
      putPeer(event, 'source', ssl[2]!)
      event['apache.access.ssl.protocol'] = ssl[3]!
      event['apache.access.ssl.cipher'] = event['tls.cipher'] = ssl[4]!
      putRequest(event, ssl[5]!)
      if (ssl[6] !== '-') event['http.response.body.bytes'] = Number(ssl[6])
      event['event.category'] = ['web']
      event['event.type'] = ['access']
      return true
    }
    const named = NAMES.test(program) || NAMES.test(stream)
    if (!named && (program.includes('nginx') || stream.includes('nginx'))) return false
    const line = readAccess(text)
    // Only nginx is configured to log no referrer by nobody; `VHOST:PORT` in front is Debian's Apache.
    const forwarded = line === null ? null : FORWARDED.exec(line.rest)
    if (line === null || !(named || forwarded !== null || line.userAgent === undefined || /:\d{1,5}$/.test(line.vhost)))
      return false
    const known = putAccess(line, event)
    event['event.dataset'] = 'apache.access'
    put(event, 'network.forwarded_ip', ipOf(forwarded?.[1]?.split(',', 1)[0]?.trim() ?? ''))
    return known || new Refusal('bad_time', `no such time: ${line.time}`)
  },
} satisfies TextParser
