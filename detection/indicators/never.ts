import { readFileSync } from 'node:fs'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { AddressTable } from './address-table.ts'
import { readAddress } from './address.ts'
import type { IndicatorKind } from './indicator.ts'
import { normalDomain, normalHash } from './normal.ts'

/** What must neither be alarmed about nor blocked, whoever names it. */
export interface NeverList {
  /** Addresses and networks in CIDR notation. */
  networks: readonly string[]
  /** Names that stand for too much themselves, like a content network's; what is below them may be named. */
  domains: readonly string[]
  /** Names that are ours or everybody's with all that is below them. */
  domainsBelow: readonly string[]
  /** Of the empty file and the like. */
  hashes: readonly string[]
}

export const NO_NEVER: NeverList = { networks: [], domains: [], domainsBelow: [], hashes: [] }

const Texts = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 300 })))
const FILE = Type.Object(
  { format: Type.Literal(1), networks: Texts, domains: Texts, domainsBelow: Texts, hashes: Texts },
  { additionalProperties: false },
)

/** @throws for what cannot be read, with the file and the entry */
export function readNeverList(path: string): NeverList {
  return parseNeverList(readFileSync(path, 'utf8'), path)
}

export function parseNeverList(text: string, path: string): NeverList {
  const file: unknown = parse(text, { schema: 'core' })
  if (!Value.Check(FILE, file)) {
    const [first] = Value.Errors(FILE, file)
    throw new Error(`${path}: ${first?.instancePath || '/'}: ${first?.message}`)
  }
  const list = (entries: string[] | undefined, normal: (entry: string) => string | null): string[] =>
    (entries ?? []).map((entry) => {
      const value = normal(entry)
      if (value === null) throw new Error(`${path}: '${entry}' is no such thing`)
      return value
    })
  return {
    networks: list(file.networks, (entry) => (readNetwork(entry) === null ? null : entry)),
    domains: list(file.domains, normalDomain),
    domainsBelow: list(file.domainsBelow, normalDomain),
    hashes: list(file.hashes, normalHash),
  }
}

/** First address and prefix length; null where the text is neither an address nor a network. */
export function readNetwork(text: string): { words: Uint32Array; width: 1 | 4; prefix: number } | null {
  const [address = '', length, ...rest] = text.split('/')
  const words = new Uint32Array(4)
  const width = readAddress(address, words)
  if (width === 0 || rest.length > 0) return null
  const bits = width * 32
  if (length === undefined) return { words, width, prefix: bits }
  // Of a network of IPv4-mapped addresses the prefix would count from the start of the IPv6 address.
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits || (width === 1 && address.includes(':'))) return null
  return { words, width, prefix: Number(length) }
}

/** A never-list, ready to be asked. */
export class Never {
  /** As it is written. */
  readonly list: NeverList
  readonly #networks = new AddressTable()
  readonly #domains: ReadonlySet<string>
  readonly #below: ReadonlySet<string>
  readonly #hashes: ReadonlySet<string>
  readonly #words = new Uint32Array(4)

  constructor(list: NeverList) {
    const { networks, domains, domainsBelow, hashes } = list
    this.list = list
    for (const text of networks) {
      const network = readNetwork(text)
      if (network !== null) this.#networks.add(network.words, network.width, network.prefix, 0)
    }
    this.#domains = new Set(domains)
    this.#below = new Set(domainsBelow)
    this.#hashes = new Set(hashes)
  }

  hasAddress(words: Uint32Array, width: 1 | 4): boolean {
    let found = false
    this.#networks.find(words, width, () => (found = true))
    return found
  }

  /** Whether it has a value in its normal form. */
  has(kind: IndicatorKind, value: string): boolean {
    if (kind === 'domain') return this.hasDomain(value)
    if (kind === 'url') return this.hasUrl(value)
    if (kind === 'hash') return this.hasHash(value)
    const network = readNetwork(value)
    return network !== null && this.hasAddress(network.words, network.width)
  }

  /** A name in its normal form. */
  hasDomain(name: string): boolean {
    return this.#domains.has(name) || this.#isBelow(name)
  }

  /** A link in its normal form: of a host of ours; or the front page of what stands for too much. */
  hasUrl(url: string): boolean {
    const slash = url.indexOf('/')
    const host = url.slice(0, slash).replace(/:\d+$/, '')
    if (this.#isBelow(host) || (this.#domains.has(host) && slash === url.length - 1)) return true
    const width = readAddress(host.replace(/^\[(.*)\]$/, '$1'), this.#words)
    return width !== 0 && this.hasAddress(this.#words, width)
  }

  hasHash(hash: string): boolean {
    return this.#hashes.has(hash)
  }

  #isBelow(name: string): boolean {
    for (let from = 0; ;) {
      if (this.#below.has(from === 0 ? name : name.slice(from))) return true
      const dot = name.indexOf('.', from)
      if (dot < 0) return false
      from = dot + 1
    }
  }
}
