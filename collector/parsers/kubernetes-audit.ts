import { addRelated, classify, ipOf, put, putPeer } from '../fields.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject, JsonValue } from '../json-record.ts'
import { putUrl } from '../network-events.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

// Kubernetes API server, audit.k8s.io/v1 Event (kubernetes.io, «Auditing»). All of it stays at kubernetes.audit.*; the objects
// of a request and its answer (`Request`, `RequestResponse` level) are left to the raw record but for what rules ask for.
const TYPES: { readonly [verb: string]: string } = {
  create: 'creation',
  delete: 'deletion',
  deletecollection: 'deletion',
  get: 'access',
  list: 'access',
  patch: 'change',
  update: 'change',
  watch: 'access',
}

export default {
  layer: 'json',
  precedence: 45,

  parse(record, event, context) {
    if (record['kind'] !== 'Event' || typeof record['auditID'] !== 'string' || typeof record['verb'] !== 'string')
      return false
    const refusal = putRecordTime(record, ['stageTimestamp', 'requestReceivedTimestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'kubernetes.audit_logs'
    flatten(record, '', (name, value) => {
      if (!name.startsWith('requestObject.') && !name.startsWith('responseObject.'))
        putLeaf(event, `kubernetes.audit.${name}`, value)
    })
    const verb = record['verb']
    const code = part(record['responseStatus'])?.['code']
    const allowed = part(record['annotations'])?.['authorization.k8s.io/decision']
    const failed = (typeof code === 'number' && code >= 400) || allowed === 'forbid'
    classify(event, {
      category: ['configuration'],
      type: [Object.hasOwn(TYPES, verb) ? TYPES[verb]! : 'info'],
      action: verb,
      outcome: code === undefined && allowed === undefined ? undefined : failed ? 'failure' : 'success',
    })
    event['event.id'] = record['auditID']
    const user = part(record['user'])
    put(event, 'user.name', text(user?.['username']))
    put(event, 'user.id', text(user?.['uid']))
    const impersonated = text(part(record['impersonatedUser'])?.['username'])
    put(event, 'user.effective.name', impersonated)
    const addresses = Array.isArray(record['sourceIPs']) ? record['sourceIPs'] : []
    const ips = addresses.filter((ip) => typeof ip === 'string' && ipOf(ip) !== undefined).slice(0, 16) as string[]
    putPeer(event, 'source', ips[0] ?? '')
    for (const ip of ips) addRelated(event, 'related.ip', ip)
    put(event, 'user_agent.original', text(record['userAgent']))
    putUrl(event, text(record['requestURI']) ?? '')
    if (typeof code === 'number') event['http.response.status_code'] = code
    const object = part(record['objectRef'])
    put(event, 'orchestrator.namespace', text(object?.['namespace']))
    put(event, 'orchestrator.resource.name', text(object?.['name']))
    put(event, 'orchestrator.resource.type', text(object?.['resource']))
    putPod(part(part(record['requestObject'])?.['spec']), event)
    return true
  },
} satisfies JsonParser

function part(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
const text = (value: JsonValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** What makes a pod dangerous to its host: paths of the host, added capabilities, privilege. */
function putPod(spec: JsonObject | undefined, event: Parameters<typeof put>[0]): void {
  if (spec === undefined) return
  const parts = (name: string): JsonObject[] => {
    const value = spec[name]
    return Array.isArray(value)
      ? value
          .slice(0, 64)
          .map(part)
          .filter((item) => item !== undefined)
      : []
  }
  const paths = parts('volumes').flatMap((volume) => text(part(volume['hostPath'])?.['path']) ?? [])
  if (paths.length > 0) event['kubernetes.audit.hostPath'] = paths
  const contexts = parts('containers')
    .map((container) => part(container['securityContext']))
    .filter((context) => context !== undefined)
  const added = contexts.flatMap((context) => part(context['capabilities'])?.['add'] ?? [])
  const capabilities = added.filter((name) => typeof name === 'string').slice(0, 64)
  if (capabilities.length > 0) event['kubernetes.audit.capabilities'] = capabilities
  if (contexts.some((context) => context['privileged'] === true)) event['kubernetes.audit.privileged'] = true
}
