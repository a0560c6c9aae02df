import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { request } from '../../api/request.ts'
import { type Change, useChanges } from '../../api/stream.ts'
import type { Filter } from './filter.ts'
import { type Incident, type Pages, incidentsQuery, patchLists } from './incident-api.ts'

/** Rows that are read again at once after somebody decided about them. */
const READ_AGAIN_MAX = 5

/**
 * Keeps the rows of a list as they are now, where they stand; what would come into the list is only counted.
 * @returns how many would come in, or null where that is not known any more
 */
export function useLiveList(filter: Filter): { waiting: number | null; taken: () => void } {
  const client = useQueryClient()
  const [waiting, setWaiting] = useState<ReadonlySet<string> | null>(new Set())
  const { queryKey } = incidentsQuery(filter)
  const key = JSON.stringify(queryKey)
  const asked = useRef(key)
  useEffect(() => {
    if (asked.current === key) return
    asked.current = key
    setWaiting(new Set())
  }, [key])

  useChanges((changes) => {
    if (changes === null) return setWaiting(null)
    const pages = client.getQueryData<Pages>(queryKey)?.pages ?? []
    const here = new Map(pages.flatMap(({ items }) => items).map((item) => [item.id, item]))
    const known = new Map<string, Partial<Incident>>()
    const decided: string[] = []
    const coming: string[] = []
    for (const change of changes) {
      const { incidentId: id, version, state, level, priority, title, titleVi } = change
      const row = here.get(id)
      if (row !== undefined && version > row.version) {
        known.set(id, { version, state, level, priority, title, titleVi })
        if (change.code.startsWith('incident_')) decided.push(id)
      } else if (row === undefined && mayFit(change, filter)) coming.push(id)
    }
    if (known.size > 0) patchLists(client, known)
    // A change does not say who took the incident, nor what it turned out to be.
    void readAgain(client, [...new Set(decided)].slice(0, READ_AGAIN_MAX))
    if (coming.length > 0) setWaiting((before) => before && new Set([...before, ...coming]))
  })
  return { waiting: waiting === null ? null : waiting.size, taken: () => setWaiting(new Set()) }
}

/** Reads rows, and shows them all at once; what could not be read, the next reading of the list has. */
async function readAgain(client: QueryClient, ids: readonly string[]): Promise<void> {
  const read = await Promise.allSettled(ids.map(readRow))
  patchLists(client, new Map(read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))))
}

async function readRow(id: string): Promise<[id: string, row: Partial<Incident>]> {
  const { alerts: _alerts, history: _history, ...row } = await request('GET /incidents/{id}', { params: { id } })
  return [id, row]
}

/** Whether an incident would be in the list, as far as a change tells: not who has it, nor all its words. */
function mayFit({ state, level, agency }: Change, filter: Filter): boolean {
  return (
    (filter.state === undefined || filter.state.includes(state)) &&
    (filter.level === undefined || filter.level.includes(level)) &&
    (filter.agency === undefined || filter.agency === agency) &&
    (filter.assignee ?? '') === '' &&
    filter.q === undefined
  )
}
