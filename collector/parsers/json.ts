import { parseRecord } from '../json-record.ts'
import type { HeaderParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// A record that is one JSON object, raw or as the content of a syslog line; `@cee:` is what rsyslog and syslog-ng write
// before it (Lumberjack/CEE cookie).
const COOKIE = /^@cee: ?(?=\{)/

export default {
  layer: 'header',
  precedence: 10,
  embeds: true,

  claims: (text) => text.startsWith('{') || COOKIE.test(text),

  parse(text) {
    const object = text.startsWith('{') ? text : text.replace(COOKIE, '')
    // A file that is one array without end (MySQL's audit log) has its elements a line, each with the comma behind it.
    const record = parseRecord(object.endsWith('},') ? object.slice(0, -1) : object)
    return record instanceof Refusal ? record : { text, program: '', json: record }
  },
} satisfies HeaderParser
