import { EVIDENCE_MAX } from '../../model/alert.ts'
import type { Exhibit } from './exhibit.ts'
import type { Group, Item } from './group.ts'

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
  for (const exhibit of item.exhibits ?? []) {
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
  let count = settled.first.length + settled.newest.length
  for (let i = first; i < end && count <= EVIDENCE_MAX; i++) count += items[i]!.exhibits?.length ?? 0
  const head = [...settled.first]
  if (count <= EVIDENCE_MAX) {
    head.push(...settled.newest)
    for (let i = first; i < end; i++) addExhibits(head, items[i]!)
    return head
  }
  for (let i = first; i < end && head.length < HALF; i++) addExhibits(head, items[i]!)
  head.length = Math.min(head.length, HALF)
  const tail: Exhibit[] = []
  for (let i = end - 1; i >= first && tail.length < HALF; i--) {
    const { exhibits } = items[i]!
    for (let own = (exhibits?.length ?? 0) - 1; own >= 0 && tail.length < HALF; own--) tail.push(exhibits![own]!)
  }
  for (let i = settled.newest.length - 1; i >= 0 && tail.length < HALF; i--) tail.push(settled.newest[i]!)
  return head.concat(tail.reverse())
}

function addExhibits(to: Exhibit[], { exhibits }: Item): void {
  if (exhibits !== undefined) for (const exhibit of exhibits) to.push(exhibit)
}

/** What several contributions show together: no more than an alert can show of them. */
export function exhibitsOf(items: readonly Item[]): readonly Exhibit[] {
  if (items.length === 1) return items[0]!.exhibits ?? []
  const all = items.flatMap(({ exhibits }) => exhibits ?? [])
  return all.length <= EVIDENCE_MAX ? all : [...all.slice(0, HALF), ...all.slice(-HALF)]
}
