import type { Alert, Level, Proof } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import { alertOfEvent } from '../alert.ts'
import { MatchedPart, RawLine } from '../span.ts'
import { AddressTable } from './address-table.ts'
import { readAddress } from './address.ts'
import { ADDRESS_FIELDS, DOMAIN_FIELDS, HASH_FIELDS, URL_FIELDS, eachText, urlOf } from './fields.ts'
import { type Indicator, LINE_FEED, TAB, isValidAt, readLine } from './indicator.ts'
import { NO_NEVER, Never, type NeverList, readNetwork } from './never.ts'
import { normalDomain, normalHash } from './normal.ts'
import { TextTable } from './text-table.ts'

/** A list of indicators that is imported, and replaced, as one. */
export interface Feed {
  name: string
  /** SHA-256 of its lines, lower-case hex. */
  hash: string
  /** That its lines have. */
  bytes: number
}

/** An indicator that an event shows. */
export interface Hit {
  feed: Feed
  indicator: Indicator
  field: string
  /** What the field holds, and the part of it that is the indicator. */
  text: string
  at: readonly [number, number]
}

const MATCHED_MAX = 1_000
const PROOFS_MAX = 50
/** Lines that were hit and are remembered as they were read. */
const READ_MAX = 10_000
const NONE: readonly never[] = []
/** The first letters of the kinds, which stand first in a line. */
const [DOMAIN, HASH, IP] = ['d', 'h', 'i'].map((letter) => letter.charCodeAt(0))

/**
 * The indicators in force. Their lines stay in the buffer they were read into, off the heap; tables of places say where. What
 * is asked for every event makes no object until something is found.
 */
export class IndicatorSet {
  readonly #feeds: readonly Feed[]
  readonly #lines: Buffer
  readonly #addresses = new AddressTable()
  readonly #domains: TextTable
  readonly #urls: TextTable
  readonly #hashes: TextTable
  readonly #never: Never
  readonly #words = new Uint32Array(4)
  /** What is being looked at. */
  #event: EcsEvent | undefined
  #field = ''
  #text = ''
  #name = ''
  #width: 1 | 4 = 1
  #hits: Hit[] = []
  readonly #read = new Map<number, Indicator>()
  /** Indicators, and how many of them the never-list keeps out. */
  readonly size: number
  readonly keptOut: number

  /** @param lines of all feeds after each other, as their files have them (`lineOf`) */
  constructor(feeds: readonly Feed[], lines: Buffer, never: NeverList = NO_NEVER) {
    this.#feeds = feeds
    this.#lines = lines
    this.#never = new Never(never)
    this.#domains = new TextTable(lines)
    this.#urls = new TextTable(lines)
    this.#hashes = new TextTable(lines)
    let [size, keptOut] = [0, 0]
    for (let at = 0; at < lines.length; at = lines.indexOf(LINE_FEED, at) + 1) {
      const place = lines.indexOf(TAB, at) + 1
      size++
      if (!this.#add(lines[at]!, place, lines.indexOf(TAB, place))) keptOut++
    }
    this.size = size
    this.keptOut = keptOut
  }

  /** Of the tables and the lines, all of them off the heap. */
  get bytes(): number {
    return [this.#addresses, this.#domains, this.#urls, this.#hashes].reduce(
      (sum, { bytes }) => sum + bytes,
      this.#lines.length,
    )
  }

  /** What an event shows of them, in the order of fields and feeds. Never throws on an event. */
  match(event: EcsEvent): readonly Hit[] {
    if (this.size === 0) return NONE
    this.#event = event
    if (!this.#addresses.isEmpty) this.#lookInto(ADDRESS_FIELDS, this.#lookForAddress)
    if (!this.#domains.isEmpty) this.#lookInto(DOMAIN_FIELDS, this.#lookForName)
    if (!this.#urls.isEmpty) this.#lookInto(URL_FIELDS, this.#lookForUrl)
    if (!this.#hashes.isEmpty) this.#lookInto(HASH_FIELDS, this.#lookForHash)
    if (this.#hits.length === 0) return NONE
    const hits = this.#hits
    this.#hits = []
    return hits
  }

  /** One alert for each feed and level of which an event shows indicators: a pure function of both. */
  alerts(event: EcsEvent): readonly Alert[] {
    const hits = this.match(event)
    if (hits.length === 0) return NONE
    const byRule = new Map<string, Hit[]>()
    for (const hit of hits) {
      const key = ruleId(hit.feed.name, hit.indicator.level)
      const known = byRule.get(key)
      if (known === undefined) byRule.set(key, [hit])
      else known.push(hit)
    }
    return [...byRule].map(([id, own]) => indicatorAlert(id, own, event))
  }

  /** False where the never-list has it. */
  #add(kind: number, place: number, end: number): boolean {
    const value = this.#lines.toString('latin1', place, end)
    if (kind === IP) {
      const network = readNetwork(value)
      if (network === null) return false
      const { words, width, prefix } = network
      if (prefix === width * 32 && this.#never.hasAddress(words, width)) return false
      this.#addresses.add(words, width, prefix, place)
      return true
    }
    if (kind === DOMAIN) {
      if (this.#never.hasDomain(value)) return false
      this.#domains.add(place, end)
    } else if (kind === HASH) {
      if (this.#never.hasHash(value)) return false
      this.#hashes.add(place, end)
    } else {
      if (this.#never.hasUrl(value)) return false
      this.#urls.add(place, end)
    }
    return true
  }

  #lookInto(fields: readonly string[], look: (text: string) => void): void {
    const event = this.#event!
    for (const field of fields) {
      if (event[field] === undefined) continue
      this.#field = field
      eachText(event, field, look)
    }
  }

  // Made once: this runs for every event, and a closure for each text would be most of what it costs.
  readonly #lookForAddress = (text: string): void => {
    const width = readAddress(text, this.#words)
    if (width === 0) return
    this.#text = text
    this.#width = width
    this.#addresses.find(this.#words, width, this.#foundAddress)
  }
  readonly #foundAddress = (place: number): void => {
    if (!this.#never.hasAddress(this.#words, this.#width)) this.#found(place)
  }
  readonly #lookForName = (text: string): void => {
    const name = normalDomain(text)
    if (name === null) return
    this.#text = text
    this.#name = name
    this.#domains.findName(name, this.#foundName)
  }
  readonly #foundName = (place: number, from: number): void => {
    if (this.#never.hasDomain(this.#name)) return
    // Of a name in another writing system the part cannot be told by its length.
    const plain = this.#text.length - this.#name.length <= 1
    this.#found(place, plain ? [from, this.#name.length] : undefined)
  }
  readonly #lookForUrl = (text: string): void => {
    const url = urlOf(this.#event!, text)
    if (url === null) return
    this.#text = text
    this.#urls.find(url, this.#foundText)
  }
  readonly #lookForHash = (text: string): void => {
    const hash = normalHash(text)
    if (hash === null) return
    this.#text = text
    this.#hashes.find(hash, this.#foundText)
  }
  readonly #foundText = (place: number): void => this.#found(place)

  #found(place: number, at: readonly [number, number] = [0, this.#text.length]): void {
    const hit = this.#hitAt(place, this.#event!, { field: this.#field, text: this.#text, at })
    if (hit !== undefined) this.#hits.push(hit)
  }

  #hitAt(place: number, event: EcsEvent, where: Pick<Hit, 'field' | 'text' | 'at'>): Hit | undefined {
    let indicator = this.#read.get(place)
    if (indicator === undefined) {
      const start = this.#lines.lastIndexOf(LINE_FEED, place) + 1
      indicator = readLine(this.#lines.toString('utf8', start, this.#lines.indexOf(LINE_FEED, place)))
      if (this.#read.size >= READ_MAX) this.#read.clear()
      this.#read.set(place, indicator)
    }
    if (!isValidAt(indicator, event['@timestamp'])) return undefined
    let [i, left] = [0, place]
    while (left >= this.#feeds[i]!.bytes) left -= this.#feeds[i++]!.bytes
    return { feed: this.#feeds[i]!, indicator, ...where }
  }
}

/** The alerts of one feed and level are those of one rule: that is how they are grouped, counted and told apart. */
function ruleId(feed: string, level: Level): string {
  return `indicator.${feed}.${level}`
}

function indicatorAlert(id: string, hits: readonly Hit[], event: EcsEvent): Alert {
  const { feed, indicator } = hits[0]!
  const line = new RawLine(event['event.original'])
  const rule = {
    id,
    title: `Indicator of ${feed.name}`,
    titleVi: `Dấu hiệu xâm nhập trong danh sách ${feed.name}`,
    level: indicator.level,
    hash: feed.hash,
    tags: [],
    path: `indicators/${feed.name}`,
  }
  return alertOfEvent(
    rule,
    event,
    hits.slice(0, PROOFS_MAX).map((hit) => proofOfHit(hit, line)),
  )
}

function proofOfHit({ indicator: { kind, value, name }, field, text, at }: Hit, line: RawLine): Proof {
  const part = kind === 'domain' && at[0] > 0
  const span = line.spanOf(new MatchedPart(field, text, at))
  return {
    selection: name ?? 'indicator',
    field: kind,
    eventField: field,
    modifiers: part ? ['endswith'] : kind === 'ip' && value.includes('/') ? ['cidr'] : [],
    value,
    matched: text.slice(0, MATCHED_MAX),
    ...(span !== undefined && { span }),
  }
}
