import { classify, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// systemd (job messages) and systemd-logind (sessions).
const UNIT = /^(Starting|Started|Stopping|Stopped|Reloading|Reloaded|Failed to start) (.{1,512}?)\.{1,3}$/s
const FAILED = /^(\S{1,256}): (?:Failed with result|Main process exited|Unit entered failed state)/
const SESSION = /^New session '?([^\s']{1,64})'? of user '?([^\s']{1,256}?)'?(?: with class .{1,128})?\.$/
const REMOVED = /^Removed session '?([^\s']{1,64}?)'?\.$/
const POWER = /^(?:System is (powering down|rebooting|halting)|The system will (power off|reboot|halt) now)/

export default {
  layer: 'text',
  precedence: 70,
  programs: ['systemd', 'systemd-logind'],

  parse({ text, program }, event) {
    put(event, 'message', text)
    event['event.dataset'] = program === 'systemd-logind' ? 'system.auth' : 'system.syslog'
    let m: RegExpExecArray | null
    if ((m = SESSION.exec(text))) {
      event['user.name'] = m[2]!
      event['system.auth.session.id'] = m[1]!
      classify(event, { category: ['session'], type: ['start'], action: 'session_started' })
    } else if ((m = REMOVED.exec(text))) {
      event['system.auth.session.id'] = m[1]!
      classify(event, { category: ['session'], type: ['end'], action: 'session_ended' })
    } else if (program === 'systemd-logind' && (m = POWER.exec(text))) {
      const reboot = (m[1] ?? m[2]!).startsWith('reboot')
      classify(event, { category: ['host'], type: ['end'], action: reboot ? 'host_reboot' : 'host_shutdown' })
    } else if ((m = UNIT.exec(text))) {
      put(event, 'service.name', m[2])
      const stop = m[1]!.startsWith('Stop')
      classify(event, {
        category: ['process'],
        type: [stop ? 'end' : m[1]!.startsWith('Start') ? 'start' : 'change'],
        action: `unit_${m[1]!.toLowerCase().replaceAll(' ', '_')}`,
        outcome: m[1] === 'Failed to start' ? 'failure' : undefined,
      })
    } else if ((m = FAILED.exec(text))) {
      put(event, 'service.name', m[1])
      classify(event, { category: ['process'], type: ['end'], action: 'unit_failed', outcome: 'failure' })
    }
    return true
  },
} satisfies TextParser
