import { keep, putCaller, putText } from '../cloud-audit.ts'
import { text } from '../json-parts.ts'
import { classify, put } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// GitHub organisation and enterprise audit log (docs.github.com, «Audit log events»), one event. All of it stays at github.*.

export default {
  layer: 'json',
  precedence: 36,

  parse(record, event, context) {
    const action = text(record['action'])
    if (action === undefined || typeof record['_document_id'] !== 'string') return false
    const refusal = putRecordTime(record, ['created_at', '@timestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'github.audit'
    keep(record, event, (name) => `github.${name}`)
    const verb = action.slice(action.lastIndexOf('.') + 1)
    const type = /^(?:create|add|invite)/.test(verb)
      ? 'creation'
      : /^(?:destroy|delete|remove)/.test(verb)
        ? 'deletion'
        : 'change'
    const category = /^(?:org|team|user|role)/.test(action) ? ['iam', 'configuration', 'web'] : ['configuration', 'web']
    classify(event, { category, type: [type], action })
    put(event, 'event.id', record['_document_id'])
    put(event, 'github.category', action.split('.', 1)[0])
    putText(event, 'user.name', record['actor'])
    putText(event, 'user.target.name', record['user'])
    putText(event, 'user_agent.original', record['user_agent'])
    putCaller(event, text(record['actor_ip']))
    return true
  },
} satisfies JsonParser
