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
