import { addressOf } from '../../api/request.ts'
import type { Search } from '../../lib/feature.ts'
import { filterOf } from './filter.ts'
import { listAddress } from './incident-api.ts'

/** What the list reads, and what one incident does. The list is also what opens where no page is named. */
export default function early(path: string, search: Search): string[] {
  if (path === '/' || path === '/incidents') return [listAddress(filterOf(path === '/' ? {} : search))]
  const [, id] = /^\/incidents\/([\w-]+)$/.exec(path) ?? []
  return id === undefined ? [] : [addressOf('GET /incidents/{id}', { params: { id } })]
}
