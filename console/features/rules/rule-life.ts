import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Answer, RequestError, request } from '../../api/request.ts'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t } from './rule-messages.ts'

export type Revision = Answer<'GET /rules/{id}/revisions'>['items'][number]

interface Made {
  seq: number
  /** Of a rule that was added. */
  id?: string
}

const POLLS_MAX = 40
const POLL_MS = 400

export function revisionsQuery(id: string) {
  return {
    queryKey: ['rule', id, 'revisions'] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /rules/{id}/revisions', { params: { id }, signal }),
  }
}

/**
 * Makes a change of a rule and has the page show it once it is in force: the answer names the position of the log from which it
 * holds, and the pipeline has to come to it first.
 * @returns whether a change is under way, and how to make one; true: it was made
 */
export function useRuleChange(id: string): [busy: boolean, make: (change: () => Promise<Made>) => Promise<boolean>] {
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const make = async (change: () => Promise<Made>): Promise<boolean> => {
    setBusy(true)
    try {
      const { seq, id: added = id } = await change()
      await inForce(added, seq)
      await Promise.all([
        client.invalidateQueries({ queryKey: ['rule', id] }),
        client.invalidateQueries({ queryKey: ['rules'] }),
      ])
      toast(t('change.done', { seq: String(seq) }))
      return true
    } catch (problem) {
      toastProblem(problem)
      return false
    } finally {
      setBusy(false)
    }
  }
  return [busy, make]
}

/** Waits until the rule has a revision of that position; gives up where it has none, since nothing was different. */
async function inForce(id: string, seq: number): Promise<void> {
  for (let polls = 0; polls < POLLS_MAX; polls++) {
    const items = await revisionsOf(id)
    if (items.some((revision) => revision.seq >= seq)) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** None where there is no such rule: a new one is unknown until the log has come to it. */
async function revisionsOf(id: string): Promise<readonly { seq: number }[]> {
  try {
    return (await request('GET /rules/{id}/revisions', { params: { id } })).items
  } catch (problem) {
    if (problem instanceof RequestError && problem.status === 404) return []
    throw problem
  }
}
