import { isLoopback, type Config } from '../config.ts'
import type { Registry } from '../model/registry.ts'
import { parseNetwork } from '../model/source-table.ts'
import { zoneOffset } from '../model/time-zone.ts'
import { entryLine, type SourceEntry } from './registry-entry.ts'
import { fillRecipe, loadRecipes, PORTS, type Recipe } from './recipes.ts'
import type { Services, ShippingWay, ShippingWish } from '../api/services.ts'

const STREAM = /^[A-Za-z0-9._-]{1,64}$/

/** What is asked for: who sends, with what, whereto. */
export interface Wish {
  agency: string
  system?: string | undefined
  shipper: string
  /** Absent: the way to the collector that the shipper's recipes name first. */
  transport?: string | undefined
  /** Of the collector, as the sender calls it. */
  host?: string | undefined
  address?: string | undefined
  stream?: string | undefined
  port?: string | undefined
  ca?: string | undefined
  state?: string | undefined
}

/** How one sender ships its logs, and what else is to be done for it. */
export interface Plan {
  shipper: string
  transport: string
  recipe: Recipe
  stream: string
  /** File on the sender with the collector's authority; empty where the recipe needs none. */
  ca: string
  /** The shipper's configuration; `token` where the recipe is known by one. */
  configuration: (token: string) => string
  /** What the registry has to say: the sender's address, where that is all there is to know it by; else what its stream is. */
  entry?: SourceEntry
  /** Lines that the collector's own `soc.yaml` still lacks. */
  settings: readonly string[]
}

/** The part of a wish that cannot be met, and why. */
export class WishError extends Error {
  override readonly name = 'WishError'
  readonly part: keyof Wish
  constructor(part: keyof Wish, message: string) {
    super(message)
    this.part = part
  }
}

/** @throws {WishError} with what was asked for and is not there */
export function planSource(wish: Wish, config: Config, registry: Registry): Plan {
  const { agency, system, shipper, address } = wish
  const recipes = loadRecipes()
  const transports = recipes.get(shipper)
  if (transports === undefined) {
    throw new WishError('shipper', `no shipper ${shipper}; there are ${[...recipes.keys()].join(', ')}`)
  }
  const transport = wish.transport ?? [...transports.keys()][0]!
  const recipe = transports.get(transport)
  if (recipe === undefined) {
    throw new WishError('transport', `${shipper} has no ${transport}; it has ${[...transports.keys()].join(', ')}`)
  }
  if (!registry.agencies.has(agency)) throw new WishError('agency', `no agency ${agency} in the registry`)
  if (system !== undefined && !registry.systems.has(system)) {
    throw new WishError('system', `no system ${system} in the registry`)
  }
  if (recipe.identity === 'address' && address === undefined) {
    throw new WishError('address', `${recipe.input} knows senders by their address: an address or network is needed`)
  }
  if (address !== undefined && parseNetwork(address) === null) {
    throw new WishError('address', `${address} is no address or network`)
  }
  const stream = wish.stream ?? system ?? shipper
  if (!STREAM.test(stream)) {
    throw new WishError('stream', `${stream} is no name of a stream: A-Z a-z 0-9 . _ -, at most 64`)
  }
  const host = wish.host ?? 'soc.example'
  if (!/^[A-Za-z0-9.:-]+$/.test(host)) throw new WishError('host', `${host} is no name or address of a host`)
  const port = wish.port ?? portOf(recipe.input, config)
  if (!/^\d{1,5}$/.test(port)) throw new WishError('port', `${port} is no port`)
  const ca = wish.ca ?? recipe.ca ?? ''
  const filling = { host, port, scheme: schemeOf(recipe, host, config), stream, ca }
  const entry = entryOf(recipe, { ...wish, stream }, today(registry))
  return {
    shipper,
    transport,
    recipe,
    stream,
    ca,
    configuration: (token) => fillRecipe(recipe, { ...filling, token, state: wish.state ?? recipe.state ?? '' }),
    ...(entry !== undefined && { entry }),
    settings: missingSettings(recipe, host, config),
  }
}

/** The registry's line, where the plan has one. */
export function registryLine({ entry }: Plan): string | undefined {
  return entry === undefined ? undefined : entryLine(entry)
}

/** The same, as the API gives it. */
export function shippingService(config: Config, registry: () => Registry): Services['shipping'] {
  return {
    ways: () =>
      [...loadRecipes()].flatMap(([shipper, transports]) =>
        [...transports].map(([transport, recipe]) => wayOf(shipper, transport, recipe)),
      ),
    plan: (wish) => {
      try {
        const plan = planSource(wish, config, registry())
        const { recipe, shipper, transport, stream, ca, configuration, settings } = plan
        const line = registryLine(plan)
        return {
          way: wayOf(shipper, transport, recipe),
          stream,
          configuration,
          file: recipe.file,
          ...(recipe.ca !== undefined && { ca }),
          after: recipe.then,
          ...(line !== undefined && { registryLine: line }),
          settings,
        }
      } catch (error) {
        if (error instanceof WishError) return { refused: error.part as keyof ShippingWish }
        throw error
      }
    },
  }
}

function wayOf(shipper: string, transport: string, { input, identity, acknowledges, tested }: Recipe): ShippingWay {
  return { shipper, transport, input, identity, acknowledges, ...(tested !== undefined && { tested }) }
}

/** The day it is in the province. */
function today(registry: Registry): string {
  const now = Date.now()
  return new Date(now + zoneOffset(registry.timeZone)(now)).toISOString().slice(0, 10)
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

/** Empty where nothing is missing. */
function missingSettings({ input, ca }: Recipe, host: string, config: Config): string[] {
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

function schemeOf({ input }: Recipe, host: string, config: Config): string {
  const own = input === 'http-ndjson' ? config.http.certificate : optionsOf(input, config)['certificate']
  // Where it is not set up yet, it will have to be: no token crosses a network in clear.
  return own !== undefined || !isLoopback(host) ? 'https' : 'http'
}

function entryOf(
  { identity }: Recipe,
  { agency, system, address, stream }: Wish & { stream: string },
  from: string,
): SourceEntry | undefined {
  const whose = { agency, ...(system !== undefined && { system }), from }
  if (identity === 'address') return { match: { address: address! }, ...whose }
  return system === undefined ? undefined : { match: { ...(address !== undefined && { address }), stream }, ...whose }
}
