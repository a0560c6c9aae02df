import type { Alert, Entity, Evidence } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import { alertId, alertRule } from '../alert.ts'
import type { CompiledRule } from '../network/compile.ts'
import { scalarsOf } from '../network/event-values.ts'
import { entitiesOf, proofOf } from '../proof.ts'
import { fold } from '../sigma/fold.ts'
import { canonicalNumber } from '../sigma/scalar.ts'
import { episodeCount, episodeEvidence, Group, made, type Change, type Episode, type Item } from './group.ts'
import type { Correlation, Part } from './resolve.ts'

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

const LINE_KEY_MAX = 4096

interface Feed {
  correlation: number
  part: Part
  place: number
}

/** What a contribution is read from: an event, or an episode of another correlation. */
interface Contribution extends Pick<Item, 'key' | 'at' | 'line' | 'evidence' | 'count' | 'seq' | 'entities'> {
  system?: string
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
      const contribution = this.#fromEvent(event, at, this.#rules[matches[i]!]!)
      for (const feed of feeds) this.#contribute(feed, contribution)
    }
    return this.#alerts
  }

  #fromEvent(event: EcsEvent, at: number, { rule, mapped }: CompiledRule): Contribution {
    const record = event['soc.record']
    const system = event['soc.system']
    const evidence = (): Evidence[] => [
      {
        record,
        seq: event['soc.seq'],
        '@timestamp': event['@timestamp'],
        original: event['event.original'],
        rule: rule.id,
        proof: proofOf(mapped, event),
      },
    ]
    return {
      key: `${record}\0${rule.id}`,
      at,
      line: (event['event.original'] ?? '').slice(0, LINE_KEY_MAX),
      evidence,
      count: 1,
      seq: event['soc.seq'],
      agency: event['soc.agency'],
      ...(system !== undefined && { system }),
      entities: entitiesOf(event),
      get(field) {
        const [first] = scalarsOf(event, mapped.eventFields(field))
        return first === undefined ? undefined : String(first)
      },
    }
  }

  #fromEpisode(group: Group, episode: Episode): Contribution {
    const newest = group.membersOf(episode).at(-1)
    const evidence = episodeEvidence(group, episode)
    return {
      key: episode.id,
      at: episode.firedAt,
      line: evidence[0]?.original.slice(0, LINE_KEY_MAX) ?? '',
      evidence,
      count: episodeCount(group, episode),
      seq: this.#seq,
      agency: group.agency,
      ...(newest?.system !== undefined && { system: newest.system }),
      entities: newest?.entities ?? [],
      get: (field) => episode.carry?.[field],
    }
  }

  #contribute({ correlation: index, part, place }: Feed, contribution: Contribution): void {
    const state = this.#states[index]!
    const group = this.#groupOf(state, part, contribution)
    const value = group && measuredValue(state.correlation, part, contribution)
    if (group === undefined || value === null) {
      state.counters.skipped++
      return
    }
    const { get, agency: _agency, ...own } = contribution
    const { carries, rule } = state.correlation
    const carry: Record<string, string> = {}
    for (const field of carries) {
      const grouped = rule.groupBy.indexOf(field)
      const text = grouped >= 0 ? group.values[grouped] : get(field)
      if (text !== undefined) carry[field] = text
    }
    const item: Item = {
      ...own,
      part: place,
      ...(value !== undefined && { value }),
      ...(carries.length > 0 && { carry }),
    }
    this.#apply(index, group, group.insert(item))
    group.forget()
  }

  /** The contribution's group, made or touched; undefined where a group-by field is missing. */
  #groupOf(state: State, part: Part, { agency, get }: Contribution): Group | undefined {
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
    return new Group(correlation, { agency, values, latenessMs: this.#latenessMs }, (first) =>
      alertId(correlation.rule.id, agency, ...values, first.key),
    )
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
        if (kind === 'raise') this.#contribute(feed, this.#fromEpisode(group, episode))
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
    const newest = group.membersOf(episode).at(-1)
    const system = newest?.system
    return {
      id: episode.id,
      version: episode.version,
      rule: alertRule(rule),
      '@timestamp': new Date(episode.to).toISOString(),
      seq: this.#seq,
      agency: group.agency,
      ...(system !== undefined && { system }),
      entities: distinct([...groupEntities(groupFields, group.values), ...(newest?.entities ?? [])]),
      group: Object.fromEntries(rule.groupBy.map((field, i) => [field, group.values[i]!])),
      evidence: kind === 'withdraw' ? [] : episodeEvidence(group, episode),
      count: kind === 'withdraw' ? 0 : episodeCount(group, episode),
    }
  }

  /** State as plain data; `restore` takes it. */
  save(): SavedState {
    const correlations: SavedState['correlations'] = {}
    for (const { correlation, groups, counters } of this.#states) {
      correlations[correlation.rule.id] = {
        fingerprint: correlation.fingerprint,
        counters,
        groups: [...groups.values()].map((group) => ({
          agency: group.agency,
          values: group.values,
          newest: group.newest,
          touchedAt: group.touchedAt,
          truncated: group.truncated,
          ...(group.settledTo !== -Infinity && { settledTo: group.settledTo }),
          judged: group.judged,
          items: group.items.map((item) => ({ ...item, evidence: (item.evidence = made(item.evidence)) })),
          episodes: group.episodes.map((episode) => ({
            ...episode,
            settled: {
              ...episode.settled,
              first: episode.settled.first.map(made),
              newest: episode.settled.newest.map(made),
            },
          })),
        })),
      }
    }
    return { ...(this.#clock !== -Infinity && { clock: this.#clock }), correlations }
  }

  /** Takes over saved state; that of rules that are gone or changed is dropped. */
  restore({ clock, correlations }: SavedState): void {
    this.#clock = clock ?? -Infinity
    this.#nextExpiry = Infinity
    for (const state of this.#states) {
      state.groups.clear()
      const saved = correlations[state.correlation.rule.id]
      if (saved === undefined || saved.fingerprint !== state.correlation.fingerprint) continue
      Object.assign(state.counters, saved.counters)
      for (const { agency, values, items, episodes, judged, ...own } of saved.groups) {
        const group = this.#newGroup(state.correlation, agency, values)
        group.items.push(...structuredClone(items))
        group.episodes.push(...structuredClone(episodes))
        Object.assign(group, own)
        group.resume(judged)
        state.groups.set(JSON.stringify([agency, ...values]), group)
        this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(state, group))
      }
    }
  }
}

interface SavedGroup extends Pick<Group, 'agency' | 'values' | 'newest' | 'touchedAt' | 'truncated' | 'judged'> {
  settledTo?: number
  items: (Item & { evidence: Evidence[] })[]
  episodes: Episode[]
}

export interface SavedState {
  clock?: number
  correlations: Record<string, { fingerprint: string; counters: CorrelationCounters; groups: SavedGroup[] }>
}

/** Event time; one that claims to be further ahead of its receipt than the lateness is taken as of its receipt. */
function timeOf(event: EcsEvent, latenessMs: number): number {
  const at = Date.parse(event['@timestamp'])
  const received = Date.parse(event['event.ingested'])
  if (Number.isNaN(received)) return Number.isNaN(at) ? 0 : at
  return Number.isNaN(at) || at > received + latenessMs ? received : at
}

/** What value_* types measure; null where the event lacks it, undefined where the type measures nothing. */
function measuredValue(
  { rule }: Correlation,
  { fields }: Part,
  { get }: Contribution,
): string | number | null | undefined {
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
