import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import type { State, Verdict } from '../../../model/incident.ts'
import { type Answer, RequestError, addressOf, request } from '../../api/request.ts'
import type { Filter } from './filter.ts'

export type Incident = Answer<'GET /incidents'>['items'][number]
export type IncidentDetail = Answer<'GET /incidents/{id}'>
export type Alert = IncidentDetail['alerts'][number]
export type Evidence = Alert['evidence'][number]
export type HistoryEntry = IncidentDetail['history'][number]
export type IncidentsPage = Answer<'GET /incidents'>
export type Pages = InfiniteData<IncidentsPage, string>

/** What an analyst decides; what is not named stays. */
export interface Decision {
  state?: State
  verdict?: Verdict | null
  assignee?: string | null
}

const PAGE_SIZE = 100
/** Rows do not move by themselves while somebody looks; who comes back after this finds them anew. */
const LIST_STALE_MS = 60_000

function firstPage(filter: Filter) {
  return { query: { ...filter, limit: PAGE_SIZE } }
}

/** Where the beginning of a list is read. */
export function listAddress(filter: Filter): string {
  return addressOf('GET /incidents', firstPage(filter))
}

export function incidentsQuery(filter: Filter) {
  return {
    queryKey: ['incidents', filter] as const,
    queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) =>
      request('GET /incidents', {
        query: { ...firstPage(filter).query, ...(pageParam !== '' && { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }: IncidentsPage) => next,
    staleTime: LIST_STALE_MS,
    refetchOnWindowFocus: false,
  }
}

export function incidentQuery(id: string) {
  return {
    queryKey: ['incident', id] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /incidents/{id}', { params: { id }, signal }),
  }
}

/** Puts what is known of incidents into every list that has them, where they stand. */
export function patchLists(client: QueryClient, known: ReadonlyMap<string, Partial<Incident>>): void {
  client.setQueriesData<Pages>({ queryKey: ['incidents'] }, (data) => {
    if (data === undefined || !data.pages.some(({ items }) => items.some(({ id }) => known.has(id)))) return data
    return {
      ...data,
      pages: data.pages.map((page) => ({
        ...page,
        // A row that nothing is known of stays the same object, and is not drawn again.
        items: page.items.map((item) => (known.has(item.id) ? { ...item, ...known.get(item.id) } : item)),
      })),
    }
  })
}

/**
 * Decides about one incident as it was read. Lists and the incident's page show what came of it at once; where somebody else was
 * quicker, what it is now.
 * @throws {RequestError}
 */
export async function decide(client: QueryClient, read: Incident, decision: Decision): Promise<void> {
  const params = { id: read.id }
  try {
    const changed = await request('PATCH /incidents/{id}', { params, ifMatch: read.version, body: decision })
    show(client, changed)
  } catch (error) {
    if (error instanceof RequestError && error.code === 'precondition_failed') {
      const { alerts: _alerts, history: _history, ...now } = await request('GET /incidents/{id}', { params })
      show(client, now)
    }
    throw error
  } finally {
    void client.invalidateQueries({ queryKey: ['incident', read.id] })
  }
}

function show(client: QueryClient, incident: Incident): void {
  const known = withoutGone(incident)
  patchLists(client, new Map([[incident.id, known]]))
  client.setQueryData<IncidentDetail>(incidentQuery(incident.id).queryKey, (read) => read && { ...read, ...known })
}

/** A patch that also takes away what the incident no longer has. */
function withoutGone(incident: Incident): Partial<Incident> {
  return { verdict: undefined, assignee: undefined, mergedInto: undefined, ...incident } as Partial<Incident>
}

export type Job = Answer<'GET /jobs/{id}'>
/** What a bulk decision is about: incidents by name, or all that fit a filter. */
export type Targets = { ids: string[] } | { filter: Omit<Filter, 'sort'>; expected: number }

/** How many fit, exactly, where the list only knows that they are many. */
export async function exactCount(filter: Omit<Filter, 'sort'>): Promise<number> {
  try {
    // Nothing is changed: the server refuses what was meant for none, and says how many there are.
    await request('POST /incidents/bulk', { body: { filter, expected: 0, change: { assignee: null } } })
    return 0
  } catch (error) {
    if (error instanceof RequestError && error.code === 'count_changed') return Number(error.detail)
    throw error
  }
}

const POLL_MS = 250

/** Starts a bulk decision and waits for its end, telling how far it is. @throws {RequestError} */
export async function decideAll(targets: Targets, change: Decision, progress: (job: Job) => void): Promise<Job> {
  return finished(await request('POST /incidents/bulk', { body: { ...targets, change } }), progress)
}

/** Takes a bulk decision back, except where somebody decided otherwise since. @throws {RequestError} */
export async function undoAll(id: string, progress: (job: Job) => void): Promise<Job> {
  return finished(await request('POST /jobs/{id}/undo', { params: { id } }), progress)
}

async function finished(started: Job, progress: (job: Job) => void): Promise<Job> {
  let job = started
  while (job.state === 'running' || job.state === 'undoing') {
    progress(job)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    job = await request('GET /jobs/{id}', { params: { id: job.id } })
  }
  return job
}
