import { EVIDENCE_MAX } from '../../model/alert.ts'
import type { Exhibit } from './exhibit.ts'
import type { Group } from './group.ts'
import type { Item } from './item.ts'

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
}

export const HALF = EVIDENCE_MAX / 2

export function newEpisode(id: string, version: number, span: Pick<Episode, 'from' | 'to' | 'firedAt'>): Episode {
  return {
    id,
    version,
    ...span,
    settled: { items: 0, count: 0, first: [], newest: [] },
    raised: { items: 0, parts: [] },
    dirty: true,
  }
}

/** A contribution of an episode leaves the group's list. */
export function settleItem({ settled }: Episode, item: Item): void {
  settled.items++
  settled.count += item.of.count
  if (item.firedFrom !== undefined) settled.firedTo = item.at
  const exhibits: Exhibit[] = []
  item.of.showIn(exhibits)
  for (const exhibit of exhibits) {
    if (settled.first.length < HALF) settled.first.push(exhibit)
    else if (settled.newest.push(exhibit) > HALF) settled.newest.shift()
  }
}

/** What had left the list of another episode is this one's. */
export function absorb(kept: Episode, other: Episode): void {
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
  const { first, end } = group.placesOf(episode)
  let { count } = episode.settled
  for (let i = first; i < end; i++) count += group.items[i]!.of.count
  return count
}

/** What an episode shows, oldest first: all of it up to `EVIDENCE_MAX`, else the first and the newest half. */
export function episodeExhibits(group: Group, episode: Episode): Exhibit[] {
  const { items } = group
  const { settled } = episode
  const { first, end } = group.placesOf(episode)
  const shown = settled.first.length === 0 ? [] : [...settled.first, ...settled.newest]
  for (let i = first; i < end && shown.length <= EVIDENCE_MAX; i++) items[i]!.of.showIn(shown)
  if (shown.length <= EVIDENCE_MAX) return shown
  const head = [...settled.first]
  for (let i = first; i < end && head.length < HALF; i++) items[i]!.of.showIn(head)
  // From the newest on, each one's own the other way round.
  const tail: Exhibit[] = []
  for (let i = end - 1; i >= first && tail.length < HALF; i--) {
    const own: Exhibit[] = []
    items[i]!.of.showIn(own)
    tail.push(...own.reverse())
  }
  for (let i = settled.newest.length - 1; i >= 0 && tail.length < HALF; i--) tail.push(settled.newest[i]!)
  return [...head.slice(0, HALF), ...tail.slice(0, HALF).reverse()]
}

/** What several contributions show together: no more than an alert can show of them. */
export function exhibitsOf(items: readonly Item[]): readonly Exhibit[] {
  const all: Exhibit[] = []
  for (const { of } of items) of.showIn(all)
  return all.length <= EVIDENCE_MAX ? all : [...all.slice(0, HALF), ...all.slice(-HALF)]
}
