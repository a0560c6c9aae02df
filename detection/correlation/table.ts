import type { Group } from './group.ts'

/** Groups of 1, 2-3, 4-7, 8-15 and more contributions, and those with an alert. */
const LEVELS = 6

/** Groups of one level, the least recently touched first. */
interface Shelf {
  oldest: Group | undefined
  newest: Group | undefined
}

/**
 * The groups of one correlation, by key. They stand on shelves by how much they hold, so that when room must be made a flood
 * of groups with a contribution each pushes out its own kind and not those that are about to fire.
 */
export class GroupTable {
  /** By agency, then by key: no text is put together for a look-up. */
  readonly #byKey = new Map<string, Map<string, Group>>()
  /** The agency that was asked for last, and its groups. */
  #agency: string | undefined
  #ofAgency: Map<string, Group> | undefined
  readonly #shelves: Shelf[] = Array.from({ length: LEVELS }, () => ({ oldest: undefined, newest: undefined }))
  #size = 0

  get size(): number {
    return this.#size
  }

  get(agency: string, key: string): Group | undefined {
    if (agency !== this.#agency) {
      this.#agency = agency
      this.#ofAgency = this.#byKey.get(agency)
    }
    return this.#ofAgency?.get(key)
  }

  add(group: Group): void {
    let own = this.#byKey.get(group.agency)
    if (own === undefined) {
      this.#byKey.set(group.agency, (own = new Map()))
      this.#agency = group.agency
      this.#ofAgency = own
    }
    own.set(group.key, group)
    this.#size++
    this.shelve(group)
  }

  /** Puts a group that was touched last on the shelf it now belongs to. */
  shelve(group: Group): void {
    const level = levelOf(group)
    const shelf = this.#shelves[level]!
    if (shelf.newest === group) return
    if (group.level >= 0) this.#unlink(group)
    group.level = level
    group.older = shelf.newest
    if (shelf.newest === undefined) shelf.oldest = group
    else shelf.newest.newer = group
    shelf.newest = group
  }

  remove(group: Group): void {
    this.#byKey.get(group.agency)!.delete(group.key)
    this.#size--
    this.#unlink(group)
    group.level = -1
  }

  clear(): void {
    this.#byKey.clear()
    this.#ofAgency = undefined
    this.#size = 0
    for (const shelf of this.#shelves) Object.assign(shelf, { oldest: undefined, newest: undefined })
  }

  /** The least recently touched of the lowest shelf that holds any but `kept`. */
  weakest(kept: Group | undefined): Group | undefined {
    for (const { oldest } of this.#shelves) {
      const found = oldest === kept ? oldest?.newer : oldest
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The least recently touched of each shelf. */
  oldest(): Group[] {
    return this.#shelves.flatMap(({ oldest }) => oldest ?? [])
  }

  /** Shelf by shelf, the least recently touched first: adding them in this order makes the same table. */
  *values(): Generator<Group> {
    for (const { oldest } of this.#shelves) {
      for (let group = oldest; group !== undefined; group = group.newer) yield group
    }
  }

  #unlink(group: Group): void {
    const shelf = this.#shelves[group.level]!
    const { older, newer } = group
    if (older === undefined) shelf.oldest = newer
    else older.newer = newer
    if (newer === undefined) shelf.newest = older
    else newer.older = older
    group.older = undefined
    group.newer = undefined
  }
}

function levelOf({ items, episodes }: Group): number {
  if (episodes.length > 0) return LEVELS - 1
  return Math.min(LEVELS - 2, 31 - Math.clz32(Math.max(1, items.length)))
}
