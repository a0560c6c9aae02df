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

/** What several contributions show together: no more than an alert can show of them. */
export function exhibitsOf(items: readonly Item[]): readonly Exhibit[] {
  if (items.length === 1) return items[0]!.exhibits ?? []
  const all = items.flatMap(({ exhibits }) => exhibits ?? [])
  return all.length <= EVIDENCE_MAX ? all : [...all.slice(0, HALF), ...all.slice(-HALF)]
}
