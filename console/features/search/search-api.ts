import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { type Answer, request } from '../../api/request.ts'

/** Of one page of events. */
const PAGE = 200
/** Figures of a range that was asked for do not change under the reader's eyes; who wants newer ones asks again. */
const FIXED = { staleTime: Infinity, gcTime: 60_000, refetchOnWindowFocus: false } as const

/** What is searched, its time fixed. */
export interface Asked {
  q: string
  /** ISO UTC, half-open. */
  from: string
  to: string
}

export type Event = Answer<'GET /events/search'>['items'][number]
export type Counted = Answer<'GET /events/aggregate'>
export type Export = Answer<'GET /exports'>['items'][number]

/** All that a search has under way: cancelling these ends it. */
export const SEARCHES = ['search']

export function eventsQuery(asked: Asked) {
  return infiniteQueryOptions({
    queryKey: [...SEARCHES, 'events', asked],
    queryFn: ({ pageParam, signal }) =>
      request('GET /events/search', { query: { ...asked, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    ...FIXED,
  })
}

export function countedQuery(asked: Asked) {
  return queryOptions({
    queryKey: [...SEARCHES, 'counted', asked],
    queryFn: ({ signal }) => request('GET /events/aggregate', { query: asked, signal }),
    ...FIXED,
  })
}

/** One event by its name, wherever it is. */
export function eventQuery(record: string) {
  return queryOptions({
    queryKey: ['event', record],
    queryFn: ({ signal }) => request('GET /events/{id}', { params: { id: record }, signal }),
    ...FIXED,
  })
}

/** Names that a query is completed with. */
export function fieldNamesQuery() {
  return queryOptions({
    queryKey: ['fields'],
    queryFn: async ({ signal }) => (await request('GET /events/fields', { signal })).items,
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  })
}

const EXPORT_POLL_MS = 1_000

export function exportsQuery() {
  return queryOptions({
    queryKey: ['exports'],
    queryFn: async ({ signal }) => (await request('GET /exports', { signal })).items,
    refetchInterval: ({ state }) =>
      state.data?.some((one) => one.state === 'running') === true ? EXPORT_POLL_MS : false,
  })
}
