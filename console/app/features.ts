import type { Feature, PageEntry } from '../lib/feature.ts'

const found = import.meta.glob<{ default: Feature }>('../features/*/feature.ts', { eager: true })

/** Every folder of `features/`, in the order of the navigation; those without an entry there come last. */
export const FEATURES: readonly Feature[] = Object.values(found)
  .map((module) => module.default)
  .sort((a, b) => (a.nav?.order ?? Infinity) - (b.nav?.order ?? Infinity))

export const PAGES: readonly PageEntry[] = FEATURES.flatMap(({ pages }) => pages)
