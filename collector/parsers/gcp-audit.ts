import type { EcsEvent } from '../../model/event.ts'
import { keep, putAccount, putCaller, putText } from '../cloud-audit.ts'
import { part, parts, text } from '../json-parts.ts'
import { classify, put } from '../fields.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import type { JsonObject } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// Google Cloud audit logs (cloud.google.com, «AuditLog»), one LogEntry, bare or as `data` of a message. The payload stays at
// gcp.audit.*. What Google Workspace writes into the same log is its own stream, the parameters of its events by name.

export default {
  layer: 'json',
  precedence: 33,

  parse(record, event, context) {
    const entry = part(part(record['data'])?.['protoPayload']) ? part(record['data'])! : record
    const payload = part(entry['protoPayload'])
    const method = text(payload?.['methodName'])
    const service = text(payload?.['serviceName'])
    if (payload === undefined || method === undefined || service === undefined) return false
    const refusal = putRecordTime(entry, ['timestamp', 'receiveTimestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    const workspace = /^(admin|login)\.googleapis\.com$/.exec(service)?.[1]
    event['event.dataset'] = workspace === undefined ? 'gcp.audit' : `google_workspace.${workspace}`
    keep(payload, event, (name) => `gcp.audit.${name}`)
    const resource = part(entry['resource'])
    putText(event, 'gcp.audit.resource.type', resource?.['type'])
    putText(event, 'cloud.project.id', part(resource?.['labels'])?.['project_id'])
    event['cloud.provider'] = 'gcp'
    event['service.name'] = service
    putText(event, 'event.id', entry['insertId'])
    putText(event, 'log.level', entry['severity'])
    putText(event, 'log.logger', entry['logName'])
    const caller = part(payload['requestMetadata'])
    putCaller(event, text(caller?.['callerIp']))
    putText(event, 'user_agent.original', caller?.['callerSuppliedUserAgent'])
    putAccount(event, text(part(payload['authenticationInfo'])?.['principalEmail']))
    classifyEntry(payload, method, event)
    if (workspace !== undefined) putWorkspace(payload, workspace, event)
    return true
  },
} satisfies JsonParser

function classifyEntry(payload: JsonObject, method: string, event: EcsEvent): void {
  const code = part(payload['status'])?.['code']
  const granted = parts(payload['authorizationInfo']).map((info) => info['granted'])
  const verb = /(?:^|\.)([a-z]+)[A-Za-z]*$/i.exec(method)?.[1]?.toLowerCase() ?? ''
  const type = /^(?:create|insert|add|patch\w*create)/.test(verb)
    ? 'creation'
    : /^(?:delete|remove)/.test(verb)
      ? 'deletion'
      : /^(?:get|list|aggregated|watch|read)/.test(verb)
        ? 'access'
        : 'change'
  const failed = (typeof code === 'number' && code !== 0) || granted.includes(false)
  classify(event, {
    category: ['configuration'],
    type: [type],
    action: method,
    outcome: failed ? 'failure' : 'success',
  })
}

function putWorkspace(payload: JsonObject, stream: string, event: EcsEvent): void {
  const events = parts(part(payload['metadata'])?.['event'])
  const names = events.flatMap((own) => text(own['eventName']) ?? [])
  put(event, 'event.action', names[0])
  if (stream === 'login') event['event.category'] = ['authentication']
  else event['event.category'] = ['iam', 'configuration']
  for (const { name, value, boolValue, intValue } of events.flatMap((own) => parts(own['parameter']))) {
    const own = value ?? boolValue ?? intValue
    if (typeof name === 'string' && own !== undefined && own !== null && typeof own !== 'object') {
      putLeaf(event, `google_workspace.${stream}.${name.toLowerCase()}`, own)
    }
  }
}
