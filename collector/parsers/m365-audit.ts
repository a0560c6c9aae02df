import { keep, putAccount, putCaller, putText } from '../cloud-audit.ts'
import { text, word } from '../json-parts.ts'
import { classify } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// Microsoft 365, unified audit log (learn.microsoft.com, «Office 365 Management Activity API schema»), one record. All of it
// stays at o365.audit.*, under its own names. Its times are UTC and say so only sometimes.

const KINDS: readonly (readonly [operation: RegExp, category: string[], type: string[]])[] = [
  [/^(?:UserLoggedIn|UserLoginFailed|TeamsSessionStarted|MailboxLogin)$/, ['authentication'], ['start']],
  [/^(?:File|Folder)\w*(?:Accessed|Downloaded|Previewed)/, ['file'], ['access']],
  [/^(?:File|Folder)\w*(?:Deleted|Recycled)/, ['file'], ['deletion']],
  [/^(?:File|Folder)\w*(?:Uploaded|Created|Copied)/, ['file'], ['creation']],
  [/^(?:File|Folder)/, ['file'], ['change']],
  [/^(?:Add|New|Invite) ?-?/, ['iam', 'configuration'], ['creation']],
  [/^(?:Delete|Remove) ?-?/, ['iam', 'configuration'], ['deletion']],
  [/^(?:Update|Set|Change|Reset|Enable|Disable)/, ['iam', 'configuration'], ['change']],
]

export default {
  layer: 'json',
  precedence: 34,

  parse(record, event, context) {
    const operation = text(record['Operation'])
    if (
      operation === undefined ||
      typeof record['CreationTime'] !== 'string' ||
      word(record['RecordType']) === undefined
    )
      return false
    const refusal = putRecordTime({ time: utc(record['CreationTime']) }, ['time'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'o365.audit'
    keep(record, event, (name) => `o365.audit.${name}`)
    const result = word(record['ResultStatus'])?.toLowerCase()
    const [, category, type] = KINDS.find(([own]) => own.test(operation)) ?? [undefined, ['web'], ['info']]
    const failed =
      operation === 'UserLoginFailed' || (result !== undefined && /^(?:fail|false|partiallysucceeded)/.test(result))
    classify(event, {
      category: [...category],
      type: [...type],
      action: operation,
      outcome: failed ? 'failure' : 'success',
    })
    putText(event, 'event.provider', record['Workload'])
    putText(event, 'event.id', record['Id'])
    putText(event, 'event.code', record['EventSource'] ?? record['RecordType'])
    putText(event, 'organization.id', record['OrganizationId'])
    putText(event, 'user_agent.original', record['UserAgent'])
    putCaller(event, text(record['ClientIP']) ?? text(record['ClientIPAddress']) ?? text(record['ActorIpAddress']))
    putAccount(event, text(record['UserId']))
    putText(event, 'user.id', record['UserId'])
    return true
  },
} satisfies JsonParser

const utc = (time: string): string => (/(?:Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time}Z`)
