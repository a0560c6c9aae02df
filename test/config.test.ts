import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readLegal, refuseBelowLaw, retentionPolicy } from '../api/incidents/legal.ts'
import { ConfigError, isLoopback, loadConfig, settingPaths } from '../config.ts'
import { ROOT } from '../model/root.ts'
import { expired, keptFrom } from '../store/retention.ts'

function folderWith(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-config-'))
  writeFileSync(join(folder, 'soc.yaml'), yaml)
  return folder
}

describe('nothing configured', () => {
  const config = loadConfig(mkdtempSync(join(tmpdir(), 'vong-gac-config-')), {})
  test('listens on loopback only', () => expect(config.http).toEqual({ host: '127.0.0.1', port: 8080 }))
  test('keeps events in the embedded store below ./data', () => {
    expect(config.store.engine).toBe('embedded')
    expect(config.dataFolder).toMatch(/\/data$/)
  })
})

test('file, then environment over it', () => {
  const folder = folderWith('http:\n  port: 9000\nretention:\n  days: 30\ninputs:\n  syslog-udp: false\n')
  const config = loadConfig(folder, {
    SOC_HTTP_PORT: '9001',
    SOC_INPUTS_SYSLOG_TCP__PORT: '6000',
    SOC_INPUTS_SYSLOG_TLS: 'false',
    SOC_STORE_PASSWORD: '123456',
    PATH: '/bin',
  })
  expect(config.http.port).toBe(9001)
  expect(config.retention.days).toEqual({ 1: 30, 2: 30, 3: 30, 4: 30, 5: 30 })
  expect(config.inputs).toEqual({ 'syslog-udp': false, 'syslog-tcp': { port: 6000 }, 'syslog-tls': false })
  expect(config.store.password, 'a password of digits stays text').toBe('123456')
})

test('levels that are kept equally long lie together, and what has no level with the longest', () => {
  const { days, settings, classes } = loadConfig(
    folderWith('retention:\n  levels: { 1: 90, 2: 90, 5: 400 }\n'),
    {},
  ).retention
  expect({ days, classes }).toEqual({ days: { 1: 90, 2: 90, 3: 365, 4: 365, 5: 400 }, classes: ['05', '12', '34'] })
  expect([settings[1], settings[3]]).toEqual(['retention.levels.1', 'retention.days'])
  const vn = readLegal(join(ROOT, 'legal'))
  const refused = (levels: Record<number, number>): (() => void) => {
    const retention = loadConfig(folderWith(JSON.stringify({ retention: { levels } })), {}).retention
    return () => refuseBelowLaw(retention, vn, '2026-11-28')
  }
  expect(refused({ 1: 1, 2: 31, 3: 92, 4: 183 })).not.toThrow()
  expect(refused({ 4: 182 })).toThrow(/^retention[.]levels[.]4 is 182; expected 183 days or more.*TCVN 14423/)
})

test('a day is kept by days and by months of the calendar, whichever is longer', () => {
  const policy = retentionPolicy({ 1: 10, 2: 31, 3: 92, 4: 183, 5: 365 }, readLegal(join(ROOT, 'legal')))
  const first = [0, 1, 2, 3, 5].map((level) => keptFrom(policy, level, '2028-03-31'))
  expect(first).toEqual(['2027-03-31', '2028-03-21', '2028-02-29', '2027-12-30', '2027-03-31'])
  const mixed = [
    { day: '2027-01-01', levels: '012345' },
    { day: '2027-12-01', levels: '12' },
    { day: '2028-01-05', levels: '12' },
    { day: '2028-01-05', levels: '0345' },
    { day: '2028-01-06', levels: '12' },
    { day: '2028-01-06', levels: '012345' },
  ]
  const gone = expired(mixed, policy, '2028-03-31')
  expect(gone, 'of a day and a level all is there or nothing').toEqual(mixed.slice(0, 3))
})

test('quotas: of every agency, and of some', () => {
  const quotas = { eventsPerSecond: 500, agencies: { 'so-yt': { bytesPerSecond: 1_000_000, burstSeconds: 5 } } }
  expect(loadConfig(folderWith(JSON.stringify({ quotas })), { SOC_QUOTAS_BURST_SECONDS: '20' }).quotas).toEqual({
    ...quotas,
    burstSeconds: 20,
  })
  expect(loadConfig(folderWith(''), {}).quotas).toEqual({})
})

test('correlations: lateness of some agencies, and what they may hold', () => {
  const detection = { latenessByAgency: { 'so-yt': 3_600_000, 'so-tt': 0 }, correlationBytesMax: 2 ** 30 }
  expect(loadConfig(folderWith(JSON.stringify({ detection })), {}).detection).toMatchObject({
    latenessMs: 300_000,
    ...detection,
  })
  expect(loadConfig(folderWith(''), {}).detection).toMatchObject({
    latenessByAgency: {},
    correlationBytesMax: 256 * 2 ** 20,
  })
})

test.each([
  ['a lateness below nothing', 'detection:\n  latenessByAgency: { so-yt: -1 }\n', {}, /latenessByAgency\.so-yt/],
  [
    'correlations without room',
    'detection:\n  correlationBytesMax: 0\n',
    {},
    /correlationBytesMax is 0; expected bytes/,
  ],
  ['a quota below nothing', 'quotas:\n  eventsPerSecond: -1\n', {}, /quotas\.eventsPerSecond is -1; expected events/],
  ['a burst of no time', 'quotas:\n  burstSeconds: 0\n', {}, /quotas\.burstSeconds is 0; expected whole seconds/],
  [
    'a quota of an agency that names something else',
    'quotas:\n  agencies:\n    so-yt: { perSecond: 1 }\n',
    {},
    /soc\.yaml:3: quotas\.agencies\.so-yt/,
  ],
  ['a port out of range', 'http:\n  port: 99999\n', {}, /soc\.yaml:2: http\.port is 99999; expected a port/],
  ['a port that is text', 'http:\n  port: many\n', {}, /http\.port is "many"; expected a port/],
  [
    'an unknown setting',
    'http:\n  prot: 1\n',
    {},
    /soc\.yaml:2: http\.prot is 1; expected one of the settings host, port/,
  ],
  ['an unknown section', 'htpp: 1\n', {}, /htpp is 1; expected one of the settings dataFolder/],
  ['broken YAML', 'http: [\n', {}, /soc\.yaml:\d+: /],
  [
    'an unknown engine',
    'store:\n  engine: oracle\n',
    {},
    /store\.engine is "oracle"; expected 'embedded' or 'elasticsearch'/,
  ],
  [
    'Elasticsearch without a node',
    'store:\n  engine: elasticsearch\n',
    {},
    /store\.node is undefined; expected the URL/,
  ],
  ['an unknown time zone', 'timeZone: Hai/Duong\n', {}, /soc\.yaml:1: timeZone is "Hai\/Duong"; expected an IANA/],
  [
    'HTTP beyond loopback without TLS',
    'http:\n  host: 0.0.0.0\n',
    {},
    /http\.host is "0\.0\.0\.0"; expected a loopback/,
  ],
  [
    'a certificate without its key',
    'http:\n  certificate: a.pem\n',
    {},
    /expected both http\.certificate and http\.key/,
  ],
  [
    'a proxy that is no address',
    'http:\n  trustedProxy: nginx\n',
    {},
    /http\.trustedProxy is "nginx"; expected an address or CIDR/,
  ],
  ['a network with too many bits', 'http:\n  trustedProxy: 10.0.0.0/33\n', {}, /expected an address or CIDR/],
  [
    'mail in clear to another machine',
    'notify:\n  mail: { host: mail.example.vn, from: a@example.vn, security: none }\n',
    {},
    /notify\.mail\.security is "none"; expected 'starttls' or 'tls'/,
  ],
  ['mail from nobody', 'notify:\n  mail: { host: mail.example.vn }\n', {}, /notify\.mail\.from is undefined/],
  ['a bot without a token', 'notify:\n  chat: { baseUrl: "https://api.telegram.org" }\n', {}, /notify\.chat\.token/],
  ['a token that is none, unseen', '', { SOC_NOTIFY_CHAT_TOKEN: 'hunter 2' }, /^(?!.*hunter).*SOC_NOTIFY_CHAT_TOKEN/s],
  [
    'a single sign-on that leads nowhere back',
    'signOn: { issuer: "https://sso.example.vn", clientId: soc }\n',
    {},
    /http\.publicUrl is undefined; expected the URL of the console/,
  ],
  [
    'a single sign-on in clear',
    'http: { publicUrl: "https://soc.example.vn" }\nsignOn: { issuer: "http://sso.example.vn", clientId: soc }\n',
    {},
    /signOn\.issuer is "http:\/\/sso\.example\.vn"; expected an https URL/,
  ],
  ['a console with a path', 'http: { publicUrl: "https://soc.example.vn/x" }\n', {}, /http\.publicUrl/],
  ['a wrong variable', '', { SOC_HTTP_PORT: '-1' }, /environment: SOC_HTTP_PORT is "-1"; expected a port/],
  [
    'a misspelt variable',
    '',
    { SOC_HTTP_PROT: '1' },
    /environment: SOC_HTTP_PROT is "1"; expected the name of a setting/,
  ],
  ['a named file that is not there', '', { SOC_CONFIG: 'no.yaml' }, /SOC_CONFIG is ".*no\.yaml"; expected a file/],
])('refuses %s', (_name, yaml, environment, message) => {
  expect(() => loadConfig(folderWith(yaml), environment)).toThrow(ConfigError)
  expect(() => loadConfig(folderWith(yaml), environment)).toThrow(message)
})

test('a refused secret is not shown', () => {
  expect(() => loadConfig(folderWith('store:\n  apiKey: [hunter2]\n'), {})).toThrow(
    /^(?!.*hunter2).*store\.apiKey is \(not shown\)/s,
  )
})

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.evil.example', false],
  ['10.0.0.1', false],
])('%s is loopback: %s', (host, expected) => expect(isLoopback(host)).toBe(expected))

test('the page of settings names every setting', () => {
  const page = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8')
  const settings = settingPaths().map((path) => `\`${path}\``)
  expect(settings.filter((setting) => !page.includes(setting))).toEqual([])
})
