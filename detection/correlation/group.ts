import { absorb, exhibitsOf, HALF, newEpisode, settleItem, type Episode } from './episode.ts'
import type { Label } from './announcer.ts'
import { Showing, type Contribution } from './contribution.ts'
import type { Given, Item } from './item.ts'
import { lowerBound } from './lower-bound.ts'
import { createWindow, isEager, onlyGrows, type Window } from './metric.ts'
import { isOrderedBefore, orderOf, orderOfMatch } from './order.ts'
import type { Correlation } from './resolve.ts'

/** What a step of a group asks its owner to do. */
export type Change =
  | { kind: 'raise' | 'withdraw'; episode: Episode }
  /** `given` is absent where the match is no more, `before` where there was none. */
  | { kind: 'match'; item: Item; given?: Given; before?: Given }

const NONE: readonly Change[] = []

/** Contributions a group holds before the oldest leave early, which is counted. */
const ITEMS_MAX = 10_000
/** Contributions that leave a long list together. */
const BATCH = 1000

/** What is the same for all groups of a correlation. */
export interface Terms {
  correlation: Correlation
  timespanMs: number
  /** Judged as soon as a contribution comes. */
  eager: boolean
  /** Whether a further contribution never makes the condition false, and nobody is told of single matches. */
  grows: boolean
  /** An episode that only grows shows its first and its newest: what stands between can let its lines go. */
  thins: boolean
  itemsMax: number
  /** How many parts a contribution can be of. */
  parts: number
  /** The alert that begins with a contribution. */
  episodeId(group: Group, item: Item): string
}

export function termsOf(correlation: Correlation, episodeId: Terms['episodeId']): Terms {
  const { rule, feeds, parts, first } = correlation
  const wanted = Math.max(0, ...rule.thresholds.map(({ value }) => value))
  return {
    correlation,
    timespanMs: rule.timespanMs,
    eager: isEager(rule),
    grows: onlyGrows(rule) && !feeds,
    thins: !feeds && rule.type !== 'value_sum' && parts.every(({ kind }) => kind === 'detection'),
    itemsMax: Math.max(ITEMS_MAX, Math.ceil(wanted * 1.5)),
    parts: first.filter((own, place) => own === place).length,
    episodeId,
  }
}

/**
 * State of one correlation for one combination of group-by values. Pure in the sequence of its calls.
 *
 * Contributions stand in order of event time. Every one of them ends a window; the window slides over the list, and where a
 * contribution comes or goes it slides back that far and forth again. Satisfied windows that overlap are an episode.
 */
export class Group {
  readonly agency: string
  readonly values: readonly string[]
  /** Its group-by values in one text. */
  readonly key: string
  readonly items: Item[] = []
  /** Event time of each item, beside it: what searches by time looks at nothing else. */
  readonly #times: number[] = []
  readonly episodes: Episode[] = []
  /** Newest event time of the group: its own clock, so that a source that lags is judged by its own events. */
  newest = -Infinity
  /** Global clock when the last contribution came. */
  touchedAt = -Infinity
  /** Contributions that left early because the group was full. */
  truncated = 0
  /** Windows that reach back to here are not whole any more. */
  settledTo = -Infinity
  /** Versions of alerts that were taken back: one that rises again goes on from there. */
  withdrawn: { id: string; version: number; to: number }[] = []
  /** Estimate of the memory that its contributions take. */
  bytes = 0
  /** What alerts say of it, once one did. */
  label: Label | undefined
  /** Neighbours and place in the owner's table. */
  older: Group | undefined
  newer: Group | undefined
  level = -1
  readonly #terms: Terms
  readonly #latenessMs: number
  readonly #window: Window
  /** Items [0, judged) have entered the window; those from `head` are still in it. */
  #judged = 0
  #head = 0
  /** What the step that runs asks for, and the episodes it raises; most ask for nothing. */
  #changes: Change[] | undefined
  #raised: Episode[] | undefined
  /** Episodes that ended before this are forgotten, though some of their contributions may still be listed. */
  #forgotten = -Infinity
  /** Tells its matches from those of other groups. */
  #order: number | undefined

  /** @param scope `latenessMs`: how far behind its newest a contribution may come or change */
  constructor(terms: Terms, scope: { agency: string; values: readonly string[]; key: string; latenessMs: number }) {
    this.#terms = terms
    this.agency = scope.agency
    this.values = scope.values
    this.key = scope.key
    this.#latenessMs = scope.latenessMs
    this.#window = createWindow(terms.correlation)
  }

  /** Adds a contribution. `clock` is where the owner's stands: the group's own goes no further, whatever the event claims. */
  insert(item: Item, clock: number): readonly Change[] {
    this.#begin()
    const { items } = this
    const times = this.#times
    const { at } = item
    let place = items.length
    while (place > 0 && (at < times[place - 1]! || (at === times[place - 1] && isBefore(item, items[place - 1]!))))
      place--
    this.bytes += item.bytes
    const newest = at < clock ? at : clock
    if (newest > this.newest) this.newest = newest
    if (place >= this.#judged || this.#joins(item, at, place)) this.#put(item, at, place)
    else {
      const judged = this.#judged
      this.#rewind(place)
      this.#put(item, at, place)
      this.#rejudge(place, judged + 1, at)
    }
    if (this.#judged < items.length) this.#judge(this.#terms.eager ? Infinity : this.newest - this.#latenessMs)
    if (this.episodes.length > 0) {
      this.#raiseGrown(at, item.part)
      this.#thin(at)
    }
    return this.#end()
  }

  /** Most come at the end or near it. */
  #put(item: Item, at: number, place: number): void {
    const { items } = this
    const times = this.#times
    let i = items.push(item) - 1
    times.push(at)
    for (; i > place; i--) {
      items[i] = items[i - 1]!
      times[i] = times[i - 1]!
    }
    items[place] = item
    times[place] = at
  }

  /**
   * A contribution comes late, but no later than others of its instant: many share a second where a source tells no less. Where
   * a further one only ever helps, whether it and those after it end a satisfied window is mostly known from that before it
   * and the last; then it enters the window as it is, and nothing slides. False where that is not so.
   */
  #joins(item: Item, at: number, place: number): boolean {
    const { items } = this
    const times = this.#times
    if (!this.#terms.grows || times[items.length - 1] !== at || this.#judged < items.length) return false
    if (at - this.#terms.timespanMs <= this.settledTo) return false
    this.#window.enter(item)
    const firedFrom = this.#firedFrom()
    if (firedFrom === items[items.length - 1]!.firedFrom) {
      if (firedFrom === undefined) {
        this.#judged++
        return true
      }
      const follows = place > 0 && times[place - 1] === at && items[place - 1]!.firedFrom === firedFrom
      if (follows && this.#fits(at, firedFrom)) {
        item.firedFrom = firedFrom
        this.#judged++
        return true
      }
    }
    this.#window.unenter(item)
    return false
  }

  /** A contribution now stands for other events of the same instant. */
  replace(before: Contribution, of: Contribution): readonly Change[] {
    this.#begin()
    const place = this.#placeOf(before)
    const item = this.items[place]
    if (item === undefined) return NONE
    this.bytes -= item.bytes
    item.of = of
    this.bytes += item.bytes
    const episode = this.#episodeAt(item.at)
    if (episode !== undefined) episode.dirty = true
    this.#give(place, item.at)
    return this.#end()
  }

  /** Takes a contribution back: a match of a part that is none any more. */
  withdraw(of: Contribution): readonly Change[] {
    this.#begin()
    const place = this.#placeOf(of)
    const item = this.items[place]
    if (item === undefined) return NONE
    const judged = this.#judged
    if (place < judged) this.#rewind(place)
    this.items.splice(place, 1)
    this.#times.splice(place, 1)
    this.bytes -= item.bytes
    if (item.given !== undefined) this.#change({ kind: 'match', item, before: item.given })
    const episode = this.#episodeAt(item.at)
    if (episode !== undefined) episode.dirty = true
    if (place < judged) this.#rejudge(place, judged - 1, item.at, item.firedFrom !== undefined)
    return this.#end()
  }

  /** Whether a contribution of this time would come further behind the newest than the lateness. */
  isLate(at: number): boolean {
    return at < this.newest - this.#latenessMs
  }

  /** Contributions that can still change anything. */
  get unsettled(): number {
    return this.#times.length - lowerBound(this.#times, this.#boundary)
  }

  /** Judges and raises what is left, before the group is forgotten. */
  finish(): readonly Change[] {
    this.#begin()
    this.#judge(Infinity)
    for (const episode of this.episodes) if (episode.dirty) this.#raise(episode)
    return this.#end()
  }

  /** Enters the judged items into the window again, after a restore. */
  resume(judged: number): void {
    for (const { at } of this.items) this.#times.push(at)
    while (this.#judged < judged) this.#enter()
    for (const item of this.items) this.bytes += item.bytes
    for (const [i, { given }] of this.items.entries()) if (given !== undefined) given.opens = this.#matchAt(i).opens
  }

  get #ownOrder(): number {
    return (this.#order ??= orderOf(this.values.length === 1 ? this.values[0]! : JSON.stringify(this.values)))
  }

  get judged(): number {
    return this.#judged
  }

  #begin(): void {
    this.#forgotten = this.#boundary
    this.#changes = undefined
    this.#raised = undefined
  }

  #change(change: Change): void {
    ;(this.#changes ??= []).push(change)
  }

  /** Has an episode raised at the end of the step. */
  #raise(episode: Episode): void {
    this.#raised ??= []
    if (!this.#raised.includes(episode)) this.#raised.push(episode)
  }

  /** Raises for the last time what nothing can be added to any more, and gives each episode one version for the step. */
  #end(): readonly Change[] {
    const boundary = this.#boundary
    for (const episode of this.episodes) {
      if (episode.to >= boundary) break
      if (episode.dirty) this.#raise(episode)
    }
    if (this.#raised === undefined) return this.#changes ?? NONE
    for (const episode of this.#raised) {
      episode.version++
      episode.raised = { items: this.#itemsOf(episode), parts: this.#partsOf(episode) }
      episode.dirty = false
      this.#change({ kind: 'raise', episode })
    }
    return this.#changes ?? NONE
  }

  /** Where a contribution is listed, or -1. */
  #placeOf(of: Contribution): number {
    for (let i = lowerBound(this.#times, of.at); i < this.items.length && this.#times[i] === of.at; i++) {
      if (this.items[i]!.of === of) return i
    }
    return -1
  }

  /** The next item enters, and what is too old for its window leaves. */
  #enter(): Item {
    const { items } = this
    const times = this.#times
    const item = items[this.#judged]!
    const from = times[this.#judged++]! - this.#terms.timespanMs
    this.#window.enter(item)
    while (times[this.#head]! < from) this.#window.leave(items[this.#head++]!)
    return item
  }

  /** Slides the window back until the items from `place` have not entered. */
  #rewind(place: number): void {
    const { items } = this
    const times = this.#times
    while (this.#judged > place) {
      const from = this.#judged > 1 ? times[this.#judged - 2]! - this.#terms.timespanMs : -Infinity
      while (this.#head > 0 && times[this.#head - 1]! >= from) this.#window.unleave(items[--this.#head]!)
      this.#window.unenter(items[--this.#judged]!)
    }
  }

  /** Where the window begins that ends with the last item that entered, if it satisfies the condition. */
  #firedFrom(): number | undefined {
    const from = this.#times[this.#head]!
    return this.#window.holds(from) ? from : undefined
  }

  /** Judges items up to event time `until`, in order. */
  #judge(until: number): void {
    const end = until === Infinity ? this.items.length : lowerBound(this.#times, until)
    while (this.#judged < end) {
      const at = this.#times[this.#judged]!
      const item = this.#enter()
      const firedFrom = this.#firedFrom()
      if (firedFrom === undefined) continue
      item.firedFrom = firedFrom
      if (!this.#fits(at, firedFrom)) this.#open({ from: firedFrom, to: at, firedAt: at }, item)
      this.#give(this.#judged - 1, at)
    }
  }

  /** A contribution came or went at `place`: judges again those whose window it stands in. */
  #rejudge(place: number, judged: number, at: number, moved = false): void {
    let anew = moved
    while (this.#judged < judged) {
      const item = this.#enter()
      if (item.at > at + this.#terms.timespanMs) continue
      const whole = item.at - this.#terms.timespanMs > this.settledTo
      if (!whole && !this.#terms.eager) continue
      let firedFrom = this.#firedFrom()
      if (!whole) firedFrom = Math.min(item.firedFrom ?? Infinity, firedFrom ?? Infinity)
      if (firedFrom === Infinity) firedFrom = undefined
      if (firedFrom === item.firedFrom) continue
      item.firedFrom = firedFrom
      anew = firedFrom === undefined || !this.#fits(item.at, firedFrom) || anew
    }
    if (anew) this.#reconcile()
    this.#give(place, at + this.#terms.timespanMs)
  }

  /** Whether a satisfied window lies in an episode without moving its beginning, or lengthens the last one. */
  #fits(at: number, firedFrom: number): boolean {
    const last = this.episodes.length > 0 ? this.episodes[this.episodes.length - 1] : undefined
    if (last !== undefined && at >= last.to && firedFrom <= last.to) {
      last.to = at
      last.from = Math.min(last.from, firedFrom)
    }
    const episode = this.#episodeAt(at)
    if (episode === undefined || episode.from > firedFrom || episode.firedAt > at) return false
    episode.dirty = true
    return true
  }

  #open(span: Span, item: Item): void {
    const id = this.#terms.episodeId(this, this.items[lowerBound(this.#times, span.from)] ?? item)
    const risen = this.withdrawn.findIndex((own) => own.id === id)
    const [before] = risen < 0 ? [] : this.withdrawn.splice(risen, 1)
    const episode = newEpisode(id, before?.version ?? 0, span)
    this.episodes.push(episode)
    this.episodes.sort((a, b) => a.from - b.from)
    this.#raise(episode)
  }

  /** Works out all episodes anew from the satisfied windows, and matches them with those there are. */
  #reconcile(): void {
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
        )
        continue
      }
      const moved = kept.firedAt !== span.firedAt
      if (moved || kept.from !== span.from || kept.to !== span.to || others.length > 0) kept.dirty = true
      Object.assign(kept, span)
      for (const other of others) {
        absorb(kept, other)
        this.#withdraw(other)
      }
      if (moved || others.length > 0) this.#raise(kept)
    }
    for (const episode of before) this.#withdraw(episode)
    this.episodes.sort((a, b) => a.from - b.from)
  }

  #withdraw(episode: Episode): void {
    this.episodes.splice(this.episodes.indexOf(episode), 1)
    this.#raised = this.#raised?.filter((own) => own !== episode)
    if (episode.version === 0) return
    const { id, to } = episode
    this.withdrawn.push({ id, version: ++episode.version, to })
    this.#change({ kind: 'withdraw', episode })
  }

  /** Tells correlations of this one which of the items from `place` are matches now: those up to `until`, and the next. */
  #give(place: number, until: number): void {
    if (!this.#terms.correlation.feeds) return
    // What a match stands for begins after the match before it, so that it moves when that one comes or goes.
    let [moved, last] = [true, false]
    for (let i = place; i < this.#judged && !last; i++) {
      const item = this.items[i]!
      const { given: before } = item
      if (item.firedFrom === undefined) {
        if (before === undefined) continue
        item.given = undefined
        moved = true
        this.#change({ kind: 'match', item, before })
        continue
      }
      last = item.at > until
      const { opens, start } = this.#matchAt(i)
      if (before === undefined || before.opens !== opens || moved) {
        const items = this.items.slice(start, i + 1)
        const count = items.reduce((sum, { of }) => sum + of.count, 0)
        const order = orderOfMatch({ part: item.part, order: item.of.order }, this.#ownOrder)
        const of = new Showing({ key: item.of.key, at: item.at, order, count }, exhibitsOf(items))
        item.given = { of, opens }
        this.#change({ kind: 'match', item, given: item.given, ...(before && { before }) })
      }
      moved = before === undefined
    }
  }

  /** Of a satisfied item: whether it opens an episode, and the first of the items that it stands for as a match. */
  #matchAt(place: number): { opens: boolean; start: number } {
    const from = this.items[place]!.firedFrom!
    let start = place
    while (start > 0 && this.#times[start - 1]! >= from) {
      if (this.items[start - 1]!.firedFrom !== undefined) return { opens: false, start }
      start--
    }
    const settledTo = start > 0 ? undefined : this.episodes[0]?.settled.firedTo
    return { opens: settledTo === undefined || settledTo < from, start }
  }

  /**
   * A flood must not give a version per event: an episode is raised again when its contributions have doubled, when a
   * further rule joins it, and once more, if anything is new, when nothing can be added any longer.
   */
  #raiseGrown(at: number, part: number): void {
    const episode = this.#episodeAt(at)
    if (episode === undefined) return
    const { raised, settled } = episode
    const joins = raised.parts.length < this.#terms.parts && !raised.parts.includes(part)
    // It has no more than all that are listed: mostly that is few enough to tell.
    if (!joins && settled.items + this.#times.length < raised.items * 2) {
      episode.dirty = true
      return
    }
    const items = this.#itemsOf(episode)
    if (items === raised.items) return
    episode.dirty = true
    if (joins || items >= raised.items * 2) this.#raise(episode)
  }

  /** An episode keeps the numbers between its first and its newest half of evidence, and lets their lines go. */
  #thin(at: number): void {
    const episode = this.#terms.thins ? this.#episodeAt(at) : undefined
    if (episode === undefined) return
    const { from, to, settled } = episode
    if (this.#times.length <= 2 * HALF - settled.first.length) return
    const first = lowerBound(this.#times, from) + HALF - settled.first.length
    for (let i = lowerBound(this.#times, to + 1) - HALF - 1; i >= first; i--) {
      const item = this.items[i]!
      if (!item.of.shows) break
      this.bytes -= item.of.bytes
      item.of = item.of.bare
    }
  }

  /** Episodes do not overlap. */
  #episodeAt(at: number): Episode | undefined {
    for (let i = this.episodes.length - 1; i >= 0; i--) {
      const episode = this.episodes[i]!
      if (at > episode.to) return undefined
      if (at >= episode.from) return episode
    }
    return undefined
  }

  #itemsOf({ from, to, settled }: Episode): number {
    return settled.items + lowerBound(this.#times, to + 1) - lowerBound(this.#times, from)
  }

  /** Parts that an episode has contributions of: those of its last version, and new ones. */
  #partsOf(episode: Episode): number[] {
    const parts = [...episode.raised.parts]
    if (parts.length === this.#terms.parts) return parts
    const { first, end } = this.placesOf(episode)
    for (let i = first; i < end; i++) {
      const { part } = this.items[i]!
      if (!parts.includes(part)) parts.push(part)
      if (parts.length === this.#terms.parts) break
    }
    return parts
  }

  /** Places `[first, end)` of an episode's contributions that are still listed. */
  placesOf({ from, to }: Pick<Episode, 'from' | 'to'>): { first: number; end: number } {
    return { first: lowerBound(this.#times, from), end: lowerBound(this.#times, to + 1) }
  }

  /** Before this, no event within the lateness can change anything. */
  get #boundary(): number {
    return this.newest - this.#latenessMs - this.#terms.timespanMs
  }

  /** Forgets what cannot change any more; to be called once the changes of a step have been read. */
  forget(): void {
    const boundary = this.#boundary
    while (this.episodes[0] !== undefined && this.episodes[0].to < boundary) this.episodes.shift()
    if (this.withdrawn.length > 0) this.withdrawn = this.withdrawn.filter(({ to }) => to >= boundary)
    const times = this.#times
    const { length } = times
    // Leaving one by one would move the whole list each time.
    const leastLeaving = Math.min(BATCH, Math.ceil(length / 2))
    if (length === 0 || (length <= this.#terms.itemsMax && times[leastLeaving - 1]! >= boundary)) return
    const past = lowerBound(times, boundary)
    const excess = Math.max(0, length - this.#terms.itemsMax - past)
    const leaving = Math.min(past + excess, this.#judged)
    if (leaving < leastLeaving) return
    this.truncated += excess
    times.splice(0, leaving)
    for (const item of this.items.splice(0, leaving)) {
      if (this.#head > 0) this.#head--
      else this.#window.leave(item)
      this.#judged--
      this.settledTo = item.at
      this.bytes -= item.bytes
      for (const episode of this.episodes) {
        if (item.at < episode.from) break
        if (item.at <= episode.to) settleItem(episode, item)
      }
    }
  }
}

type Span = Pick<Episode, 'from' | 'to' | 'firedAt'>

/** The order of items of one instant. */
function isBefore(a: Item, b: Item): boolean {
  return a.part === b.part ? isOrderedBefore(a.of.order, b.of.order) : a.part < b.part
}
