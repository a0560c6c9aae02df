import { classify, put, putPeer } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// ESXi's hostd, vpxa, shell and DCUI, and vCenter's vpxd: `Event [ID] [1-1] [TIME] [TYPE] [LEVEL] [USER] [DATACENTER] [ID] [TEXT]`,
// and hostd's `Event N : User NAME@IP logged in as AGENT`. The text ends the line; agents and names stand inside it.
const VPXD =
  /^Event \[(\d{1,20})\] \[[\d-]{1,16}\] \[[\dTZ:.-]{1,40}\] \[(?:vim\.event\.)?([\w.]{1,128})\] \[(\w{1,16})\] \[([^\]]{0,256})\] \[[^\]]{0,256}\] \[\d{0,20}\] \[(.*)\]$/s
const HOSTD = /(?:^|\] )Event (\d{1,20}) : (.*)$/s
const LOGGED = /^User (.{1,256})@([0-9A-Fa-f.:]{2,45}) logged (in|out)\b/
const REFUSED = /^Cannot login (.{1,256})@([0-9A-Fa-f.:]{2,45})/
const REJECTED = /Rejected password for user (\S{1,256}) from ([0-9A-Fa-f.:]{2,45})/
const ACCEPTED = /Accepted password for user (\S{1,256}) from ([0-9A-Fa-f.:]{2,45})/
const LEVEL =
  /^(?:\S{1,40} )?(verbose|info|warning|error|critical|trivia|panic|Db|In|Wa|Er|Cr) ?(?:\(\d{1,4}\) )?(?:hostd|vpxa|vpxd)\[/

/** Of ESXi, and of vCenter's appliance. */
const PROGRAMS = (
  'hostd vpxa vpxd vobd dcui esxshell shell hostd-probe rhttpproxy vmkernel vmkwarning fdm vsanmgmtd esxupdate ' +
  'applmgmt applmgmt-audit updatemgr vmon vpxd-svcs vsphere-ui vsphere-client vapi-endpoint eam sps sso-identity-sts ' +
  'vmafdd vmdird vmcad content-library envoy-access'
).split(' ')
/** The update manager's own head: `TIME 'COMPONENT' THREAD LEVEL  [FILE, LINE] TEXT`. */
const COMPONENT = /^\s{0,4}[\dT:.Z-]{20,30} '([\w.]{1,64})' \d{1,20} ([A-Z]{4,8}) /

export default {
  layer: 'text',
  precedence: 345,
  programs: PROGRAMS,

  parse({ text, program }, event) {
    event['event.dataset'] = 'vsphere.log'
    classify(event, { category: ['host'], type: ['info'] })
    put(event, 'message', text)
    put(event, 'log.level', LEVEL.exec(text.slice(0, 128))?.[1])
    const component = program === 'updatemgr' ? COMPONENT.exec(text.slice(0, 160)) : null
    put(event, 'event.action', component?.[1])
    put(event, 'log.level', component?.[2])
    let said = text
    const vpxd = program === 'vpxd' ? VPXD.exec(text) : null
    if (vpxd !== null) {
      put(event, 'event.id', vpxd[1])
      put(event, 'event.action', vpxd[2])
      put(event, 'log.level', vpxd[3])
      putUser(vpxd[4]!, event)
      said = vpxd[5]!
    } else said = HOSTD.exec(text.slice(0, 4_096))?.[2] ?? said
    const logged = LOGGED.exec(said)
    const refused = logged === null ? REFUSED.exec(said) : null
    // hostd's own words stand at a place the client cannot reach: behind the bracketed head, before any agent.
    const password = logged === null && refused === null && (program === 'hostd' || program === 'vpxa')
    const rejected = password ? REJECTED.exec(said.slice(0, 1_024)) : null
    const accepted = password && rejected === null ? ACCEPTED.exec(said.slice(0, 1_024)) : null
    const who = logged ?? refused ?? rejected ?? accepted
    if (who === null) return true
    putUser(who[1]!, event)
    putPeer(event, 'source', who[2]!)
    const out = logged?.[3] === 'out'
    classify(event, {
      category: out ? ['session'] : ['authentication'],
      type: [out ? 'end' : 'start'],
      action: out ? 'logout' : 'login',
      outcome: refused !== null || rejected !== null ? 'failure' : 'success',
    })
    return true
  },
} satisfies TextParser

/** `DOMAIN\name`. */
function putUser(name: string, event: Parameters<typeof put>[0]): void {
  const slash = name.indexOf('\\')
  if (slash > 0) event['user.domain'] = name.slice(0, slash)
  put(event, 'user.name', name.slice(slash + 1))
}
