import { keep, putAccount, putCaller, putText } from '../cloud-audit.ts'
import { part, parts, text } from '../json-parts.ts'
import { classify } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// Okta System Log (developer.okta.com, «LogEvent object»). All of it stays at okta.*, under its own names.

function kindOf(type: string): [category: string[], type: string[]] {
  if (type.startsWith('user.session.'))
    return [['authentication', 'session'], [type.endsWith('.end') ? 'end' : 'start']]
  if (type.startsWith('user.authentication.')) return [['authentication'], ['info']]
  if (/^(?:user|group|application\.user_membership)\./.test(type)) {
    return [['iam'], [type.startsWith('group.') ? 'group' : 'user', changeOf(type)]]
  }
  if (type.startsWith('security.')) return [['threat'], ['indicator']]
  return [['configuration'], [changeOf(type)]]
}

function changeOf(type: string): string {
  if (/\.(?:create|add)$|_add$/.test(type)) return 'creation'
  if (/\.(?:delete|remove|revoke|delete\.initiated)$|_remove$/.test(type)) return 'deletion'
  return 'change'
}

export default {
  layer: 'json',
  precedence: 35,

  parse(record, event, context) {
    const type = text(record['eventType'])
    if (type === undefined || typeof record['published'] !== 'string' || part(record['actor']) === undefined)
      return false
    const refusal = putRecordTime(record, ['published'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'okta.system'
    keep(record, event, (name) => `okta.${name}`)
    const result = text(part(record['outcome'])?.['result'])
    const [category, types] = kindOf(type)
    const outcome =
      result === 'SUCCESS' || result === 'ALLOW'
        ? 'success'
        : result === 'FAILURE' || result === 'DENY'
          ? 'failure'
          : undefined
    classify(event, { category, type: types, action: type, outcome })
    putText(event, 'event.id', record['uuid'])
    putText(event, 'message', record['displayMessage'])
    const client = part(record['client'])
    putCaller(event, text(client?.['ipAddress']))
    putText(event, 'user_agent.original', part(client?.['userAgent'])?.['rawUserAgent'])
    const actor = part(record['actor'])
    putAccount(event, text(actor?.['alternateId']))
    putText(event, 'user.full_name', actor?.['displayName'])
    putText(event, 'user.id', actor?.['id'])
    const target = parts(record['target']).find((own) => own['type'] === 'User')
    putText(event, 'user.target.name', target?.['alternateId'])
    putText(event, 'user.target.full_name', target?.['displayName'])
    return true
  },
} satisfies JsonParser
