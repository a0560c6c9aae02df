import { type Answer, request } from '../../api/request.ts'
import { folded } from '../../lib/folded.ts'

export type Coverage = Answer<'GET /coverage'>
export type Technique = Coverage['techniques'][number]

export const DAYS = 30

export const coverageQuery = {
  queryKey: ['coverage'] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /coverage', { query: { days: DAYS }, signal }),
  staleTime: 60_000,
}

/** A technique with what is below it, as one cell of the matrix. */
export interface Cell {
  technique: Technique
  below: Technique[]
  /** `live`: a rule of it is at work; `idle`: it has rules, and none can alert. */
  coverage: 'live' | 'idle' | 'none'
  incidents: number
}

export interface Column {
  key: string
  names: { vi: string; en: string }
  rules: number
  cells: Cell[]
}

export interface Wanted {
  /** Part of an id or name; empty: any. */
  find: string
  /** Only what has rules or incidents. */
  only: boolean
}

/** The matrix, a column for each tactic; techniques without a match are left out, and so are columns of none. */
export function matrixOf({ tactics, techniques }: Coverage, { find, only }: Wanted): Column[] {
  const cells = cellsOf(techniques)
  const wanted = folded(find.trim())
  const shown = cells.filter(({ technique, below, coverage, incidents }) => {
    if (only && coverage === 'none' && incidents === 0) return false
    return [technique, ...below].some(({ id, name }) => folded(`${id} ${name}`).includes(wanted))
  })
  return tactics
    .map(({ key, vi, en, rules }) => ({
      key,
      names: { vi, en },
      rules,
      cells: shown.filter(({ technique }) => technique.tactics.includes(key)),
    }))
    .filter(({ cells: own }) => own.length > 0)
}

/** One for each technique, with its sub-techniques (`T1110.001` of `T1110`). */
export function cellsOf(techniques: readonly Technique[]): Cell[] {
  const below = new Map<string, Technique[]>()
  for (const one of techniques) {
    const [parent = '', part] = one.id.split('.')
    if (part !== undefined) below.set(parent, [...(below.get(parent) ?? []), one])
  }
  return techniques
    .filter(({ id }) => !id.includes('.'))
    .map((technique) => {
      const own = below.get(technique.id) ?? []
      const all = [technique, ...own]
      const rules = all.flatMap((one) => one.rules)
      return {
        technique,
        below: own,
        coverage: rules.some(({ standing }) => standing === 'live') ? 'live' : rules.length > 0 ? 'idle' : 'none',
        incidents: all.reduce((sum, one) => sum + one.incidents, 0),
      }
    })
}
