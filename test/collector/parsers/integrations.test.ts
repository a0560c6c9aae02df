import { expect, test } from 'vitest'
import { agreement } from './agreement.ts'
import { samplesOf, there } from './elastic-samples.ts'

const COMMON = [
  '@timestamp',
  'event.category',
  'event.action',
  'event.outcome',
  'source.ip',
  'user.name',
  'process.name',
]

test.skipIf(!there).each<[string, readonly string[], number, number]>([
  [
    'system/auth',
    [...COMMON, 'event.type', 'source.port', 'user.effective.name', 'host.hostname', 'process.pid', 'group.name'],
    140,
    1,
  ],
  [
    'auditd/log',
    [...COMMON, 'user.id', 'user.audit.id', 'process.pid', 'process.executable', 'auditd.log.record_type'],
    300,
    0.98,
  ],
  [
    'nginx/access',
    [
      ...COMMON,
      'url.original',
      'url.path',
      'http.response.status_code',
      'http.response.body.bytes',
      'user_agent.original',
    ],
    100,
    1,
  ],
  ['nginx/error', [...COMMON, 'log.level', 'message', 'process.pid'], 15, 1],
  [
    'apache/access',
    [...COMMON, 'url.original', 'http.request.method', 'http.response.status_code', 'user_agent.original'],
    80,
    0.88,
  ],
  [
    'apache/error',
    ['event.category', 'event.type', 'log.level', 'source.ip', 'process.pid', 'apache.error.module'],
    20,
    1,
  ],
  [
    'system/security',
    [
      ...COMMON,
      'event.type',
      'event.code',
      'user.domain',
      'user.id',
      'user.target.name',
      'group.name',
      'winlog.channel',
    ],
    600,
    0.98,
  ],
  [
    'windows/forwarded',
    [...COMMON, 'event.type', 'event.code', 'user.domain', 'group.name', 'winlog.logon.type'],
    500,
    0.98,
  ],
  [
    'windows/sysmon_operational',
    [
      '@timestamp',
      'event.category',
      'event.type',
      'process.executable',
      'process.pid',
      'dns.question.name',
      'file.path',
      'destination.ip',
      'registry.path',
      'user.name',
    ],
    650,
    0.98,
  ],
  ['windows/powershell_operational', ['@timestamp', 'event.category', 'event.type', 'event.code', 'user.name'], 10, 1],
])('agrees with Elastic on %s', async (stream, fields, comparedMin, floor) => {
  const { agreed, compared, differences } = await agreement(stream, samplesOf(stream), (field) =>
    fields.includes(field),
  )
  console.log(`${stream}: ${agreed} of ${compared} fields as Elastic has them`)
  expect(compared).toBeGreaterThanOrEqual(comparedMin)
  expect({ enough: agreed / compared >= floor, differences: agreed / compared >= floor ? [] : differences }).toEqual({
    enough: true,
    differences: [],
  })
})
