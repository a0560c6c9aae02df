import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { type Answer, request } from './request.ts'

export type Backtest = Answer<'GET /backtests/{id}'>
export type BacktestResult = NonNullable<Backtest['result']>

const POLL_MS = 700

interface Run {
  job: Backtest | undefined
  /** It could not be started, or is not known any more. */
  error: unknown
  isUnderWay: boolean
  start: (ask: () => Promise<Backtest>) => Promise<void>
  cancel: () => void
}

/** One backtest at a time of this page; ended when the page is left, since nobody would see what comes of it. */
export function useBacktest(): Run {
  const client = useQueryClient()
  const [id, setId] = useState<string | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const [starting, setStarting] = useState(false)
  const { data: job, error } = useQuery({
    queryKey: ['backtest', id],
    queryFn: ({ signal }) => request('GET /backtests/{id}', { params: { id: id ?? '' }, signal }),
    enabled: id !== null,
    refetchInterval: ({ state }) => (isOver(state.data) || state.error !== null ? false : POLL_MS),
    staleTime: 0,
  })
  const isUnderWay = starting || (id !== null && error === null && !isOver(job))
  /** It was to be ended before the server had said what it is called. */
  const unwanted = useRef(false)
  const leave = useEffectEvent(() => {
    if (isUnderWay && id !== null) end(id)
  })
  useEffect(() => () => leave(), [])
  return {
    job,
    error: failure ?? error,
    isUnderWay,
    start: async (ask) => {
      setFailure(null)
      setId(null)
      setStarting(true)
      unwanted.current = false
      try {
        const started = await ask()
        if (unwanted.current) end(started.id)
        client.setQueryData(['backtest', started.id], started)
        setId(started.id)
      } catch (problem) {
        setFailure(problem)
      } finally {
        setStarting(false)
      }
    },
    cancel: () => {
      if (id === null) unwanted.current = true
      else end(id)
    },
  }
}

function isOver(job: Backtest | undefined): boolean {
  return job !== undefined && job.state !== 'waiting' && job.state !== 'running'
}

function end(id: string): void {
  void request('DELETE /backtests/{id}', { params: { id } }).catch(() => null)
}
