import type { ComponentType } from 'react'
import type { IconName } from '../ui/icon.tsx'

/** One page of a feature, its code fetched when it is first opened. */
export interface PageEntry {
  /** Address, as TanStack Router writes it: `/incidents/$id`. */
  path: string
  load: () => Promise<{ default: ComponentType }>
  /** Drawn by itself, whoever has it open: without a session, and without what stands around other pages. */
  isOutside?: true
  /** Starts reading what the page will show, while its code is still on the way. */
  prefetch?: (at: { params: Readonly<Record<string, string>>; search: Search }) => void
}

/**
 * `console/features/<name>/early.ts` exports one as its default: what the page at an address will read first, none where it is no page of
 * the feature. It runs before everything else is there, and imports little.
 */
export type Early = (path: string, search: Search) => string[]

/** Parameters of an address; a repeated one is a list. */
export type Search = Readonly<Record<string, string | readonly string[] | undefined>>

/** Something that the palette (Ctrl-K) offers. */
export interface Command {
  label: string
  icon: IconName
  run: () => void
}

/**
 * A part of the console. `console/features/<name>/feature.ts` exports one as its default, and that is all it takes: pages,
 * navigation and palette are read from it.
 */
export interface Feature {
  pages: readonly PageEntry[]
  /** Its entry in the navigation; without it, pages are only reached by links. */
  nav?: {
    /** Entries stand in this order. */
    order: number
    label: () => string
    icon: IconName
    to: string
    /** Pressed after `g`, opens it. */
    key: string
    /** What the user must be allowed to do, as docs/api.md names it. */
    needs: string
  }
  /** What the palette offers for what was typed, besides the pages. */
  commands?: (typed: string, go: (to: string) => void) => readonly Command[]
}
