import type { EcsEvent } from '../../model/event.ts'
import { classify, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime, monthOf, offsetOf, parseEpoch } from '../time.ts'
import { putAccess, readAccess } from '../web-access.ts'

// Oracle WebLogic's server and domain logs (Configuring Log Files, «Message Attributes»): `####<TIME> <SEVERITY> <SUBSYSTEM> <MACHINE>
// <SERVER> <THREAD> <USER> <TRANSACTION> <CONTEXT> <EPOCH> [<ATTRIBUTES> ]<ID> <TEXT>`; a value may itself stand in `<>`
// (`<<WLS Kernel>>`). The access log is NCSA's, so only the stream or the file's name (`weblogic`) can say whose it is.
const HINT = /weblogic/
const BANNER = /^WebLogic Server \d{1,3}(?:\.\d{1,3}){2,5} /
const VALUES_MAX = 13
const TIME = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:,(\d{3}))? ([AP])M (.{1,40})$/

export default {
  layer: 'text',
  precedence: 94,

  parse({ text }, event, { zone, stream }) {
    const path = event['log.file.path']
    const place = typeof path === 'string' ? `${stream} ${path.toLowerCase()}` : stream
    if (!text.startsWith('####<')) {
      if (!HINT.test(place) && !BANNER.test(text)) return false
      const line = readAccess(text)
      if (line === null) {
        putKind(event, 'admin_server', 'admin')
        put(event, 'message', text)
        return true
      }
      const known = putAccess(line, event)
      event['event.dataset'] = 'oracle_weblogic.access'
      if (/^\d{1,15}$/.test(line.bytes)) event['http.response.bytes'] = Number(line.bytes)
      return known || new Refusal('bad_time', `no such time: ${line.time}`)
    }
    const values = readValues(text)
    if (values.length < 12) return false
    const at = /^\d{13}$/.test(values[9]!) ? parseEpoch(Number(values[9])) : undefined
    const ms = at ?? timeOf(values[0]!, zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${values[0]!.slice(0, 60)}, at offset 5`)
    event['@timestamp'] = isoTime(ms)
    // While a server starts it has no name yet, and writes to its own log alone.
    const admin = /admin/.test(place) || (!/domain|managed/.test(place) && values[4] === '')
    const log = admin ? 'admin_server' : /managed/.test(place) ? 'managed_server' : 'domain'
    putKind(event, log, admin ? 'admin' : 'info')
    event['log.level'] = values[1]!
    const names = values.length === 13 ? [...NAMES, 'meta'] : NAMES
    for (const [i, name] of names.entries()) put(event, `oracle_weblogic.${log}.${name}`, said(values[i + 2]))
    put(event, 'oracle_weblogic.user', said(values[6]))
    put(event, 'transaction.id', said(values[8]) ?? said(values[7]))
    put(event, 'event.code', said(values.at(-2)))
    put(event, `oracle_weblogic.${log}.message_id`, said(values.at(-2)))
    put(event, 'message', values.at(-1))
    return true
  },
} satisfies TextParser

const NAMES = [
  'subsystem',
  'machine_name',
  'server_name',
  'thread_id',
  'user_id',
  'transaction_id',
  'context_id',
  'diagnostic_context_id',
]

function putKind(event: EcsEvent, log: string, type: string): void {
  event['event.dataset'] = `oracle_weblogic.${log}`
  classify(event, { category: ['log'], type: [type] })
}

const said = (value: string | undefined): string | undefined =>
  value === '' || value === '<WLS Kernel>' ? undefined : value

/** The values between `<` and `> `; the last one, the text, up to the end. */
function readValues(text: string): string[] {
  const values: string[] = []
  let at = 5
  while (values.length < VALUES_MAX - 1) {
    const end = text.indexOf('> <', at)
    if (end < 0) break
    const value = text.slice(at, end + (text.startsWith('> <', end + 1) ? 1 : 0))
    values.push(value)
    at = at + value.length + 3
    // Attributes such as `[severity-value: 64]` are the one optional value, before the id: without them the text comes one earlier.
    if (values.length === 11 && /^[A-Z]{2,8}-\d{1,8}$/.test(value)) break
  }
  values.push(text.slice(at).replace(/> ?$/, ''))
  return values
}

function timeOf(stamp: string, zone: Parameters<typeof instant>[1]): number | undefined {
  const time = TIME.exec(stamp)
  if (time === null) return undefined
  const hour = (Number(time[4]) % 12) + (time[8] === 'P' ? 12 : 0)
  const gmt = /^(?:GMT|UTC)([+-]\d\d:\d\d)?$/.exec(time[9]!)
  return instant(
    [
      Number(time[3]),
      monthOf(time[1]!) ?? 0,
      Number(time[2]),
      hour,
      Number(time[5]),
      Number(time[6]),
      Number(time[7] ?? 0),
    ],
    gmt === null ? zone : offsetOf(gmt[1] ?? 'Z'),
  )
}
