import type { EcsEvent } from '../../model/event.ts'
import { classify, ipOf, put, putPeer } from '../fields.ts'
import { accountOf, observe, putNumber, putTotals } from '../firewall.ts'
import type { TextParser } from '../parser.ts'
import { putHost, putProgram } from '../syslog-header.ts'
import { isoTime, parseIso } from '../time.ts'

// BIG-IP Access Policy Manager, «BIG-IP APM log messages»: `notice apmd[123]: 01490010:5: /Common/profile:Common:SESSION: Username 'hoa'`, older
// ones without profile and partition. The number is eight hexadecimal digits of which the first say the module (0149 is
// APM; 0142 the audit of commands, 011f HTTP), then stands the level. A relay writes month, date, host and severity before it.
const RELAYED =
  /^[A-Z][a-z]{2,8} (\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d) ([\w.-]{1,255}) ([a-z-]{3,16}) ([\w./-]{1,64})(?:\[(\d{1,10})\])?: ?/
const PROGRAM = /^(?:emerg|alert|crit|err|warning|notice|info|debug) ([\w./-]{1,64})(?:\[(\d{1,10})\])?: /
const NUMBER = /^(01[0-9a-f]{6}):(?:[0-7]:| :(?:\w{1,64}:)?) ?/
const SESSION = /^(?:([^\s:]{1,256}):([^\s:]{1,64}):)?(\w{1,64}): /
/** Within this many characters a message says what is read of it. */
const READ_MAX = 2_048

export default {
  layer: 'text',
  precedence: 207,

  parse({ text }, event, { zone }) {
    const relayed = RELAYED.exec(text)
    const named = relayed ?? PROGRAM.exec(text)
    const id = event['log.syslog.msgid']
    const inHeader = typeof id === 'string' && NUMBER.test(`${id} `)
    const said = inHeader ? `${id} ${text}` : text.slice(named?.[0].length ?? 0)
    const number = NUMBER.exec(said)
    if (number === null && relayed === null) return false
    if (relayed !== null) {
      const [, year, month, day, clock, host = '', level = ''] = relayed
      const ms = parseIso(`${year!}-${month!}-${day!} ${clock!}`, zone)
      if (ms === undefined) return false
      event['@timestamp'] = isoTime(ms)
      putHost(event, host)
      put(event, 'log.level', level)
      putProgram(event, relayed[7]!, relayed[8] ?? '')
    } else if (named !== null) putProgram(event, named[1]!, named[2] ?? '')
    event['event.dataset'] = 'f5.bigipapm'
    observe(event, 'F5', 'BIG-IP APM', undefined, 'proxy')
    put(event, 'event.code', number?.[1])
    let message = said.slice(number?.[0].length ?? 0)
    const session = number?.[1]!.startsWith('0149') === true ? SESSION.exec(message) : null
    if (session !== null) {
      put(event, 'f5.bigipapm.profile', session[1])
      put(event, 'f5.bigipapm.partition', session[2])
      put(event, 'f5.bigipapm.session.id', session[3])
      message = message.slice(session[0].length)
    }
    event['message'] = message.trim() === '' ? text : message
    event['event.category'] = ['network']
    event['event.type'] = ['info']
    read(event, message.slice(0, READ_MAX))
    return true
  },
} satisfies TextParser

const OPENED = /^New session from client IP ([0-9A-Fa-f.:]{2,45}) .{0,512}? ?at VIP ([0-9A-Fa-f.:]{2,45})/
const CLOSED = /^Session deleted(?: due to (.{1,256}?))?\.?$/
const BYTES = /^Session statistics - bytes in: ?(\d{1,15}), bytes out: ?(\d{1,15})/
const NAME = /^Username '([^']{1,256})'/
const LOGIN = /authenticat(?:e|ion) with '([^']{1,256})' (successful|failed)(?:: (.{1,512}))?/
const RESULT = /^Access policy result: (\S{1,64})/
const VARIABLE = /^(session\.[\w.]{1,128}) is (.{1,512})$/
const TUNNEL = /^Assigned PPP .{1,256} Client IP: ([0-9A-Fa-f.:]{2,45})/
const COMMAND =
  /^AUDIT - pid=(\d{1,10}) user=(\S{1,256}) folder=\S{1,256} module=\S{1,64} status=(\[[^\]]{1,256}\]|\S{1,256}) cmd_data=(.*)$/s

function read(event: EcsEvent, message: string): void {
  let found: RegExpExecArray | null
  if ((found = OPENED.exec(message)) !== null) {
    putPeer(event, 'source', found[1]!)
    putPeer(event, 'destination', found[2]!)
    classify(event, { category: ['network', 'session'], type: ['start'], action: 'session-started' })
  } else if ((found = CLOSED.exec(message)) !== null) {
    put(event, 'event.reason', found[1])
    classify(event, { category: ['network', 'session'], type: ['end'], action: 'session-ended' })
  } else if ((found = BYTES.exec(message)) !== null) {
    putNumber(event, 'source.bytes', found[1])
    putNumber(event, 'destination.bytes', found[2])
    putTotals(event)
  } else if ((found = NAME.exec(message)) !== null) {
    putAccount(event, found[1]!)
  } else if ((found = LOGIN.exec(message)) !== null) {
    putAccount(event, found[1]!)
    put(event, 'event.reason', found[3])
    const outcome = found[2] === 'failed' ? 'failure' : 'success'
    classify(event, { category: ['authentication'], type: ['start'], action: 'logged-in', outcome })
  } else if ((found = RESULT.exec(message)) !== null) {
    const word = found[1]!.toLowerCase()
    const outcome = word === 'unknown' ? undefined : word.includes('deny') ? 'failure' : 'success'
    put(event, 'f5.bigipapm.result', found[1])
    classify(event, { category: ['authentication'], type: ['info'], action: 'access-policy-result', outcome })
  } else if ((found = VARIABLE.exec(message)) !== null) {
    if (found[1] === 'session.user.clientip' && ipOf(found[2]!) !== undefined) putPeer(event, 'source', found[2]!)
    if (found[1] === 'session.logon.last.username') putAccount(event, found[2]!)
    put(event, 'f5.bigipapm.variable.name', found[1])
    put(event, 'f5.bigipapm.variable.value', found[2])
  } else if ((found = TUNNEL.exec(message)) !== null) {
    putPeer(event, 'source', found[1]!)
    classify(event, { category: ['network', 'session'], type: ['start'], action: 'tunnel-up' })
  } else if ((found = COMMAND.exec(message)) !== null) {
    put(event, 'user.name', found[2])
    put(event, 'process.command_line', found[4])
    const status = found[3]!.toLowerCase()
    const outcome = /ok|success/.test(status) ? 'success' : /fail|error/.test(status) ? 'failure' : undefined
    classify(event, { category: ['configuration'], type: ['info'], action: 'command', outcome })
  }
}

function putAccount(event: EcsEvent, account: string): void {
  const { name, domain } = accountOf(account.trim())
  put(event, 'user.name', name)
  put(event, 'user.domain', domain)
}
