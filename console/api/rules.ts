import { request } from './request.ts'

/** A rule in force with its text. */
export function ruleQuery(id: string) {
  return {
    queryKey: ['rule', id] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /rules/{id}', { params: { id }, signal }),
    staleTime: 60_000,
  }
}
