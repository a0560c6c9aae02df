import { useQuery } from '@tanstack/react-query'
import { named } from '../lib/language.ts'
import { type Answer, request } from './request.ts'

interface Names {
  vi: string
  en: string
}

export const agenciesQuery = {
  queryKey: ['agencies'] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /agencies', { signal }),
  staleTime: 5 * 60_000,
}

/** The registry as far as the user sees it; empty until it is read. */
export function useAgencies(): Answer<'GET /agencies'> & {
  agencyName: (key: string) => string
  systemName: (key: string) => string
} {
  const { data } = useQuery(agenciesQuery)
  const { names = { vi: '', en: '' }, agencies = [], systems = [] } = data ?? {}
  const nameIn =
    (entries: readonly { key: string; names: Names }[]) =>
    (key: string): string => {
      const entry = entries.find((one) => one.key === key)
      return entry === undefined ? key : named(entry.names)
    }
  return { names, agencies, systems, agencyName: nameIn(agencies), systemName: nameIn(systems) }
}
