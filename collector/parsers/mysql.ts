import type { EcsEvent } from '../../model/event.ts'
import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { instant, isoTime, parseIso } from '../time.ts'
import type { WallClock, Zone } from '../time.ts'

// The error log of MySQL 5.7 and 8, MariaDB, and the heads of the slow log. `TIME THREAD [LEVEL] [[CODE] [SUBSYSTEM]] MESSAGE`;
// MariaDB: `YYYY-MM-DD H:MM:SS THREAD [LEVEL] …`; MySQL 5.5: `YYMMDD H:MM:SS [LEVEL] …`.
const NEW =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)) +(\d{1,20}) \[(\w{1,16})\] (?:\[(MY-\d{1,10})\] \[(\w{1,32})\] )?/
const MARIA = /^(\d{4})-(\d\d)-(\d\d) {1,2}(\d{1,2}):(\d\d):(\d\d) (\d{1,20}) \[(\w{1,16})\] /
const OLD = /^(\d\d)(\d\d)(\d\d) {1,2}(\d{1,2}):(\d\d):(\d\d) (?:\[(\w{1,16})\] |(?=mysqld_safe |InnoDB: ))/
const USER =
  /^# User@Host: ([^\s[]{0,80})\[([^\]]{0,80})\] @ {1,2}(?:([^\s[]{1,255}) )?\[([0-9A-Fa-f.:]{0,45})\](?: {1,2}Id: {1,4}(\d{1,20}))?/
const QUERY_TIME =
  /^# Query_time: ([\d.]{1,20}) {1,2}Lock_time: ([\d.]{1,20}) {1,2}Rows_sent: (\d{1,15}) {1,2}Rows_examined: (\d{1,15})/
/** When the statement began (8.0.14 and later) or was logged: where no `# Time:` is, all that is known. */
const SET_TIME = /^SET timestamp=(\d{1,10})(?:\.\d{1,6})?;$/
/** The general query log: `TIME \t THREAD COMMAND \t ARGUMENT`. */
const GENERAL =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d))\t {0,20}(\d{1,20}) (Connect|Query|Quit|Init DB|Change user|Prepare|Execute|Close stmt|Reset stmt|Field List|Statistics|Shutdown|Ping|Binlog Dump(?: GTID)?)\t(.*)$/s
const ACCOUNT = /^([^\s@]{0,80})@(\S{1,255}) (?:as [^\s@]{0,80} )?on/
/** The second line of `ready for connections`. */
const BANNER = /^Version: '[\w.+-]{1,64}' {1,4}socket: '/
const DENIED = /Access denied for user '([^']{0,80})'@'([^']{0,255})'/

export default {
  layer: 'text',
  precedence: 321,

  parse({ text, program }, event, { zone }) {
    if (text.startsWith('# ')) return putSlow(text, event, zone)
    const general = GENERAL.exec(text)
    if (general !== null) return putGeneral(general, event, zone)
    const digit = text.charCodeAt(0) >= 0x30 && text.charCodeAt(0) <= 0x39
    const line = digit ? (NEW.exec(text) ?? MARIA.exec(text) ?? OLD.exec(text)) : null
    if (line === null && !/^(?:mysqld|mariadbd|mysql)$/.test(program) && !BANNER.test(text)) return false
    event['event.dataset'] = 'mysql.error'
    classify(event, { category: ['database'], type: ['info'] })
    let said = text
    if (line !== null) {
      said = text.slice(line[0].length)
      const ms = timeOf(line, zone)
      if (ms !== undefined) event['@timestamp'] = isoTime(ms)
      const fresh = line.length === 6
      put(event, 'log.level', fresh ? line[3] : line.length === 9 ? line[8] : line[7])
      const thread = fresh ? line[2] : line.length === 9 ? line[7] : undefined
      if (thread !== undefined && Number.isSafeInteger(Number(thread))) event['mysql.thread_id'] = Number(thread)
      if (fresh) put(event, 'event.code', line[4])
      if (fresh) put(event, 'event.provider', line[5])
    }
    put(event, 'message', said)
    if (event['log.level'] === 'ERROR' || event['log.level'] === 'Error') event['event.type'] = ['error']
    const denied = DENIED.exec(said.slice(0, 1_024))
    if (denied !== null) putLogin(event, denied, 'failure')
    return true
  },
} satisfies TextParser

function putLogin(event: EcsEvent, [, user, host]: string[], outcome: 'success' | 'failure'): void {
  put(event, 'user.name', user)
  putPeer(event, 'source', host === 'localhost' ? '' : host!)
  classify(event, { category: ['database', 'authentication'], type: ['start'], action: 'login', outcome })
}

function putGeneral([, time, thread, command, argument]: string[], event: EcsEvent, zone: Zone): boolean {
  const ms = parseIso(time!, zone)
  if (ms === undefined) return false
  event['@timestamp'] = isoTime(ms)
  event['event.dataset'] = 'mysql.general'
  classify(event, { category: ['database'], type: ['info'], action: command!.toLowerCase().replaceAll(' ', '-') })
  if (Number.isSafeInteger(Number(thread))) event['mysql.thread_id'] = Number(thread)
  put(event, 'message', argument)
  if (command === 'Query' || command === 'Execute' || command === 'Prepare') {
    event['event.type'] = ['access']
    put(event, 'mysql.general.query', argument)
  }
  if (command !== 'Connect' && command !== 'Change user') return true
  const denied = DENIED.exec(argument!.slice(0, 1_024))
  const account = ACCOUNT.exec(argument!)
  if (denied !== null) putLogin(event, denied, 'failure')
  else if (account !== null) putLogin(event, account, 'success')
  return true
}

function timeOf(line: RegExpExecArray, zone: Zone): number | undefined {
  if (line.length === 6) return parseIso(line[1]!, zone)
  const [year, month, day, hour, minute, second] = line.slice(1, 7).map(Number) as WallClock
  return instant([line.length === 9 ? year : 2_000 + year, month, day, hour, minute, second], zone)
}

/** Heads of the slow log come as records of their own unless the shipper joins them. */
function putSlow(text: string, event: EcsEvent, zone: Zone): boolean {
  const stamp = /^# Time: (\d{4}-\d\d-\d\dT[\d:.]{8,16}(?:Z|[+-]\d\d:\d\d))(?:\n|$)/.exec(text)
  let found = stamp !== null
  let ms = stamp === null ? undefined : parseIso(stamp[1]!, zone)
  const statement: string[] = []
  for (const line of text.split('\n', 1_000)) {
    const user = USER.exec(line)
    const timing = user === null ? QUERY_TIME.exec(line) : null
    if (user !== null) {
      found = true
      put(event, 'user.name', user[1])
      putPeer(event, 'source', user[4]!)
      put(event, 'source.domain', user[3])
      if (user[5] !== undefined) event['mysql.thread_id'] = Number(user[5])
    } else if (timing !== null) {
      found = true
      event['event.duration'] = Math.round(Number(timing[1]) * 1e9)
      event['mysql.slowlog.lock_time.sec'] = Number(timing[2])
      event['mysql.slowlog.rows_sent'] = Number(timing[3])
      event['mysql.slowlog.rows_examined'] = Number(timing[4])
    } else if (SET_TIME.test(line)) ms ??= Number(SET_TIME.exec(line)![1]) * 1_000
    else if (!line.startsWith('# ')) statement.push(line)
  }
  if (!found) return false
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
  event['event.dataset'] = 'mysql.slowlog'
  classify(event, { category: ['database'], type: ['info'] })
  put(event, 'mysql.slowlog.query', statement.join('\n'))
  put(event, 'message', text)
  return true
}
