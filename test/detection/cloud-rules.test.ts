import { beforeAll, describe, expect, test } from 'vitest'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { hasCorpus, shipped, sigmaHqRules } from '../../bench/sigmahq.ts'
import { Engine, loadRules } from '../../detection/engine.ts'
import { covers, readLogSources } from '../../detection/sigma/logsource.ts'
import { readLogSource } from '../../detection/sigma/rule.ts'
import { readYaml } from '../../detection/sigma/yaml.ts'
import { ROOT } from '../../model/root.ts'
import { eventOf, loadLine } from '../collector/parsers/line.ts'

// Each of SigmaHQ's rules for a cloud service is made to fire: a record as the service would write it, with what the rule asks
// for in it, goes through the parser, the pipelines and the network.

type Tree = { [key: string]: unknown }
const reason = hasCorpus ? '' : ' (skipped: the optional SigmaHQ data is absent)'
const AT = '2026-05-12T02:59:58'
const AZURE = { time: `${AT}Z`, resourceId: '/tenants/t', operationName: 'x', resultType: '0', properties: {} }

/** A record without anything special in it, the prefix of its own names, and where else what rules ask for stands in it. */
interface Service {
  record: Tree
  prefix: string
  elsewhere?: { [field: string]: string }
}

const SERVICES: { [key: string]: Service } = {
  'aws/cloudtrail': {
    record: { eventVersion: '1', eventTime: `${AT}Z`, eventSource: 'x', eventName: 'y' },
    prefix: 'aws.cloudtrail.',
    elsewhere: {
      'event.action': 'eventName',
      'event.provider': 'eventSource',
      'user_agent.original': 'userAgent',
      'source.address': 'sourceIPAddress',
      'source.ip': 'sourceIPAddress',
      'aws.cloudtrail.request_parameters': 'requestParameters.text',
      'aws.cloudtrail.response_elements': 'responseElements.text',
    },
  },
  'azure/activitylogs': {
    record: { ...AZURE, category: 'Administrative' },
    prefix: 'azure.activitylogs.',
    elsewhere: { 'azure.resource.id': 'resourceId' },
  },
  'azure/auditlogs': {
    record: { ...AZURE, category: 'AuditLogs' },
    prefix: 'azure.auditlogs.',
    elsewhere: { 'event.outcome': 'properties.result', 'user.target.name': 'properties.x' },
  },
  'azure/signinlogs': {
    record: { ...AZURE, category: 'SignInLogs' },
    prefix: 'azure.signinlogs.',
    elsewhere: { 'user_agent.original': 'properties.userAgent', 'source.ip': 'callerIpAddress' },
  },
  'azure/riskdetection': { record: { ...AZURE, category: 'UserRiskEvents' }, prefix: 'azure.identity_protection.' },
  'bitbucket/audit': {
    record: {
      auditType: { action: 'x' },
      author: { name: 'x' },
      timestamp: { epochSecond: Date.parse(`${AT}Z`) / 1000 },
    },
    prefix: 'bitbucket.audit.',
  },
  'cisco/duo': {
    record: { txid: 't', isotimestamp: `${AT}Z`, event_type: 'x', user: { name: 'lan' } },
    prefix: 'cisco_duo.auth.',
  },
  'gcp/gcp.audit': {
    record: { timestamp: `${AT}Z`, protoPayload: { serviceName: 's', methodName: 'm' } },
    prefix: 'gcp.audit.',
    elsewhere: { 'log.logger': 'logName', 'gcp.audit.resource.type': 'resource.type' },
  },
  'gcp/google_workspace.admin': {
    record: { timestamp: `${AT}Z`, protoPayload: { serviceName: 'admin.googleapis.com', methodName: 'm' } },
    prefix: 'gcp.audit.',
    elsewhere: { 'service.name': 'protoPayload.serviceName' },
  },
  'gcp/google_workspace.login': {
    record: { timestamp: `${AT}Z`, protoPayload: { serviceName: 'login.googleapis.com', methodName: 'm' } },
    prefix: 'gcp.audit.',
    elsewhere: { 'service.name': 'protoPayload.serviceName' },
  },
  'github/audit': {
    record: { created_at: 1_778_554_798_000, _document_id: 'x' },
    prefix: 'github.',
    elsewhere: { 'event.action': 'action' },
  },
  'm365/audit': { record: { CreationTime: AT, RecordType: 1, Operation: 'x' }, prefix: 'o365.audit.' },
  'm365/exchange': { record: { CreationTime: AT, RecordType: 1, Operation: 'x' }, prefix: 'o365.audit.' },
  'm365/threat_detection': {
    record: { CreationTime: AT, RecordType: 40, Operation: 'AlertTriggered' },
    prefix: 'o365.audit.',
  },
  'm365/threat_management': {
    record: { CreationTime: AT, RecordType: 40, Operation: 'AlertTriggered' },
    prefix: 'o365.audit.',
  },
  'okta/okta': { record: { published: `${AT}Z`, eventType: 'x', actor: { id: 'a' } }, prefix: 'okta.' },
  'onelogin/onelogin.events': { record: { account_id: 1, event_timestamp: `${AT}Z` }, prefix: 'onelogin.' },
  'opencanary/': { record: { logdata: {}, node_id: 'n', utc_time: AT }, prefix: 'opencanary.' },
}

/** Rules that no record can be made for in this way, and why. */
const BEYOND = new Map([
  ['gcp_kubernetes_admission_controller.yml', 'three items about one field'],
  ['microsoft365_new_federated_domain_added_audit.yml', 'two items about one field'],
  ['azure_kubernetes_admission_controller.yml', 'two items about one field, of two alternatives each'],
  ['azure_aadhybridhealth_adfs_new_server.yml', 'provider and name are parts of one resource id'],
  ['azure_aadhybridhealth_adfs_service_delete.yml', 'provider and name are parts of one resource id'],
  ['azure_app_device_code_authentication.yml', 'the service writes deviceCode'],
  ['azure_app_end_user_consent.yml', 'asks for a field that no service writes'],
  ['azure_legacy_authentication_protocols.yml', 'asks for a field that no service writes'],
  ['azure_ad_account_created_deleted_nonapproved_user.yml', 'asks for the outcome «Sucess»'],
  ['azure_guest_to_member.yml', 'asks for a piece of JSON where the name of the activity stands'],
  ['azure_user_password_change.yml', 'asks for the user «UPN»'],
])

/** Ends a value that has only its beginning yet. */
const HEAD = '~'

function put(tree: Tree, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop()!
  let at = tree
  for (const key of keys) {
    if (typeof at[key] !== 'object' || at[key] === null) at[key] = {}
    at = at[key] as Tree
  }
  const before = at[last]
  if (typeof before === 'object' && before !== null) (before as Tree)['text'] = value
  else if (typeof before === 'string' && before.endsWith(HEAD)) at[last] = `${before}${String(value)}`
  else at[last] = value
}

/** A value that satisfies an item. */
function example(modifiers: readonly string[], values: unknown): unknown {
  const value = Array.isArray(values) ? (modifiers.includes('all') ? values.join(' ') : (values[0] as unknown)) : values
  if (typeof value !== 'string') return value
  const text = value.replaceAll('*', 'z')
  return modifiers.includes('endswith') ? `x${text}` : modifiers.includes('startswith') ? `${text}${HEAD}` : text
}

describe.skipIf(!hasCorpus)(`SigmaHQ's rules for clouds${reason}`, () => {
  const keyOf = ({ product, service }: { product?: string; service?: string }): string =>
    `${product ?? ''}/${service ?? ''}`
  const files = hasCorpus
    ? sigmaHqRules().filter(({ text }) => {
        const { logsource } = parse(text) as { logsource: { product?: string; service?: string } }
        return Object.hasOwn(SERVICES, keyOf(logsource))
      })
    : []
  let set: Awaited<ReturnType<typeof loadRules>>
  let read: Awaited<ReturnType<typeof loadLine>>

  beforeAll(async () => {
    const pipelines = readdirSync(join(ROOT, 'rules/pipelines')).map((name) => shipped(`pipelines/${name}`))
    set = await loadRules([...files, ...pipelines, shipped('logsources.yml')])
    read = await loadLine()
  })

  test('each fires on a record of its service', () => {
    const engine = new Engine(set)
    const silent: string[] = []
    for (const { rule, mapped } of set.network.rules) {
      const { record, prefix, elsewhere = {} } = SERVICES[keyOf(rule.logsource)]!
      const own = structuredClone(record)
      const { detection } = parse(rule.text) as { detection: Tree }
      const negated = [...String(detection['condition']).matchAll(/not (?:1 of |all of )?(\w+)/g)].map(
        ([, name]) => name!,
      )
      for (const [name, selection] of Object.entries(detection)) {
        if (name === 'condition' || negated.some((one) => name.startsWith(one.replace(/_$/, '')))) continue
        const [first] = [selection].flat() as (Tree | string)[]
        if (typeof first === 'string') put(own, 'zz', first)
        else {
          for (const [key, values] of Object.entries(first!)) {
            const [field = '', ...modifiers] = key.split('|')
            const value = example(modifiers, values)
            const isOutcome = /^(?:success|failure)$/i.test(String(value))
            const target = mapped.eventFields(field).find((own) => isOutcome || own !== 'event.outcome') ?? ''
            const path = elsewhere[target] ?? (target.startsWith(prefix) ? target.slice(prefix.length) : undefined)
            if (target.startsWith('google_workspace.')) {
              const parameter = { name: target.split('.').at(-1)!.toUpperCase(), value }
              const payload = own['protoPayload'] as { metadata: { event: Tree } }
              payload.metadata.event['parameter'] = [
                ...((payload.metadata.event['parameter'] ?? []) as Tree[]),
                parameter,
              ]
              payload.metadata = { event: [payload.metadata.event].flat()[0]! }
            } else if (target === 'event.outcome' && keyOf(rule.logsource) === 'azure/signinlogs') {
              own['resultType'] = /^success$/i.test(String(value)) ? '0' : '50126'
            } else if (path !== undefined && value !== null && value !== '' && value !== '[]') {
              const isPayload = prefix === 'gcp.audit.' && elsewhere[target] === undefined
              put(own, isPayload ? `protoPayload.${path}` : path, value)
            }
          }
        }
      }
      const payload = own['protoPayload'] as { metadata?: { event?: Tree } } | undefined
      if (payload?.metadata?.event) (payload.metadata as Tree)['event'] = [payload.metadata.event]
      const matched = engine.matches(eventOf(read(JSON.stringify(own))))
      if (!matched.includes(rule.id)) silent.push(rule.path.split('/').at(-1)!)
    }
    expect(set.network.rules.length).toBeGreaterThan(250)
    const waiting = new Set(
      set.problems.filter(({ code }) => code === 'empty_placeholder').map(({ path }) => path.split('/').at(-1)!),
    )
    expect(silent.filter((path) => !BEYOND.has(path) && !waiting.has(path))).toEqual([])
  })

  test('all but eleven rules have events', () => {
    const rows = readYaml(shipped('logsources.yml').text).documents.flatMap(readLogSources)
    const unrouted = sigmaHqRules().flatMap(({ text }) =>
      readYaml(text).documents.flatMap(({ root }) => {
        const logsource = readLogSource(root)
        return rows.some(({ sources }) => sources.some((own) => covers(logsource, own))) ? [] : [logsource]
      }),
    )
    expect(
      [
        ...new Set(
          unrouted.map((own) =>
            ['product', 'category', 'service'].flatMap((key) => own[key as keyof typeof own] ?? []).join('/'),
          ),
        ),
      ].sort(),
    ).toEqual(['azure/pim', 'huawei/bgp', 'paloalto/file_event/globalprotect', 'qualys'])
    expect(unrouted.length).toBe(11)
  })
})
