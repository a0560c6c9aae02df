import type { EcsEvent } from '../../model/event.ts'
import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// OpenSSH auth.c, auth2.c, packet.c, sshd.c: the words of its log() calls. The user name is the attacker's text and may
// hold « from 10.0.0.1 port 22 »: the address is therefore read from the end of the line, never from its first match.
const FAILED_TAIL = /^ from (\S{1,255})(?: port (\d{1,5}))?(?: ssh\d?)?(?: \[preauth\])?(: \S.*)?$/s
const DISCONNECTION = /^(?:Disconnected from|Disconnecting:?|Connection (?:closed|reset) by|Close session:) /
const KEY = /^: (.*)$/s
const END_PEER = /^(.*?)([0-9A-Fa-f:.]{2,45}(?:%\w{1,16})?|UNKNOWN) port (\d{1,5})(?::\d+)?/s

export default {
  layer: 'text',
  precedence: 20,
  programs: ['sshd', 'sshd-session', 'sshd-auth'],

  parse({ text }, event) {
    event['event.dataset'] = 'system.auth'
    put(event, 'message', text)
    if (text.startsWith('Accepted ')) login(text, event, 'success')
    else if (text.startsWith('Failed ')) login(text, event, 'failure')
    else if (text.startsWith('Postponed ') || text.startsWith('Partial ')) login(text, event)
    else if (text.startsWith('Connection from ')) connectionStart(text, event)
    else if (text.startsWith('Invalid user ') || text.startsWith('Illegal user ')) invalidUser(text, event)
    else if (DISCONNECTION.test(text)) connectionEnd(text, event)
    else if (text.startsWith('Received disconnect from ') || text.startsWith('error: Received disconnect from ')) {
      peerAt(text, text.indexOf(' from ') + 6, event)
      end(event)
    } else if (text.startsWith('error: maximum authentication attempts exceeded for ')) tooMany(text, event)
    else if (text.startsWith('error: PAM: ')) pamError(text, event)
    else if (text.startsWith('User ')) notAllowed(text, event)
    else other(text, event)
    return true
  },
} satisfies TextParser

/** `Failed METHOD for [invalid user ]USER from ADDRESS port PORT ssh2[: KEY]`; without an outcome, one of several steps. */
function login(text: string, event: EcsEvent, outcome?: 'success' | 'failure'): void {
  const methodStart = text.indexOf(' ') + 1
  const methodEnd = text.indexOf(' for ', methodStart)
  if (methodEnd < 0 || text.slice(methodStart, methodEnd).includes(' ')) return
  // «none» is how a client asks which methods there are: no attempt at anything.
  const method = text.slice(methodStart, methodEnd)
  const from = outcome === 'success' ? text.indexOf(' from ', methodEnd) : lastFrom(text)
  if (from < methodEnd) return
  const tail = FAILED_TAIL.exec(text.slice(from))
  if (tail === null) return
  let user = text.slice(methodEnd + 5, from)
  if (user.startsWith('invalid user ') || user.startsWith('illegal user ')) {
    user = user.slice(13)
    event['system.auth.ssh.invalid_user'] = true
  }
  put(event, 'user.name', user)
  putPeer(event, 'source', tail[1]!, tail[2])
  put(event, 'system.auth.ssh.event', text.slice(0, methodStart - 1))
  put(event, 'system.auth.ssh.method', method)
  if (tail[3] !== undefined) put(event, 'system.auth.ssh.signature', KEY.exec(tail[3])![1])
  classify(event, {
    category: outcome === 'success' ? ['authentication', 'session'] : ['authentication'],
    type: ['info'],
    action: 'ssh_login',
    outcome,
  })
}

/** The last « from » that an address and the end of the line follow; key comments behind it hold none. */
function lastFrom(text: string): number {
  return text.lastIndexOf(' from ')
}

/** `Invalid user USER from ADDRESS[ port PORT]` */
function invalidUser(text: string, event: EcsEvent): void {
  const from = lastFrom(text)
  const tail = from < 12 ? null : FAILED_TAIL.exec(text.slice(from))
  if (tail === null) return
  put(event, 'user.name', text.slice(13, from))
  putPeer(event, 'source', tail[1]!, tail[2])
  event['system.auth.ssh.event'] = 'Invalid'
  event['system.auth.ssh.invalid_user'] = true
  classify(event, { category: ['authentication'], type: ['info'], action: 'ssh_login', outcome: 'failure' })
}

/** `Connection from ADDRESS port PORT[ on ADDRESS port PORT]` */
function connectionStart(text: string, event: EcsEvent): void {
  const ends = /^Connection from (\S{1,255}) port (\d{1,5})(?: on (\S{1,255}) port (\d{1,5}))?/.exec(text)
  if (ends === null) return
  putPeer(event, 'source', ends[1]!, ends[2])
  if (ends[3] !== undefined) putPeer(event, 'destination', ends[3], ends[4])
  classify(event, { category: ['network'], type: ['connection', 'start'], action: 'ssh_connection' })
}

/**
 * `Connection closed|reset by …`, `Disconnected from …`, `Disconnecting …`, each with `[authenticating |invalid ]user USER
 * ADDRESS port PORT`; before OpenSSH 7.4 without a port.
 */
function connectionEnd(text: string, event: EcsEvent): void {
  // `Change of username or service not allowed: (OLD,…) -> (NEW,…)`: the peer chose what stands on both sides of its address.
  const port = text.includes(' not allowed: (') ? -1 : text.lastIndexOf(' port ')
  if (text.startsWith('Disconnecting')) {
    const reason =
      port < 0 ? /^Disconnecting: (.{1,512})$/s.exec(text) : /^\d{1,5}: (.{1,512})$/s.exec(text.slice(port + 6))
    put(event, 'event.reason', reason?.[1]!.replace(/ \[preauth\]$/, ''))
  }
  if (port < 0) {
    const address = / by ([0-9A-Fa-f:.]{2,45})(?= \[preauth\]$|$)/.exec(text)?.[1]
    if (address !== undefined) putPeer(event, 'source', address)
    end(event)
    return
  }
  const blank = text.lastIndexOf(' ', port - 1)
  putPeer(event, 'source', text.slice(blank + 1, port), /^\d{1,5}/.exec(text.slice(port + 6))?.[0])
  const user = / (?:(authenticating|invalid) )?user /.exec(text.slice(0, 60))
  const start = user === null ? -1 : user.index + user[0].length
  if (start > 0 && start < blank) {
    const name = text.slice(start, blank)
    put(event, 'user.name', /^(?:Close session|Disconnecting):/.test(text) ? name.replace(/ from$/, '') : name)
    if (user![1] === 'invalid') event['system.auth.ssh.invalid_user'] = true
  }
  end(event)
}

/** `error: maximum authentication attempts exceeded for [invalid user ]USER from ADDRESS port PORT ssh2 [preauth]` */
function tooMany(text: string, event: EcsEvent): void {
  const from = lastFrom(text)
  const tail = FAILED_TAIL.exec(text.slice(from))
  if (tail === null) return
  const user = text.slice('error: maximum authentication attempts exceeded for '.length, from)
  const invalid = user.startsWith('invalid user ')
  put(event, 'user.name', invalid ? user.slice(13) : user)
  if (invalid) event['system.auth.ssh.invalid_user'] = true
  putPeer(event, 'source', tail[1]!, tail[2])
  classify(event, { category: ['authentication'], type: ['end'], action: 'ssh_attempts_exceeded', outcome: 'failure' })
}

/** `error: PAM: REASON for [illegal user ]USER from HOST` */
function pamError(text: string, event: EcsEvent): void {
  const from = lastFrom(text)
  const start = text.indexOf(' for ')
  if (start < 0 || from < start) return
  const user = text.slice(start + 5, from).replace(/^(?:illegal|invalid) user /, '')
  put(event, 'user.name', user)
  putPeer(event, 'source', text.slice(from + 6).trim())
  classify(event, { category: ['authentication'], type: ['info'], action: 'ssh_pam_error', outcome: 'failure' })
}

/** `User USER[ from ADDRESS] not allowed because REASON` */
function notAllowed(text: string, event: EcsEvent): void {
  const because = text.lastIndexOf(' not allowed because ')
  const from = text.lastIndexOf(' from ', because)
  if (because < 5) return
  put(event, 'user.name', text.slice(5, from < 5 ? because : from))
  if (from >= 5) putPeer(event, 'source', text.slice(from + 6, because))
  event['event.reason'] = text.slice(because + ' not allowed because '.length)
  classify(event, { category: ['authentication'], type: ['denied'], action: 'ssh_user_denied', outcome: 'failure' })
}

function end(event: EcsEvent): void {
  classify(event, { category: ['session'], type: ['end'], action: 'ssh_disconnect' })
}

const PEER_PREFIX =
  /^(?:Did not receive identification string from|Unable to negotiate with|(?:fatal: )?Timeout before authentication for|fatal: Unable to negotiate with|Could not write ident string to|banner exchange: Connection from|Bad packet length \d+ from|ssh_dispatch_run_fatal: Connection from) /
/** `[ADDRESS]:PORT`, as the limits on connections write it. */
const BRACKETED =
  /^drop connection #\d{1,9} from \[([0-9A-Fa-f:.]{2,45})\]:(\d{1,5}) on \[([0-9A-Fa-f:.]{2,45})\]:(\d{1,5}) (.{1,256})$/
/** What names its user or its peer at a place of its own. */
const REFUSED_KEY =
  /^Authentication tried for (?<user>.{1,256}) with correct key but not from a permitted host \(host=(?<host>[^,)]{1,255}), ip=(?<ip>[0-9A-Fa-f:.]{2,45})/s
const REVERSE =
  /^(?:reverse mapping checking getaddrinfo for (?<host>\S{1,255}) \[(?<ip>[0-9A-Fa-f:.]{2,45})\] failed|Address (?<ip2>[0-9A-Fa-f:.]{2,45}) maps to (?<host2>\S{1,255}), but this does not map back)/
const SUBSYSTEM = /^subsystem request for (\S{1,64}) by user (.{1,256})$/s
const OLD_INVALID = /^input_userauth_request: (?:invalid|illegal) user (.{0,256}?)(?: \[preauth\])?$/s
const PENALTY = /^srclimit_penalise: \S{1,64}: .{0,64}?([0-9A-Fa-f:.]{2,45})\/\d{1,3} .{0,64}penalty/
const PROBE =
  /^(?:Did not receive identification|Could not write ident|(?:fatal: )?Unable to negotiate|Bad protocol version|banner exchange|kex_exchange_identification|ssh_dispatch_run_fatal|error: kex_exchange)/

/** What scanners and the rest leave behind: the peer where the line names one at a known place. */
function other(text: string, event: EcsEvent): void {
  const prefix = PEER_PREFIX.exec(text)
  if (prefix !== null) peerAt(text, prefix[0].length, event)
  else if (text.startsWith('Bad protocol version identification')) peerAt(text, lastFrom(text) + 6, event)
  else if (text.startsWith('ROOT LOGIN REFUSED FROM ')) {
    peerAt(text, 24, event)
    event['user.name'] = 'root'
    classify(event, { category: ['authentication'], type: ['denied'], action: 'ssh_user_denied', outcome: 'failure' })
  } else if (text.startsWith('Starting session: ')) {
    const from = lastFrom(text)
    const user = text.lastIndexOf(' for ', from)
    if (user > 0 && from > user) {
      put(event, 'user.name', text.slice(user + 5, from))
      peerAt(text, from + 6, event)
      classify(event, { category: ['session'], type: ['start'], action: 'ssh_session_start' })
    }
  } else if (text.startsWith('drop connection #')) dropped(text, event)
  else if (text.startsWith('PAM ') && text.includes(' more authentication failure')) {
    put(event, 'user.name', /\suser=(.*)$/s.exec(text)?.[1])
    putPeer(event, 'source', /\srhost=(\S{1,255})/.exec(text)?.[1] ?? '')
    classify(event, { category: ['authentication'], type: ['info'], action: 'pam_more_failures', outcome: 'failure' })
  } else elsewhere(text, event)
  if (PROBE.test(text)) classify(event, { category: ['network'], type: ['info'], action: 'ssh_probe' })
}

function dropped(text: string, event: EcsEvent): void {
  const ends = BRACKETED.exec(text)
  if (ends === null) return
  putPeer(event, 'source', ends[1]!, ends[2])
  putPeer(event, 'destination', ends[3]!, ends[4])
  event['event.reason'] = ends[5]!
  classify(event, { category: ['network'], type: ['connection', 'denied'], action: 'ssh_connection_dropped' })
}

function elsewhere(text: string, event: EcsEvent): void {
  let m: RegExpExecArray | null
  if ((m = REFUSED_KEY.exec(text))) {
    put(event, 'user.name', m.groups!['user'])
    putPeer(event, 'source', m.groups!['ip']!)
    classify(event, { category: ['authentication'], type: ['denied'], action: 'ssh_user_denied', outcome: 'failure' })
  } else if ((m = REVERSE.exec(text))) {
    putPeer(event, 'source', (m.groups!['ip'] ?? m.groups!['ip2'])!)
    put(event, 'source.domain', m.groups!['host'] ?? m.groups!['host2'])
    classify(event, { category: ['network'], type: ['info'], action: 'ssh_reverse_mapping', outcome: 'failure' })
  } else if ((m = SUBSYSTEM.exec(text))) {
    put(event, 'user.name', m[2])
    put(event, 'system.auth.ssh.subsystem', m[1])
    classify(event, { category: ['session'], type: ['start'], action: 'ssh_subsystem' })
  } else if ((m = OLD_INVALID.exec(text))) {
    put(event, 'user.name', m[1])
    event['system.auth.ssh.invalid_user'] = true
    classify(event, { category: ['authentication'], type: ['info'], action: 'ssh_login', outcome: 'failure' })
  } else if ((m = PENALTY.exec(text))) {
    putPeer(event, 'source', m[1]!)
    classify(event, { category: ['network'], type: ['denied'], action: 'ssh_penalty' })
  } else if (text.startsWith('Authentication refused: ')) {
    event['event.reason'] = text.slice('Authentication refused: '.length)
    classify(event, { category: ['authentication'], type: ['denied'], action: 'ssh_key_refused', outcome: 'failure' })
  }
}

function peerAt(text: string, start: number, event: EcsEvent): void {
  const match = END_PEER.exec(text.slice(start, start + 80))
  if (match !== null && match[1] === '') putPeer(event, 'source', match[2]!, match[3])
  else {
    const word = /^[^\s:,]{1,255}|^[0-9a-fA-F:.]{2,45}/.exec(text.slice(start, start + 255))
    if (word !== null)
      putPeer(event, 'source', /^[0-9a-fA-F:.]{2,45}(?=\s|$)/.exec(text.slice(start, start + 60))?.[0] ?? word[0])
  }
}
