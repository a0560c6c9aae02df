import type { EcsEvent } from '../../model/event.ts'
import { putCiscoFront, readCiscoFront } from '../cisco-front.ts'
import { integer, put, putPeer } from '../fields.ts'
import { judge, observe, putNumber, putSourceUser, putTransport } from '../firewall.ts'
import { putCommunityId } from '../flow.ts'
import type { TextParser } from '../parser.ts'
import { template } from '../template.ts'
import type { Template } from '../template.ts'

// Cisco IOS and IOS-XE: `[SEQ: ][HOST: ][SEQ: ][UPTIME: ]%FACILITY[-SUB]-SEVERITY-MNEMONIC: message`.
const LEVELS = ['emergency', 'alert', 'critical', 'error', 'warning', 'notification', 'informational', 'debug'] as const

type Kind = 'acl' | 'login' | 'refused' | 'logout' | 'config' | 'info'

/** Mnemonics, and what each says. Where one has several forms, it has several rows; `<name>` see template.ts. */
const MESSAGES: readonly (readonly [names: string, kind: Kind, pattern: string])[] = [
  ['LOGIN_SUCCESS', 'login', 'Login Success [user: <user*>] [Source: <source>] [localport: <port>] at'],
  [
    'LOGIN_FAILED',
    'refused',
    'Login failed [user: <user*>] [Source: <source>] [localport: <port>] [Reason: <reason>] at',
  ],
  [
    'QUIET_MODE_ON',
    'refused',
    'Still timeleft for watching failures is <detail>, [user: <user*>] [Source: <source>] [localport: <port>] [Reason: <reason>]',
  ],
  ['CONFIG_I', 'config', 'Configured from <session> by <user*> on <line> (<source>)'],
  ['CONFIG_I', 'config', 'Configured from <session> by <user*> on <line>'],
  ['CONFIG_I', 'config', 'Configured from <session> by <line> (<source>)'],
  ['CONFIG_I', 'config', 'Configured from <session> by <line>'],
  ['LOGOUT', 'logout', 'User <user*> has exited tty session <session>(<source>)'],
  ['PRIV_AUTH_PASS', 'login', 'Privilege level set to <privilege> by <user*> on <line> (<source>)'],
  ['PRIV_AUTH_FAIL', 'refused', 'Authentication to Privilege level <privilege> failed by <user*> on <line> (<source>)'],
  ['CFGLOG_LOGGEDCMD', 'config', 'User:<user> logged command:<command>'],
  [
    'SSH2_USERAUTH',
    'info',
    "User '<user*>' authentication for SSH2 Session from <source> (tty = <line>) using crypto cipher '<detail>', hmac '<hmac>' <verdict>",
  ],
  [
    'SSH2_SESSION',
    'info',
    "SSH2 Session request from <source> (tty = <line>) using crypto cipher '<detail>', hmac '<hmac>' <verdict>",
  ],
  ['SSH2_CLOSE', 'logout', "SSH2 Session from <source> (tty = <line>) for user '<user*>' using crypto cipher '"],
  [
    'SESS_AUDIT_TRAIL_START',
    'info',
    '<detail>tart <transport> session: initiator (<source>:<source_port>) -- responder (<destination>:<destination_port>)',
  ],
  [
    'SESS_AUDIT_TRAIL',
    'info',
    '<detail>top <transport> session: initiator (<source>:<source_port>) sent <sent> bytes -- responder (<destination>:<destination_port>) sent <received> bytes',
  ],
  ['AUTHFAIL', 'refused', 'Authentication failure for SNMP req from host <source>'],
  [
    'IPACCESSLOGP',
    'acl',
    'list <rule> <verdict> <transport> <source>(<source_port>) <detail>-> <destination>(<destination_port>), <packets> packet',
  ],
  [
    'IPACCESSLOGDP',
    'acl',
    'list <rule> <verdict> <transport> <source> <detail>-> <destination> (<icmp>), <packets> packet',
  ],
  [
    'IPACCESSLOGRP IPACCESSLOGNP',
    'acl',
    'list <rule> <verdict> <transport> <source> <detail>-> <destination>, <packets> packet',
  ],
  ['IPACCESSLOGS', 'acl', 'list <rule> <verdict> <source> <packets> packet'],
  [
    'ACCESSLOGP',
    'acl',
    'list <rule>/<detail> <verdict> <transport> <source>(<source_port>) -> <destination>(<destination_port>), <packets> packet',
  ],
  ['BADAUTH', 'info', '<detail> digest from <source>(<source_port>) to <destination>(<destination_port>)'],
  ['ADJCHANGE', 'info', 'neighbor <source> <reason>'],
  ['UPDOWN', 'info', '<detail>nterface <interface>, changed state to <reason>'],
  ['CHANGED', 'info', 'Interface <interface>, changed state to <reason>'],
  ['PSECURE_VIOLATION', 'info', 'Security violation occurred, caused by MAC address <mac> on port <interface>.'],
  ['LOGGINGHOST_STARTSTOP', 'info', 'Logging to host <destination> <reason>'],
]
const BY_NAME = new Map<string, { kind: Kind; form: Template }[]>()
for (const [names, kind, pattern] of MESSAGES) {
  for (const name of names.split(' ')) {
    const forms = BY_NAME.get(name) ?? []
    forms.push({ kind, form: template(pattern) })
    BY_NAME.set(name, forms)
  }
}

export default {
  layer: 'text',
  precedence: 205,

  parse({ text }, event, context) {
    const front = readCiscoFront(text, context)
    if (front === undefined || front.mnemonic === '') return false
    const { facility, severity, mnemonic, message } = front
    event['event.dataset'] = 'cisco_ios.log'
    event['message'] = message
    putCiscoFront(event, front)
    event['event.provider'] = 'firewall'
    event['event.code'] = mnemonic
    event['event.severity'] = Number(severity)
    event['log.level'] = LEVELS[Number(severity)]!
    event['cisco.ios.facility'] = facility
    observe(event, 'Cisco', 'IOS')
    event['event.category'] = ['network']
    event['event.type'] = ['info']
    for (const { kind, form } of BY_NAME.get(mnemonic) ?? []) {
      // IOS-XE's forwarding plane puts its own name in front: `F0: fman_fp_image: list …`.
      const values = form.match(message.replace(/^[A-Z]\d: {1,2}fman_fp_image: {1,2}/, ''))
      if (values === undefined) continue
      fill(event, values, kind)
      break
    }
    return true
  },
} satisfies TextParser

function fill(event: EcsEvent, values: ReadonlyMap<string, string>, kind: Kind): void {
  const get = (name: string): string => values.get(name) ?? ''
  putPeer(event, 'source', get('source'), get('source_port'))
  putPeer(event, 'destination', get('destination'), get('destination_port'))
  put(event, 'destination.port', integer(get('port')))
  putTransport(event, get('transport'))
  putSourceUser(event, get('user'))
  put(event, 'event.reason', get('reason').replace(/\.$/, ''))
  put(event, 'rule.name', get('rule'))
  put(event, 'process.command_line', get('command').trim())
  put(event, 'cisco.ios.interface.name', get('interface'))
  put(event, 'cisco.ios.session.line', get('line'))
  put(event, 'cisco.ios.privilege', get('privilege'))
  putNumber(event, 'network.packets', get('packets'))
  putNumber(event, 'source.packets', get('packets'))
  putNumber(event, 'source.bytes', get('sent'))
  putNumber(event, 'destination.bytes', get('received'))
  const icmp = /^(\d{1,3})\/(\d{1,3})$/.exec(get('icmp'))
  if (icmp !== null) putCommunityId(event, { type: Number(icmp[1]), code: Number(icmp[2]) })
  const verdict = get('verdict').toLowerCase()
  if (kind === 'acl') {
    const allowed = verdict.startsWith('permit')
    judge(event, verdict, allowed)
    event['event.type'] = ['info', allowed ? 'allowed' : 'denied']
    event['event.action'] = allowed ? 'allow' : 'deny'
    put(event, 'cisco.ios.access_list', get('rule'))
  } else if (kind === 'login' || kind === 'refused') {
    event['event.category'] = ['network', 'authentication']
    event['event.type'] = [kind === 'login' ? 'start' : 'info']
    event['event.action'] = kind === 'login' ? 'logged-in' : 'logon-failed'
    event['event.outcome'] = kind === 'login' ? 'success' : 'failure'
  } else if (kind === 'logout') {
    event['event.category'] = ['network', 'session']
    event['event.type'] = ['end']
    event['event.action'] = 'logged-out'
  } else if (kind === 'config') {
    event['event.category'] = ['network', 'configuration']
    event['event.type'] = ['change']
    event['event.action'] = 'configuration-change'
  }
}
