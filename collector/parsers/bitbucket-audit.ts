import { keep, putCaller, putText } from '../cloud-audit.ts'
import { part, text } from '../json-parts.ts'
import { classify } from '../fields.ts'
import type { JsonParser } from '../parser.ts'
import { isoTime } from '../time.ts'

// Bitbucket Data Center audit log file (confluence.atlassian.com, «Audit log events in Bitbucket»), one JSON object a line.
// All of it stays at bitbucket.audit.*.

export default {
  layer: 'json',
  precedence: 37,

  parse(record, event) {
    const type = part(record['auditType'])
    const action = text(type?.['action'])
    const time = part(record['timestamp'])
    const seconds = time?.['epochSecond']
    if (action === undefined || part(record['author']) === undefined || typeof seconds !== 'number') return false
    if (!(seconds >= 0 && seconds < 32_503_680_000)) return false // a moment before the year 3000
    const nano = typeof time?.['nano'] === 'number' ? time['nano'] : 0
    event['@timestamp'] = isoTime(seconds * 1000 + Math.min(999, Math.max(0, Math.floor(nano / 1e6))))
    event['event.dataset'] = 'bitbucket.audit'
    keep(record, event, (name) => `bitbucket.audit.${name}`)
    const category = text(type?.['category']) ?? ''
    const failed = /fail|unauthori[sz]ed/i.test(action)
    classify(event, {
      category:
        category === 'Authentication'
          ? ['authentication']
          : /^(?:Users and groups|Permissions)$/.test(category)
            ? ['iam']
            : ['configuration'],
      type: [/creat|add/i.test(action) ? 'creation' : /delet|remov/i.test(action) ? 'deletion' : 'change'],
      action,
      outcome: failed ? 'failure' : 'success',
    })
    const author = part(record['author'])
    putText(event, 'user.name', author?.['name'])
    putText(event, 'user.id', author?.['id'])
    putCaller(event, text(record['source'])?.split(',', 1)[0]!.trim())
    return true
  },
} satisfies JsonParser
