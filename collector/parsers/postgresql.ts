import type { EcsEvent } from '../../model/event.ts'
import { classify, integer, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { offsetOf, instant, isoTime, millis } from '../time.ts'
import type { Zone } from '../time.ts'

// PostgreSQL's stderr log with the usual `log_line_prefix`es (`%m [%p] `, `%m [%p] %q%u@%d `, `%t [%p-%l]`, pgBadger's
// `%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h `, RDS's `%t:%r:%u@%d:[%p]:`) and csvlog (manual, «Error Reporting and Logging»). A statement over several lines is several records:
// the first has the head, the others stay text.
const TIME = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? ([A-Z]{1,5}|[+-]\d\d(?::?\d\d)?)(?=[ :,])/
const LEVEL =
  /^(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION): {1,2}/
const PLAIN =
  /^ \[(\d{1,10})(?:-(\d{1,10}))?\](?::)? (?:([^\s@]{1,63})@(\S{0,63})(?: ([0-9A-Fa-f.:]{2,45})(?:\((\d{1,5})\))?)? )?/
/** The application's name is the client's text, blanks and commas included: a level must stand behind what is taken for the prefix. */
const NAMED =
  /^ \[(\d{1,10})\]:?(?: \[\d{1,10}(?:-\d{1,10})?\])? user=([^,\s]{0,63}),db=([^,\s]{0,63})(?:,app=(.{0,63}?))?(?:,client=([^,\s]{0,255}))? (?=[A-Z]{3,9}[1-5]?: )/
const RDS = /^:(?:([0-9A-Fa-f.:]{2,45})\((\d{1,5})\)|\[local\])?:([^\s@:]{0,63})@([^\s:]{0,63}):\[(\d{1,10})\]:/
const FAILED =
  /^(?:(?:password|peer|ident|LDAP|PAM|GSSAPI|SSPI|certificate|RADIUS|Ident|Peer|md5|SCRAM) ?authentication failed for user|no pg_hba\.conf entry for|pg_hba\.conf rejects connection|role "(?:[^"]{1,63})" does not exist)/
const COLUMNS_MAX = 30

export default {
  layer: 'text',
  precedence: 320,

  parse({ text, program }, event, { zone }) {
    const time = TIME.exec(text)
    const ours = program === 'postgres' || program === 'postgresql'
    const rest = time === null ? text : text.slice(time[0].length)
    const columns = time !== null && rest.startsWith(',') ? readCsv(text) : undefined
    const csv = columns !== undefined && columns.length >= 22 && LEVEL.test(`${columns[11]!}: `)
    const named = time === null ? null : NAMED.exec(rest)
    const plain = time === null || named !== null ? null : PLAIN.exec(rest)
    const rds = time === null || (named ?? plain) !== null ? null : RDS.exec(rest)
    const head = named ?? plain ?? rds
    const level = head === null ? null : LEVEL.exec(rest.slice(head[0].length))
    if (!csv && level === null && !ours) return false
    const ms = time === null ? undefined : stampOf(time, zone)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'postgresql.log'
    classify(event, { category: ['database'], type: ['info'] })
    if (csv) putCsv(columns, event)
    else if (level !== null && head !== null) {
      const [pid, user, database, address, port] =
        named !== null
          ? [named[1], named[2], named[3], named[5]]
          : plain === null
            ? [rds![5], rds![3], rds![4], rds![1], rds![2]]
            : [plain[1], plain[3], plain[4], plain[5], plain[6]]
      put(event, 'postgresql.log.application_name', named?.[4] === '[unknown]' ? undefined : named?.[4])
      put(event, 'process.pid', integer(pid))
      put(event, 'user.name', user === '[unknown]' ? undefined : user)
      put(event, 'postgresql.log.database', database === '[unknown]' ? undefined : database)
      putPeer(event, 'source', address === '[local]' ? '' : (address ?? ''), port)
      const said = rest.slice(head[0].length + level[0].length)
      const state = /^([0-9A-Z]{5}): {1,2}/.exec(said)
      put(event, 'postgresql.log.sql_state_code', state?.[1])
      putSaid(level[1]!, state === null ? said : said.slice(state[0].length), event)
    } else put(event, 'message', text)
    return true
  },
} satisfies TextParser

/** Hours east of UTC by PostgreSQL's own default abbreviations; any other word is read as the configured zone's. */
const ZONES: { readonly [name: string]: number } = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  ICT: 7,
  SGT: 8,
  JST: 9,
  KST: 9,
  EST: -5,
  EDT: -4,
  PST: -8,
  PDT: -7,
}

function stampOf(time: RegExpExecArray, zone: Zone): number | undefined {
  const name = time[8]!
  const offset = /^[+-]/.test(name) ? offsetOf(name.length === 3 ? `${name}00` : name) : undefined
  const hours = Object.hasOwn(ZONES, name) ? ZONES[name]! : undefined
  return instant(
    [
      Number(time[1]),
      Number(time[2]),
      Number(time[3]),
      Number(time[4]),
      Number(time[5]),
      Number(time[6]),
      millis(time[7]),
    ],
    offset ?? (hours === undefined ? zone : hours * 3_600_000),
  )
}

function putSaid(level: string, said: string, event: EcsEvent): void {
  event['log.level'] = level
  if (level === 'ERROR' || level === 'FATAL' || level === 'PANIC') event['event.type'] = ['error']
  const timed = /^duration: ([\d.]{1,20}) ms(?: {2}(statement|parse|bind|execute)(?: (\S{1,128}))?: (.*))?$/s.exec(said)
  const statement = timed?.[4] ?? /^(?:statement|execute [^:]{1,128}): (.*)$/s.exec(said)?.[1]
  if (timed !== null) event['event.duration'] = Math.round(Number(timed[1]) * 1e6)
  put(event, 'postgresql.log.query', statement)
  put(event, 'postgresql.log.query_step', timed?.[2] ?? /^(statement|execute)[: ]/.exec(said)?.[1])
  put(event, 'postgresql.log.query_name', timed?.[3])
  put(event, 'message', said)
  const user =
    /^connection (?:authorized|authenticated): (?:user=([^\s=]{1,63})|identity="([^"]{1,255})")(?: database=(\S{1,63}))?/.exec(
      said,
    )
  if (user !== null) {
    event['user.name'] ??= (user[1] ?? user[2])!
    if (user[3] !== undefined) event['postgresql.log.database'] ??= user[3]
    classify(event, { category: ['database', 'authentication'], type: ['start'], action: 'login', outcome: 'success' })
  } else if (level === 'FATAL' && FAILED.test(said)) {
    const who = /(?:for|,) user "([^"]{1,63})"|^role "([^"]{1,63})"/.exec(said.slice(0, 512))
    put(event, 'user.name', who?.[1] ?? who?.[2])
    putPeer(event, 'source', /for host "([0-9A-Fa-f.:]{2,45})"/.exec(said.slice(0, 256))?.[1] ?? '')
    classify(event, { category: ['database', 'authentication'], type: ['start'], action: 'login', outcome: 'failure' })
  } else {
    const received = /^connection received: host=([0-9A-Fa-f.:]{2,45})(?: port=(\d{1,5}))?/.exec(said)
    const gone = said.startsWith('disconnection: session time: ')
    if (received !== null) putPeer(event, 'source', received[1]!, received[2])
    if (received !== null || gone) event['event.action'] = gone ? 'disconnection' : 'connection'
  }
}

const NAMES: { readonly [column: number]: string } = {
  2: 'postgresql.log.database',
  5: 'postgresql.log.session_id',
  7: 'postgresql.log.command_tag',
  9: 'postgresql.log.virtual_transaction_id',
  12: 'postgresql.log.sql_state_code',
  14: 'postgresql.log.detail',
  15: 'postgresql.log.hint',
  19: 'postgresql.log.query',
  22: 'postgresql.log.application_name',
  23: 'postgresql.log.backend_type',
}

function putCsv(columns: readonly string[], event: EcsEvent): void {
  put(event, 'user.name', columns[1])
  put(event, 'process.pid', integer(columns[3]))
  const peer = /^([0-9A-Fa-f.:]{2,45}):(\d{1,5})$/.exec(columns[4]!)
  putPeer(event, 'source', peer?.[1] ?? '', peer?.[2])
  put(event, 'postgresql.log.client_addr', peer?.[1])
  put(event, 'postgresql.log.client_port', integer(peer?.[2]))
  put(event, 'postgresql.log.session_line_number', integer(columns[6]))
  putSaid(columns[11]!, columns[13]!, event)
  for (const [column, field] of Object.entries(NAMES)) put(event, field, columns[Number(column)]?.slice(0, 32_768))
}

/** RFC 4180 columns, each character looked at once; undefined for a quote that does not end. */
function readCsv(text: string): string[] | undefined {
  const columns: string[] = []
  let at = 0
  while (columns.length < COLUMNS_MAX && at <= text.length) {
    if (text[at] !== '"') {
      const end = text.indexOf(',', at)
      columns.push(text.slice(at, end < 0 ? text.length : end))
      at = end < 0 ? text.length + 1 : end + 1
      continue
    }
    const start = at + 1
    let end = text.indexOf('"', start)
    while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
    if (end < 0) return undefined
    columns.push(text.slice(start, end).replaceAll('""', '"'))
    at = end + 2
  }
  return columns
}
