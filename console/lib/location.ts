import { useCallback } from 'react'
import { useNavigate, useParams, useRouter, useSearch } from '@tanstack/react-router'
import type { Search } from './feature.ts'

/** `?state=new&state=on_hold` as `{ state: ['new', 'on_hold'] }`; one value stays a text. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const search = new URLSearchParams(text)
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name)
      return [name, values.length === 1 ? values[0]! : values]
    }),
  )
}

/** The other way round, with its `?`; what is undefined is left out. */
export function stringifySearch(search: Search): string {
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly string[]) : [value as string | undefined])
      .filter((one) => one !== undefined)
      .map((one) => [name, one]),
  )
  const text = new URLSearchParams(pairs).toString()
  return text === '' ? '' : `?${text}`
}

/** All values of a parameter, however often it stands there. */
export function valuesOf(search: Search, name: string): readonly string[] {
  const value = search[name]
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

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
