/** A search somebody kept: its name, and the parameters of its address. */
export interface Saved {
  name: string
  /** `?q=…&col=…` */
  address: string
}

const SAVED_MAX = 50

const keyOf = (user: string): string => `vong-gac.searches.${user}`

/** What `user` kept in this browser, in the order it was kept. */
export function savedSearches(user: string): Saved[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(user)) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isSaved) : []
  } catch {
    return [] // storage is switched off, or holds what is not ours
  }
}

/** Keeps a search under a name, in place of one of the same name; gives all that are kept now. */
export function saveSearch(user: string, saved: Saved): Saved[] {
  return write(user, [saved, ...savedSearches(user).filter(({ name }) => name !== saved.name)].slice(0, SAVED_MAX))
}

export function forgetSearch(user: string, name: string): Saved[] {
  return write(
    user,
    savedSearches(user).filter((one) => one.name !== name),
  )
}

function write(user: string, saved: Saved[]): Saved[] {
  try {
    localStorage.setItem(keyOf(user), JSON.stringify(saved))
  } catch {
    // It holds until the page is left.
  }
  return saved
}

function isSaved(value: unknown): value is Saved {
  const { name, address } = (value ?? {}) as Partial<Saved>
  return typeof name === 'string' && typeof address === 'string' && address.startsWith('?')
}
