import { classify, put } from '../fields.ts'
import type { TextParser } from '../parser.ts'

// vixie-cron, cronie: `(USER) CMD (COMMAND)`, `(USER) REPLACE (USER)`, `(USER) RELOAD (crontabs/USER)`.
const LINE = /^\(([^)]{1,256})\) ([A-Z][A-Za-z ]{1,31})(?: \((.*)\))?$/s

export default {
  layer: 'text',
  precedence: 60,
  programs: ['cron', 'crond', 'crontab', 'anacron', 'atd'],

  parse({ text }, event) {
    event['event.dataset'] = 'system.syslog'
    put(event, 'message', text)
    const line = LINE.exec(text)
    if (line === null) return true
    event['user.name'] = line[1]!
    if (line[2] === 'CMD') {
      put(event, 'process.command_line', line[3]?.trim())
      classify(event, { category: ['process'], type: ['start'], action: 'cron_command' })
    } else if (['REPLACE', 'BEGIN EDIT', 'END EDIT', 'DELETE', 'RELOAD', 'LIST'].includes(line[2]!)) {
      const type = line[2] === 'LIST' ? 'access' : line[2] === 'DELETE' ? 'deletion' : 'change'
      classify(event, {
        category: ['configuration'],
        type: [type],
        action: `crontab_${line[2]!.toLowerCase().replace(' ', '_')}`,
      })
    }
    return true
  },
} satisfies TextParser
