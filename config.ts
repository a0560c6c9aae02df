import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { LineCounter, parseDocument } from 'yaml'
import { ROOT } from './model/root.ts'
import { classesOf } from './store/retention.ts'

const Port = Type.Integer({ minimum: 0, maximum: 65_535, description: 'a port, 0 to 65535 (0: any free one)' })
const Host = Type.String({ minLength: 1, description: 'an address or host name to listen on' })
const Path = Type.String({ minLength: 1, description: 'a path' })
const Listen = { host: Type.Optional(Host), port: Type.Optional(Port) }
const strict = { additionalProperties: false }
const QuotaSettings = {
  eventsPerSecond: Type.Optional(Type.Integer({ minimum: 0, description: 'events per second, 0 for no limit' })),
  bytesPerSecond: Type.Optional(Type.Integer({ minimum: 0, description: 'bytes per second, 0 for no limit' })),
  burstSeconds: Type.Optional(Type.Integer({ minimum: 1, description: 'whole seconds, at least 1' })),
}

const KeptDays = Type.Integer({
  minimum: 1,
  maximum: 36_500,
  description: 'whole days that events are kept, 1 to 36500',
})

const Schema = Type.Object(
  {
    dataFolder: Type.Optional(Path),
    rulesFolder: Type.Optional(Path),
    parsersFolder: Type.Optional(Path),
    registry: Type.Optional(Path),
    personal: Type.Optional(Path),
    timeZone: Type.Optional(
      Type.String({ description: 'an IANA time zone, for log lines that name none (Asia/Ho_Chi_Minh)' }),
    ),
    http: Type.Optional(
      Type.Object(
        {
          ...Listen,
          certificate: Type.Optional(Path),
          key: Type.Optional(Path),
          publicUrl: Type.Optional(
            Type.String({
              pattern: '^https?://[^/?#@]+$',
              description: 'the URL under which people reach the console, such as https://soc.haiphong.gov.vn',
            }),
          ),
          trustedProxy: Type.Optional(
            Type.String({ minLength: 1, description: 'address or CIDR of the reverse proxy that ends TLS' }),
          ),
        },
        strict,
      ),
    ),
    inputs: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.Record(Type.String(), Type.Unknown())]), {
        description: 'inputs by name, each with its options, or false to switch it off',
      }),
    ),
    spool: Type.Optional(
      Type.Object(
        {
          segmentBytes: Type.Optional(
            Type.Integer({ minimum: 65_536, description: 'bytes of a segment file, at least 65536' }),
          ),
          freeBytesMin: Type.Optional(
            Type.Integer({ minimum: 0, description: 'free bytes on the disk below which nothing more is accepted' }),
          ),
        },
        strict,
      ),
    ),
    store: Type.Optional(
      Type.Object(
        {
          engine: Type.Optional(
            Type.Union([Type.Literal('embedded'), Type.Literal('elasticsearch')], {
              description: "'embedded' or 'elasticsearch'",
            }),
          ),
          memoryLimit: Type.Optional(
            Type.String({ pattern: '^[0-9]+(MB|GB)$', description: 'a size like 512MB or 1GB' }),
          ),
          node: Type.Optional(Type.String({ pattern: '^https?://', description: 'the URL of an Elasticsearch node' })),
          apiKey: Type.Optional(Type.String({ description: 'an Elasticsearch API key' })),
          username: Type.Optional(Type.String({ description: 'a user name' })),
          password: Type.Optional(Type.String({ description: 'a password' })),
          ca: Type.Optional(Path),
          prefix: Type.Optional(
            Type.String({ pattern: '^[a-z][a-z0-9-]*$', description: 'a prefix of index names: a-z, 0-9, -' }),
          ),
        },
        strict,
      ),
    ),
    quotas: Type.Optional(
      Type.Object(
        {
          ...QuotaSettings,
          agencies: Type.Optional(
            Type.Record(Type.String(), Type.Object(QuotaSettings, strict), {
              description: 'quotas by key of the agency, each with eventsPerSecond, bytesPerSecond or burstSeconds',
            }),
          ),
        },
        strict,
      ),
    ),
    retention: Type.Optional(
      Type.Object(
        {
          days: Type.Optional(KeptDays),
          levels: Type.Optional(
            Type.Object(
              {
                '1': Type.Optional(KeptDays),
                '2': Type.Optional(KeptDays),
                '3': Type.Optional(KeptDays),
                '4': Type.Optional(KeptDays),
                '5': Type.Optional(KeptDays),
              },
              { ...strict, description: 'days by security level of the system, 1 to 5' },
            ),
          ),
        },
        strict,
      ),
    ),
    senderIds: Type.Optional(
      Type.Object(
        {
          days: Type.Optional(
            Type.Integer({ minimum: 1, description: "days that senders' identities are remembered, at least 1" }),
          ),
        },
        strict,
      ),
    ),
    detection: Type.Optional(
      Type.Object(
        {
          latenessMs: Type.Optional(
            Type.Integer({ minimum: 0, description: 'milliseconds an event may come late and still count in order' }),
          ),
          latenessByAgency: Type.Optional(
            Type.Record(
              Type.String({ minLength: 1 }),
              Type.Integer({ minimum: 0, description: 'milliseconds an event of that agency may come late' }),
              { description: 'milliseconds by key of an agency' },
            ),
          ),
          correlationBytesMax: Type.Optional(
            Type.Integer({ minimum: 2 ** 20, description: 'bytes that correlations hold, at least 1048576' }),
          ),
          watchRules: Type.Optional(
            Type.Boolean({ description: 'true or false: whether a change in the rules folder takes effect by itself' }),
          ),
        },
        strict,
      ),
    ),
    incidents: Type.Optional(
      Type.Object(
        {
          lookBackMs: Type.Optional(
            Type.Integer({
              minimum: 1,
              description: 'milliseconds between alerts of one entity that make one incident',
            }),
          ),
          grouping: Type.Optional(Path),
          playbooks: Type.Optional(Path),
          legal: Type.Optional(Path),
          targets: Type.Optional(Path),
          never: Type.Optional(Path),
        },
        strict,
      ),
    ),
    containment: Type.Optional(
      Type.Object(
        {
          daysMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650, description: 'whole days, at most 3650' })),
          entriesMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'at most 100000' })),
        },
        strict,
      ),
    ),
    reports: Type.Optional(Type.Object({ layout: Type.Optional(Path) }, strict)),
    webhooks: Type.Optional(
      Type.Object(
        {
          allow: Type.Optional(
            Type.Array(Type.String(), {
              description:
                'addresses and networks that webhooks may reach although they are not public, such as 10.0.0.7',
            }),
          ),
        },
        strict,
      ),
    ),
    notify: Type.Optional(
      Type.Object(
        {
          rules: Type.Optional(Path),
          mail: Type.Optional(
            Type.Object(
              {
                host: Type.Optional(Type.String({ minLength: 1, description: 'host name of an SMTP server' })),
                port: Type.Optional(Port),
                security: Type.Optional(
                  Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], {
                    description: "'starttls', 'tls', or 'none' where the server is this machine",
                  }),
                ),
                user: Type.Optional(Type.String({ description: 'a user name' })),
                password: Type.Optional(Type.String({ description: 'a password' })),
                passwordFile: Type.Optional(Path),
                from: Type.Optional(
                  Type.String({ pattern: '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$', description: 'a mail address' }),
                ),
                ca: Type.Optional(Path),
                recipientDomains: Type.Optional(
                  Type.Array(Type.String(), { description: 'domains that mail may go to, such as haiphong.gov.vn' }),
                ),
              },
              strict,
            ),
          ),
          chat: Type.Optional(
            Type.Object(
              {
                baseUrl: Type.Optional(
                  Type.String({ pattern: '^https?://', description: 'a URL, such as https://api.telegram.org' }),
                ),
                token: Type.Optional(
                  Type.String({ pattern: '^[A-Za-z0-9:_-]{1,200}$', description: 'the token of a bot' }),
                ),
                tokenFile: Type.Optional(Path),
              },
              strict,
            ),
          ),
        },
        strict,
      ),
    ),
    signOn: Type.Optional(
      Type.Object(
        {
          issuer: Type.Optional(
            Type.String({ pattern: '^https?://', description: 'the URL of an OpenID Connect issuer' }),
          ),
          clientId: Type.Optional(Type.String({ minLength: 1, description: 'the name of this client there' })),
          clientSecret: Type.Optional(Type.String({ description: 'the secret of this client' })),
          clientSecretFile: Type.Optional(Path),
          groups: Type.Optional(Path),
          scopes: Type.Optional(
            Type.String({
              pattern: '(^| )openid( |$)',
              description: "scopes with spaces between them, 'openid' among them",
            }),
          ),
          nameClaim: Type.Optional(Type.String({ minLength: 1, description: 'a claim, such as preferred_username' })),
          groupsClaim: Type.Optional(Type.String({ minLength: 1, description: 'a claim, such as groups' })),
        },
        strict,
      ),
    ),
    sessions: Type.Optional(
      Type.Object(
        {
          accountIdleDays: Type.Optional(
            Type.Integer({ minimum: 1, description: 'whole days without a log-in, at least 1' }),
          ),
          idleMs: Type.Optional(Type.Integer({ minimum: 60_000, description: 'milliseconds, at least 60000' })),
          maxMs: Type.Optional(Type.Integer({ minimum: 60_000, description: 'milliseconds, at least 60000' })),
        },
        strict,
      ),
    ),
  },
  strict,
)

type Settings = Static<typeof Schema>
type Filled<T> = { [K in keyof T]-?: Exclude<T[K], undefined> }

/** Every setting with its default filled in; paths absolute. */
export interface Config {
  dataFolder: string
  rulesFolder: string
  /** Parsers that the place has written; none where there is no such folder. */
  parsersFolder: string
  registry: string
  /** File: what is hidden in answers. */
  personal: string
  timeZone: string
  http: {
    host: string
    port: number
    certificate?: string
    key?: string
    trustedProxy?: string
    /** Under which people reach the console; for links in mails, and the way back from a single sign-on. */
    publicUrl?: string
  }
  inputs: Record<string, unknown>
  spool: Filled<NonNullable<Settings['spool']>>
  store: NonNullable<Settings['store']> & { engine: 'embedded' | 'elasticsearch' }
  quotas: NonNullable<Settings['quotas']>
  retention: {
    /** Days by security level, 1 to 5, each set on its own or by `retention.days`. */
    days: Readonly<Record<number, number>>
    /** The setting that each level's days come from. */
    settings: Readonly<Record<number, string>>
    /** Levels that are kept equally long, as digits. */
    classes: readonly string[]
  }
  senderIds: { days: number }
  detection: {
    latenessMs: number
    /** For agencies whose slowest source is slower, or none of whose is as slow. */
    latenessByAgency: Record<string, number>
    correlationBytesMax: number
    watchRules: boolean
  }
  incidents: {
    lookBackMs: number
    /** Files of settings: how alerts are grouped, what is promised to whom by when. */
    grouping: string
    targets: string
    /** What is neither alarmed about as an indicator nor blocked. */
    never: string
    /** Folders of data: a file each for a checklist, for a legal profile. */
    playbooks: string
    legal: string
  }
  sessions: {
    idleMs: number
    maxMs: number
    /** Days without a log-in after which an account is disabled. */
    accountIdleDays: number
  }
  /** Absent: log-in by password alone. */
  signOn?: {
    issuer: string
    clientId: string
    clientSecret?: string
    clientSecretFile?: string
    publicUrl: string
    /** File: which groups give which role. */
    groups: string
    scopes: string
    nameClaim: string
    groupsClaim: string
  }
  /** File: how reports look, and when they are made by themselves. */
  reports: { layout: string }
  webhooks: { allow: string[] }
  /** How long a block lasts at most, and how many entries a list that firewalls pull may have. */
  containment: { daysMax: number; entriesMax: number }
  notify: {
    /** File: who is told of what. */
    rules: string
    /** Absent: no mail. */
    mail?: {
      host: string
      port: number
      security: 'starttls' | 'tls' | 'none'
      user?: string
      password?: string
      passwordFile?: string
      from: string
      ca?: string
      recipientDomains: string[]
    }
    /** Absent: no chat. */
    chat?: { baseUrl: string; token?: string; tokenFile?: string }
  }
}

const DAY_MS = 86_400_000

/** A setting that cannot be used: where it stands, what it is, what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

function refuse(where: string, path: string, value: unknown, expected: string): never {
  const shown = /password|apiKey|token|secret/i.test(path) ? '(not shown)' : (JSON.stringify(value) ?? String(value))
  throw new ConfigError(`${where}: ${path || 'the file'} is ${shown.slice(0, 200)}; expected ${expected}`)
}

interface Leaf {
  path: string[]
  schema: TSchema
}

function leaves(schema: TSchema, path: string[] = []): Leaf[] {
  const properties = Object.entries(propertiesOf(schema))
  return properties.length === 0
    ? [{ path, schema }]
    : properties.flatMap(([key, child]) => leaves(child, [...path, key]))
}

/** `http.trustedProxy` is `SOC_HTTP_TRUSTED_PROXY`. */
function environmentName(path: readonly string[]): string {
  return `SOC_${path.map((part) => part.replace(/([a-z])([A-Z])/g, '$1_$2').replaceAll('-', '_')).join('_')}`.toUpperCase()
}

const LEAVES = new Map(
  leaves(Schema)
    .filter(({ path }) => path[0] !== 'inputs')
    .map((leaf) => [environmentName(leaf.path), leaf]),
)
/** Every setting by its path, inputs left out: `http.port`. */
export function settingPaths(): string[] {
  return [...LEAVES.values()].map(({ path }) => path.join('.'))
}

/** Read by the command line or by this module itself, not settings. */
const NOT_SETTINGS = new Set(['SOC_CONFIG', 'SOC_URL', 'SOC_TOKEN', 'SOC_INGEST_TOKEN', 'SOC_LOG_LEVEL'])
const INPUT = /^SOC_INPUTS_([A-Z]+(?:_[A-Z]+)*?)(?:__([A-Z][A-Z_]*))?$/

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path
  if (rest.length === 0) {
    target[head] = value
    return
  }
  const child = target[head]
  const next = typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {}
  target[head] = next
  assign(next, rest, value)
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^\d+$/.test(text) ? Number(text) : text
}

/**
 * Settings from the environment over `settings`. `SOC_HTTP_PORT=9090` sets `http.port`; inputs have two underscores before
 * the option, because their names have dashes: `SOC_INPUTS_SYSLOG_TCP__PORT=6514`, `SOC_INPUTS_SYSLOG_UDP=false`.
 */
function overlay(settings: Record<string, unknown>, environment: NodeJS.ProcessEnv): void {
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('SOC_') || text === undefined || NOT_SETTINGS.has(name)) continue
    const leaf = LEAVES.get(name)
    const input = INPUT.exec(name)
    if (leaf) {
      const value = (leaf.schema as { type?: string }).type === 'string' ? text : scalar(text)
      if (!Value.Check(leaf.schema, value)) refuse('environment', name, text, expectation(leaf.schema))
      assign(settings, leaf.path, value)
    } else if (input) {
      const inputName = input[1]!.toLowerCase().replaceAll('_', '-')
      const option = input[2]?.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      assign(settings, option ? ['inputs', inputName, option] : ['inputs', inputName], scalar(text))
    } else {
      refuse('environment', name, text, `the name of a setting: ${[...LEAVES.keys()].join(', ')} or SOC_INPUTS_…`)
    }
  }
}

function expectation(schema: TSchema): string {
  const { description, type } = schema as { description?: string; type?: string }
  return description ?? (type === 'object' ? 'a map of settings' : (type ?? 'another value'))
}

function propertiesOf(schema: TSchema | undefined): Record<string, TSchema> {
  const { properties = {} }: { properties?: Record<string, TSchema> } = schema ?? {}
  return properties
}

function schemaAt(path: readonly string[]): TSchema | undefined {
  return path.reduce<TSchema | undefined>((schema, key) => propertiesOf(schema)[key], Schema)
}

function check(settings: unknown, where: (path: readonly string[]) => string): asserts settings is Settings {
  const [error] = Value.Errors(Schema, settings)
  if (!error) return
  const path = error.instancePath.split('/').slice(1)
  const value = path.reduce<unknown>((holder, key) => (holder as Record<string, unknown> | undefined)?.[key], settings)
  const schema = schemaAt(path)
  const siblings = Object.keys(propertiesOf(schemaAt(path.slice(0, -1))))
  refuse(
    where(path),
    path.join('.'),
    value,
    schema ? expectation(schema) : `one of the settings ${siblings.join(', ')}`,
  )
}

/** Whether only programs of this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/**
 * Reads `soc.yaml` (or the file named by `SOC_CONFIG`) and the environment over it.
 * @throws {ConfigError} with file:line, path, value and what was expected, for the first setting that cannot be used.
 */
export function loadConfig(folder = process.cwd(), environment: NodeJS.ProcessEnv = process.env): Config {
  const file = resolve(folder, environment['SOC_CONFIG'] ?? 'soc.yaml')
  if (environment['SOC_CONFIG'] !== undefined && !existsSync(file)) refuse('environment', 'SOC_CONFIG', file, 'a file')
  const lines = new LineCounter()
  const document = parseDocument(existsSync(file) ? readFileSync(file, 'utf8') : '', { lineCounter: lines })
  const [broken] = document.errors
  if (broken) throw new ConfigError(`${file}:${lines.linePos(broken.pos[0]).line}: ${broken.message.split('\n')[0]}`)
  const where = (path: readonly string[]): string => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true) as { range?: [number] } | undefined
      if (node?.range) return `${file}:${lines.linePos(node.range[0]).line}`
    }
    return file
  }
  const settings = (document.toJS() ?? {}) as Record<string, unknown>
  check(settings, where)
  overlay(settings, environment)
  check(settings, where)
  return fill(settings, folder, where)
}

function retentionOf({ days = 365, levels = {} }: NonNullable<Settings['retention']> = {}): Config['retention'] {
  const byLevel = ([1, 2, 3, 4, 5] as const).map((level) => [level, levels[level]] as const)
  const kept = Object.fromEntries(byLevel.map(([level, own]) => [level, own ?? days]))
  return {
    days: kept,
    settings: Object.fromEntries(
      byLevel.map(([level, own]) => [level, own === undefined ? 'retention.days' : `retention.levels.${level}`]),
    ),
    classes: classesOf(kept),
  }
}

function fill(settings: Settings, folder: string, where: (path: readonly string[]) => string): Config {
  const { http = {}, store = {}, spool = {} } = settings
  const timeZone = settings.timeZone ?? 'Asia/Ho_Chi_Minh'
  if (!isTimeZone(timeZone)) {
    refuse(where(['timeZone']), 'timeZone', timeZone, 'an IANA time zone such as Asia/Ho_Chi_Minh')
  }
  const host = http.host ?? '127.0.0.1'
  if ((http.certificate === undefined) !== (http.key === undefined)) {
    refuse(where(['http']), 'http.certificate', http.certificate, 'both http.certificate and http.key, or neither')
  }
  if (!isLoopback(host) && http.certificate === undefined && http.trustedProxy === undefined) {
    refuse(
      where(['http', 'host']),
      'http.host',
      host,
      'a loopback address, unless http.certificate and http.key are set or a TLS proxy is declared in http.trustedProxy',
    )
  }
  if (http.trustedProxy !== undefined && !isAddressOrNetwork(http.trustedProxy)) {
    refuse(
      where(['http', 'trustedProxy']),
      'http.trustedProxy',
      http.trustedProxy,
      'an address or CIDR, such as 10.0.0.5 or 10.0.0.0/24',
    )
  }
  if (store.engine === 'elasticsearch' && store.node === undefined) {
    refuse(
      where(['store']),
      'store.node',
      store.node,
      'the URL of an Elasticsearch node, because store.engine is elasticsearch',
    )
  }
  const path = (value: string): string => resolve(folder, value)
  const shipped = (value: string | undefined, ...own: string[]): string =>
    value === undefined ? join(ROOT, ...own) : path(value)
  const dataFolder = path(settings.dataFolder ?? 'data')
  if (/[*?[\]{}]/.test(dataFolder)) {
    refuse(
      where(['dataFolder']),
      'dataFolder',
      dataFolder,
      'a path without * ? [ ] { }, which DuckDB takes for patterns',
    )
  }
  return {
    dataFolder,
    rulesFolder: settings.rulesFolder === undefined ? join(ROOT, 'rules') : path(settings.rulesFolder),
    parsersFolder: settings.parsersFolder === undefined ? join(ROOT, 'parsers') : path(settings.parsersFolder),
    registry: settings.registry === undefined ? join(ROOT, 'registry', 'hai-duong.yml') : path(settings.registry),
    personal: shipped(settings.personal, 'registry', 'personal-data.yml'),
    timeZone,
    http: {
      ...http,
      host,
      port: http.port ?? 8080,
      ...(http.certificate !== undefined && { certificate: path(http.certificate) }),
      ...(http.key !== undefined && { key: path(http.key) }),
    },
    inputs: settings.inputs ?? {},
    spool: {
      segmentBytes: spool.segmentBytes ?? 64 * 1024 * 1024,
      freeBytesMin: spool.freeBytesMin ?? 512 * 1024 * 1024,
    },
    store: { ...store, engine: store.engine ?? 'embedded', ...(store.ca !== undefined && { ca: path(store.ca) }) },
    quotas: settings.quotas ?? {},
    retention: retentionOf(settings.retention),
    senderIds: { days: settings.senderIds?.days ?? 7 },
    detection: {
      latenessMs: settings.detection?.latenessMs ?? 5 * 60_000,
      latenessByAgency: settings.detection?.latenessByAgency ?? {},
      correlationBytesMax: settings.detection?.correlationBytesMax ?? 256 * 2 ** 20,
      watchRules: settings.detection?.watchRules ?? true,
    },
    incidents: {
      lookBackMs: settings.incidents?.lookBackMs ?? DAY_MS,
      grouping: shipped(settings.incidents?.grouping, 'registry', 'grouping.yml'),
      targets: shipped(settings.incidents?.targets, 'registry', 'service-targets.yml'),
      never: shipped(settings.incidents?.never, 'registry', 'never.yml'),
      playbooks: shipped(settings.incidents?.playbooks, 'playbooks'),
      legal: shipped(settings.incidents?.legal, 'legal'),
    },
    sessions: {
      idleMs: settings.sessions?.idleMs ?? 15 * 60_000,
      maxMs: settings.sessions?.maxMs ?? 8 * 3_600_000,
      accountIdleDays: settings.sessions?.accountIdleDays ?? 45,
    },
    ...(settings.signOn?.issuer !== undefined && {
      signOn: fillSignOn(settings.signOn, http.publicUrl, path, shipped, (at, value, expected) =>
        refuse(where(at), at.join('.'), value, expected),
      ),
    }),
    reports: { layout: shipped(settings.reports?.layout, 'registry', 'report-layout.yml') },
    webhooks: { allow: settings.webhooks?.allow ?? [] },
    containment: {
      daysMax: settings.containment?.daysMax ?? 90,
      entriesMax: settings.containment?.entriesMax ?? 10_000,
    },
    notify: fillNotify(settings.notify ?? {}, path, shipped, (at, value, expected) =>
      refuse(where(at), at.join('.'), value, expected),
    ),
  }
}

/** Mail and chat are on where their server is named; they then need the rest. */
function fillNotify(
  { rules, mail = {}, chat = {} }: NonNullable<Settings['notify']>,
  path: (value: string) => string,
  shipped: (value: string | undefined, ...own: string[]) => string,
  refused: (at: string[], value: unknown, expected: string) => never,
): Config['notify'] {
  const { host, security = 'starttls', from, ca, passwordFile, recipientDomains = [], ...rest } = mail
  const { baseUrl, token, tokenFile } = chat
  if (host !== undefined && from === undefined)
    refused(['notify', 'mail', 'from'], from, 'the address that mail comes from')
  if (host !== undefined && security === 'none' && !isLoopback(host)) {
    refused(['notify', 'mail', 'security'], security, "'starttls' or 'tls', unless the mail server is this machine")
  }
  if (baseUrl !== undefined && (token === undefined) === (tokenFile === undefined)) {
    refused(['notify', 'chat', 'token'], token, 'the token of a bot, or a file with it in notify.chat.tokenFile')
  }
  return {
    rules: shipped(rules, 'registry', 'notify.yml'),
    ...(host !== undefined &&
      from !== undefined && {
        mail: {
          ...rest,
          host,
          port: rest.port ?? (security === 'tls' ? 465 : 587),
          security,
          from,
          recipientDomains: recipientDomains.map((domain) => domain.toLowerCase()),
          ...(ca !== undefined && { ca: path(ca) }),
          ...(passwordFile !== undefined && { passwordFile: path(passwordFile) }),
        },
      }),
    ...(baseUrl !== undefined && {
      chat: {
        baseUrl,
        ...(token !== undefined && { token }),
        ...(tokenFile !== undefined && { tokenFile: path(tokenFile) }),
      },
    }),
  }
}

function fillSignOn(
  { issuer = '', clientId = '', groups, scopes, nameClaim, groupsClaim, ...secret }: NonNullable<Settings['signOn']>,
  publicUrl: string | undefined,
  path: (value: string) => string,
  shipped: (value: string | undefined, ...own: string[]) => string,
  refused: (at: string[], value: unknown, expected: string) => never,
): NonNullable<Config['signOn']> {
  const { clientSecret, clientSecretFile } = secret
  if (clientId === '') refused(['signOn', 'clientId'], clientId, 'the name of this client with the issuer')
  if (publicUrl === undefined)
    refused(['http', 'publicUrl'], publicUrl, 'the URL of the console, to which people come back')
  if (!URL.canParse(issuer) || (issuer.startsWith('http:') && !isLoopback(new URL(issuer).hostname))) {
    refused(['signOn', 'issuer'], issuer, 'an https URL, unless the issuer is this machine')
  }
  return {
    issuer,
    clientId,
    publicUrl,
    groups: shipped(groups, 'registry', 'sign-on.yml'),
    scopes: scopes ?? 'openid profile',
    nameClaim: nameClaim ?? 'preferred_username',
    groupsClaim: groupsClaim ?? 'groups',
    ...(clientSecret !== undefined && { clientSecret }),
    ...(clientSecretFile !== undefined && { clientSecretFile: path(clientSecretFile) }),
  }
}
