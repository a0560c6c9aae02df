import { useSyncExternalStore } from 'react'

/** Width in pixels up to which pages are laid out for a telephone; the style sheets say the same. */
const query = matchMedia('(max-width: 800px)')

export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener('change', listener)
      return () => query.removeEventListener('change', listener)
    },
    () => query.matches,
  )
}
