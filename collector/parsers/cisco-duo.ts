import { keep, putAccount, putCaller, putText } from '../cloud-audit.ts'
import { part, text } from '../json-parts.ts'
import { classify } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// Cisco Duo authentication log (duo.com, «Admin API: Authentication Logs», version 2), one event. All of it stays at
// cisco_duo.auth.*.

export default {
  layer: 'json',
  precedence: 41,

  parse(record, event, context) {
    const user = part(record['user'])
    const result = text(record['result'])
    if (text(record['txid']) === undefined || text(record['event_type']) === undefined || user === undefined)
      return false
    const refusal = putRecordTime(record, ['isotimestamp', 'timestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'cisco_duo.auth'
    keep(record, event, (name) => `cisco_duo.auth.${name}`)
    const outcome = result === 'success' ? 'success' : result === 'denied' || result === 'fraud' ? 'failure' : undefined
    classify(event, { category: ['authentication'], type: ['info'], action: text(record['event_type']), outcome })
    putText(event, 'event.id', record['txid'])
    putText(event, 'event.reason', record['reason'])
    putCaller(event, text(part(record['access_device'])?.['ip']))
    putAccount(event, text(user['name']))
    putText(event, 'user.id', user['key'])
    return true
  },
} satisfies JsonParser
