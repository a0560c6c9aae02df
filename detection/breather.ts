/** How long a thread may be held before others of it go on. */
const HELD_MS = 20

/** To be awaited between the steps of long work: lets what else the thread does go on, when it has waited for that long. */
export function breather(): () => Promise<void> | undefined {
  let sinceMs = performance.now()
  return () => {
    if (performance.now() - sinceMs < HELD_MS) return undefined
    return new Promise((resolve) =>
      setImmediate(() => {
        sinceMs = performance.now()
        resolve()
      }),
    )
  }
}
