import { QueryClient } from '@tanstack/react-query'
import { RequestError } from '../api/client.ts'

/** What asking again cannot mend. */
const FINAL = /^(unauthenticated|forbidden|not_found|validation|bad_|http_4)/

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 2 && !(error instanceof RequestError && FINAL.test(error.code)),
    },
  },
})
