import type { EcsEvent } from '../../model/event.ts'
import { addRelated, classify, integer, ipOf, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseIso } from '../time.ts'
import { putAccess, readAccess } from '../web-access.ts'

// Zimbra Collaboration: mailbox.log and audit.log (log4j: `TIME LEVEL  [THREAD] [name=…;oip=…;ua=…;] CATEGORY - TEXT`), and the proxy's
// nginx.access.log, whose client has a port and whose time two blanks behind it. `oip` is the address that the proxy saw, `ip` the
// proxy's own; the agent is the client's word and ends at the next of Zimbra's own names.
const LINE =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) (TRACE|DEBUG|INFO|WARN|ERROR|FATAL) {1,2}\[([^\]]{0,1024})\] \[([^\n]{0,4096}?)\] ([a-zA-Z]{2,32}) - ([^\n]*)(?:\n(.*))?$/s
const CONTEXT = /(?:^|;)(name|mid|oip|ip|port|ua|soapId|via|cid|aname|oport|oproto)=/g
const PROXY = /^((?:\d{1,3}\.){3}\d{1,3}|\[[0-9A-Fa-f:.]{2,45}\]):(\d{1,5}) (- \S{1,256} \[[^\]]{20,30}\]) {2}"/
const COMMAND = /(?:^|; )(cmd|account|protocol|error|attrs|mechanism)=/g

export default {
  layer: 'text',
  precedence: 105,

  parse({ text }, event, { zone }) {
    const proxy = PROXY.exec(text)
    if (proxy !== null) return readProxy(proxy, text, event)
    const line = LINE.exec(text)
    if (line === null) return false
    const [, time, level, thread, context, category, said, trace] = line as unknown as string[]
    const names = readNames(context!, CONTEXT)
    if (names.size === 0 && context !== '') return false
    const ms = parseIso(time!, zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${time!}, at offset 0`)
    event['@timestamp'] = isoTime(ms)
    const audit = category === 'security'
    event['event.dataset'] = audit ? 'zimbra.audit' : 'zimbra.mailbox'
    classify(event, { category: ['email'], type: [level === 'ERROR' || level === 'FATAL' ? 'error' : 'info'] })
    event['log.level'] = level!.toLowerCase()
    event['log.logger'] = category!
    put(event, 'zimbra.thread', thread)
    put(event, 'message', said)
    put(event, 'error.stack_trace', trace)
    for (const name of ['mid', 'soapId', 'via', 'aname'] as const)
      put(event, `zimbra.${name.toLowerCase()}`, names.get(name))
    putPeer(event, 'source', ipOf(names.get('oip')?.split(',', 1)[0]?.trim() ?? '') ?? names.get('ip') ?? '')
    put(event, 'user_agent.original', names.get('ua'))
    const url = /:(https?:\/\/\S{1,1000})$/.exec(thread!)
    put(event, 'url.original', url?.[1])
    putAccount(event, 'user', names.get('name'))
    if (audit) putCommand(said!, event)
    return true
  },
} satisfies TextParser

/** Names and values of a list of Zimbra's own names; a value runs to the next of them. */
function readNames(text: string, pattern: RegExp): Map<string, string> {
  const names = new Map<string, string>()
  const found = [...text.matchAll(pattern)]
  for (const [i, name] of found.entries()) {
    const end = found[i + 1]?.index ?? text.length
    const value = text.slice(name.index + name[0].length, end).replace(/;\s*$/, '')
    if (!names.has(name[1]!)) names.set(name[1]!, value)
  }
  return names
}

function putAccount(event: EcsEvent, prefix: string, account: string | undefined): void {
  if (account === undefined || account === '') return
  const at = account.lastIndexOf('@')
  put(event, `${prefix}.name`, at > 0 ? account.slice(0, at) : account)
  if (at <= 0) return
  put(event, `${prefix}.domain`, account.slice(at + 1))
  event[`${prefix}.email`] = account
  addRelated(event, 'related.user', account)
}

/** `cmd=Auth; account=lan@tinh.vn; protocol=soap; error=authentication failed for [lan@tinh.vn], invalid password;` */
function putCommand(said: string, event: EcsEvent): void {
  const names = readNames(said, COMMAND)
  const command = names.get('cmd')
  if (command === undefined) return
  const failed = names.has('error')
  const auth = command === 'Auth' || command === 'AdminAuth'
  classify(event, {
    category: auth
      ? ['authentication', 'email']
      : /Account|Password|Grant|Distribution/.test(command)
        ? ['iam']
        : ['email'],
    type: auth
      ? ['start']
      : command.startsWith('Create')
        ? ['user', 'creation']
        : command.startsWith('Delete')
          ? ['user', 'deletion']
          : ['user', 'change'],
    action: command,
    outcome: failed ? 'failure' : 'success',
  })
  put(event, 'zimbra.protocol', names.get('protocol'))
  put(event, 'error.message', names.get('error'))
  putAccount(event, auth ? 'user' : 'user.target', names.get('account'))
}

function readProxy(proxy: RegExpExecArray, text: string, event: EcsEvent): boolean | Refusal {
  const [whole, client, port, middle] = proxy as unknown as [string, string, string, string]
  const line = readAccess(`${client.replace(/^\[|\]$/g, '')} ${middle} "${text.slice(whole.length)}`)
  if (line === null) return false
  const known = putAccess(line, event)
  event['event.dataset'] = 'zimbra.access'
  put(event, 'source.port', integer(port))
  const upstream = /^"([^"]{1,128})"(?: "([^"]{1,128})")?/.exec(line.rest)
  put(event, 'zimbra.access.upstream', upstream?.[1])
  return known || new Refusal('bad_time', `no such time: ${line.time}`)
}
