import type { QueryClient } from '@tanstack/react-query'
import { type Filter, filterOf } from './filter.ts'
import { type Pages, incidentsQuery } from './incident-api.ts'

let last: Filter = filterOf({})

/** The list that was looked at last: its next incident is the next one to be worked on. */
export function rememberList(filter: Filter): void {
  last = filter
}

/** The incidents before and after one, in the list that was looked at last, as far as it was read. */
export function neighboursOf(client: QueryClient, id: string): { before?: string; after?: string } {
  const pages = client.getQueryData<Pages>(incidentsQuery(last).queryKey)?.pages ?? []
  const ids = pages.flatMap(({ items }) => items.map((item) => item.id))
  const at = ids.indexOf(id)
  const [before, after] = at === -1 ? [undefined, undefined] : [ids[at - 1], ids[at + 1]]
  return { ...(before !== undefined && { before }), ...(after !== undefined && { after }) }
}
