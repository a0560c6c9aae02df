import { LEVELS } from '../../../model/alert.ts'
import { type Answer, request } from '../../api/request.ts'
import type { Search } from '../../lib/feature.ts'
import { folded } from '../../lib/folded.ts'
import { valuesOf } from '../../lib/search-parameters.ts'

export type RuleList = Answer<'GET /rules'>
export type Rule = RuleList['items'][number]

export const rulesQuery = {
  queryKey: ['rules'] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /rules', { signal }),
  staleTime: 30_000,
}

export type Quality = Answer<'GET /rules/quality'>['items'][number]

/** What speaks for and against each rule, by its id, over the last 30 days. */
export const qualitiesQuery = {
  queryKey: ['rules', 'quality'] as const,
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<ReadonlyMap<string, Quality>> => {
    const { items } = await request('GET /rules/quality', { signal })
    return new Map(items.map((item) => [item.rule, item]))
  },
  staleTime: 60_000,
}

export function completenessQuery(id: string) {
  return {
    queryKey: ['rule', id, 'completeness'] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      request('GET /rules/{id}/completeness', { params: { id }, signal }),
  }
}

export const STATUSES = ['active', 'disabled', 'never', 'unfed', 'fired'] as const
export const ORDERS = ['level', 'alerts', 'precision', 'last', 'cost', 'title'] as const
export type Order = (typeof ORDERS)[number]

export function orderOf(search: Search): Order {
  return ORDERS.find((order) => order === search['sort']) ?? 'level'
}

/** A rule, and how it has done where that is known yet. */
export type Judged = Rule & { quality?: Quality | undefined }

const STATUS_OF: Readonly<Record<(typeof STATUSES)[number], (rule: Judged) => boolean>> = {
  active: ({ disabled, neverFires }) => disabled === undefined && neverFires === undefined,
  disabled: ({ disabled }) => disabled !== undefined,
  never: ({ neverFires }) => neverFires !== undefined,
  unfed: ({ quality }) => quality?.standing === 'no_events',
  fired: ({ quality }) => quality?.lastFired !== undefined,
}

/** What a rule is found by. */
const words = ({ id, title, titleVi = '', path, tags }: Rule): string =>
  folded([id, title, titleVi, path, ...tags].join('\n'))

/** The rules that an address asks for, in its order; equal ones by title. */
export function chosen(rules: readonly Judged[], search: Search, titleOf: (rule: Rule) => string): Judged[] {
  const wanted = folded(valuesOf(search, 'q')[0] ?? '')
    .split(/\s+/)
    .filter(Boolean)
  const [level] = valuesOf(search, 'level')
  const status = STATUSES.find((known) => known === valuesOf(search, 'status')[0])
  const collator = new Intl.Collator('vi')
  const weight: Readonly<Record<Order, (rule: Judged) => number>> = {
    level: (rule) => LEVELS.indexOf(rule.level),
    alerts: ({ quality }) => quality?.alerts ?? 0,
    // The one that is wrong most often first; what nobody has decided about comes last.
    precision: ({ quality }) => -(quality?.precision ?? 2),
    last: ({ quality }) => Date.parse(quality?.lastFired ?? '') || 0,
    cost: (rule) => rule.stats?.nanos ?? 0,
    title: () => 0,
  }
  const by = weight[orderOf(search)]
  return rules
    .filter((rule) => {
      if (level !== undefined && rule.level !== level) return false
      if (status !== undefined && !STATUS_OF[status](rule)) return false
      const text = wanted.length === 0 ? '' : words(rule)
      return wanted.every((word) => text.includes(word))
    })
    .sort((a, b) => by(b) - by(a) || collator.compare(titleOf(a), titleOf(b)))
}

/** `windows / process_creation`; empty for a correlation. */
export function sourceOf({ logsource = {} }: Rule): string {
  return [logsource.product, logsource.category, logsource.service].filter(Boolean).join(' / ')
}
