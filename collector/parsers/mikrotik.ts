import type { EcsEvent } from '../../model/event.ts'
import { classify, integer, put, putPeer } from '../fields.ts'
import { judge, observe, putMac, putNat, putSourceUser, putTransport } from '../firewall.ts'
import type { TextParser } from '../parser.ts'
import { template } from '../template.ts'

// RouterOS: `TOPICS PREFIX CHAIN: in:ether1 out:(unknown 0), connection-state:new src-mac …, proto TCP (SYN), A:P->B:P, NAT (…)->…,
// len 52`; under BSD syslog without the topics, and then the chain stands where a program would. Logins: «user admin logged in from …».
const TOPICS = /^(?:([a-z0-9!-]{2,32}(?:,[a-z0-9!-]{2,32}){0,7}):? )?/
const CHAIN = /^(?:(.{0,64}?) )?([\w-]{1,32}): (?=in:)/
const PACKET = /^in:([^,]{1,64}?) out:([^,]{1,64}?),/
const PROTOCOL = /proto ([A-Za-z0-9-]{1,16})(?: \(([^)]{1,32})\))?,/
const MAC = /src-mac ([0-9A-Fa-f:]{17})/
const ENDS = /^\[?([0-9A-Fa-f.:]{2,45}?)\]?(?::(\d{1,5}))?->\[?([0-9A-Fa-f.:]{2,45}?)\]?(?::(\d{1,5}))?$/
const NAT = /^NAT /
const LENGTH = /^len (\d{1,6})/
const DENIED = /(?:^|[^a-z])(?:drop|dropped|deny|denied|block|blocked|reject|rejected)(?:[^a-z]|$)/i
const ALLOWED = /(?:^|[^a-z])(?:accept|accepted|allow|allowed|permit|pass)(?:[^a-z]|$)/i

const LOGINS = [
  { form: template('user <user*> logged in from <source> via <service>'), action: 'logged-in' },
  { form: template('user <user*> logged out from <source> via <service>'), action: 'logged-out' },
  { form: template('login failure for user <user*> from <source> via <service>'), action: 'logon-failed' },
  { form: template('user <user*> logged in via <service>'), action: 'logged-in' },
  { form: template('user <user*> logged out via <service>'), action: 'logged-out' },
  { form: template('login failure for user <user*> via <service>'), action: 'logon-failed' },
] as const
const CHANGED = /^(.{1,128}?) (added|changed|removed|moved) by (.{1,128})$/

export default {
  layer: 'text',
  precedence: 245,

  parse({ text, program }, event) {
    // What the header took for a program may be the topics or the chain.
    const topicsFirst = /^[a-z0-9!-]{2,32}(?:,[a-z0-9!-]{2,32}){1,7}$/.test(program) ? program : ''
    let topics = topicsFirst
    let rest = text
    if (topics === '') {
      const head = TOPICS.exec(text.slice(0, 300))!
      if (head[1]?.includes(',') === true) {
        topics = head[1]
        rest = text.slice(head[0].length)
      }
    }
    const packet = readChain(rest, program)
    const account = topics.includes('account') || topics.includes('system')
    if (packet === undefined && !account) return false
    if (packet === undefined && !putActivity(rest, event)) {
      // Topics of RouterOS are its own only where one of them is a known one.
      if (
        !/(?:^|,)(?:system|account)(?:,|$)/.test(topics) ||
        !/(?:^|,)(?:info|warning|error|critical)(?:,|$)/.test(topics)
      )
        return false
      event['event.category'] = ['network']
      event['event.type'] = ['info']
    }
    if (packet !== undefined) putPacket(event, packet, topics)
    event['event.dataset'] = 'mikrotik.log'
    event['message'] = rest
    if (topicsFirst !== '' || packet?.taken === true) delete event['process.name']
    observe(event, 'MikroTik', 'RouterOS')
    put(event, 'mikrotik.topics', topics === '' ? undefined : topics.split(','))
    return true
  },
} satisfies TextParser

interface Packet {
  prefix: string
  chain: string
  parts: readonly string[]
  input: string
  output: string
  /** The chain stood in the place of the program. */
  taken: boolean
}

function readChain(text: string, program: string): Packet | undefined {
  const head = CHAIN.exec(text.slice(0, 160))
  const chain = head?.[2] ?? (text.startsWith('in:') ? program : '')
  if (chain === '') return undefined
  const rest = text.slice(head?.[0].length ?? 0, 2_048)
  const packet = PACKET.exec(rest)
  if (packet === null || !rest.includes('proto ')) return undefined
  return {
    prefix: (head?.[1] ?? '').replace(/:$/, ''),
    chain,
    parts: rest.split(', ', 16),
    input: packet[1]!,
    output: packet[2]!,
    taken: head === null,
  }
}

function putPacket(event: EcsEvent, packet: Packet, topics: string): void {
  const whole = packet.parts.join(', ')
  const protocol = PROTOCOL.exec(whole)
  putTransport(event, protocol?.[1])
  put(event, 'mikrotik.log.flags', protocol?.[2])
  putMac(event, 'source', MAC.exec(whole)?.[1])
  if (!packet.input.startsWith('(')) put(event, 'observer.ingress.interface.name', packet.input)
  if (!packet.output.startsWith('(')) put(event, 'observer.egress.interface.name', packet.output)
  for (const part of packet.parts) {
    const ends = ENDS.exec(part.slice(0, 128))
    if (ends !== null) {
      putPeer(event, 'source', ends[1]!, ends[2])
      putPeer(event, 'destination', ends[3]!, ends[4])
    } else if (NAT.test(part)) putMapped(event, part.slice(4, 260))
    else put(event, 'network.bytes', integer(LENGTH.exec(part)?.[1]))
  }
  put(event, 'rule.name', packet.prefix)
  put(event, 'rule.ruleset', packet.chain)
  put(event, 'mikrotik.log.connection_state', /connection-state:(\S{1,32})/.exec(whole)?.[1]?.replace(/,$/, ''))
  // The device does not say what it did; a log prefix may.
  const words = `${packet.prefix} ${topics}`.replaceAll('_', ' ').replaceAll('-', ' ')
  const allowed = DENIED.test(words) ? false : ALLOWED.test(words) ? true : undefined
  const action = allowed === undefined ? '' : allowed ? 'accept' : 'drop'
  put(event, 'event.action', action)
  judge(event, action, allowed)
}

/** `NAT (10.0.0.5:51000->198.51.100.1:51000)->203.0.113.9:443`, or with the destination in brackets. */
function putMapped(event: EcsEvent, text: string): void {
  const bracket = /^\(([0-9A-Fa-f.:]{2,45})->([0-9A-Fa-f.:]{2,45})\)->/.exec(text)
  const [address = '', port] = split(bracket?.[2] ?? '')
  putNat(event, 'source', address, port)
  const turned = /->\(([0-9A-Fa-f.:]{2,45})->([0-9A-Fa-f.:]{2,45})\)$/.exec(text)
  const [to = '', toPort] = split(turned?.[2] ?? '')
  putNat(event, 'destination', to, toPort)
}

function split(end: string): string[] {
  const colon = end.lastIndexOf(':')
  return colon < 0 ? [end] : [end.slice(0, colon), end.slice(colon + 1)]
}

function putActivity(text: string, event: EcsEvent): boolean {
  for (const { form, action } of LOGINS) {
    const values = form.match(text)
    if (values === undefined) continue
    putSourceUser(event, values.get('user'))
    putPeer(event, 'source', values.get('source') ?? '')
    put(event, 'network.protocol', values.get('service'))
    const outcome = action === 'logged-in' ? 'success' : action === 'logon-failed' ? 'failure' : undefined
    const type = action === 'logged-out' ? ['end'] : action === 'logged-in' ? ['start'] : ['info']
    classify(event, { category: ['authentication', 'network'], type, action, outcome })
    return true
  }
  const changed = CHANGED.exec(text.slice(0, 400))
  if (changed === null) return false
  putSourceUser(event, changed[3]!.split(' ')[0])
  classify(event, { category: ['configuration'], type: ['change'], action: `configuration-${changed[2]!}` })
  put(event, 'mikrotik.log.object', changed[1])
  return true
}
