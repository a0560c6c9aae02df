import { useQuery, useQueryClient } from '@tanstack/react-query'
import { toastProblem } from '../../ui/toasts.tsx'

/** Reads a part of an incident; it is read anew with the incident itself. */
export function usePart<T>(id: string, name: string, read: (signal: AbortSignal) => Promise<T>) {
  return useQuery({ queryKey: ['incident', id, name], queryFn: ({ signal }) => read(signal) })
}

/** Does something to an incident, reads it anew, and says what went wrong; true where all went well. */
export function useDeed(id: string): (work: Promise<unknown>) => Promise<boolean> {
  const client = useQueryClient()
  return async (work) => {
    try {
      await work
      return true
    } catch (problem) {
      toastProblem(problem)
      return false
    } finally {
      await client.invalidateQueries({ queryKey: ['incident', id] })
    }
  }
}
