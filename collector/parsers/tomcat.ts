import { integer, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putAccess, readAccess } from '../web-access.ts'

/**
 * Tomcat's AccessLogValve: NCSA lines, so only the program or the stream (`POST /ingest/tomcat`) can say whose they are.
 * Without a referrer, what follows the size may be the time taken (`%D`, ms) or the local address.
 */
export default {
  layer: 'text',
  precedence: 95,

  parse({ text, program }, event, { stream }) {
    if (!/tomcat|catalina/.test(program) && !/tomcat|catalina/.test(stream)) return false
    const line = readAccess(text)
    if (line === null) return false
    const known = putAccess(line, event)
    event['event.dataset'] = 'tomcat.access'
    const [first] = line.rest.split(' ', 1)
    const taken = integer(first)
    if (taken !== undefined) event['event.duration'] = taken * 1_000_000
    else put(event, 'tomcat.access.rest', line.rest)
    return known || new Refusal('bad_time', `no such time: ${line.time}`)
  },
} satisfies TextParser
