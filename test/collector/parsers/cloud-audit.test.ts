import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { shipped } from '../../../bench/sigmahq.ts'
import { Engine, loadRules } from '../../../detection/engine.ts'
import { eventOf, loadLine } from './line.ts'

let read: Awaited<ReturnType<typeof loadLine>>
beforeAll(async () => {
  read = await loadLine()
})

const json = (record: unknown): string => JSON.stringify(record)
const AT = '2026-05-12T02:59:58'
const TIME = `${AT}.000Z`

const TRAIL = {
  eventVersion: '1.08',
  eventTime: `${AT}Z`,
  eventSource: 'iam.amazonaws.com',
  eventName: 'CreateAccessKey',
  awsRegion: 'ap-southeast-1',
  sourceIPAddress: '203.0.113.9',
  userAgent: 'aws-cli/2.15',
  userIdentity: {
    type: 'IAMUser',
    principalId: 'AIDA1',
    arn: 'arn:aws:iam::1:user/lan',
    accountId: '111122223333',
    userName: 'lan',
  },
  requestParameters: { userName: 'binh', policyDocument: '{"Effect":"Allow"}', tags: [{ key: 'a' }, 'b'] },
  responseElements: null,
  eventID: 'e-1',
  recipientAccountId: '111122223333',
}

const AZURE = {
  time: `${AT}.1234567Z`,
  resourceId: '/tenants/t1/providers/Microsoft.aadiam',
  tenantId: 't1',
  correlationId: 'c-1',
  callerIpAddress: '203.0.113.9:51000',
}

const SIGN_IN = {
  ...AZURE,
  category: 'SignInLogs',
  operationName: 'Sign-in activity',
  resultType: 50126,
  resultDescription: 'Invalid username or password.',
  properties: {
    id: 's-1',
    userPrincipalName: 'lan@example.gov.vn',
    userDisplayName: 'Lan',
    userAgent: 'axios/1.7',
    authenticationProtocol: 'deviceCode',
    deviceDetail: { deviceId: '', trustType: 'Hybrid' },
    status: { errorCode: 50126 },
  },
}

const AUDIT = {
  ...AZURE,
  callerIpAddress: null,
  category: 'AuditLogs',
  operationName: 'Add member to role',
  properties: {
    id: 'a-1',
    result: 'success',
    category: 'RoleManagement',
    operationType: 'Assign',
    initiatedBy: { user: { userPrincipalName: 'quantri@example.gov.vn', ipAddress: '203.0.113.9', id: 'u-9' } },
    targetResources: [
      {
        type: 'User',
        userPrincipalName: 'lan@example.gov.vn',
        id: 'u-1',
        modifiedProperties: [{ displayName: 'Role.TemplateId', newValue: '"62e90394"' }],
      },
    ],
  },
}

const GCP = {
  insertId: 'g-1',
  timestamp: `${AT}.5Z`,
  severity: 'NOTICE',
  logName: 'projects/p1/logs/cloudaudit.googleapis.com%2Factivity',
  resource: { type: 'gcs_bucket', labels: { project_id: 'p1' } },
  protoPayload: {
    serviceName: 'storage.googleapis.com',
    methodName: 'storage.buckets.delete',
    authenticationInfo: { principalEmail: 'lan@example.gov.vn' },
    requestMetadata: { callerIp: '203.0.113.9', callerSuppliedUserAgent: 'gcloud' },
    authorizationInfo: [{ permission: 'storage.buckets.delete', granted: true }],
    status: { code: 7, message: 'denied' },
  },
}

const WORKSPACE = {
  ...GCP,
  protoPayload: {
    serviceName: 'admin.googleapis.com',
    methodName: 'google.admin.AdminService.changeApplicationSetting',
    metadata: {
      event: [
        {
          eventName: 'CHANGE_APPLICATION_SETTING',
          parameter: [
            { name: 'SETTING_NAME', value: 'ContextAwareAccess x' },
            { name: 'NEW_VALUE', value: 'false' },
            { name: 'AS_TEXT', boolValue: true },
          ],
        },
      ],
    },
  },
}

const M365 = {
  CreationTime: AT,
  Id: 'm-1',
  Operation: 'New-InboxRule',
  RecordType: 1,
  Workload: 'Exchange',
  UserId: 'lan@example.gov.vn',
  ClientIP: '[2001:db8::9]:443',
  ResultStatus: 'True',
  Parameters: [{ Name: 'ForwardTo', Value: 'x@example.com' }],
}

const OKTA = {
  uuid: 'o-1',
  published: `${AT}.250Z`,
  eventType: 'user.session.start',
  displayMessage: 'User login to Okta',
  actor: { id: 'u1', type: 'User', alternateId: 'lan@example.gov.vn', displayName: 'Lan' },
  client: { ipAddress: '203.0.113.9', userAgent: { rawUserAgent: 'Mozilla/5.0' } },
  outcome: { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' },
  securityContext: { isProxy: true },
  target: [
    { type: 'AppInstance', displayName: 'Okta Admin Console' },
    { type: 'User', alternateId: 'binh@example.gov.vn' },
  ],
}

const GITHUB = {
  '@timestamp': Date.parse(TIME),
  _document_id: 'h-1',
  action: 'repo.destroy',
  actor: 'lan',
  actor_ip: '203.0.113.9',
  user: 'binh',
  org: 'so-khcn',
}

const BITBUCKET = {
  timestamp: { epochSecond: Date.parse(TIME) / 1000, nano: 250_000_000 },
  auditType: { action: 'User login failed', category: 'Authentication' },
  author: { id: '3', name: 'lan' },
  source: '203.0.113.9,10.0.0.1',
}

const ONELOGIN = {
  account_id: 7,
  event_type_id: 6,
  event_timestamp: TIME,
  uuid: 'l-1',
  user_name: 'Lan',
  ipaddr: '203.0.113.9',
}

const CANARY = {
  logtype: 4002,
  node_id: 'canary-1',
  utc_time: '2026-05-12 02:59:58.250000',
  src_host: '203.0.113.9',
  src_port: 40000,
  dst_host: '10.0.0.9',
  dst_port: 22,
  logdata: { USERNAME: 'root', PASSWORD: 'x' },
}

const DUO = {
  txid: 'd-1',
  isotimestamp: `${AT}.250000+00:00`,
  event_type: 'authentication',
  factor: 'duo_push',
  result: 'fraud',
  reason: 'user_marked_fraud',
  user: { name: 'lan', key: 'DU1' },
  access_device: { ip: '203.0.113.9' },
}

describe('a record becomes an event', () => {
  test.each([
    [
      'CloudTrail',
      TRAIL,
      {
        '@timestamp': TIME,
        'event.dataset': 'aws.cloudtrail',
        'event.module': 'aws',
        'event.action': 'CreateAccessKey',
        'event.provider': 'iam.amazonaws.com',
        'event.category': ['iam'],
        'event.type': ['creation'],
        'event.outcome': 'success',
        'event.id': 'e-1',
        'user.name': 'lan',
        'user.id': 'AIDA1',
        'source.ip': '203.0.113.9',
        'cloud.account.id': '111122223333',
        'cloud.region': 'ap-southeast-1',
        'user_agent.original': 'aws-cli/2.15',
        'aws.cloudtrail.userIdentity.type': 'IAMUser',
        'aws.cloudtrail.request_parameters': '{userName=binh, policyDocument={"Effect":"Allow"}, tags=[{key=a}, b]}',
      },
    ],
    [
      'CloudTrail through EventBridge, refused',
      { id: 'b', detail: { ...TRAIL, errorCode: 'AccessDenied', sourceIPAddress: 'ec2.amazonaws.com' } },
      {
        'event.outcome': 'failure',
        'error.code': 'AccessDenied',
        'source.address': 'ec2.amazonaws.com',
      },
    ],
    [
      'CloudTrail, a login that failed',
      { ...TRAIL, eventName: 'ConsoleLogin', responseElements: { ConsoleLogin: 'Failure' } },
      {
        'event.category': ['authentication'],
        'event.outcome': 'failure',
        'aws.cloudtrail.response_elements': '{ConsoleLogin=Failure}',
      },
    ],
    [
      'CloudTrail, a role',
      {
        ...TRAIL,
        userIdentity: {
          type: 'AssumedRole',
          principalId: 'AROA:s',
          accountId: '9',
          sessionContext: { sessionIssuer: { type: 'Role', userName: 'deploy' } },
        },
        recipientAccountId: null,
      },
      {
        'user.name': 'deploy',
        'cloud.account.id': '9',
      },
    ],
    [
      'Entra ID sign-in',
      SIGN_IN,
      {
        '@timestamp': '2026-05-12T02:59:58.123Z',
        'event.dataset': 'azure.signinlogs',
        'event.action': 'Sign-in activity',
        'event.category': ['authentication'],
        'event.outcome': 'failure',
        'user.name': 'lan',
        'user.domain': 'example.gov.vn',
        'user.email': 'lan@example.gov.vn',
        'source.ip': '203.0.113.9',
        'source.port': 51000,
        'user_agent.original': 'axios/1.7',
        'azure.signinlogs.resultType': 50126,
        'azure.signinlogs.properties.deviceDetail.trustType': 'Hybrid',
        'azure.tenant_id': 't1',
      },
    ],
    [
      'Entra ID sign-in of a program, with success',
      {
        ...SIGN_IN,
        category: 'ServicePrincipalSignInLogs',
        resultType: '0',
        properties: { servicePrincipalName: 'sync' },
      },
      {
        'event.dataset': 'azure.signinlogs',
        'event.outcome': 'success',
        'user.name': 'sync',
      },
    ],
    [
      'Entra ID audit',
      AUDIT,
      {
        'event.dataset': 'azure.auditlogs',
        'event.action': 'Add member to role',
        'event.category': ['iam'],
        'event.type': ['creation'],
        'event.outcome': 'success',
        'user.name': 'quantri',
        'user.id': 'u-9',
        'user.target.name': 'lan@example.gov.vn',
        'source.ip': '203.0.113.9',
      },
    ],
    [
      'Entra ID risk',
      {
        ...AZURE,
        category: 'UserRiskEvents',
        operationName: 'User Risk Detection',
        properties: { riskEventType: 'leakedCredentials', userPrincipalName: 'lan@example.gov.vn' },
      },
      {
        'event.dataset': 'azure.identity_protection',
        'event.kind': 'alert',
        'azure.identity_protection.properties.riskEventType': 'leakedCredentials',
      },
    ],
    [
      'Azure activity',
      {
        ...AZURE,
        category: 'Administrative',
        operationName: 'MICROSOFT.COMPUTE/SNAPSHOTS/DELETE',
        resultType: 'Failure',
        resourceId: '/SUBSCRIPTIONS/SUB1/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.COMPUTE/SNAPSHOTS/S',
        identity: { claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'lan@example.gov.vn' } },
      },
      {
        'event.dataset': 'azure.activitylogs',
        'event.outcome': 'failure',
        'event.type': ['deletion'],
        'user.name': 'lan',
        'cloud.account.id': 'SUB1',
        'azure.resource.provider': 'MICROSOFT.COMPUTE',
      },
    ],
    [
      'Google Cloud',
      GCP,
      {
        '@timestamp': '2026-05-12T02:59:58.500Z',
        'event.dataset': 'gcp.audit',
        'event.action': 'storage.buckets.delete',
        'event.outcome': 'failure',
        'service.name': 'storage.googleapis.com',
        'user.name': 'lan',
        'source.ip': '203.0.113.9',
        'cloud.project.id': 'p1',
        'gcp.audit.methodName': 'storage.buckets.delete',
        'gcp.audit.resource.type': 'gcs_bucket',
      },
    ],
    ['Google Cloud, in a message', { data: GCP }, { 'event.dataset': 'gcp.audit', 'event.id': 'g-1' }],
    [
      'Google Workspace',
      WORKSPACE,
      {
        'event.dataset': 'google_workspace.admin',
        'event.action': 'CHANGE_APPLICATION_SETTING',
        'google_workspace.admin.setting_name': 'ContextAwareAccess x',
        'google_workspace.admin.new_value': 'false',
        'google_workspace.admin.as_text': true,
      },
    ],
    [
      'Microsoft 365',
      M365,
      {
        '@timestamp': TIME,
        'event.dataset': 'o365.audit',
        'event.action': 'New-InboxRule',
        'event.provider': 'Exchange',
        'event.outcome': 'success',
        'event.category': ['iam', 'configuration'],
        'user.name': 'lan',
        'source.ip': '2001:db8::9',
        'source.port': 443,
      },
    ],
    [
      'Microsoft 365, a login that failed',
      { ...M365, Operation: 'UserLoginFailed' },
      { 'event.category': ['authentication'], 'event.outcome': 'failure' },
    ],
    [
      'Okta',
      OKTA,
      {
        '@timestamp': '2026-05-12T02:59:58.250Z',
        'event.dataset': 'okta.system',
        'event.action': 'user.session.start',
        'event.category': ['authentication', 'session'],
        'event.outcome': 'failure',
        'user.name': 'lan',
        'user.full_name': 'Lan',
        'user.target.name': 'binh@example.gov.vn',
        'source.ip': '203.0.113.9',
        'user_agent.original': 'Mozilla/5.0',
        'okta.securityContext.isProxy': true,
      },
    ],
    [
      'GitHub',
      GITHUB,
      {
        '@timestamp': TIME,
        'event.dataset': 'github.audit',
        'event.action': 'repo.destroy',
        'event.type': ['deletion'],
        'user.name': 'lan',
        'user.target.name': 'binh',
        'source.ip': '203.0.113.9',
        'github.category': 'repo',
        'github.org': 'so-khcn',
      },
    ],
    [
      'Bitbucket',
      BITBUCKET,
      {
        '@timestamp': '2026-05-12T02:59:58.250Z',
        'event.dataset': 'bitbucket.audit',
        'event.action': 'User login failed',
        'event.outcome': 'failure',
        'user.name': 'lan',
        'source.ip': '203.0.113.9',
      },
    ],
    [
      'OneLogin',
      ONELOGIN,
      {
        '@timestamp': TIME,
        'event.dataset': 'onelogin.events',
        'event.code': '6',
        'event.outcome': 'failure',
        'user.name': 'Lan',
        'source.ip': '203.0.113.9',
      },
    ],
    [
      'Duo',
      DUO,
      {
        '@timestamp': '2026-05-12T02:59:58.250Z',
        'event.dataset': 'cisco_duo.auth',
        'event.action': 'authentication',
        'event.outcome': 'failure',
        'event.reason': 'user_marked_fraud',
        'user.name': 'lan',
        'source.ip': '203.0.113.9',
      },
    ],
    [
      'OpenCanary',
      CANARY,
      {
        '@timestamp': '2026-05-12T02:59:58.250Z',
        'event.dataset': 'opencanary.log',
        'event.kind': 'alert',
        'event.code': '4002',
        'user.name': 'root',
        'source.ip': '203.0.113.9',
        'destination.port': 22,
        'observer.name': 'canary-1',
      },
    ],
  ])('%s', (_name, record, fields) => {
    const line = json(record)
    expect(eventOf(read(line))).toMatchObject({ ...fields, 'event.original': line })
  })

  test.each([
    ['an event name without a version', { ...TRAIL, eventVersion: null }],
    ['a category of Azure that is no audit', { ...SIGN_IN, category: 'StorageRead' }],
    ['an Azure record without a resource', { ...SIGN_IN, resourceId: 7 }],
    ['a payload without a method', { ...GCP, protoPayload: { serviceName: 'x' } }],
    ['an operation without a type', { ...M365, RecordType: null, a: 1 }],
    ['an Okta event of nobody', { ...OKTA, actor: null }],
    ['an action without a document', { ...GITHUB, _document_id: 7, user: null }],
    ['an audit of no moment', { ...BITBUCKET, timestamp: { epochSecond: -1 } }],
    ['an event type that is a name', { ...ONELOGIN, event_type_id: 'login' }],
    ['a transaction of nobody', { ...DUO, user: null }],
    ['a canary without a name', { ...CANARY, node_id: null }],
  ])('not one of them: %s', (_name, record) => {
    const result = read(json(record))
    if (result.kind === 'dead') throw new Error(result.letter.reason)
    expect(result.event['event.dataset']).toBe('generic.json')
  })

  test('a record of any values gives an event', () => {
    const seeds = [
      TRAIL,
      SIGN_IN,
      AUDIT,
      GCP,
      WORKSPACE,
      M365,
      OKTA,
      GITHUB,
      BITBUCKET,
      ONELOGIN,
      CANARY,
      DUO,
    ] as Record<string, unknown>[]
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.array(fc.tuple(fc.nat(20), fc.jsonValue())),
        (seed, extra, swaps) => {
          const record: Record<string, unknown> = { ...extra, ...seed }
          const keys = Object.keys(seed)
          for (const [i, value] of swaps) record[keys[i % keys.length]!] = value
          const result = read(json(record))
          if (result.kind === 'event') expect(result.event['event.dataset']).toBeTypeOf('string')
          else expect(['bad_time', 'too_deep', 'too_many_fields']).toContain(result.letter.code)
        },
      ),
    )
  })
})

describe('rules in the words of the services meet it', () => {
  const SERVICES: [service: string, detection: string, record: unknown][] = [
    [
      'product: aws, service: cloudtrail',
      '{ eventSource: iam.amazonaws.com, eventName: CreateAccessKey, userIdentity.type: IAMUser, errorCode: null, requestParameters|contains: \'"Allow"\', requestParameters.userName: binh }',
      TRAIL,
    ],
    [
      'product: azure, service: signinlogs',
      "{ ResultType: 50126, Status: Failure, userAgent|contains: axios, properties.message: Device Code, DeviceDetail.deviceId: '' }",
      SIGN_IN,
    ],
    [
      'product: azure, service: auditlogs',
      "{ properties.message: Add member to role, Category: RoleManagement, Status: Success, TargetResources|contains: '62e90394' }",
      AUDIT,
    ],
    [
      'product: gcp, service: gcp.audit',
      '{ gcp.audit.method_name|endswith: buckets.delete, data.protoPayload.authorizationInfo.granted: true }',
      GCP,
    ],
    [
      'product: gcp, service: google_workspace.admin',
      "{ eventService: admin.googleapis.com, eventName: CHANGE_APPLICATION_SETTING, setting_name|startswith: ContextAware, new_value: 'false' }",
      WORKSPACE,
    ],
    ['product: m365, service: audit', '{ Operation: New-InboxRule, Parameters|contains: ForwardTo }', M365],
    ['product: m365, service: exchange', '{ eventSource: Exchange, eventName: New-InboxRule, status: success }', M365],
    [
      'product: okta, service: okta',
      "{ eventType: user.session.start, securityContext.isProxy: 'true', target.displayName: Okta Admin Console, actor.alternateId|endswith: .gov.vn }",
      OKTA,
    ],
    ['product: github, service: audit', '{ action: repo.destroy }', GITHUB],
    [
      'product: bitbucket, service: audit',
      '{ auditType.category: Authentication, auditType.action: User login failed }',
      BITBUCKET,
    ],
    ['product: onelogin, service: onelogin.events', '{ event_type_id: 6 }', ONELOGIN],
    ['product: cisco, service: duo', '{ event_type: authentication, reason: user_marked_fraud }', DUO],
    ['product: opencanary, category: application', '{ logtype: 4002 }', CANARY],
  ]
  const rule = (logsource: string, detection: string): string =>
    `title: t\nid: r\nlogsource: { ${logsource} }\ndetection:\n  s: ${detection}\n  condition: s\n`

  test.each(SERVICES)('%s', async (service, detection, record) => {
    const ruleSet = await loadRules([
      ...['cloud', 'windows', 'linux', 'web'].map((name) => shipped(`pipelines/${name}.yml`)),
      shipped('logsources.yml'),
      { path: 'r.yml', text: rule(service, detection) },
    ])
    expect(ruleSet.problems.filter(({ code }) => code !== 'field_not_produced')).toEqual([])
    const engine = new Engine(ruleSet)
    expect(engine.matches(eventOf(read(json(record))))).toEqual(['r'])
    for (const [other, , foreign] of SERVICES) {
      const own = other.split(',')[0] === service.split(',')[0]
      if (!own) expect(engine.matches(eventOf(read(json(foreign)))), other).toEqual([])
    }
  })
})
