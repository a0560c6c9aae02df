const NAMES_MAX = 10_000

/** What `make` gives for the name of a field, made once: the same few thousand come again and again. Of hostile names not all are kept. */
export function byName<T extends object>(make: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>()
  return (name) => {
    const before = known.get(name)
    if (before !== undefined) return before
    const made = make(name)
    if (known.size < NAMES_MAX) known.set(name, made)
    return made
  }
}
