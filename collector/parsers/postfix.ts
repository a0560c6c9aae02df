import type { EcsEvent } from '../../model/event.ts'
import { classify, integer, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// Postfix's daemons by their last name (`postfix/smtpd` is smtpd). The names that other software has too are asked only for
// lines with a queue id. What a client says (HELO, addresses) stands in <> behind what Postfix says itself.
const OWN = new Set([
  'smtpd',
  'postscreen',
  'qmgr',
  'cleanup',
  'anvil',
  'trivial-rewrite',
  'tlsproxy',
  'postfix-script',
])
const SHARED = ['smtp', 'lmtp', 'local', 'virtual', 'pipe', 'bounce', 'pickup', 'error', 'discard', 'master', 'scache']
const QUEUE = /^([0-9A-F]{6,20}|[0-9A-Za-z]{10,24}|NOQUEUE): /
const PEER = /^([^\s[\]]{1,255})\[([0-9A-Fa-f.:]{2,45}|unknown)\](?::(\d{1,5}))?/
const SASL = /^SASL (\S{1,64}) authentication (?:failed|aborted)(?:: (.{0,512}))?$/s
const REJECT = /^(reject|reject_warning|warn|discard|hold|filter): (\S{1,32}) from /
const STATUS = /, status=(sent|bounced|deferred|expired|undeliverable|deliverable)(?: |$)/

export default {
  layer: 'text',
  precedence: 350,
  programs: [...OWN, ...SHARED],

  parse({ text, program }, event) {
    const queue = QUEUE.exec(text)
    if (queue === null && !OWN.has(program)) return false
    event['event.dataset'] = 'postfix.log'
    event['event.category'] = ['email']
    event['event.type'] = ['info']
    put(event, 'message', text)
    let rest = text
    if (queue !== null) {
      if (queue[1] !== 'NOQUEUE') event['postfix.queue_id'] = queue[1]!
      rest = rest.slice(queue[0].length)
    }
    const level = /^(warning|error|fatal|panic): /.exec(rest)
    if (level !== null) {
      event['log.level'] = level[1]!
      rest = rest.slice(level[0].length)
    }
    putLine(rest, event)
    return true
  },
} satisfies TextParser

function putLine(rest: string, event: EcsEvent): void {
  const verb = /^(connect|disconnect|lost connection after \S{1,32}|timeout after \S{1,32}) from /.exec(rest)
  if (verb !== null) {
    putPeerOf(rest.slice(verb[0].length), event)
    const start = verb[1] === 'connect'
    const action = start || verb[1] === 'disconnect' ? verb[1]! : verb[1]!.split(' ', 1)[0]!
    return classify(event, { category: ['email', 'network'], type: ['connection', start ? 'start' : 'end'], action })
  }
  const reject = REJECT.exec(rest)
  if (reject !== null) {
    const end = putPeerOf(rest.slice(reject[0].length), event)
    const reply = rest.slice(reject[0].length + end)
    put(event, 'postfix.reply_code', integer(/^: (\d{3}) /.exec(reply)?.[1]))
    putPairs(reply.slice(reply.lastIndexOf('; from=<') + 2), event)
    return classify(event, { category: ['email'], type: ['denied'], action: reject[1]!, outcome: 'failure' })
  }
  const peer = rest.startsWith('client=') ? null : PEER.exec(rest)
  if (peer !== null) {
    const sasl = SASL.exec(rest.slice(peer[0].length + 2))
    putPeerOf(rest, event)
    if (sasl === null) return
    put(event, 'postfix.sasl_method', sasl[1])
    put(event, 'error.message', sasl[2])
    // Postfix 3.6 and later add the name that was tried.
    put(event, 'user.name', /, sasl_username=(.{1,256})$/s.exec(sasl[2] ?? '')?.[1])
    return classify(event, { category: ['authentication'], type: ['start'], action: 'sasl-login', outcome: 'failure' })
  }
  if (rest.startsWith('client=')) {
    putPeerOf(rest.slice(7), event)
    const user = /, sasl_username=([^,]{1,256})(?:,|$)/.exec(rest)?.[1]
    put(event, 'user.name', user)
    put(event, 'postfix.sasl_method', /, sasl_method=([^,]{1,64})(?:,|$)/.exec(rest)?.[1])
    if (user === undefined) return classify(event, { category: ['email'], type: ['info'], action: 'client' })
    return classify(event, { category: ['authentication'], type: ['start'], action: 'sasl-login', outcome: 'success' })
  }
  putPairs(rest, event)
  const status = STATUS.exec(rest)
  if (status === null) return
  const sent = status[1] === 'sent'
  classify(event, { category: ['email'], type: ['info'], action: status[1]!, outcome: sent ? 'success' : 'failure' })
}

/** Gives the length of `NAME[ADDRESS]:PORT`, 0 where none stands there. */
function putPeerOf(text: string, event: EcsEvent): number {
  const peer = PEER.exec(text)
  if (peer === null) return 0
  putPeer(event, 'source', peer[2] === 'unknown' ? '' : peer[2]!, peer[3])
  if (peer[1] !== 'unknown') event['source.domain'] = peer[1]!
  return peer[0].length
}

function putPairs(text: string, event: EcsEvent): void {
  const found = (name: string): string | undefined =>
    new RegExp(`(?:^|[ ,])${name}=<([^>]{0,320})>`).exec(text.slice(0, 4_096))?.[1]
  put(event, 'email.from.address', found('from'))
  put(event, 'email.to.address', found('to'))
  put(event, 'email.message_id', found('message-id'))
  put(event, 'postfix.helo', found('helo'))
  put(event, 'postfix.relay', /, relay=([^,]{1,255}),/.exec(text.slice(0, 4_096))?.[1])
}
