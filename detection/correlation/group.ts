import { EVIDENCE_MAX } from '../../model/alert.ts'
import type { Exhibit } from './exhibit.ts'
import type { Correlation } from './resolve.ts'
import { createWindow, isMonotone, type Measured, type Window } from './metric.ts'

/** An event that matched a rule, or an episode of a correlation that is a part: one object, in however many groups it counts. */
export interface Contribution {
  /** Record, or the episode's alert id: the same contribution never counts twice. */
  key: string
  at: number
  /** Orders contributions of one instant the same way however they arrived. */
  order: number
  /** Events it stands for. */
  count: number
}

/** A contribution in a group. */
export interface Item extends Measured {
  of: Contribution
  /** Events it stands for, oldest first; undefined once no alert can show them any more. */
  exhibits: readonly Exhibit[] | undefined
  /** What correlations of this one will ask of its episodes. */
  carry?: Record<string, string>
  /** Where the window that ends here begins, if it satisfies the condition: event time of its first contribution. */
  firedFrom?: number
}

/** A run of windows that satisfy the condition and overlap: one alert. */
export interface Episode {
  id: string
  version: number
  /** Event time of its first and last contribution. */
  from: number
  to: number
  /** When the condition was first satisfied. */
  firedAt: number
  /** Contributions that have left the group's list, and the last of them that satisfied the condition. */
  settled: { items: number; count: number; first: Exhibit[]; newest: Exhibit[]; firedTo?: number }
  /** Contributions, and the parts they were of, when the last version was raised. */
  raised: { items: number; parts: number[] }
  dirty: boolean
  /** What correlations of this one ask of it: the `carry` of the contribution that satisfied the condition. */
  carry?: Record<string, string>
}

/** What a step of a group asks its owner to do with an episode. */
export interface Change {
  kind: 'raise' | 'withdraw'
  episode: Episode
}

const HALF = EVIDENCE_MAX / 2
/** Contributions a group holds before the oldest leave early, which is counted. */
const ITEMS_MAX = 10_000
/** Contributions that leave a long list together. */
const BATCH = 1000

/** State of one correlation for one combination of group-by values. Pure in the sequence of its calls. */
export class Group {
  readonly agency: string
  readonly values: readonly string[]
  readonly items: Item[] = []
  readonly episodes: Episode[] = []
  /** Newest event time of the group: its own clock, so that a source that lags is judged by its own events. */
  newest = -Infinity
  /** Global clock when the last contribution came. */
  touchedAt = -Infinity
  /** Contributions that left early because the group was full. */
  truncated = 0
  /** Windows that reach back to here are not whole any more. */
  settledTo = -Infinity
  readonly #correlation: Correlation
  readonly #latenessMs: number
  readonly #monotone: boolean
  readonly #onlyGrows: boolean
  readonly #itemsMax: number
  #window: Window
  /** Items [0, judged) have entered the window; those from `head` are still in it. */
  #judged = 0
  #head = 0
  /** Episodes that ended before this are forgotten, though some of their contributions may still be listed. */
  #forgotten = -Infinity
  #episodeId: (item: Item) => string

  constructor(
    correlation: Correlation,
    scope: { agency: string; values: readonly string[]; latenessMs: number },
    episodeId: (item: Item) => string,
  ) {
    this.#correlation = correlation
    this.agency = scope.agency
    this.values = scope.values
    this.#latenessMs = scope.latenessMs
    this.#monotone = isMonotone(correlation.rule)
    this.#onlyGrows = correlation.parts.every(({ kind }) => kind === 'detection')
    this.#window = createWindow(correlation.rule)
    const wanted = Math.max(0, ...correlation.rule.thresholds.map(({ value }) => value))
    this.#itemsMax = Math.max(ITEMS_MAX, Math.ceil(wanted * 1.5))
    this.#episodeId = episodeId
  }

  get #timespanMs(): number {
    return this.#correlation.rule.timespanMs
  }

  /** Adds a contribution. One that is there already under its key is replaced: an inner episode that grew or moved. */
  insert(item: Item): Change[] {
    const changes: Change[] = []
    this.#forgotten = this.#boundary
    const before = this.#isEvent(item) ? undefined : this.items.findLast(({ of }) => of.key === item.of.key)
    if (before?.at === item.at) {
      Object.assign(before, { of: item.of, exhibits: item.exhibits })
      for (const episode of this.#around(item.at)) episode.dirty = true
      return changes
    }
    let place = this.items.length
    while (place > 0 && isBefore(item, this.items[place - 1]!)) place--
    this.items.splice(place, 0, item)
    this.newest = Math.max(this.newest, item.at)
    if (place < this.#judged) this.#rejudge(item.at, this.#judged + 1, changes)
    this.#judge(this.#monotone ? Infinity : this.newest - this.#latenessMs, changes)
    if (before !== undefined) this.#remove(before, changes)
    this.#raiseGrown(item, changes)
    this.#close(changes)
    this.#thin(item.at)
    return changes
  }

  /** Takes a contribution back: an inner episode that was withdrawn. */
  withdraw(key: string): Change[] {
    const changes: Change[] = []
    this.#forgotten = this.#boundary
    const item = this.items.findLast(({ of }) => of.key === key)
    if (item !== undefined) this.#remove(item, changes)
    return changes
  }

  /** Judges and raises what is left, before the group is forgotten. */
  finish(): Change[] {
    const changes: Change[] = []
    this.#judge(Infinity, changes)
    for (const episode of this.episodes) if (episode.dirty) this.#raise(episode, changes)
    return changes
  }

  /** Enters the judged items into the window again, after a restore. */
  resume(judged: number): void {
    for (this.#judged = 0; this.#judged < judged; this.#judged++) this.#enter(this.items[this.#judged]!)
  }

  get judged(): number {
    return this.#judged
  }

  /** Events come once; an inner episode comes again when it grew or moved. */
  #isEvent({ part }: Item): boolean {
    return this.#correlation.parts[part]!.kind === 'detection'
  }

  #remove(item: Item, changes: Change[]): void {
    const place = this.items.indexOf(item)
    this.items.splice(place, 1)
    if (place < this.#judged) this.#rejudge(item.at, this.#judged - 1, changes)
  }

  #enter(item: Item): void {
    this.#window.add(item)
    for (const from = item.at - this.#timespanMs; this.items[this.#head]!.at < from; this.#head++) {
      this.#window.remove(this.items[this.#head]!)
    }
  }

  /** Judges items up to event time `until`, in order. */
  #judge(until: number, changes: Change[]): void {
    const end = until === Infinity ? this.items.length : lowerBound(this.items, until)
    while (this.#judged < end) {
      const item = this.items[this.#judged]!
      this.#enter(item)
      this.#judged++
      if (!this.#window.holds(item.at)) continue
      item.firedFrom = this.items[this.#head]!.at
      this.#extend({ from: item.firedFrom, to: item.at, firedAt: item.at }, item, changes)
    }
  }

  /** A contribution came or went among those judged: judges again those whose window it stands in. */
  #rejudge(at: number, judged: number, changes: Change[]): void {
    this.#window = createWindow(this.#correlation.rule)
    this.#head = 0
    for (let i = 0; i < judged; i++) {
      const item = this.items[i]!
      this.#enter(item)
      if (item.at < at || item.at > at + this.#timespanMs) continue
      const whole = item.at - this.#timespanMs > this.settledTo
      if (!whole && !this.#monotone) continue
      const before = whole ? Infinity : (item.firedFrom ?? Infinity)
      if (this.#window.holds(item.at)) item.firedFrom = Math.min(before, this.items[this.#head]!.at)
      else if (whole) delete item.firedFrom
    }
    this.#judged = judged
    this.#reconcile(changes)
  }

  /** Adds a satisfied window at the end: to the episode it overlaps, or as a new one. */
  #extend(span: Span, item: Item, changes: Change[]): void {
    const last = this.episodes.at(-1)
    if (last === undefined || span.from > last.to) this.#open(span, item, changes)
    else {
      last.from = Math.min(last.from, span.from)
      last.to = Math.max(last.to, span.to)
      last.dirty = true
    }
  }

  #open({ from, to, firedAt }: Span, item: Item, changes: Change[]): void {
    const episode: Episode = {
      id: this.#episodeId(this.items[lowerBound(this.items, from)] ?? item),
      version: 0,
      from,
      to,
      firedAt,
      settled: { items: 0, count: 0, first: [], newest: [] },
      raised: { items: 0, parts: [] },
      dirty: true,
      ...(item.carry && { carry: item.carry }),
    }
    this.episodes.push(episode)
    this.episodes.sort((a, b) => a.from - b.from)
    this.#raise(episode, changes)
  }

  /** Works out all episodes anew from the satisfied windows, and matches them with those there are. */
  #reconcile(changes: Change[]): void {
    const spans: Span[] = this.episodes.flatMap(({ from, firedAt, settled: { firedTo } }) =>
      firedTo === undefined ? [] : [{ from, to: firedTo, firedAt }],
    )
    // A long episode lives on though its first contributions are older than what is forgotten.
    const since = Math.min(this.#forgotten, this.episodes[0]?.from ?? Infinity)
    for (const { at, firedFrom } of this.items) {
      if (firedFrom !== undefined && at >= since) spans.push({ from: firedFrom, to: at, firedAt: at })
    }
    const merged: Span[] = []
    for (const span of spans.sort((a, b) => a.from - b.from || a.to - b.to)) {
      const last = merged.at(-1)
      if (last === undefined || span.from > last.to) merged.push({ ...span })
      else {
        last.to = Math.max(last.to, span.to)
        last.firedAt = Math.min(last.firedAt, span.firedAt)
      }
    }
    const before = [...this.episodes]
    for (const span of merged) {
      const own = before.filter(({ from, to }) => from <= span.to && to >= span.from)
      const [kept, ...others] = own.sort((a, b) => b.raised.items - a.raised.items || a.from - b.from)
      for (const episode of own) before.splice(before.indexOf(episode), 1)
      if (kept === undefined) {
        this.#open(
          span,
          this.items.find((item) => item.firedFrom !== undefined && item.at === span.firedAt)!,
          changes,
        )
        continue
      }
      const moved = kept.firedAt !== span.firedAt
      if (moved || kept.from !== span.from || kept.to !== span.to || others.length > 0) kept.dirty = true
      Object.assign(kept, span)
      for (const other of others) {
        absorb(kept, other)
        this.#withdraw(other, changes)
      }
      if (moved || others.length > 0) this.#raise(kept, changes)
    }
    for (const episode of before) this.#withdraw(episode, changes)
    this.episodes.sort((a, b) => a.from - b.from)
  }

  #withdraw(episode: Episode, changes: Change[]): void {
    this.episodes.splice(this.episodes.indexOf(episode), 1)
    episode.version++
    changes.push({ kind: 'withdraw', episode })
  }

  /**
   * A flood must not give a version per event: an episode is raised again when its contributions have doubled, when a
   * further rule joins it, and once more, if anything is new, when nothing can be added any longer.
   */
  #raiseGrown({ at, part }: Item, changes: Change[]): void {
    for (const episode of this.#around(at)) {
      const items = this.#itemsOf(episode)
      if (items === episode.raised.items) continue
      episode.dirty = true
      if (items >= episode.raised.items * 2 || !episode.raised.parts.includes(part)) this.#raise(episode, changes)
    }
  }

  /**
   * An episode of events alone only grows within the lateness, so that what stands between its first and its newest half
   * of evidence is never shown: it keeps its numbers and lets its lines go.
   */
  #thin(at: number): void {
    if (!this.#onlyGrows) return
    for (const { from, to, settled } of this.#around(at)) {
      const first = lowerBound(this.items, from) + HALF - settled.first.length
      for (let i = lowerBound(this.items, to + 1) - HALF - 1; i >= first; i--) {
        if (this.items[i]!.exhibits === undefined) break
        this.items[i]!.exhibits = undefined
      }
    }
  }

  #around(at: number): Episode[] {
    return this.episodes.filter(({ from, to }) => at >= from && at <= to)
  }

  #raise(episode: Episode, changes: Change[]): void {
    episode.version++
    const parts = new Set([...episode.raised.parts, ...this.membersOf(episode).map(({ part }) => part)])
    episode.raised = { items: this.#itemsOf(episode), parts: [...parts] }
    episode.dirty = false
    changes.push({ kind: 'raise', episode })
  }

  #itemsOf({ from, to, settled }: Episode): number {
    return settled.items + lowerBound(this.items, to + 1) - lowerBound(this.items, from)
  }

  /** Contributions of an episode that are still listed. */
  membersOf({ from, to }: Episode): Item[] {
    const start = lowerBound(this.items, from)
    const end = lowerBound(this.items, to + 1)
    return this.items.slice(start, end)
  }

  /** Before this, no event within the lateness can change anything. */
  get #boundary(): number {
    return this.newest - this.#latenessMs - this.#timespanMs
  }

  /** Raises for the last time what nothing can be added to any more. */
  #close(changes: Change[]): void {
    for (const episode of this.episodes) if (episode.to < this.#boundary && episode.dirty) this.#raise(episode, changes)
  }

  /** Forgets what cannot change any more; to be called once the changes of a step have been read. */
  forget(): void {
    const boundary = this.#boundary
    while (this.episodes[0] !== undefined && this.episodes[0].to < boundary) this.episodes.shift()
    const past = lowerBound(this.items, boundary)
    const excess = Math.max(0, this.items.length - this.#itemsMax - past)
    const leaving = Math.min(past + excess, this.#judged)
    // Leaving one by one would move the whole list each time.
    if (leaving < BATCH && leaving < this.items.length / 2) return
    this.truncated += excess
    for (const item of this.items.splice(0, leaving)) {
      if (this.#head > 0) this.#head--
      else this.#window.remove(item)
      this.#judged--
      this.settledTo = item.at
      for (const episode of this.episodes)
        if (item.at >= episode.from && item.at <= episode.to) settleItem(episode, item)
    }
  }
}

interface Span {
  from: number
  to: number
  firedAt: number
}

function isBefore(a: Item, b: Item): boolean {
  if (a.at !== b.at) return a.at < b.at
  return a.part === b.part ? a.of.order < b.of.order : a.part < b.part
}

/** First place whose item is at or after `at`; the ends, which are asked for most, are looked at first. */
function lowerBound(items: readonly Item[], at: number): number {
  if (items.length === 0 || items[0]!.at >= at) return 0
  if (items.at(-1)!.at < at) return items.length
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (items[middle]!.at < at) low = middle + 1
    else high = middle
  }
  return low
}

function settleItem({ settled }: Episode, item: Item): void {
  settled.items++
  settled.count += item.of.count
  if (item.firedFrom !== undefined) settled.firedTo = item.at
  for (const exhibit of item.exhibits ?? []) {
    if (settled.first.length < HALF) settled.first.push(exhibit)
    else if (settled.newest.push(exhibit) > HALF) settled.newest.shift()
  }
}

function absorb(kept: Episode, other: Episode): void {
  const [early, late] = kept.from <= other.from ? [kept.settled, other.settled] : [other.settled, kept.settled]
  const all = [...early.first, ...early.newest, ...late.first, ...late.newest]
  const firedTo = Math.max(early.firedTo ?? -Infinity, late.firedTo ?? -Infinity)
  kept.settled = {
    items: early.items + late.items,
    count: early.count + late.count,
    first: all.slice(0, HALF),
    newest: all.slice(HALF).slice(-HALF),
    ...(firedTo !== -Infinity && { firedTo }),
  }
}

/** How many events an episode stands for. */
export function episodeCount(group: Group, episode: Episode): number {
  return group.membersOf(episode).reduce((sum, { of }) => sum + of.count, episode.settled.count)
}

/** What an episode shows, oldest first: all of it up to `EVIDENCE_MAX`, else the first and the newest half. */
export function episodeExhibits(group: Group, { settled, ...episode }: Episode): Exhibit[] {
  const listed = group.membersOf({ settled, ...episode })
  const shown = [...settled.first, ...settled.newest]
  if (shown.length + listed.reduce((sum, { exhibits }) => sum + (exhibits?.length ?? 0), 0) <= EVIDENCE_MAX) {
    return [...shown, ...listed.flatMap(({ exhibits }) => exhibits ?? [])]
  }
  const head = [...settled.first]
  for (let i = 0; i < listed.length && head.length < HALF; i++) head.push(...(listed[i]!.exhibits ?? []))
  const tail: Exhibit[] = []
  for (let i = listed.length - 1; i >= 0 && tail.length < HALF; i--) tail.unshift(...(listed[i]!.exhibits ?? []))
  const filled = tail.length < HALF ? [...settled.newest, ...tail] : tail
  return [...head.slice(0, HALF), ...filled.slice(-HALF)]
}
