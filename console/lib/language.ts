import { useSyncExternalStore } from 'react'

export type Language = 'vi' | 'en'

/** A sentence, or one for each plural form that a language has; `{name}` is a parameter. */
type Text = string | { one: string; other: string }
type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never
type ParamNames<T> = T extends string ? NamesIn<T> : T extends { other: infer Other } ? NamesIn<Other> | 'n' : never
type Args<T> = [ParamNames<T>] extends [never] ? [] : [params: Readonly<Record<ParamNames<T>, string | number>>]

const STORED = 'vong-gac.language'
const LOCALES = { vi: 'vi-VN', en: 'en-GB' } as const

let language: Language = remembered()
const listeners = new Set<() => void>()

function remembered(): Language {
  try {
    return globalThis.localStorage?.getItem(STORED) === 'en' ? 'en' : 'vi'
  } catch {
    return 'vi' // storage is switched off
  }
}

/** What a feature says, both languages in one place: a key or a parameter that either lacks does not compile. */
export function messages<const V extends Readonly<Record<string, Text>>>(
  vi: V,
  en: { readonly [K in keyof V]: Text },
): {
  /** The sentence for `key` in the reader's language, its parameters filled in as they are. */
  t: <K extends keyof V>(key: K, ...args: Args<V[K]>) => string
  /** Whether there is a sentence for a code that the server gave. */
  has: (key: string) => key is keyof V & string
  /** The sentence for a key that `has` found, with whatever parameters came with it. */
  say: (key: keyof V, params?: Readonly<Record<string, string | number>>, to?: Language) => string
} {
  const say = (key: keyof V, params: Readonly<Record<string, string | number>> = {}, to = language): string =>
    filled((to === 'vi' ? vi : en)[key], params, to)
  return {
    t: (key, ...[params]) => say(key, params),
    has: (key): key is keyof V & string => Object.hasOwn(vi, key),
    say,
  }
}

function filled(text: Text | undefined, params: Readonly<Record<string, string | number>>, to: Language): string {
  if (text === undefined) return ''
  const form =
    typeof text === 'string' ? text : text[plurals(to).select(Number(params['n'])) === 'one' ? 'one' : 'other']
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (!Object.hasOwn(params, name)) return whole
    const value = params[name]!
    return typeof value === 'number' ? numbers(to).format(value) : value
  })
}

/** One for each language, made when it is first used: the browser reads tables for each, before anything is drawn. */
export function perLanguage<T>(make: (locale: string, language: Language) => T): (language: Language) => T {
  const made: Partial<Record<Language, T>> = {}
  return (language) => (made[language] ??= make(LOCALES[language], language))
}

const plurals = perLanguage((locale) => new Intl.PluralRules(locale))
const numbers = perLanguage((locale) => new Intl.NumberFormat(locale))
const shortNumbers = perLanguage(
  (locale) => new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }),
)
const collators = perLanguage((locale) => new Intl.Collator(locale))

/** `12.345` in Vietnamese, `12,345` in English. */
export function number(n: number): string {
  return numbers(language).format(n)
}

/** `1,2 N`: where the room is small and the exact figure no matter. */
export function shortNumber(n: number): string {
  return shortNumbers(language).format(n)
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** `1,5 MB`; a kilobyte has 1,000 bytes. */
export function fileSize(bytes: number): string {
  const step = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const unit = SIZES[step]!
  const format = new Intl.NumberFormat(LOCALES[language], { style: 'unit', unit, maximumFractionDigits: 1 })
  return format.format(bytes / 1_000 ** step)
}

/** For `sort`, by the reader's alphabet. */
export function byAlphabet(a: string, b: string): number {
  return collators(language).compare(a, b)
}

export function currentLanguage(): Language {
  return language
}

/** Redraws with the language. */
export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => language,
  )
}

export function setLanguage(to: Language): void {
  language = to
  document.documentElement.lang = to
  try {
    localStorage.setItem(STORED, to)
  } catch {
    // It holds until the page is left.
  }
  for (const listener of listeners) listener()
}

/** The name in the reader's language. */
export function named(names: { vi: string; en: string }): string {
  return names[language]
}

/** The title of a rule or an incident in the reader's language, as far as it has one. */
export function titled({ title, titleVi = title }: { title: string; titleVi?: string | undefined }): string {
  return language === 'vi' ? titleVi : title
}
