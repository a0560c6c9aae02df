import type { Alert, Entity } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import { alertId, alertRule } from '../alert.ts'
import type { CompiledRule } from '../network/compile.ts'
import { scalarsOf } from '../network/event-values.ts'
import { fold } from '../sigma/fold.ts'
import { canonicalNumber } from '../sigma/scalar.ts'
import { Exhibit } from './exhibit.ts'
import {
  episodeCount,
  episodeExhibits,
  Group,
  type Change,
  type Contribution,
  type Episode,
  type Item,
} from './group.ts'
import type { Correlation, Part } from './resolve.ts'
import { readState, StateWriter, type SavedCorrelation, type SavedState } from './state.ts'

/** Counters of one correlation rule. */
export interface CorrelationCounters {
  groups: number
  /** Groups forgotten before their time because there were too many. */
  evicted: number
  /** Contributions that left a full group early. */
  truncated: number
  /** Matching events without a group-by or condition field: they take no part. */
  skipped: number
}

/** Units of a raw line that order contributions of one instant. */
const ORDER_UNITS_MAX = 4096

interface Feed {
  correlation: number
  part: Part
  place: number
}

/** A contribution with all that groups and the condition may ask of it. */
interface Offer {
  of: Contribution
  exhibits: readonly Exhibit[]
  agency: string
  /** Value of a field of the referred rule. */
  get(field: string): string | undefined
}

interface State {
  correlation: Correlation
  /** By agency and group-by values; least recently touched first. */
  groups: Map<string, Group>
  counters: CorrelationCounters
}

/**
 * All correlation rules over one stream of matches, on event time. Pure in the sequence of events.
 *
 * The clock is the newest event time seen; the watermark stands `latenessMs` behind it. A group keeps its own clock for
 * its windows, so a source that lags by hours is still correlated with itself; the global one only says when a group that
 * has been silent for a timespan and the lateness is done.
 */
export class Correlator {
  readonly #rules: readonly CompiledRule[]
  readonly #states: State[]
  readonly #latenessMs: number
  readonly #groupsMax: number
  /** By detection rule: the correlations it feeds. */
  readonly #feeds = new Map<number, Feed[]>()
  /** By correlation: those it feeds in turn. */
  readonly #outer = new Map<number, Feed[]>()
  readonly #alerting: (id: string) => boolean
  #clock = -Infinity
  #nextExpiry = Infinity
  #alerts: Alert[] = []
  #seq = 0

  constructor(
    correlations: readonly Correlation[],
    rules: readonly CompiledRule[],
    options: { latenessMs: number; groupsMax: number; alerting: (id: string) => boolean },
  ) {
    this.#rules = rules
    this.#latenessMs = options.latenessMs
    this.#groupsMax = options.groupsMax
    this.#alerting = options.alerting
    this.#states = correlations.map((correlation) => ({
      correlation,
      groups: new Map(),
      counters: { groups: 0, evicted: 0, truncated: 0, skipped: 0 },
    }))
    correlations.forEach(({ parts }, correlation) => {
      parts.forEach((part, place) => {
        // A rule that is named twice in a sequence contributes once; the window looks at names.
        if (parts.findIndex(({ kind, index }) => kind === part.kind && index === part.index) < place) return
        const feeds = part.kind === 'detection' ? this.#feeds : this.#outer
        feeds.set(part.index, [...(feeds.get(part.index) ?? []), { correlation, part, place }])
      })
    })
  }

  get active(): boolean {
    return this.#states.length > 0
  }

  counters(id: string): CorrelationCounters | undefined {
    const state = this.#states.find(({ correlation }) => correlation.rule.id === id)
    if (state === undefined) return undefined
    const live = [...state.groups.values()].reduce((sum, { truncated }) => sum + truncated, 0)
    return { ...state.counters, groups: state.groups.size, truncated: state.counters.truncated + live }
  }

  /** Takes an event with the rules it matched (places in the network) and returns the alerts that rise or change. */
  observe(event: EcsEvent, matches: readonly number[], count: number): Alert[] {
    this.#alerts = []
    this.#seq = event['soc.seq']
    const at = timeOf(event, this.#latenessMs)
    if (at > this.#clock) {
      this.#clock = at
      if (this.#clock > this.#nextExpiry) this.#expire()
    }
    for (let i = 0; i < count; i++) {
      const feeds = this.#feeds.get(matches[i]!)
      if (feeds === undefined) continue
      const offer = fromEvent(event, at, this.#rules[matches[i]!]!)
      for (const feed of feeds) this.#contribute(feed, offer)
    }
    return this.#alerts
  }

  #contribute({ correlation: index, part, place }: Feed, offer: Offer): void {
    const state = this.#states[index]!
    const group = this.#groupOf(state, part, offer)
    const value = group && measuredValue(state.correlation, part, offer)
    if (group === undefined || value === null) {
      state.counters.skipped++
      return
    }
    const { of, exhibits } = offer
    const carry = carryOf(state.correlation, group, offer)
    const item: Item = {
      of,
      at: of.at,
      part: place,
      exhibits,
      ...(value !== undefined && { value }),
      ...(carry && { carry }),
    }
    this.#apply(index, group, group.insert(item))
    group.forget()
  }

  /** The contribution's group, made or touched; undefined where a group-by field is missing. */
  #groupOf(state: State, part: Part, { agency, get }: Offer): Group | undefined {
    const values: string[] = []
    for (const field of part.groupBy) {
      const text = get(field)
      if (text === undefined) return undefined
      values.push(fold(text))
    }
    const key = JSON.stringify([agency, ...values])
    let group = state.groups.get(key)
    if (group === undefined) {
      if (state.groups.size >= this.#groupsMax) {
        const [oldest] = state.groups
        state.counters.evicted++
        this.#finish(state, ...oldest!)
      }
      group = this.#newGroup(state.correlation, agency, values)
    } else state.groups.delete(key)
    state.groups.set(key, group)
    group.touchedAt = this.#clock
    this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(state, group))
    return group
  }

  #newGroup(correlation: Correlation, agency: string, values: readonly string[]): Group {
    return new Group(correlation, { agency, values, latenessMs: this.#latenessMs }, ({ of, part }) => {
      const { kind, index } = correlation.parts[part]!
      const first = kind === 'detection' ? `${of.key}\0${this.#rules[index]!.rule.id}` : of.key
      return alertId(correlation.rule.id, agency, ...values, first)
    })
  }

  #expiryOf({ correlation }: State, group: Group): number {
    return group.touchedAt + correlation.rule.timespanMs + this.#latenessMs
  }

  #expire(): void {
    this.#nextExpiry = Infinity
    for (const state of this.#states) {
      for (const [key, group] of state.groups) {
        const expiry = this.#expiryOf(state, group)
        if (expiry >= this.#clock) {
          this.#nextExpiry = Math.min(this.#nextExpiry, expiry)
          break
        }
        this.#finish(state, key, group)
      }
    }
  }

  #finish(state: State, key: string, group: Group): void {
    state.groups.delete(key)
    state.counters.truncated += group.truncated
    this.#apply(this.#states.indexOf(state), group, group.finish())
  }

  #apply(index: number, group: Group, changes: readonly Change[]): void {
    const { correlation } = this.#states[index]!
    for (const { kind, episode } of changes) {
      if (this.#alerting(correlation.rule.id)) this.#alerts.push(this.#alertOf(correlation, group, episode, kind))
      for (const feed of this.#outer.get(index) ?? []) {
        if (kind === 'raise') this.#contribute(feed, fromEpisode(group, episode))
        else this.#takeBack(feed, group, episode)
      }
    }
  }

  #takeBack({ correlation: index, part }: Feed, inner: Group, episode: Episode): void {
    const state = this.#states[index]!
    const values = part.groupBy.map((field) => fold(episode.carry?.[field] ?? ''))
    const group = state.groups.get(JSON.stringify([inner.agency, ...values]))
    if (group !== undefined) this.#apply(index, group, group.withdraw(episode.id))
  }

  #alertOf(correlation: Correlation, group: Group, episode: Episode, kind: Change['kind']): Alert {
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
    for (const { correlation, groups, counters } of this.#states) {
      const { rule, fingerprint } = correlation
      correlations[rule.id] = {
        fingerprint,
        counters,
        groups: [...groups.values()].map((group) => writer.group(group)),
      }
    }
    return writer.finish(this.#clock, correlations)
  }

  /** Takes over saved state; that of rules that are gone or changed is dropped, and all of it where its format is another. */
  restore(saved: SavedState): void {
    const state = readState(saved)
    this.#clock = state.clock
    this.#nextExpiry = Infinity
    for (const own of this.#states) {
      own.groups.clear()
      const { correlation, groups, counters } = own
      const known = state.correlations[correlation.rule.id]
      if (known === undefined || known.fingerprint !== correlation.fingerprint) continue
      Object.assign(counters, known.counters)
      for (const each of known.groups) {
        const { agency, values, items, episodes, judged, ...rest } = state.group(each)
        const group = this.#newGroup(correlation, agency, values)
        for (const item of items) group.items.push(item)
        group.episodes.push(...episodes)
        Object.assign(group, rest)
        group.resume(judged)
        groups.set(JSON.stringify([agency, ...values]), group)
        this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(own, group))
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
    get(field) {
      const [first] = scalarsOf(event, rule.mapped.eventFields(field))
      return first === undefined ? undefined : String(first)
    },
  }
}

function fromEpisode(group: Group, episode: Episode): Offer {
  const exhibits = episodeExhibits(group, episode)
  const order = orderOf(exhibits[0]?.shown.evidence.original ?? '')
  return {
    of: { key: episode.id, at: episode.firedAt, order, count: episodeCount(group, episode) },
    exhibits,
    agency: group.agency,
    get: (field) => episode.carry?.[field],
  }
}

/** A number that stands for a raw line (FNV-1a, 32 bits): groups keep it when they let the line go. */
function orderOf(line: string): number {
  let hash = 0x811c9dc5
  const end = Math.min(line.length, ORDER_UNITS_MAX)
  for (let i = 0; i < end; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** What correlations of this one will ask of an episode. The group's contributions mostly share one object. */
function carryOf({ carries, rule }: Correlation, group: Group, { get }: Offer): Record<string, string> | undefined {
  if (carries.length === 0) return undefined
  const carry: Record<string, string> = {}
  for (const field of carries) {
    const grouped = rule.groupBy.indexOf(field)
    const text = grouped >= 0 ? group.values[grouped] : get(field)
    if (text !== undefined) carry[field] = text
  }
  const last = group.items.at(-1)?.carry
  return last !== undefined && carries.every((field) => carry[field] === last[field]) ? last : carry
}

/** Event time; one that claims to be further ahead of its receipt than the lateness is taken as of its receipt. */
function timeOf(event: EcsEvent, latenessMs: number): number {
  const at = Date.parse(event['@timestamp'])
  const received = Date.parse(event['event.ingested'])
  if (Number.isNaN(received)) return Number.isNaN(at) ? 0 : at
  return Number.isNaN(at) || at > received + latenessMs ? received : at
}

/** What value_* types measure; null where the event lacks it, undefined where the type measures nothing. */
function measuredValue({ rule }: Correlation, { fields }: Part, { get }: Offer): string | number | null | undefined {
  if (!rule.type.startsWith('value_')) return undefined
  const texts = fields.map(get)
  if (texts.includes(undefined)) return null
  if (rule.type === 'value_count') return JSON.stringify(texts.map((text) => fold(text!)))
  const number = canonicalNumber(texts[0]!)
  return number === undefined ? null : Number(number)
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
