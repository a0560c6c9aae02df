import { useCallback } from 'react'
import { useNavigate, useParams, useRouter, useSearch } from '@tanstack/react-router'
import type { Search } from './feature.ts'

/** The part of the address that a page's path calls `$name`. */
export function useParam(name: string): string {
  const params: Readonly<Record<string, string | undefined>> = useParams({ strict: false })
  return params[name] ?? ''
}

/** The parameters of the address, and a way to change some: undefined takes one away. */
export function useAddress(): [search: Search, change: (to: Search, options?: { replace?: boolean }) => void] {
  const search: Search = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = useCallback(
    (to: Search, { replace = true }: { replace?: boolean } = {}) => {
      void navigate({ to: '.', search: (kept: Search) => ({ ...kept, ...to }), replace })
    },
    [navigate],
  )
  return [search, change]
}

/** Opens an address of the console, with its parameters if it has some. */
export function useGo(): (to: string, options?: { replace?: boolean }) => void {
  const router = useRouter()
  return (to, { replace = false } = {}) => {
    if (replace) router.history.replace(to)
    else router.history.push(to)
  }
}
