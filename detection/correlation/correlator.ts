import type { Alert } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import { alertId } from '../alert.ts'
import type { CompiledRule } from '../network/compile.ts'
import { Announcer } from './announcer.ts'
import { Group, termsOf, type Change, type Terms } from './group.ts'
import { Item, type Given } from './item.ts'
import { keyOf, keysOf, type Keys } from './keys.ts'
import { isCounting, isEager } from './metric.ts'
import { distinctValues, firstOf, MatchOffer, type Offer } from './offer.ts'
import type { Correlation, Part } from './resolve.ts'
import { readState, StateWriter, type SavedCorrelation, type SavedState } from './state.ts'
import { GroupTable } from './table.ts'
import { HOUR_MS, hourOf, Tallies, type CorrelationCount, type Tally } from './tally.ts'
import { TimeReader, timeOf } from './times.ts'
import { Witness } from './witness.ts'

/** Counters of one correlation rule. */
export interface CorrelationCounters {
  groups: number
  /** Contributions that took part. */
  counted: number
  /** Of them, those that came further behind their group than the lateness. */
  late: number
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

const BYTES_MAX = 256 * 2 ** 20
const NO_ALERTS: readonly Alert[] = []

/** A correlation that a rule is a part of. */
interface Feed {
  state: State
  part: Part
  place: number
  /** Takes only matches that open an episode. */
  counts: boolean
  /** Place among the distinct group-by lists of the correlations that the rule feeds. */
  grouping: number
}

/** A detection rule that correlations refer to. */
interface Source {
  rule: CompiledRule
  feeds: Feed[]
  /** Distinct lists of fields that its events are grouped by: their values are read once for all correlations. */
  groupings: (readonly string[])[]
  /** Of the event in hand, by grouping; undefined: not read yet. */
  keys: (Keys | undefined)[]
}

interface State {
  index: number
  correlation: Correlation
  terms: Terms
  announcer: Announcer
  measures: 'nothing' | 'texts' | 'number'
  table: GroupTable
  /** How far behind the clock its contributions may still come or change: so many times the lateness, and so much more. */
  settles: { times: number; ms: number }
  /** No group ends before the clock is past this. */
  nextExpiry: number
  counters: Omit<CorrelationCounters, 'groups'>
  tallies: Tallies
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
  /** By detection rule. */
  readonly #sources: (Source | undefined)[] = []
  /** By correlation: those it feeds in turn. */
  readonly #outer: (Feed[] | undefined)[] = []
  readonly #times = new TimeReader()
  readonly #receipts = new TimeReader()
  #clock = -Infinity
  /** The least of all states. */
  #nextExpiry = Infinity
  #bytes = 0
  /** The group that took part last: it is not the one to go. */
  #touched: Group | undefined
  /** Of the event in hand; most raise none. */
  #alerts: Alert[] | undefined
  #seq = 0
  /** Of receipt, of the event in hand. */
  #hourMs = 0

  constructor(correlations: readonly Correlation[], rules: readonly CompiledRule[], options: CorrelatorOptions) {
    this.#rules = rules
    this.#options = { latenessByAgency: new Map(), bytesMax: BYTES_MAX, ...options }
    this.#latenessMaxMs = Math.max(options.latenessMs, ...this.#options.latenessByAgency.values())
    this.#states = []
    correlations.forEach((correlation, index) => {
      const state: State = {
        index,
        correlation,
        terms: termsOf(correlation, (group, item) => this.#episodeId(correlation, group, item)),
        announcer: new Announcer(correlation),
        measures: measuresOf(correlation),
        table: new GroupTable(),
        settles: this.#settlesOf(correlation),
        nextExpiry: Infinity,
        counters: { counted: 0, late: 0, evicted: 0, truncated: 0, skipped: 0, bytes: 0 },
        tallies: new Tallies(),
      }
      this.#states.push(state)
      correlation.parts.forEach((part, place) => {
        // A rule that is named twice in a sequence contributes once; the window looks at names.
        if (correlation.first[place]! < place) return
        if (part.kind === 'detection') {
          const source = this.#sourceOf(part.index)
          source.feeds.push({ state, part, place, counts: false, grouping: groupingOf(source, part) })
        } else {
          const counts = isCounting(correlation.rule)
          ;(this.#outer[part.index] ??= []).push({ state, part, place, counts, grouping: 0 })
        }
      })
    })
  }

  #sourceOf(index: number): Source {
    return (this.#sources[index] ??= { rule: this.#rules[index]!, feeds: [], groupings: [], keys: [] })
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

  /** What became of what correlations were offered since this was last asked. */
  takeTallies(): CorrelationCount[] {
    return this.#states.flatMap(({ correlation, tallies }) => tallies.take(correlation.rule.id))
  }

  /** Takes an event with the rules it matched (places in the network) and returns the alerts that rise or change. */
  observe(event: EcsEvent, matches: readonly number[], count: number): readonly Alert[] {
    this.#alerts = undefined
    this.#seq = event['soc.seq']
    const received = this.#receipts.read(event['event.ingested'] ?? '')
    if (!(received >= this.#hourMs && received < this.#hourMs + HOUR_MS)) this.#hourMs = hourOf(received)
    const at = timeOf(this.#times.read(event['@timestamp']), received, this.#latenessOf(event['soc.agency']))
    const clock = at > received ? received : at
    if (clock > this.#clock) {
      this.#clock = clock
      if (clock > this.#nextExpiry) this.#expire()
    }
    for (let i = 0; i < count; i++) {
      const source = this.#sources[matches[i]!]
      if (source !== undefined) this.#take(source, event, at)
    }
    while (this.#bytes > this.#options.bytesMax && this.#makeRoom());
    return this.#alerts ?? NO_ALERTS
  }

  /** Has an event that matched a rule contribute to all correlations of the rule. */
  #take({ rule, feeds, groupings, keys }: Source, event: EcsEvent, at: number): void {
    for (let i = 0; i < keys.length; i++) keys[i] = undefined
    const offer = new Witness(event, rule, at)
    for (let i = 0; i < feeds.length; i++) {
      const feed = feeds[i]!
      this.#contribute(feed, (keys[feed.grouping] ??= keysOf(groupings[feed.grouping]!, offer)), offer)
    }
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

  #contribute({ state, part, place }: Feed, keys: Keys, offer: Offer): void {
    const value = keys.length === 0 && typeof keys !== 'string' ? null : measuredValue(state, part, offer)
    if (value === null) {
      state.counters.skipped++
      this.#tally(state, offer.agency).skipped++
    } else if (typeof keys === 'string') this.#join(state, keys, undefined, place, value, offer)
    else for (const values of keys) this.#join(state, keyOf(values), values, place, value, offer)
  }

  /** @param values group-by values, where they are others than the key alone */
  #join(
    state: State,
    key: string,
    values: readonly string[] | undefined,
    place: number,
    value: Item['value'],
    offer: Offer,
  ): void {
    const { table, correlation } = state
    let group = table.get(offer.agency, key)
    if (group === undefined) {
      if (table.size >= this.#options.groupsMax) this.#evict(state, table.weakest(undefined)!)
      group = this.#newGroup(state, offer.agency, values ?? [key])
      table.add(group)
    }
    const carry = correlation.carries.length === 0 ? undefined : carryOf(correlation, group, offer)
    const item = new Item(offer.of, place, value, carry)
    const before = group.bytes
    const tally = this.#tally(state, offer.agency)
    tally.counted++
    state.counters.counted++
    if (group.isLate(item.at)) {
      tally.late++
      state.counters.late++
    }
    this.#settle(state, group, before, group.insert(item, this.#clock))
  }

  #tally({ tallies }: State, agency: string): Tally {
    return tallies.of(agency, this.#hourMs)
  }

  /** Does what a step of a group asks for, and notes that it was touched. */
  #settle(state: State, group: Group, bytesBefore: number, changes: readonly Change[]): void {
    if (changes.length > 0) this.#apply(state, group, changes)
    const { truncated } = group
    group.forget()
    if (group.truncated > truncated) this.#tally(state, group.agency).truncated += group.truncated - truncated
    this.#account(state, group.bytes - bytesBefore)
    if (this.#clock > group.touchedAt) group.touchedAt = this.#clock
    state.table.shelve(group)
    this.#awaitExpiry(state, this.#expiryOf(state, group))
    this.#touched = group
  }

  #awaitExpiry(state: State, expiry: number): void {
    if (expiry < state.nextExpiry) state.nextExpiry = expiry
    if (expiry < this.#nextExpiry) this.#nextExpiry = expiry
  }

  #account({ counters }: State, bytes: number): void {
    counters.bytes += bytes
    this.#bytes += bytes
  }

  #newGroup({ settles, terms }: State, agency: string, values: readonly string[]): Group {
    const latenessMs = this.#latenessOf(agency) * settles.times + settles.ms
    return new Group(terms, { agency, values, key: keyOf(values), latenessMs })
  }

  #episodeId({ rule, parts }: Correlation, { agency, values }: Group, { of, part }: Item): string {
    const { kind, index } = parts[part]!
    const { rule: own } = kind === 'detection' ? this.#rules[index]! : this.#states[index]!.correlation
    return alertId(rule.id, agency, ...values, `${of.key}\0${own.id}`)
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
      if (state.nextExpiry >= clock) {
        this.#awaitExpiry(state, state.nextExpiry)
        continue
      }
      state.nextExpiry = Infinity
      for (const oldest of state.table.oldest()) {
        for (let group: Group | undefined = oldest; group !== undefined;) {
          const expiry = this.#expiryOf(state, group)
          if (expiry >= clock) {
            this.#awaitExpiry(state, expiry)
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
    this.#tally(state, group.agency).evicted += group.unsettled
    this.#finish(state, group)
  }

  #finish(state: State, group: Group): void {
    state.table.remove(group)
    state.counters.truncated += group.truncated
    this.#account(state, -group.bytes)
    this.#apply(state, group, group.finish())
  }

  #apply({ index, correlation, announcer }: State, group: Group, changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'match') {
        for (const feed of this.#outer[index] ?? []) this.#pass(feed, group, change)
      } else if (this.#options.alerting(correlation.rule.id)) {
        ;(this.#alerts ??= []).push(announcer.alert(group, change, this.#seq))
      }
    }
  }

  /** Tells a correlation what has become of a match of one of its parts. */
  #pass(feed: Feed, inner: Group, { item, given, before }: Extract<Change, { kind: 'match' }>): void {
    const takes = (own: Given | undefined): own is Given => own !== undefined && (own.opens || !feed.counts)
    const isTaken = takes(given)
    if (!takes(before)) {
      if (!isTaken) return
      const offer = new MatchOffer(given.of, inner.agency, item.carry)
      this.#contribute(feed, keysOf(feed.part.groupBy, offer), offer)
      return
    }
    const keys = keysOf(feed.part.groupBy, new MatchOffer(before.of, inner.agency, item.carry))
    const key = typeof keys === 'string' ? keys : keys[0] && keyOf(keys[0])
    const group = key === undefined ? undefined : feed.state.table.get(inner.agency, key)
    if (group === undefined) return
    const bytes = group.bytes
    const changes = isTaken ? group.replace(before.of, given.of) : group.withdraw(before.of)
    this.#settle(feed.state, group, bytes, changes)
  }

  /** State as plain data; `restore` takes it. */
  save(): SavedState {
    const writer = new StateWriter()
    const correlations: Record<string, SavedCorrelation> = {}
    for (const { correlation, table, counters } of this.#states) {
      const { rule, fingerprint } = correlation
      const { counted, late, evicted, truncated, skipped } = counters
      const groups = Array.from(table.values(), (group) => writer.group(group))
      correlations[rule.id] = { fingerprint, counters: { counted, late, evicted, truncated, skipped }, groups }
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
      state.nextExpiry = Infinity
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
        this.#awaitExpiry(state, this.#expiryOf(state, group))
      }
    }
  }
}

function measuresOf({ rule: { type } }: Correlation): State['measures'] {
  if (!type.startsWith('value_')) return 'nothing'
  return type === 'value_count' ? 'texts' : 'number'
}

/** The place of a part's group-by fields among those of the rule. */
function groupingOf({ groupings, keys }: Source, { groupBy }: Part): number {
  const known = groupings.findIndex(
    (own) => own.length === groupBy.length && own.every((name, i) => name === groupBy[i]),
  )
  if (known >= 0) return known
  keys.push(undefined)
  return groupings.push(groupBy) - 1
}

/** What correlations of this one will ask of a match. The group's contributions mostly share one object. */
function carryOf({ carries, rule }: Correlation, group: Group, offer: Offer): Record<string, string> {
  const carry: Record<string, string> = {}
  for (const field of carries) {
    const grouped = rule.groupBy.indexOf(field)
    const text = grouped >= 0 ? group.values[grouped] : firstOf(offer.texts(field))
    if (text !== undefined) carry[field] = text
  }
  const last = group.items.at(-1)?.carry
  return last !== undefined && carries.every((field) => carry[field] === last[field]) ? last : carry
}

/** What value_* types measure; null where the event lacks it, undefined where the type measures nothing. */
function measuredValue({ measures }: State, { fields }: Part, offer: Offer): Item['value'] | null {
  if (measures === 'nothing') return undefined
  return measures === 'texts' ? distinctValues(fields, offer) : offer.number(fields[0]!)
}
