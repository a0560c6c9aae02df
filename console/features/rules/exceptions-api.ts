import { type Answer, request } from '../../api/request.ts'

export type Exception = Answer<'GET /exceptions'>['items'][number]

export const STATES = ['in_force', 'expired', 'revoked', 'pending'] as const

/** @param rule only those that name it */
export function exceptionsQuery(rule?: string) {
  return {
    queryKey: ['exceptions', rule ?? ''] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      request('GET /exceptions', { query: rule === undefined ? {} : { rule }, signal }),
  }
}

/** Those that need a look first: what does nothing any more, then what ends soon; among equals the next to end. */
export function byNeed(items: readonly Exception[]): Exception[] {
  const rank = ({ problem, expiresSoon, state }: Exception): number =>
    problem !== undefined ? 0 : expiresSoon ? 1 : state === 'in_force' || state === 'pending' ? 2 : 3
  const end = ({ expiresAt = '9' }: Exception): string => expiresAt
  return items.toSorted((a, b) => rank(a) - rank(b) || (end(a) < end(b) ? -1 : 1))
}
