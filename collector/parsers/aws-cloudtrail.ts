import { keep, putAccount, putCaller, putText } from '../cloud-audit.ts'
import { part, text, word } from '../json-parts.ts'
import { classify, put } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import type { JsonObject, JsonValue } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// AWS CloudTrail, one record (docs.aws.amazon.com, «CloudTrail record contents»), bare or as `detail` of an EventBridge event.
// All of it stays at aws.cloudtrail.*. Rules also search parameters and answers as one text: that is at request_parameters,
// response_elements and additional_eventdata, `{key=value, …}`, as Elastic's integration writes them.

const AUTHENTICATION = new Set([
  'ConsoleLogin',
  'AssumeRole',
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'GetSessionToken',
  'GetFederationToken',
  'UserAuthentication',
  'SwitchRole',
])

function kindOf(name: string, source: string): [category: string[], type: string[]] {
  if (AUTHENTICATION.has(name)) return [['authentication'], name === 'ConsoleLogin' ? ['info', 'start'] : ['info']]
  const type = /^(?:Create|Run|Put|Add|Attach)/.test(name)
    ? 'creation'
    : /^(?:Delete|Remove|Terminate|Detach)/.test(name)
      ? 'deletion'
      : /^(?:Get|List|Describe|Lookup|Head|Batch)/.test(name)
        ? 'access'
        : /^(?:Update|Modify|Change|Set|Enable|Disable|Start|Stop|Associate|Disassociate)/.test(name)
          ? 'change'
          : 'info'
  return [[source === 'iam.amazonaws.com' ? 'iam' : 'configuration'], [type]]
}

export default {
  layer: 'json',
  precedence: 31,

  parse(record, event, context) {
    const detail = part(record['detail'])
    const own = detail !== undefined && typeof detail['eventSource'] === 'string' ? detail : record
    const [name, source] = [text(own['eventName']), text(own['eventSource'])]
    if (name === undefined || source === undefined || word(own['eventVersion']) === undefined) return false
    const refusal = putRecordTime(own, ['eventTime'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'aws.cloudtrail'
    keep(own, event, (name) => `aws.cloudtrail.${name}`)
    const elements = own['responseElements']
    put(event, 'aws.cloudtrail.request_parameters', asText(own['requestParameters']))
    put(event, 'aws.cloudtrail.response_elements', asText(elements))
    put(event, 'aws.cloudtrail.additional_eventdata', asText(own['additionalEventData']))
    const login = text(part(elements)?.['ConsoleLogin'])
    const failed = (word(own['errorCode']) ?? word(own['errorMessage'])) !== undefined || login === 'Failure'
    const [category, type] = kindOf(name, source)
    classify(event, { category, type, action: name, outcome: failed ? 'failure' : 'success' })
    event['event.provider'] = source
    event['cloud.provider'] = 'aws'
    putText(event, 'event.id', own['eventID'])
    putText(event, 'error.code', own['errorCode'])
    putText(event, 'error.message', own['errorMessage'])
    putText(event, 'cloud.region', own['awsRegion'])
    putText(event, 'cloud.account.id', own['recipientAccountId'])
    putText(event, 'user_agent.original', own['userAgent'])
    putCaller(event, text(own['sourceIPAddress']))
    putIdentity(part(own['userIdentity']), event)
    return true
  },
} satisfies JsonParser

function putIdentity(identity: JsonObject | undefined, event: Parameters<typeof put>[0]): void {
  if (identity === undefined) return
  const issuer = part(part(identity['sessionContext'])?.['sessionIssuer'])
  putAccount(event, text(identity['userName']) ?? text(issuer?.['userName']) ?? text(identity['invokedBy']))
  putText(event, 'user.id', identity['principalId'])
  if (event['cloud.account.id'] === undefined) putText(event, 'cloud.account.id', identity['accountId'])
}

function asText(value: JsonValue | undefined): string | undefined {
  if (value === null || value === undefined) return undefined
  if (Array.isArray(value)) return `[${value.map((item) => asText(item) ?? '').join(', ')}]`
  if (typeof value !== 'object') return word(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}=${asText(item) ?? ''}`)
    .join(', ')}}`
}
