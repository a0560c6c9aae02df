import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { type Answer, request } from '../../api/request.ts'

const PAGE = 200
const REFRESH_MS = 60_000

export type Source = Answer<'GET /sources'>['items'][number]
export type SourceState = Source['state']
export type DeadLetter = Answer<'GET /dead-letters'>['items'][number]
export type Plan = Answer<'GET /shipping/{shipper}/{transport}'>

/** Every source, page after page: health is counted over all of them. */
export function sourcesQuery() {
  return queryOptions({
    queryKey: ['sources'],
    queryFn: async ({ signal }) => {
      const sources: Source[] = []
      for (let cursor: string | undefined; ;) {
        const page: Answer<'GET /sources'> = await request('GET /sources', { query: { limit: PAGE, cursor }, signal })
        sources.push(...page.items)
        if (page.next === undefined) return sources
        cursor = page.next
      }
    },
    refetchInterval: REFRESH_MS,
  })
}

export function openIncidentsQuery(agency: string) {
  return queryOptions({
    queryKey: ['incidents', 'open', agency],
    queryFn: async ({ signal }) => {
      const query = { agency, state: ['new', 'in_progress', 'on_hold'], limit: 1 } as const
      const { total = 0 } = await request('GET /incidents', { query: { ...query, state: [...query.state] }, signal })
      return total
    },
  })
}

const WEEK_MS = 7 * 86_400_000

/** How many records of each kind every system sent in the last seven days. */
export function coverageQuery() {
  return queryOptions({
    queryKey: ['coverage'],
    queryFn: async ({ signal }) => {
      const q = '| count by soc.system, event.dataset | top 1000'
      const from = new Date(Date.now() - WEEK_MS).toISOString()
      return (await request('GET /events/aggregate', { query: { q, from }, signal })).groups ?? []
    },
    staleTime: 5 * 60_000,
  })
}

export function deadLettersQuery() {
  return infiniteQueryOptions({
    queryKey: ['dead-letters'],
    queryFn: ({ pageParam, signal }) =>
      request('GET /dead-letters', { query: { limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  })
}

export function shippersQuery() {
  return queryOptions({
    queryKey: ['shipping'],
    queryFn: async ({ signal }) => (await request('GET /shipping', { signal })).items,
    staleTime: Infinity,
  })
}
