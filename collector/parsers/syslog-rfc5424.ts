import type { JsonObject } from '../json-record.ts'
import type { HeaderParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost, putPriority, putProgram, readPriority } from '../syslog-header.ts'
import { isoTime, parseIso } from '../time.ts'

// RFC 5424 §6: <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]. Field lengths are not held to the
// RFC's limits: the frame is bounded already, and a long host name is no reason to lose sight of an event.
const CLAIM = /^<\d+>1 [-\d]/

export default {
  layer: 'header',
  precedence: 20,

  claims: (text) => CLAIM.test(text),

  parse(text, event, { zone }) {
    const head = readPriority(text)
    if (head === undefined) return new Refusal('bad_header', 'no priority, at offset 0')
    if (head instanceof Refusal) return head
    let at = head.end + 2
    const fields: string[] = []
    for (let i = 0; i < 5; i++) {
      const blank = text.indexOf(' ', at)
      if (blank <= at) {
        const name = ['TIMESTAMP', 'HOSTNAME', 'APP-NAME', 'PROCID', 'MSGID'][i]!
        return new Refusal('bad_header', `no ${blank < 0 ? 'blank after' : 'value for'} ${name}, at offset ${at}`)
      }
      fields.push(text.slice(at, blank))
      at = blank + 1
    }
    const [time = '', host = '', app = '', pid = '', id = ''] = fields
    if (time !== '-') {
      const ms = parseIso(time, zone)
      if (ms === undefined)
        return new Refusal('bad_time', `no such time: ${time.slice(0, 40)}, at offset ${head.end + 2}`)
      event['@timestamp'] = isoTime(ms)
    }
    if (text[at] === '[') {
      const data = readStructuredData(text, at)
      if (data instanceof Refusal) return data
      event['log.syslog.structured_data'] = data.elements
      at = data.end
    } else if (text[at] === '-') at++
    else return new Refusal('bad_structured_data', `expected - or [, at offset ${at}`)
    if (at < text.length && text[at] !== ' ') {
      return new Refusal('bad_structured_data', `expected a blank after STRUCTURED-DATA, at offset ${at}`)
    }
    let message = text.slice(at + 1)
    if (message.startsWith('\uFEFF')) message = message.slice(1) // §6.4: the BOM says «UTF-8», it is not content
    // rsyslog's own RFC 5424 template keeps the blank that stood after a legacy TAG, so that its MSG begins with one.
    message = message.replace(/^ +/, '')
    putPriority(event, head.priority)
    event['log.syslog.version'] = '1'
    putHost(event, host)
    const program = putProgram(event, app, pid)
    if (app !== '-') event['log.syslog.appname'] = app
    if (pid !== '-') event['log.syslog.procid'] = pid
    if (id !== '-') event['log.syslog.msgid'] = id
    return { text: message, program }
  },
} satisfies HeaderParser

/** §6.3: `[id name="value" …][id …]`; in a value `"`, `\` and `]` are escaped. Elements by id, a repeated name as a list. */
function readStructuredData(text: string, start: number): { elements: JsonObject; end: number } | Refusal {
  const elements = Object.create(null) as JsonObject // the ids are a stranger's words: `__proto__` must be one like any other
  let at = start
  while (text[at] === '[') {
    const id = tokenAt(text, at + 1)
    if (id === '') return new Refusal('bad_structured_data', `no SD-ID, at offset ${at + 1}`)
    at += 1 + id.length
    const params = Object.create(null) as JsonObject
    while (text[at] === ' ' && text[at + 1] !== ']') {
      const name = tokenAt(text, at + 1)
      at += 1 + name.length
      if (name === '' || text[at] !== '=' || text[at + 1] !== '"') {
        return new Refusal('bad_structured_data', `expected NAME="VALUE", at offset ${at}`)
      }
      const open = at + 2
      let close = open
      while (close < text.length && text[close] !== '"') close += text[close] === '\\' ? 2 : 1
      if (close >= text.length) return new Refusal('bad_structured_data', `value without end, at offset ${open - 1}`)
      const value = text.slice(open, close).replace(/\\(["\\\]])/g, '$1')
      const before = params[name]
      params[name] =
        before === undefined ? value : Array.isArray(before) ? [...before.slice(0, 99), value] : [before, value]
      at = close + 1
    }
    if (text[at] === ' ') at++ // some senders pad the end of an element
    if (text[at] !== ']') return new Refusal('bad_structured_data', `expected ], at offset ${at}`)
    at++
    elements[id] = params
  }
  return { elements, end: at }
}

const TOKEN_END = /[\s="\]]/g

function tokenAt(text: string, start: number): string {
  TOKEN_END.lastIndex = start
  const end = TOKEN_END.exec(text)
  return text.slice(start, end === null ? text.length : end.index)
}
