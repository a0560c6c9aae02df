import { keep, putCaller, putText } from '../cloud-audit.ts'
import { text, word } from '../json-parts.ts'
import { classify } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// OneLogin events (developers.onelogin.com, «Events»): what was done is a number. All of it stays at onelogin.*.

const LOGINS: { readonly [id: string]: 'success' | 'failure' } = {
  5: 'success',
  6: 'failure',
  8: 'success',
  9: 'failure',
}

export default {
  layer: 'json',
  precedence: 38,

  parse(record, event, context) {
    const id = word(record['event_type_id'])
    if (id === undefined || !/^\d{1,6}$/.test(id) || word(record['account_id']) === undefined) return false
    const refusal = putRecordTime(record, ['event_timestamp', 'created_at'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'onelogin.events'
    keep(record, event, (name) => `onelogin.${name}`)
    const outcome = LOGINS[id]
    classify(event, { category: [outcome ? 'authentication' : 'iam'], type: ['info'], action: id, outcome })
    event['event.code'] = id
    putText(event, 'event.id', record['uuid'] ?? record['id'])
    putText(event, 'user.name', record['actor_user_name'] ?? record['user_name'])
    putText(event, 'user.target.name', record['user_name'])
    putCaller(event, text(record['ipaddr']))
    return true
  },
} satisfies JsonParser
