import { useEffect } from 'react'

/** After this a page has what it shows first. */
const AFTER_MS = 1_000

/** As `lazyRouteComponent` makes it: fetched when it is drawn or asked for, and from then on drawn at once. */
interface Part {
  preload?: () => Promise<void> | undefined
}

/**
 * Fetches the code of parts that a key opens before somebody presses it. Who presses `v`, `1` and Enter in a row has the dialog open
 * before the second key; `lazy` of React would draw nothing for a third of a second, even of code that is there.
 */
export function useAhead(...parts: readonly Part[]): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const part of parts) void part.preload?.()
    }, AFTER_MS)
    return () => clearTimeout(timer)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the same parts each time
  }, [])
}
