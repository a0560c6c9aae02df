import { QueryClient } from '@tanstack/react-query'
import { RequestError } from './request.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 2 && !isFinal(error),
    },
  },
})

/** What asking again cannot mend: the server refused, and will again. */
function isFinal(error: unknown): boolean {
  return error instanceof RequestError && error.status >= 400 && error.status < 500 && error.status !== 429
}
