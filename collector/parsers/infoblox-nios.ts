import type { EcsEvent } from '../../model/event.ts'
import { putMember } from '../infoblox.ts'
import { addRelated, ipOf, put, putPeer } from '../fields.ts'
import { putQuestion } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { putProgram } from '../syslog-header.ts'
import { instant, isoTime, millis, monthOf, parseIso } from '../time.ts'

// Infoblox NIOS: the audit log of its web interface, `httpd: TIME [user]: Action …`, and BIND's lines with the answer beside the question
// (NIOS Administrator Guide, «Capturing DNS Queries and Responses»). A second host in the header is the member's address.
const MEMBER = /^(\S{2,45}) ([\w.-]{1,32})(?:\[(\d{0,10})\])?: /
const AUDIT = /^(?:httpd\[\d{0,10}\]: )?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z) \[([^\]]{1,256})\]: (\w{2,64})\b/
const CATEGORY = /^(?:[a-z-]{1,32}: )?/
const TIME = /^(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3}) /
const ANSWERED =
  /^client (?:@0x[0-9a-f]{1,16} )?([0-9A-Fa-f.:]{2,45})#(\d{1,5})(?: \([^)]{0,1024}\))?:? (?:view ([^:]{1,64}): )?(UDP|TCP): query: (\S{1,1024}) ([A-Z0-9]{1,16}) ([A-Z0-9-]{1,16}) response: ([A-Z]{3,16}) (\S{1,16})(?: (.{1,8192}))?$/s
const ANSWER = /^(\S{1,1024}) (\d{1,10}) ([A-Z]{1,8}) ([A-Z0-9-]{1,16}) (.{1,2048})$/s
const ANSWERS_MAX = 64
/** `\040` is a blank. */
const ESCAPED = /\\(0[0-7]{2})/g

export default {
  layer: 'text',
  precedence: 309,

  parse({ text, program }, event, { stream, zone }) {
    const member = program === '' ? MEMBER.exec(text) : null
    const behind = member !== null && ipOf(member[1]!) !== undefined ? member : null
    const rest = text.slice(behind?.[0].length ?? 0)
    const audit = AUDIT.exec(rest)
    const start = CATEGORY.exec(rest)![0].length
    const time = TIME.exec(rest.slice(start))
    const answered = audit === null ? ANSWERED.exec(rest.slice(start + (time?.[0].length ?? 0))) : null
    const named = stream.startsWith('infoblox') && !/^(?:named|dhcpd)$/.test(program)
    if (audit === null && answered === null && !named) return false

    event['event.dataset'] = 'infoblox_nios.log'
    put(event, 'message', rest)
    event['observer.vendor'] = 'Infoblox'
    event['observer.product'] = 'NIOS'
    if (behind !== null) {
      event['host.ip'] = behind[1]!
      putProgram(event, behind[2]!, behind[3] ?? '')
    }
    putMember(event)
    if (audit !== null) putAudit(event, rest, audit, parseIso(audit[1]!, zone))
    if (answered !== null) {
      if (time !== null) {
        const clock = [3, 4, 5, 6].map((i) => Number(time[i])) as [number, number, number, number]
        const [year, hour, minute, second] = clock
        const month = monthOf(time[2]!) ?? 0
        const ms = instant([year, month, Number(time[1]), hour, minute, second, millis(time[7])], zone)
        if (ms !== undefined) event['@timestamp'] = isoTime(ms)
      }
      putAnswered(event, answered)
    }
    return true
  },
} satisfies TextParser

function putAudit(event: EcsEvent, text: string, [, , user, action]: RegExpExecArray, ms: number | undefined): void {
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
  event['user.name'] = user!.replace(ESCAPED, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  const word = action!.toLowerCase()
  event['event.action'] = word
  const from = / ip=([0-9A-Fa-f.:]{2,45})(?: |$)/.exec(text.slice(0, 4_096))?.[1]
  if (from !== undefined && ipOf(from) !== undefined) {
    put(event, 'infoblox_nios.log.audit.ip', from)
    addRelated(event, 'related.ip', from)
  }
  if (!/^(?:login_allowed|login_denied|logout)$/.test(word)) return
  event['event.category'] = ['authentication']
  putPeer(event, 'source', from ?? '')
  if (word !== 'login_denied') event['event.type'] = [word === 'logout' ? 'end' : 'start']
  if (word !== 'logout') event['event.outcome'] = word === 'login_allowed' ? 'success' : 'failure'
}

function putAnswered(event: EcsEvent, line: RegExpExecArray): void {
  const [, client = '', port, view, transport = '', name = '', dnsClass, type, response, flags = '', tail = ''] = line
  event['event.category'] = ['network']
  event['event.type'] = ['protocol', 'info']
  event['network.protocol'] = 'dns'
  event['network.transport'] = transport.toLowerCase()
  putPeer(event, 'source', client, port)
  put(event, 'client.ip', event['source.ip'])
  put(event, 'client.port', event['source.port'])
  put(event, 'infoblox_nios.log.dns.view', view)
  putQuestion(event, name, type, dnsClass)
  put(event, 'dns.response_code', response)
  event['dns.type'] = 'answer'
  const set = [
    ...(flags.includes('A') ? ['AA'] : []),
    ...(flags.includes('+') ? ['RA'] : []),
    ...(flags.includes('D') ? ['DO'] : []),
    ...(flags.includes('t') ? ['TC'] : []),
  ]
  if (set.length > 0) event['dns.header_flags'] = set
  const answers = tail.split(/; ?/, ANSWERS_MAX).flatMap((answer) => ANSWER.exec(answer) ?? [])
  const column = (i: number): string[] =>
    answers.filter((_, at) => at % 6 === i).map((value) => value.replace(/\.$/, ''))
  if (answers.length === 0) return
  event['dns.answers.name'] = column(1)
  event['dns.answers.ttl'] = column(2).map(Number)
  event['dns.answers.class'] = column(3)
  event['dns.answers.type'] = column(4)
  event['dns.answers.data'] = column(5)
  const addresses = column(5).filter((value) => ipOf(value) !== undefined)
  if (addresses.length > 0) event['dns.resolved_ip'] = addresses
  for (const value of column(5)) {
    if (ipOf(value) === undefined && /^[\w.-]{1,253}$/.test(value)) addRelated(event, 'related.hosts', value)
  }
}
