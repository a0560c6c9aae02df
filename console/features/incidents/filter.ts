import { LEVELS, type Level } from '../../../model/alert.ts'
import { OPEN_STATES, STATES, type State } from '../../../model/incident.ts'
import type { Search } from '../../lib/feature.ts'
import { valuesOf } from '../../lib/search-parameters.ts'

/** What `GET /incidents` is asked. */
export interface Filter {
  state?: State[]
  level?: Level[]
  agency?: string
  /** A user; empty: nobody. */
  assignee?: string
  q?: string
  sort: 'priority' | 'updated'
}

/** Reads the filter off an address. Without a state it is what is open; `state=any` asks for all. What makes no sense is left out. */
export function filterOf(search: Search): Filter {
  const states = valuesOf(search, 'state').filter((value): value is State => STATES.includes(value as State))
  const levels = valuesOf(search, 'level').filter((value): value is Level => LEVELS.includes(value as Level))
  const any = valuesOf(search, 'state').includes('any')
  const one = (name: string): string | undefined => valuesOf(search, name)[0]?.slice(0, 200)
  const [agency, assignee, q] = [one('agency'), one('assignee'), one('q')?.trim()]
  return {
    ...(!any && { state: states.length > 0 ? states : [...OPEN_STATES] }),
    ...(levels.length > 0 && { level: levels }),
    ...(agency && { agency }),
    ...(assignee !== undefined && { assignee }),
    ...(q && { q }),
    sort: one('sort') === 'updated' ? 'updated' : 'priority',
  }
}

/** The address with one value of a filter put in or taken out. */
export function toggled(search: Search, name: 'state' | 'level', value: string): Search {
  const now: readonly string[] = filterOf(search)[name] ?? (name === 'state' ? STATES : [])
  const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value]
  const empty = name === 'state' && (next.length === 0 || next.length === STATES.length) ? 'any' : undefined
  const isPlain = name === 'state' && next.length === OPEN_STATES.length && OPEN_STATES.every((s) => next.includes(s))
  return { [name]: isPlain || next.length === 0 ? empty : (empty ?? next) }
}

/** A filter that has a name: its parameters of the address, and nothing besides. */
export interface View {
  name: string
  search: Search
}

const STORED = 'vong-gac.incident-views'
const PARAMETERS = ['state', 'level', 'agency', 'assignee', 'q', 'sort']

/** The parameters of a filter in an address, in one order: two views are the same where these are. */
export function viewKey(search: Search): string {
  return JSON.stringify(PARAMETERS.map((name) => [...valuesOf(search, name)].sort()))
}

/** An address change that leaves nothing of another view. */
export function only(search: Search): Search {
  return { ...Object.fromEntries(PARAMETERS.map((name) => [name, undefined])), ...search }
}

/** The views that were saved in this browser. */
export function savedViews(): View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isView) : []
  } catch {
    return [] // storage is switched off, or somebody wrote into it
  }
}

function isView(value: unknown): value is View {
  const view = value as View | null
  return typeof view?.name === 'string' && typeof view.search === 'object' && view.search !== null
}

export function saveViews(views: readonly View[]): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(views))
  } catch {
    // They hold until the page is left.
  }
}
