import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isLoopback, loadConfig, type Config } from '../config.ts'
import { openExisting } from '../local-access.ts'
import { parseRegistry, type Registry } from '../model/registry.ts'
import { parseNetwork } from '../model/source-table.ts'
import { zoneOffset } from '../model/time-zone.ts'
import { addSourceEntry, entryLine, type SourceEntry } from '../registry-entry.ts'
import { fillRecipe, loadRecipes, PORTS, type Recipe } from '../shipping-recipes.ts'
import type { Command } from '../soc.ts'
import { addToken } from '../store/local/tokens.ts'

const USAGE = `soc source list                                                 shippers and their ways to the collector
soc source add --agency KEY --shipper NAME [--system KEY] [--transport NAME] [--host NAME] [--address IP|NETWORK]
               [--stream NAME] [--port N] [--ca FILE] [--state FOLDER] [--write]
    prints the shipper's configuration, filled in, on standard output, and what else is to do on standard error;
    --write adds the line to the registry
`
const STREAM = /^[A-Za-z0-9._-]{1,64}$/

interface Asked {
  agency: string
  system?: string
  shipper: string
  transport: string
  recipe: Recipe
  host: string
  address?: string
  stream: string
  port: string
}

function list(): number {
  for (const [shipper, transports] of loadRecipes()) {
    for (const [transport, { input, identity, acknowledges, tested }] of transports) {
      const known = identity === 'token' ? 'token' : 'địa chỉ · address'
      const answer = acknowledges ? 'có xác nhận · acknowledged' : 'không xác nhận · not acknowledged'
      const run = tested === undefined ? 'chưa chạy thử · not run here' : tested
      process.stdout.write(
        `${`${shipper} ${transport}`.padEnd(26)} ${input.padEnd(18)} ${known.padEnd(18)} ${answer.padEnd(34)} ${run}\n`,
      )
    }
  }
  return 0
}

/** @throws {Error} with what was asked for and is not there */
function check(values: Record<string, string | boolean | undefined>, config: Config, registry: Registry): Asked {
  const { agency, system, shipper, address } = values as Record<string, string | undefined>
  const recipes = loadRecipes()
  const transports = recipes.get(shipper ?? '')
  if (shipper === undefined || transports === undefined) {
    throw new Error(`no shipper ${shipper ?? ''}; there are ${[...recipes.keys()].join(', ')}`)
  }
  const transport = (values['transport'] as string | undefined) ?? [...transports.keys()][0]!
  const recipe = transports.get(transport)
  if (recipe === undefined)
    throw new Error(`${shipper} has no ${transport}; it has ${[...transports.keys()].join(', ')}`)
  if (agency === undefined || !registry.agencies.has(agency)) {
    throw new Error(`no agency ${agency ?? ''} in ${config.registry}`)
  }
  if (system !== undefined && !registry.systems.has(system))
    throw new Error(`no system ${system} in ${config.registry}`)
  if (recipe.identity === 'address' && address === undefined) {
    throw new Error(`${recipe.input} knows senders by their address: --address IP or network`)
  }
  if (address !== undefined && parseNetwork(address) === null) throw new Error(`${address} is no address or network`)
  const stream = (values['stream'] as string | undefined) ?? system ?? shipper
  if (!STREAM.test(stream)) throw new Error(`${stream} is no name of a stream: A-Z a-z 0-9 . _ -, at most 64`)
  const host = (values['host'] as string | undefined) ?? 'soc.example'
  if (!/^[A-Za-z0-9.:-]+$/.test(host)) throw new Error(`${host} is no name or address of a host`)
  const port = (values['port'] as string | undefined) ?? portOf(recipe.input, config)
  if (!/^\d{1,5}$/.test(port)) throw new Error(`${port} is no port`)
  return {
    agency,
    ...(system !== undefined && { system }),
    shipper,
    transport,
    recipe,
    host,
    ...(address !== undefined && { address }),
    stream,
    port,
  }
}

/** What the settings say of an input: `true` and nothing else leave it as it is by default. */
function optionsOf(input: string, { inputs }: Config): Record<string, unknown> {
  const options = inputs[input]
  return typeof options === 'object' && options !== null ? (options as Record<string, unknown>) : {}
}

function portOf(input: string, config: Config): string {
  if (input === 'http-ndjson') return String(config.http.port)
  const { port } = optionsOf(input, config)
  return String(typeof port === 'number' ? port : PORTS[input])
}

/** Inputs that are part of a start without settings. */
const BY_DEFAULT = new Set(['syslog-udp', 'syslog-tcp', 'http-ndjson'])

/** What the collector's own settings still lack, as lines of `soc.yaml`; empty where nothing is. */
function missingSettings({ recipe: { input, ca }, host }: Asked, config: Config): string[] {
  const remote = !isLoopback(host)
  const pair = 'certificate: /etc/vong-gac/server.crt, key: /etc/vong-gac/server.key'
  if (input === 'http-ndjson') {
    const closed = remote && isLoopback(config.http.host)
    return closed ? [`http: { host: 0.0.0.0, port: ${config.http.port}, ${pair} }`] : []
  }
  const setting = config.inputs[input]
  const off = setting === false || (setting === undefined && !BY_DEFAULT.has(input))
  const options = optionsOf(input, config)
  const { host: listens } = options
  const closed = remote && (typeof listens !== 'string' || isLoopback(listens))
  const open = ca !== undefined && input !== 'relp' && options['certificate'] === undefined && remote
  if (!off && !closed && !open) return []
  const parts = [...(remote ? ['host: 0.0.0.0'] : []), ...(ca === undefined ? [] : [pair])]
  return ['inputs:', `  ${input}: ${parts.length === 0 ? 'true' : `{ ${parts.join(', ')} }`}`]
}

function schemeOf({ recipe: { input }, host }: Asked, config: Config): string {
  const own = input === 'http-ndjson' ? config.http.certificate : optionsOf(input, config)['certificate']
  // Where it is not set up yet, it will have to be: no token crosses a network in clear.
  return own !== undefined || !isLoopback(host) ? 'https' : 'http'
}

/** What the registry has to say: the address, where that is all there is to know a sender by; else what its stream is. */
function entryOf({ recipe, address, agency, system, stream }: Asked, from: string): SourceEntry | undefined {
  const whose = { agency, ...(system !== undefined && { system }), from }
  if (recipe.identity === 'address') return { match: { address: address! }, ...whose }
  return system === undefined ? undefined : { match: { ...(address !== undefined && { address }), stream }, ...whose }
}

function add(values: Record<string, string | boolean | undefined>): number {
  const config = loadConfig()
  const registry = parseRegistry(readFileSync(config.registry, 'utf8'), config.registry)
  const asked = check(values, config, registry)
  const { recipe, agency, shipper, stream, host, port, transport } = asked
  const now = Date.now()
  const today = new Date(now + zoneOffset(registry.timeZone)(now)).toISOString().slice(0, 10)
  const entry = entryOf(asked, today)
  if (values['write'] === true && entry !== undefined) addSourceEntry(config.registry, entry)

  let token = ''
  if (recipe.identity === 'token') {
    const local = openExisting(config)
    const name = `${shipper} ${transport} ${stream}`
    const made = { kind: 'ingest', name, agencies: [agency], scopes: [], createdBy: 'command line' } as const
    token = addToken(local, { ...made, createdAt: new Date().toISOString() }).text
    local.close()
  }
  const text = fillRecipe(recipe, {
    host,
    port,
    scheme: schemeOf(asked, config),
    token,
    stream,
    ca: (values['ca'] as string | undefined) ?? recipe.ca ?? '',
    state: (values['state'] as string | undefined) ?? recipe.state ?? '',
  })
  process.stdout.write(`${text}\n`)

  const steps: string[] = []
  const settings = missingSettings(asked, config)
  if (settings.length > 0) {
    steps.push(
      `Thêm vào soc.yaml của máy thu rồi khởi động lại · add to the collector's soc.yaml, restart:\n${block(settings)}`,
    )
  }
  if (entry !== undefined) {
    const where = `${config.registry}, sources`
    steps.push(
      values['write'] === true
        ? `Đã ghi vào ${where}; SIGHUP để có hiệu lực · written to ${where}; in force after SIGHUP:\n${block([entryLine(entry)])}`
        : `Thêm vào ${where}, rồi SIGHUP · add to ${where}, then SIGHUP:\n${block([entryLine(entry)])}`,
    )
  }
  if (token !== '') {
    steps.push(
      'Mã (token) nằm trong cấu hình ở trên, chỉ hiện lần này · the token is in the configuration above, shown this once',
    )
  }
  steps.push(`Đặt cấu hình vào · put the configuration into: ${recipe.file}`)
  if (recipe.ca !== undefined) {
    steps.push(
      `Chép chứng thư CA của máy thu sang máy gửi · copy the collector's CA to the sender: ${(values['ca'] as string | undefined) ?? recipe.ca}`,
    )
  }
  const { vi, en } = recipe.then
  steps.push(vi === en ? vi : `${vi} · ${en}`)
  steps.push(
    `docs/shipping/${recipe.page}${recipe.tested === undefined ? '; chưa chạy thử với chương trình thật · not run with the real program' : `; ${recipe.tested}`}`,
  )
  process.stderr.write(`${steps.map((step, i) => `${i + 1}. ${step}`).join('\n')}\n`)
  return 0
}

const block = (lines: readonly string[]): string => lines.map((line) => `       ${line}`).join('\n')

function run(argv: string[]): number {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(
        ['agency', 'system', 'shipper', 'transport', 'host', 'address', 'stream', 'port', 'ca', 'state'].map((name) => [
          name,
          { type: 'string' as const },
        ]),
      ),
      write: { type: 'boolean' },
    },
  })
  const [verb, ...others] = positionals
  if (others.length === 0 && verb === 'list') return list()
  if (others.length === 0 && verb === 'add') return add(values)
  process.stderr.write(USAGE)
  return 2
}

export default {
  summary: 'how an agency ships its logs: list of shippers, add',
  run: (argv) => Promise.resolve().then(() => run(argv)),
} satisfies Command
