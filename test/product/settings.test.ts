import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'
import { consoleUrl, emptyFolder, run, type Run } from './run.ts'
import { ask, mintTokens } from './wire.ts'

const RULE = readFileSync(join(ROOT, 'rules', 'linux', 'sshd-root-password-login.yml'), 'utf8')

/** The shipped rules' pipelines and log sources, and one rule. */
function rulesFolder(): string {
  const folder = join(emptyFolder(), 'rules')
  mkdirSync(folder)
  cpSync(join(ROOT, 'rules', 'pipelines'), join(folder, 'pipelines'), { recursive: true })
  cpSync(join(ROOT, 'rules', 'logsources.yml'), join(folder, 'logsources.yml'))
  writeFileSync(join(folder, 'good.yml'), RULE)
  return folder
}

const registryOf = (change: (text: string) => string): string => {
  const path = join(emptyFolder(), 'registry.yml')
  writeFileSync(path, change(readFileSync(join(ROOT, 'registry', 'hai-duong.yml'), 'utf8')))
  return path
}

describe('what cannot be used stops the start, and says where it stands', () => {
  test.each<[name: string, yaml: string, environment: Record<string, string>, said: RegExp]>([
    [
      'a port that is none',
      'http:\n  port: 99999\n',
      { SOC_HTTP_PORT: '' },
      /SOC_HTTP_PORT|soc\.yaml:2: http\.port is 99999/,
    ],
    ['a name that is none', 'retention:\n  dayz: 3\n', {}, /soc\.yaml:2: retention\.dayz is 3/],
    ['a variable that is none', '', { SOC_HTTP_PROT: '1' }, /SOC_HTTP_PROT is "1"/],
    [
      'HTTP in clear on a network',
      '',
      { SOC_HTTP_HOST: '0.0.0.0' },
      /http\.host is "0\.0\.0\.0"; expected a loopback address/,
    ],
    ['the same over IPv6', '', { SOC_HTTP_HOST: '::' }, /http\.host is "::"; expected a loopback address/],
    [
      'an input that is none',
      'inputs:\n  syslog-tpc: true\n',
      {},
      /inputs\.syslog-tpc: no such input; there are .*syslog-tcp/,
    ],
    ['an option that is none', 'inputs:\n  syslog-tcp: { prot: 1 }\n', {}, /inputs\.syslog-tcp: no such option: prot/],
    [
      'an option of a wrong kind',
      'inputs:\n  syslog-tcp: { port: many }\n',
      { SOC_INPUTS_SYSLOG_TCP__PORT: 'many' },
      /inputs\.syslog-tcp\.port is "many"/,
    ],
    [
      'TLS without a certificate',
      'inputs:\n  syslog-tls: true\n',
      {},
      /inputs\.syslog-tls: certificate, key must be set/,
    ],
    [
      'a quota of an agency that is not there',
      'quotas: { agencies: { so-gt: { eventsPerSecond: 1 } } }\n',
      {},
      /quotas\.agencies: there is no agency 'so-gt'/,
    ],
    [
      'a file of an agency that is not there',
      'inputs: { file: { files: [{ path: /var/log/x.log, agency: so-gt }] } }\n',
      {},
      /inputs: there is no agency 'so-gt'/,
    ],
    ['a certificate that is not there', 'http:\n  certificate: no.pem\n  key: no.key\n', {}, /no\.pem/],
    ['rules that are not there', '', { SOC_RULES_FOLDER: '/no/such/rules' }, /\/no\/such\/rules/],
    ['a registry that is not there', '', { SOC_REGISTRY: '/no/such/registry.yml' }, /\/no\/such\/registry\.yml/],
    ['a data folder that reads as a pattern', '', { SOC_DATA_FOLDER: '/tmp/[x]' }, /dataFolder is "\/tmp\/\[x\]"/],
    ['a log level that is none', '', { SOC_LOG_LEVEL: 'loud' }, /SOC_LOG_LEVEL is "loud"; expected one of .*info/],
    ['a data folder that is a file', '', { SOC_DATA_FOLDER: '/etc/passwd' }, /\/etc\/passwd/],
  ])('%s', async (_name, yaml, environment, said) => {
    const folder = emptyFolder()
    writeFileSync(join(folder, 'soc.yaml'), yaml)
    const refused = run(environment, folder)
    expect(await refused.ended()).toBe(2)
    expect(refused.stderr()).toMatch(said)
    expect(refused.stderr().trim().split('\n'), 'one line, no stack').toHaveLength(1)
    expect(refused.stdout()).toBe('')
  })

  test.each<[name: string, change: (text: string) => string, said: RegExp]>([
    ['an unknown key', (text) => `${text}\nagenceis: {}\n`, /registry\.yml:\d+:\d+: .*agenceis/],
    ['broken YAML', (text) => text.replace('agencies:', 'agencies: ['), /registry\.yml:\d+/],
    [
      'a system of nobody',
      (text) => text.replace('agency: so-tnmt', 'agency: khong-co-ai'),
      /registry\.yml:\d+.*khong-co-ai/,
    ],
    ['an empty file', () => '', /registry\.yml/],
  ])('a registry with %s', async (_name, change, said) => {
    const refused = run({ SOC_REGISTRY: registryOf(change) })
    expect(await refused.ended()).toBe(2)
    expect(refused.stderr()).toMatch(said)
  })
})

describe('a start that fails', () => {
  test('for a port in use does not use up the one-time password', async () => {
    const dataFolder = join(emptyFolder(), 'data')
    const port = String(await freePort())
    const first = run({ SOC_DATA_FOLDER: join(emptyFolder(), 'data'), SOC_HTTP_PORT: port })
    await first.says('Vọng Gác is running')
    const second = run({ SOC_DATA_FOLDER: dataFolder, SOC_HTTP_PORT: port })
    expect(await second.ended()).toBe(1)
    expect(second.stderr()).toContain(port)
    first.signal('SIGTERM')
    expect(await first.ended()).toBe(0)
    const third = run({ SOC_DATA_FOLDER: dataFolder, SOC_HTTP_PORT: port })
    await third.says(/admin \/ \S{24}/)
    third.signal('SIGTERM')
    expect(await third.ended()).toBe(0)
  })
  test('in a folder that may not be written says which', async () => {
    const folder = emptyFolder()
    const refused = process.getuid?.() === 0 ? run({ SOC_DATA_FOLDER: '/sys/vong-gac' }) : readOnly(folder)
    expect(await refused.ended()).toBe(2)
    expect(refused.stderr()).toMatch(/dataFolder/)
  })
})

function readOnly(folder: string): Run {
  chmodSync(folder, 0o500)
  return run({ SOC_DATA_FOLDER: join(folder, 'data') })
}

describe('rules of one’s own', () => {
  const rules = rulesFolder()
  const registry = registryOf((text) => text)
  const dataFolder = join(emptyFolder(), 'data')
  let product: Run
  let token: string
  interface Rules {
    items: { title: string }[]
    problems: { path: string; line: number; column: number; code: string }[]
  }
  const inForce = async (): Promise<Rules> => {
    const { text } = await ask(`${consoleUrl(product)}/api/v1/rules`, { headers: { authorization: `Bearer ${token}` } })
    return JSON.parse(text) as Rules
  }
  const reload = async (said: string | RegExp): Promise<void> => {
    product.signal('SIGHUP')
    await product.says(said)
  }

  beforeAll(async () => {
    writeFileSync(
      join(rules, 'broken.yml'),
      RULE.replace(/^id: .*$/m, 'id: 5a4b9f9a-5b1e-4f5a-9a53-0d9a3a3c1f10').replace(
        /condition: .*/,
        'condition: no_such_selection',
      ),
    )
    writeFileSync(join(rules, 'no-yaml.yml'), 'title: [\n  }')
    writeFileSync(join(rules, 'empty.yml'), '')
    writeFileSync(join(rules, 'bytes.yml'), Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]))
    product = run({ SOC_RULES_FOLDER: rules, SOC_REGISTRY: registry, SOC_DATA_FOLDER: dataFolder })
    await product.says('Vọng Gác is running')
    await product.says('rules in force')
    token = mintTokens(dataFolder, 'motcua').api
  })
  afterAll(() => product.signal('SIGKILL'))

  test.each(['broken.yml', 'no-yaml.yml', 'bytes.yml'])('%s is named with its place', async (name) => {
    await product.says(new RegExp(`${name}:\\d+:\\d+: `))
    expect((await inForce()).problems.map(({ path }) => path)).toContain(name)
  })
  test('the others are in force, and it is ready', async () => {
    expect((await inForce()).items.map(({ title }) => title)).toEqual(['Root Logged In Over SSH With a Password'])
    expect((await ask(`${consoleUrl(product)}/readyz`)).status).toBe(200)
  })
  test('a second process on the same data is refused', async () => {
    const second = run({ SOC_DATA_FOLDER: dataFolder })
    expect(await second.ended()).toBe(1)
    expect(second.stderr()).toMatch(/in use|locked|another process/)
  })
  test('SIGHUP: a changed rule is in force', async () => {
    writeFileSync(join(rules, 'good.yml'), RULE.replace(/^title: .*$/m, 'title: Changed While It Ran'))
    await reload('rules, registry and certificates read again')
    await expect.poll(async () => (await inForce()).items.map(({ title }) => title)).toEqual(['Changed While It Ran'])
  })
  test('SIGHUP: with a broken registry the former rules stay, too', async () => {
    const whole = readFileSync(registry, 'utf8')
    writeFileSync(registry, whole.replace('agencies:', 'agencies: ['))
    writeFileSync(join(rules, 'good.yml'), RULE.replace(/^title: .*$/m, 'title: Not To Be Seen'))
    await reload('the former ones stay in force')
    expect((await inForce()).items.map(({ title }) => title)).toEqual(['Changed While It Ran'])
    writeFileSync(registry, whole)
    writeFileSync(join(rules, 'good.yml'), RULE)
  })
  test.each([
    ['a broken pipeline', 'pipelines/own.yml', 'name: x\npriority: [\n'],
    [
      'a pipeline that does what none can',
      'pipelines/own.yml',
      'name: x\npriority: 10\ntransformations:\n  - id: a\n    type: no_such_thing\n',
    ],
    ['broken log sources', 'logsources.yml', 'a: [b\n'],
    ['no log sources', 'logsources.yml', ''],
  ])('SIGHUP: %s does not stop it', async (_name, path, text) => {
    const whole = path === 'logsources.yml' ? readFileSync(join(rules, path)) : undefined
    writeFileSync(join(rules, path), text)
    const before = product.stderr().length
    product.signal('SIGHUP')
    await expect.poll(() => product.stderr().slice(before), { timeout: 60_000 }).toContain('rules in force')
    expect((await ask(`${consoleUrl(product)}/livez`)).status).toBe(200)
    if (whole) writeFileSync(join(rules, path), whole)
    else rmSync(join(rules, path))
  })
  test('SIGHUP: rules that are gone are not taken for none at all', async () => {
    rmSync(rules, { recursive: true })
    const before = product.stderr().length
    product.signal('SIGHUP')
    await expect.poll(() => product.stderr().slice(before)).toContain('the former ones stay in force')
    expect((await ask(`${consoleUrl(product)}/readyz`)).status).toBe(200)
  })
  test('SIGTERM ends it with 0', async () => {
    product.signal('SIGTERM')
    expect(await product.ended(), product.stderr()).toBe(0)
  })
})
