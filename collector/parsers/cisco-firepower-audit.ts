import { put, putPeer } from '../fields.ts'
import { observe } from '../firewall.ts'
import type { TextParser } from '../parser.ts'

// Cisco Firepower Management Center, «Audit log streaming to syslog»: `PROGRAM: HOST: USER@ADDRESS, SUBSYSTEM, ACTION`, the line ended by
// the letters of a line end and a NUL.
const LINE = /^([\w.-]{1,64}): ([^@,]{1,128})@([^,]{1,64}), (.{1,1024}), ([^,]{1,512}?)(?: x0a x00)?$/s
const PROGRAM = /^(?:\w{1,48}\.(?:cgi|pl)|sfdccsm)$/

export default {
  layer: 'text',
  precedence: 201,

  parse({ text, program }, event) {
    if (!PROGRAM.test(program)) return false
    const line = LINE.exec(text)
    if (line === null) return false
    const [, host = '', user, address = '', subsystem, action = ''] = line
    event['event.dataset'] = 'cisco_ftd.log'
    event['message'] = text
    event['host.name'] = host.toLowerCase()
    observe(event, 'Cisco', 'ftd', host, 'idps')
    put(event, 'user.name', user)
    if (address !== 'localhost') putPeer(event, 'source', address.includes(' ') ? '' : address)
    put(event, 'cisco.ftd.audit.subsystem', subsystem)
    put(event, 'event.action', action.toLowerCase().replaceAll(' ', '-').slice(0, 64))
    const login = subsystem === 'Login' || subsystem === 'Logout'
    event['event.category'] = [login ? 'authentication' : 'configuration']
    event['event.type'] = [
      login ? (subsystem === 'Logout' ? 'end' : 'start') : /^(?:save|modified)/i.test(action) ? 'change' : 'access',
    ]
    if (login) event['event.outcome'] = /fail|denied/i.test(action) ? 'failure' : 'success'
    return true
  },
} satisfies TextParser
