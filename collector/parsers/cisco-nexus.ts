import type { EcsEvent } from '../../model/event.ts'
import { observerAddress, putCiscoFront, readCiscoFront, type CiscoFront } from '../cisco-front.ts'
import { addRelated, integer, put, putPeer } from '../fields.ts'
import { observe, putMac } from '../firewall.ts'
import type { TextParser } from '../parser.ts'
import { putSeverity } from '../syslog-header.ts'

// Cisco NX-OS system messages. Its lines are IOS's, but for facilities of its own and, mostly, a year in front of the month.

/** Facilities that NX-OS has and IOS has not (Cisco NX-OS System Messages Reference). */
const FACILITIES =
  /^(?:AAA|ACLLOG|ARP|AUTHPRIV|BOOTVAR|CLIS|DAEMON|EARL|ETHPORT|ETH_PORT_CHANNEL|FEX|HMM|IM|INTERFACE_VLAN|KERN|L2FM|LLDP|LOCAL7|MODULE|NOHMS|PFMA|PLATFORM|SYSMGR|TACACS|USER|VDC_MGR|VPC|VSHD|VSHD_SYSLOG_CONFIG_I)(?:-|$)/
/** What is about the box and not about what it carries. */
const OF_THE_BOX = /^(?:AUTHPRIV|SYSMGR|USER|SYS|TACACS)(?:-|$)/
const USER_FROM =
  /^pam_aaa:Authentication failed for user (\S{1,128}) from (\S{1,64})(?: - ([\w.-]{1,64})(?:\[(\d{1,10})\])?)?/
const PAM_FAILURE = /authentication failure; .{0,400}? user=(\S{1,128})/
const SUDO =
  /^(\S{1,64}) : (?:.{0,200}? ; )?TTY=(\S{1,64}) ; PWD=(.{0,1024}?) ; USER=(\S{1,64}) ; COMMAND=(.{1,2048}?)(?: - sudo)?$/s
const CONFIG = /^Configured from (\S{1,64}) by (\S{1,128}) on (\S{1,64})/
const ACCOUNTING = /^(?:start|stop|update):(?:([0-9a-fA-F.:]{2,45})@)?[^:]{1,64}:([^:\s]{1,128}):(.{1,2048})$/s
const RESULT = /\b(?:successful|succeeded|\(SUCCESS\))/
const FAILURE = /\b(?:fail(?:ed|ure)|\(FAILURE\))/i

export default {
  layer: 'text',
  precedence: 204,

  parse({ text }, event, context) {
    const front = readCiscoFront(text, context)
    if (front === undefined || !(front.yearFirst || front.mnemonic === '' || FACILITIES.test(front.facility)))
      return false
    event['event.dataset'] = 'cisco_nexus.log'
    putCiscoFront(event, front)
    event['message'] = front.message
    observe(event, 'Cisco', 'Nexus', undefined, 'switches')
    const address = observerAddress(event)
    if (address !== undefined) {
      event['observer.ip'] = address
      addRelated(event, 'related.ip', address)
    }
    if (front.mnemonic === '') return true
    event['event.code'] = front.mnemonic
    event['event.severity'] = Number(front.severity)
    putSeverity(event, Number(front.severity))
    event['cisco_nexus.log.facility'] = front.facility
    say(event, front)
    return true
  },
} satisfies TextParser

function say(event: EcsEvent, { facility, mnemonic, message }: CiscoFront): void {
  if (!OF_THE_BOX.test(facility)) {
    event['event.category'] = ['network']
    event['event.type'] = ['info']
  }
  if (RESULT.test(message)) event['event.outcome'] = 'success'
  else if (FAILURE.test(message)) event['event.outcome'] = 'failure'
  if (facility === 'ARP') event['network.protocol'] = 'arp'
  const mac = /\bfrom ([0-9a-f]{4})\.([0-9a-f]{4})\.([0-9a-f]{4})\b/i.exec(message.slice(0, 1_024))
  if (mac !== null)
    putMac(
      event,
      'source',
      mac
        .slice(1)
        .join('')
        .replace(/..(?=.)/g, '$&:'),
    )

  const from = USER_FROM.exec(message)
  const user = from?.[1] ?? PAM_FAILURE.exec(message.slice(0, 1_024))?.[1]
  if (user !== undefined) {
    event['event.category'] = ['authentication']
    event['event.type'] = ['end']
    event['event.outcome'] = 'failure'
    event['user.name'] = user
    putPeer(event, 'source', from?.[2] ?? '')
    put(event, 'network.protocol', from?.[3])
    put(event, 'process.pid', integer(from?.[4]))
    return
  }
  const sudo = SUDO.exec(message)
  if (sudo !== null) {
    event['user.name'] = sudo[4]!
    event['process.command_line'] = sudo[5]!
    event['process.working_directory'] = sudo[3]!
    event['cisco_nexus.log.sudo_user'] = sudo[1]!
    addRelated(event, 'related.user', sudo[4]!)
    return
  }
  const configured = CONFIG.exec(message)
  if (configured !== null) put(event, 'user.name', configured[2])
  const accounted = mnemonic === 'AAA_ACCOUNTING_MESSAGE' ? ACCOUNTING.exec(message) : null
  if (accounted !== null) put(event, 'cisco_nexus.log.command', accounted[3])
  if (/\bConnection closed by\b/.test(message)) {
    event['event.category'] = ['network']
    event['event.type'] = ['connection']
  }
}
