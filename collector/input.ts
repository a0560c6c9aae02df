import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Static, TSchema } from 'typebox'
import { loadFolder } from '../model/load-folder.ts'
import type { Quotas } from './quota.ts'
import type { Spool } from './spool/spool.ts'
import type { Tally } from './tally.ts'

/** The part of a logger that inputs use; pino's fits. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Whose a token is; null where nobody's. */
export type Authenticate = (
  token: string,
  address: string,
) => { agency: string } | null | Promise<{ agency: string } | null>

/** What an input is given to work with. */
export interface InputContext {
  /** Its own name: the file's. */
  name: string
  spool: Spool
  tally: Tally
  /** Asked before anything is taken from a sender, and told what was. */
  quotas: Quotas
  /** A folder in which inputs keep, under their own name, how far they have read. It need not be there yet. */
  stateFolder: string
  authenticate: Authenticate
  log: Log
}

/**
 * One wire protocol: a file of `inputs/` with this as its default export, named in the configuration by its file's name.
 * Law 1: whatever answer its protocol has is given only after `spool.append` has resolved.
 */
export interface Input<S extends TSchema = TSchema> {
  /** Options with their defaults. Anything else in the configuration is refused. */
  options: S
  /** Whether it runs where the configuration does not mention it. */
  byDefault: boolean
  /** Listens when it resolves. */
  start(options: Static<S>, context: InputContext): Promise<InputHandle>
}

/** An input that runs. */
export interface InputHandle {
  /** Where it listens; nothing for one that the product's HTTP server carries. */
  listening: { address: string; port: number }[]
  /** Takes an HTTP request that is its own, and answers it; false: not its own, and untouched. */
  handleHttp?(req: IncomingMessage, res: ServerResponse, address: string): boolean
  /** Brings the tally's gauges up to date. */
  measure?(): void
  /** @throws if the new certificates cannot be used; the old ones stay in force. */
  reloadCertificates?(): Promise<void>
  /** Stops taking in, and resolves when what was taken in is durable, or cannot be made so. */
  close(): Promise<void>
}

/** Every input there is, by name. */
export function loadInputs(): Promise<Map<string, Input>> {
  return loadFolder<Input>(new URL('./inputs/', import.meta.url))
}

/** An address without what only this machine knows: IPv4 in IPv6 as IPv4, no zone. */
export function peerAddress(address: string | undefined): string {
  if (address === undefined) return ''
  const bare = address.replace(/%.*$/s, '')
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare
}
