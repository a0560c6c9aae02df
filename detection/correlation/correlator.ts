import type { Alert, Entity } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import { alertId, alertRule } from '../alert.ts'
import type { CompiledRule } from '../network/compile.ts'
import { scalarsOf } from '../network/event-values.ts'
import { fold } from '../sigma/fold.ts'
import { canonicalNumber } from '../sigma/scalar.ts'
import { episodeCount, episodeExhibits, type Episode } from './episode.ts'
import { Exhibit } from './exhibit.ts'
import { Group, type Change, type Contribution, type Given, type Item } from './group.ts'
import { isCounting, isEager } from './metric.ts'
import { orderOf } from './order.ts'
import type { Correlation, Part } from './resolve.ts'
import { readState, StateWriter, type SavedCorrelation, type SavedState } from './state.ts'
import { GroupTable } from './table.ts'

/** Counters of one correlation rule. */
export interface CorrelationCounters {
  groups: number
  /** Groups forgotten before their time because there were too many, or because they took too much memory. */
  evicted: number
  /** Contributions that left a full group early. */
  truncated: number
  /** Matching events without a group-by or condition field: they take no part. */
  skipped: number
  /** Estimate of the memory that contributions take. */
  bytes: number
}

export interface CorrelatorOptions {
  /** How far behind the newest event an event may come and still be correlated in order. */
  latenessMs: number
  /** The same for agencies that have a source which is slower, or none that is as slow. */
  latenessByAgency?: ReadonlyMap<string, number>
  /** Groups of one correlation. */
  groupsMax: number
  /** Contributions of all correlations together, as estimated; 512 MiB. */
  bytesMax?: number
  alerting: (id: string) => boolean
}

/** Groups that one event joins where its group-by fields hold several values. */
const KEYS_MAX = 16
const BYTES_MAX = 512 * 2 ** 20
/** Beyond this a sum of so many could overflow. */
const NUMBER_MAX = 1e300

interface Feed {
  correlation: number
  part: Part
  place: number
  /** Takes only matches that open an episode. */
  counts: boolean
}

/** A contribution with all that groups and the condition may ask of it. */
interface Offer {
  of: Contribution
  exhibits: readonly Exhibit[]
  agency: string
  /** The value of a field of the referred rule, or several, or none. */
  get(field: string): Texts
}

/** One text as it is; more, or none, as a list. */
type Texts = string | readonly string[]

interface State {
  index: number
  correlation: Correlation
  table: GroupTable
  /** How far behind the clock its contributions may still come or change: so many times the lateness, and so much more. */
  settles: { times: number; ms: number }
  counters: Omit<CorrelationCounters, 'groups'>
}

/**
 * All correlation rules over one stream of matches, on event time. Pure in the sequence of events.
 *
 * The clock is the newest event time seen, but never ahead of the receipt of what was seen: no machine's clock can push it.
 * A group has a clock of its own for its windows, so a source that lags by hours is still correlated with itself; the
 * global one only says when a group that has been silent for a timespan and the lateness is done.
 */
export class Correlator {
  readonly #rules: readonly CompiledRule[]
  readonly #states: State[]
  readonly #options: Required<CorrelatorOptions>
  readonly #latenessMaxMs: number
  /** By detection rule: the correlations it feeds. */
  readonly #feeds: (Feed[] | undefined)[] = []
  /** By correlation: those it feeds in turn. */
  readonly #outer: (Feed[] | undefined)[] = []
  #clock = -Infinity
  #nextExpiry = Infinity
  #received = { text: '', at: Number.NaN }
  #bytes = 0
  /** The group that took part last: it is not the one to go. */
  #touched: Group | undefined
  #alerts: Alert[] = []
  #seq = 0

  constructor(correlations: readonly Correlation[], rules: readonly CompiledRule[], options: CorrelatorOptions) {
    this.#rules = rules
    this.#options = { latenessByAgency: new Map(), bytesMax: BYTES_MAX, ...options }
    this.#latenessMaxMs = Math.max(options.latenessMs, ...this.#options.latenessByAgency.values())
    this.#states = []
    correlations.forEach((correlation, index) => {
      this.#states.push({
        index,
        correlation,
        table: new GroupTable(),
        settles: this.#settlesOf(correlation),
        counters: { evicted: 0, truncated: 0, skipped: 0, bytes: 0 },
      })
      correlation.parts.forEach((part, place) => {
        // A rule that is named twice in a sequence contributes once; the window looks at names.
        if (correlation.first[place]! < place) return
        const feeds = part.kind === 'detection' ? this.#feeds : this.#outer
        const counts = part.kind === 'correlation' && isCounting(correlation.rule)
        ;(feeds[part.index] ??= []).push({ correlation: index, part, place, counts })
      })
    })
  }

  get active(): boolean {
    return this.#states.length > 0
  }

  counters(id: string): CorrelationCounters | undefined {
    const state = this.#states.find(({ correlation }) => correlation.rule.id === id)
    if (state === undefined) return undefined
    let { truncated } = state.counters
    for (const group of state.table.values()) truncated += group.truncated
    return { ...state.counters, groups: state.table.size, truncated }
  }

  /** Takes an event with the rules it matched (places in the network) and returns the alerts that rise or change. */
  observe(event: EcsEvent, matches: readonly number[], count: number): Alert[] {
    const alerts: Alert[] = []
    this.#alerts = alerts
    this.#seq = event['soc.seq']
    const received = this.#receivedAt(event['event.ingested'])
    const at = timeOf(Date.parse(event['@timestamp']), received, this.#latenessOf(event['soc.agency']))
    const clock = at > received ? received : at
    if (clock > this.#clock) {
      this.#clock = clock
      if (clock > this.#nextExpiry) this.#expire()
    }
    for (let i = 0; i < count; i++) {
      const feeds = this.#feeds[matches[i]!]
      if (feeds === undefined) continue
      const offer = fromEvent(event, at, this.#rules[matches[i]!]!)
      for (const feed of feeds) this.#contribute(feed, offer)
    }
    while (this.#bytes > this.#options.bytesMax && this.#makeRoom());
    return alerts
  }

  /** Records are received many in a millisecond. */
  #receivedAt(text: string): number {
    if (text !== this.#received.text) this.#received = { text, at: Date.parse(text) }
    return this.#received.at
  }

  #latenessOf(agency: string): number {
    return this.#options.latenessByAgency.get(agency) ?? this.#options.latenessMs
  }

  /**
   * Events come within the lateness. Matches of a correlation that is judged at once come and change with its events. Others
   * are judged when the group's watermark has passed them, by a contribution that comes more than twice the wait after them;
   * without one when the group ends, which is a timespan, a wait and a lateness after the last that came before that.
   */
  #settlesOf({ parts }: Correlation): State['settles'] {
    const settles = { times: 1, ms: 0 }
    for (const { kind, index } of parts) {
      if (kind === 'detection') continue
      const { correlation: inner, settles: own } = this.#states[index]!
      const atOnce = isEager(inner.rule)
      settles.times = Math.max(settles.times, atOnce ? own.times : own.times * 3 + 1)
      settles.ms = Math.max(settles.ms, atOnce ? own.ms : own.ms * 3 + inner.rule.timespanMs)
    }
    return settles
  }

  #contribute({ correlation: index, part, place }: Feed, offer: Offer): void {
    const state = this.#states[index]!
    const { correlation, counters } = state
    const keys = keysOf(part, offer)
    const value = keys.length === 0 ? null : measuredValue(correlation, part, offer)
    if (value === null) {
      counters.skipped++
      return
    }
    const { of, exhibits, agency } = offer
    for (const values of keys) {
      let group = state.table.get(agency, keyOf(values))
      if (group === undefined) {
        if (state.table.size >= this.#options.groupsMax) this.#evict(state, state.table.weakest(undefined)!)
        group = this.#newGroup(state, agency, values)
        state.table.add(group)
      }
      const item: Item = {
        of,
        at: of.at,
        part: place,
        exhibits,
        value,
        carry: carryOf(correlation, group, offer),
        firedFrom: undefined,
        given: undefined,
        before: undefined,
      }
      const before = group.bytes
      this.#settle(state, group, before, group.insert(item, this.#clock))
    }
  }

  /** Does what a step of a group asks for, and notes that it was touched. */
  #settle(state: State, group: Group, bytesBefore: number, changes: readonly Change[]): void {
    if (changes.length > 0) this.#apply(state, group, changes)
    group.forget()
    this.#account(state, group.bytes - bytesBefore)
    group.touchedAt = Math.max(group.touchedAt, this.#clock)
    state.table.shelve(group)
    this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(state, group))
    this.#touched = group
  }

  #account({ counters }: State, bytes: number): void {
    counters.bytes += bytes
    this.#bytes += bytes
  }

  #newGroup({ correlation, settles }: State, agency: string, values: readonly string[]): Group {
    const latenessMs = this.#latenessOf(agency) * settles.times + settles.ms
    const scope = { agency, values, key: keyOf(values), latenessMs }
    return new Group(correlation, scope, ({ of, part }) => {
      const { kind, index } = correlation.parts[part]!
      const { rule } = kind === 'detection' ? this.#rules[index]! : this.#states[index]!.correlation
      return alertId(correlation.rule.id, agency, ...values, `${of.key}\0${rule.id}`)
    })
  }

  /** Groups are touched in the order of the clock, so that this must not depend on the agency. An event may be a lateness ahead. */
  #expiryOf({ correlation, settles: { times, ms } }: State, group: Group): number {
    return group.touchedAt + correlation.rule.timespanMs + (times + 1) * this.#latenessMaxMs + ms
  }

  /**
   * Ends the groups whose time has come, inner correlations first. What their end contributes is contributed when they
   * should have ended, so that a clock that jumps does not part it from what stood beside it.
   */
  #expire(): void {
    this.#nextExpiry = Infinity
    const clock = this.#clock
    for (const state of this.#states) {
      for (const oldest of state.table.oldest()) {
        for (let group: Group | undefined = oldest; group !== undefined;) {
          const expiry = this.#expiryOf(state, group)
          if (expiry >= clock) {
            this.#nextExpiry = Math.min(this.#nextExpiry, expiry)
            break
          }
          const { newer }: Group = group
          this.#clock = expiry
          this.#finish(state, group)
          group = newer
        }
      }
    }
    this.#clock = clock
  }

  /** The rule that holds most gives up the group with the least to lose. False where there is no other group. */
  #makeRoom(): boolean {
    const holdsMost = this.#states.reduce((most, state) => (state.counters.bytes > most.counters.bytes ? state : most))
    const group = holdsMost.table.weakest(this.#touched)
    if (group === undefined) return false
    this.#evict(holdsMost, group)
    return true
  }

  #evict(state: State, group: Group): void {
    state.counters.evicted++
    this.#finish(state, group)
  }

  #finish(state: State, group: Group): void {
    state.table.remove(group)
    state.counters.truncated += group.truncated
    this.#account(state, -group.bytes)
    this.#apply(state, group, group.finish())
  }

  #apply({ index, correlation }: State, group: Group, changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'match') {
        for (const feed of this.#outer[index] ?? []) this.#pass(feed, group, change)
      } else if (this.#options.alerting(correlation.rule.id)) {
        this.#alerts.push(this.#alertOf(correlation, group, change))
      }
    }
  }

  /** Tells a correlation what has become of a match of one of its parts. */
  #pass(feed: Feed, inner: Group, { item, given, before, exhibits }: Extract<Change, { kind: 'match' }>): void {
    const takes = (own: Given | undefined): own is Given => own !== undefined && (own.opens || !feed.counts)
    const get = (field: string): Texts => item.carry?.[field] ?? []
    if (!takes(before)) {
      if (takes(given)) this.#contribute(feed, { of: given.of, exhibits, agency: inner.agency, get })
      return
    }
    const state = this.#states[feed.correlation]!
    const [values] = keysOf(feed.part, { agency: inner.agency, get })
    const group = values && state.table.get(inner.agency, keyOf(values))
    if (group === undefined) return
    const bytes = group.bytes
    const changes = takes(given) ? group.replace(before.of, { of: given.of, exhibits }) : group.withdraw(before.of)
    this.#settle(state, group, bytes, changes)
  }

  #alertOf(correlation: Correlation, group: Group, { kind, episode }: { kind: string; episode: Episode }): Alert {
    const { rule, groupFields } = correlation
    const shown = episodeExhibits(group, episode).map((exhibit) => exhibit.shown)
    const newest = shown.at(-1)
    return {
      id: episode.id,
      version: episode.version,
      rule: alertRule(rule),
      '@timestamp': new Date(episode.to).toISOString(),
      seq: this.#seq,
      agency: group.agency,
      ...(newest?.system !== undefined && { system: newest.system }),
      entities: distinct([...groupEntities(groupFields, group.values), ...(newest?.entities ?? [])]),
      group: Object.fromEntries(rule.groupBy.map((field, i) => [field, group.values[i]!])),
      evidence: kind === 'withdraw' ? [] : shown.map(({ evidence }) => evidence),
      count: kind === 'withdraw' ? 0 : episodeCount(group, episode),
    }
  }

  /** State as plain data; `restore` takes it. */
  save(): SavedState {
    const writer = new StateWriter()
    const correlations: Record<string, SavedCorrelation> = {}
    for (const { correlation, table, counters } of this.#states) {
      const { rule, fingerprint } = correlation
      const { evicted, truncated, skipped } = counters
      const groups = Array.from(table.values(), (group) => writer.group(group))
      correlations[rule.id] = { fingerprint, counters: { evicted, truncated, skipped }, groups }
    }
    return writer.finish(this.#clock, correlations)
  }

  /** Takes over saved state; that of rules that are gone or changed is dropped, and all of it where its format is another. */
  restore(saved: SavedState): void {
    const known = readState(saved)
    this.#clock = known.clock
    this.#nextExpiry = Infinity
    this.#bytes = 0
    for (const state of this.#states) {
      state.table.clear()
      state.counters.bytes = 0
      const { correlation, table, counters } = state
      const own = known.correlations[correlation.rule.id]
      if (own === undefined || own.fingerprint !== correlation.fingerprint) continue
      Object.assign(counters, own.counters)
      for (const each of own.groups) {
        const { agency, values, items, episodes, judged, ...rest } = known.group(each)
        const group = this.#newGroup(state, agency, values)
        for (const item of items) group.items.push(item)
        group.episodes.push(...episodes)
        Object.assign(group, rest)
        group.resume(judged)
        table.add(group)
        this.#account(state, group.bytes)
        this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(state, group))
      }
    }
  }
}

function fromEvent(event: EcsEvent, at: number, rule: CompiledRule): Offer {
  const order = orderOf(event['event.original'] ?? '')
  return {
    of: { key: event['soc.record'], at, order, count: 1 },
    exhibits: [Exhibit.ofEvent(event, rule)],
    agency: event['soc.agency'],
    get: (field) => textsOf(event, rule.mapped.eventFields(field)),
  }
}

function textsOf(event: EcsEvent, names: readonly string[]): Texts {
  const plain = names.length === 1 ? event[names[0]!] : undefined
  if (typeof plain === 'string') return plain
  const scalars = scalarsOf(event, names)
  return scalars.length === 1 ? String(scalars[0]) : scalars.map(String)
}

/** Group-by values in one text; texts of any content do not run into one another. */
function keyOf(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : JSON.stringify(values)
}

/** Group-by values of the groups that an event joins: of fields with several values each with each. None where one is missing. */
function keysOf({ groupBy }: Part, { get }: Pick<Offer, 'agency' | 'get'>): readonly (readonly string[])[] {
  if (groupBy.length === 1) {
    const texts = get(groupBy[0]!)
    if (typeof texts === 'string') return [[fold(texts)]]
  }
  return eachWithEach(groupBy.map(get))
}

/** Combinations of texts, folded; few, however many an event holds. */
function eachWithEach(fields: readonly Texts[]): string[][] {
  let keys: string[][] = [[]]
  for (const texts of fields) {
    const own = typeof texts === 'string' ? [fold(texts)] : [...new Set(texts.map(fold))]
    keys = keys.flatMap((key) => own.map((value) => [...key, value])).slice(0, KEYS_MAX)
  }
  return keys
}

/** What correlations of this one will ask of a match. The group's contributions mostly share one object. */
function carryOf({ carries, rule }: Correlation, group: Group, { get }: Offer): Record<string, string> | undefined {
  if (carries.length === 0) return undefined
  const carry: Record<string, string> = {}
  for (const field of carries) {
    const grouped = rule.groupBy.indexOf(field)
    const text = grouped >= 0 ? group.values[grouped] : firstOf(get(field))
    if (text !== undefined) carry[field] = text
  }
  const last = group.items.at(-1)?.carry
  return last !== undefined && carries.every((field) => carry[field] === last[field]) ? last : carry
}

/** Event time; one that claims to be further ahead of its receipt than the lateness is taken as of its receipt. */
function timeOf(at: number, received: number, latenessMs: number): number {
  if (Number.isNaN(received)) return Number.isNaN(at) ? 0 : at
  return Number.isNaN(at) || at > received + latenessMs ? received : at
}

/** What value_* types measure; null where the event lacks it, undefined where the type measures nothing. */
function measuredValue({ rule }: Correlation, { fields }: Part, { get }: Offer): Item['value'] | null {
  if (!rule.type.startsWith('value_')) return undefined
  if (rule.type === 'value_count') return distinctValues(fields.map(get))
  const text = firstOf(get(fields[0]!))
  const number = text === undefined ? Number.NaN : Number(canonicalNumber(text))
  return Math.abs(number) <= NUMBER_MAX ? number : null
}

function firstOf(texts: Texts): string | undefined {
  return typeof texts === 'string' ? texts : texts[0]
}

/** One text, or several where a field holds several: of fields that are counted together each with each. */
function distinctValues(fields: readonly Texts[]): string | string[] | null {
  const [only] = fields
  if (fields.length === 1 && typeof only === 'string') return fold(only)
  const values = eachWithEach(fields).map((key) => (key.length === 1 ? key[0]! : JSON.stringify(key)))
  return values.length === 0 ? null : values.length === 1 ? values[0]! : values
}

const KINDS: readonly [pattern: RegExp, kind: Entity['kind']][] = [
  [/^host\.(?:name|hostname)$|^winlog\.computer_name$|^log\.source\.address$/, 'host'],
  [/^(?:source|client)\.(?:ip|address)$/, 'ip'],
  [/^(?:user|user\.effective|user\.target|related)\.(?:name|user)$/, 'user'],
]

/** Group-by values that are a host, an address or a user. */
function groupEntities(fields: readonly string[][], values: readonly string[]): Entity[] {
  return values.flatMap((value, i) => {
    const found = KINDS.find(([pattern]) => fields[i]!.some((name) => pattern.test(name)))
    return found === undefined ? [] : [{ kind: found[1], value }]
  })
}

function distinct(entities: readonly Entity[]): Entity[] {
  const known = new Set<string>()
  return entities.filter(({ kind, value }) => {
    const key = `${kind}\0${fold(value)}`
    return known.size < known.add(key).size
  })
}
