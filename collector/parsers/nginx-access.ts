import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putAccess, readAccess } from '../web-access.ts'

/** nginx's `combined` and its usual extensions; also what combined lines count as whose server nobody names. */
export default {
  layer: 'text',
  precedence: 110,

  parse({ text }, event) {
    const line = readAccess(text)
    if (line === null) return false
    const known = putAccess(line, event)
    event['event.dataset'] = 'nginx.access'
    if (line.clients.length > 1) event['nginx.access.remote_ip_list'] = line.clients.slice(0, 32)
    return known || new Refusal('bad_time', `no such time: ${line.time}`)
  },
} satisfies TextParser
