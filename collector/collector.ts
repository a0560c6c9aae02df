import type { IncomingMessage, ServerResponse } from 'node:http'
import { Value } from 'typebox/value'
import { UNREGISTERED } from '../model/event.ts'
import type { Origin } from '../model/record.ts'
import { loadInputs, peerAddress, type Authenticate, type Input, type InputHandle, type Log } from './input.ts'
import { Quotas, type QuotaCounters, type QuotaOptions } from './quota.ts'
import type { Spool } from './spool/spool.ts'
import { Tally, type Drops, type InputCounters, type SourceCounters } from './tally.ts'

export interface CollectorOptions {
  spool: Spool
  /** By name of the input: its options, `true` for its defaults, `false` for off. Absent: as the input itself says. */
  inputs: Record<string, unknown>
  authenticate: Authenticate
  log: Log
  /** Where inputs that read files keep how far they have read. */
  stateFolder: string
  /** Whose a sender is, now; undefined: nobody knows. */
  agencyOf: (origin: Origin) => string | undefined
  quotas: QuotaOptions
}

export interface Collector {
  readonly listening: { input: string; address: string; port: number }[]
  /**
   * Takes the request if its path belongs to an input, and answers it; false leaves it untouched.
   * @param address the sender's address, where a trusted proxy knows better than the socket
   */
  handleHttp(req: IncomingMessage, res: ServerResponse, address?: string): boolean
  /** Frames lost since the last call, per source: they belong into the spool as a control record. */
  drops(): Drops[]
  /** Since start. */
  counters(): { sources: SourceCounters[]; inputs: InputCounters[]; quotas: QuotaCounters[] }
  /** How often a source of an agency was over the agency's quota, since start. */
  throttled(agency: string, source: string): number
  /** @throws {AggregateError} for the inputs that could not read theirs, which go on with the old ones. */
  reloadCertificates(): Promise<void>
  /** Takes in nothing more, and resolves when what was taken in is durable, or cannot be made so. */
  close(): Promise<void>
}

/** The configuration names an input that is not there, or an option that it does not have. */
export class InputOptionsError extends Error {
  override readonly name = 'InputOptionsError'
}

/**
 * Starts the inputs, each one a file of `inputs/`.
 * @throws {InputOptionsError}
 * @throws if one cannot start; then none runs.
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { spool, authenticate, log, stateFolder, agencyOf } = options
  const known = await loadInputs()
  const wanted = chooseInputs(known, options.inputs)
  const tally = new Tally(agencyOf)
  const quotas = new Quotas(options.quotas, (origin) => agencyOf(origin) ?? UNREGISTERED)
  const running = new Map<string, InputHandle>()
  const close = async (): Promise<void> => {
    await Promise.all([...running.values()].map((handle) => handle.close()))
  }
  for (const [name, chosen] of wanted) {
    try {
      const context = { name, spool, tally, quotas, stateFolder, authenticate, log }
      running.set(name, await known.get(name)!.start(chosen, context))
    } catch (cause) {
      await close()
      throw inputError(name, cause)
    }
  }
  const measure = (): void => {
    for (const handle of running.values()) handle.measure?.()
  }
  return {
    listening: [...running].flatMap(([input, { listening }]) => listening.map((place) => ({ input, ...place }))),
    handleHttp(req, res, address = peerAddress(req.socket.remoteAddress)) {
      for (const handle of running.values()) if (handle.handleHttp?.(req, res, address) === true) return true
      return false
    },
    drops() {
      measure()
      return tally.drops()
    },
    counters() {
      measure()
      return { sources: tally.sources(), inputs: tally.inputs(), quotas: quotas.counters() }
    },
    throttled: (agency, source) => quotas.timesOf(agency, source),
    async reloadCertificates() {
      const errors: Error[] = []
      for (const [name, handle] of running) {
        await handle.reloadCertificates?.().catch((cause: unknown) => errors.push(inputError(name, cause)))
      }
      if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '))
    },
    close,
  }
}

function inputError(name: string, cause: unknown): Error {
  return new Error(`inputs.${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}

/** The options of each input that is to run, defaults filled in. */
function chooseInputs(known: ReadonlyMap<string, Input>, inputs: Record<string, unknown>): Map<string, unknown> {
  const stranger = Object.keys(inputs).find((name) => !known.has(name))
  if (stranger !== undefined)
    throw new InputOptionsError(`inputs.${stranger}: no such input; there are ${[...known.keys()].join(', ')}`)
  const chosen = new Map<string, unknown>()
  for (const [name, input] of known) {
    const setting = inputs[name] ?? input.byDefault
    if (setting === false) continue
    const options: unknown = Value.Default(input.options, setting === true ? {} : structuredClone(setting))
    if (!Value.Check(input.options, options)) throw new InputOptionsError(describe(`inputs.${name}`, input, options))
    chosen.set(name, options)
  }
  return chosen
}

function describe(path: string, { options: schema }: Input, options: unknown): string {
  const errors = Value.Errors(schema, options)
  // An unknown option is reported thrice; the most particular line says it best.
  const error = errors.find(({ keyword }) => keyword !== 'boolean') ?? errors[0]!
  const params = error.params as { requiredProperties?: string[]; additionalProperties?: string[] }
  const place = [path, ...error.instancePath.split('/').slice(1)].join('.')
  if (params.additionalProperties !== undefined)
    return `${place}: no such option: ${params.additionalProperties.join(', ')}`
  if (params.requiredProperties !== undefined) return `${place}: ${params.requiredProperties.join(', ')} must be set`
  const value: unknown = Value.Pointer.Get(options, error.instancePath)
  return `${place} is ${JSON.stringify(value)?.slice(0, 200)}: ${error.message}`
}
