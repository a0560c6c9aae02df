import type { Alert } from '../../../model/alert.ts'
import type { Incident } from '../../../model/incident.ts'
import { get } from '../../api/client.ts'
import type { Search } from '../../lib/feature.ts'

export interface HistoryEntry {
  at: string
  actor: string
  code: string
  params: Record<string, string | number>
  before?: Record<string, unknown>
  after?: Record<string, unknown>
}

export type IncidentDetail = Incident & { alerts: Alert[]; history: HistoryEntry[] }

export interface IncidentsPage {
  items: Incident[]
  next?: string
  /** On the first page. */
  total?: number
  /** There are more than `total`. */
  totalIsAtLeast?: boolean
}

const PAGE_SIZE = 100

/** The list that an address asks for, page by page. */
export function incidentsQuery(search: Search) {
  return {
    queryKey: ['incidents', search],
    queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) =>
      get<IncidentsPage>(
        '/incidents',
        { ...search, limit: PAGE_SIZE, ...(pageParam !== '' && { cursor: pageParam }) },
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }: IncidentsPage) => next,
  }
}

export function incidentQuery(id: string) {
  return {
    queryKey: ['incident', id],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      get<IncidentDetail>(`/incidents/${encodeURIComponent(id)}`, undefined, signal),
  }
}
