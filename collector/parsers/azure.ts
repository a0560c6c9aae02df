import type { EcsEvent } from '../../model/event.ts'
import { keep, putAccount, putCaller, putText } from '../cloud-audit.ts'
import { part, text, word } from '../json-parts.ts'
import { classify, put } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import type { JsonObject } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// Azure Monitor's resource logs (learn.microsoft.com, «Azure resource log common schema»), one record of an export to an event
// hub or a storage account: sign-ins, audit and risks of Entra ID, and the activity log of subscriptions. The common fields
// and `properties` stay at azure.<stream>.*.

/** The stream that a category belongs to, lower case. */
function streamOf(category: string): 'signinlogs' | 'auditlogs' | 'identity_protection' | 'activitylogs' | undefined {
  if (category.endsWith('signinlogs')) return 'signinlogs'
  if (category === 'auditlogs') return 'auditlogs'
  if (/^(?:userriskevents|riskyusers|riskyserviceprincipals|serviceprincipalriskevents)$/.test(category))
    return 'identity_protection'
  if (/^(?:administrative|security|servicehealth|alert|recommendation|policy|autoscale|resourcehealth)$/.test(category))
    return 'activitylogs'
  return undefined
}

export default {
  layer: 'json',
  precedence: 32,

  parse(record, event, context) {
    const category = text(record['category'])
    const operation = text(record['operationName'])
    if (category === undefined || operation === undefined || typeof record['resourceId'] !== 'string') return false
    const stream = streamOf(category.toLowerCase())
    if (stream === undefined) return false
    const refusal = putRecordTime(record, ['time'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = `azure.${stream}`
    keep(record, event, (name) => `azure.${stream}.${name}`)
    event['cloud.provider'] = 'azure'
    event['event.action'] = operation
    const properties = part(record['properties'])
    putText(event, 'azure.correlation_id', record['correlationId'])
    putText(event, 'azure.tenant_id', record['tenantId'])
    putText(event, 'azure.resource.id', record['resourceId'])
    putText(event, 'log.level', record['level'] ?? record['Level'])
    putCaller(event, text(record['callerIpAddress']) ?? text(properties?.['ipAddress']))
    STREAMS[stream](record, properties ?? {}, event)
    return true
  },
} satisfies JsonParser

type Stream = (record: JsonObject, properties: JsonObject, event: EcsEvent) => void

const STREAMS: Record<NonNullable<ReturnType<typeof streamOf>>, Stream> = {
  signinlogs(record, properties, event) {
    const code = word(record['resultType']) ?? word(part(properties['status'])?.['errorCode'])
    classify(event, {
      category: ['authentication'],
      type: ['info'],
      outcome: outcomeOf(code === undefined ? undefined : code === '0'),
    })
    putText(event, 'event.id', properties['id'])
    putText(event, 'message', record['resultDescription'])
    putText(event, 'user_agent.original', properties['userAgent'])
    putAccount(event, text(properties['userPrincipalName']) ?? text(properties['servicePrincipalName']))
    putText(event, 'user.full_name', properties['userDisplayName'])
    putText(event, 'user.id', properties['userId'])
  },
  auditlogs(record, properties, event) {
    const result = text(properties['result']) ?? text(record['resultSignature'])
    classify(event, {
      category: ['iam'],
      type: typesOf(text(properties['operationType']) ?? ''),
      outcome: outcomeOf(
        result && /^success/i.test(result) ? true : result && /^(?:failure|timeout)/i.test(result) ? false : undefined,
      ),
    })
    putText(event, 'event.id', properties['id'])
    const by = part(properties['initiatedBy'])
    const user = part(by?.['user'])
    putAccount(
      event,
      text(user?.['userPrincipalName']) ?? text(part(by?.['app'])?.['displayName']) ?? text(record['identity']),
    )
    putText(event, 'user.id', user?.['id'])
    if (event['source.ip'] === undefined) putCaller(event, text(user?.['ipAddress']))
    const targets = Array.isArray(properties['targetResources']) ? properties['targetResources'] : []
    const target = targets.map(part).find((own) => own?.['type'] === 'User')
    put(event, 'user.target.name', text(target?.['userPrincipalName']))
    putText(event, 'user.target.id', target?.['id'])
  },
  identity_protection(_record, properties, event) {
    classify(event, { category: ['threat'], type: ['indicator'] })
    event['event.kind'] = 'alert'
    putAccount(event, text(properties['userPrincipalName']))
    putText(event, 'user.full_name', properties['userDisplayName'])
    putText(event, 'user.id', properties['userId'])
    putText(event, 'event.id', properties['id'])
  },
  activitylogs(record, _properties, event) {
    const result = word(record['resultType'])?.toLowerCase()
    classify(event, {
      category: ['configuration'],
      type: typesOf(text(record['operationName'])!),
      outcome: outcomeOf(
        result === undefined
          ? undefined
          : /^(?:success|succeeded|start|started|accept|accepted)$/.test(result)
            ? true
            : result.startsWith('fail')
              ? false
              : undefined,
      ),
    })
    const claims = part(part(record['identity'])?.['claims'])
    const claim = (name: string): string | undefined =>
      text(claims?.[`http://schemas.xmlsoap.org/ws/2005/05/identity/claims/${name}`])
    putAccount(event, claim('upn') ?? claim('name'))
    put(event, 'user.full_name', claims ? text(claims['name']) : undefined)
    const id = text(record['resourceId'])!
    const [, subscription] = /\/subscriptions\/([^/]{1,64})/i.exec(id) ?? []
    put(event, 'cloud.account.id', subscription)
    const [, provider] = /\/providers\/([^/]{1,128})/i.exec(id) ?? []
    put(event, 'azure.resource.provider', provider)
  },
}

const outcomeOf = (succeeded: boolean | undefined): 'success' | 'failure' | undefined =>
  succeeded === undefined ? undefined : succeeded ? 'success' : 'failure'

function typesOf(operation: string): string[] {
  if (/(?:^|\/)(?:add|create|assign|write)/i.test(operation)) return ['creation']
  if (/(?:^|\/)(?:delete|remove)/i.test(operation)) return ['deletion']
  if (/(?:^|\/)(?:update|set|change)/i.test(operation)) return ['change']
  return ['info']
}
