import { type Language, type MessageKey, message } from './messages.ts'

const STORED = 'vong-gac.language'

function remembered(): Language {
  try {
    return localStorage.getItem(STORED) === 'en' ? 'en' : 'vi'
  } catch {
    return 'vi' // storage is switched off
  }
}

let language = remembered()
document.documentElement.lang = language

export function t(key: MessageKey, params?: Record<string, string | number>): string {
  return message(language, key, params)
}

/** `many` with its `{n}`, or `one` where English has a word of its own for it. */
export function counted(n: number, one: MessageKey, many: MessageKey): string {
  return n === 1 ? t(one) : t(many, { n })
}

/** The name in the reader's language. */
export function named(names: { vi: string; en: string }): string {
  return names[language]
}

/** The title of a rule or an incident in the reader's language, as far as it has one. */
export function titled({ title, titleVi = title }: { title: string; titleVi?: string }): string {
  return language === 'vi' ? titleVi : title
}

export function switchLanguage(): void {
  language = language === 'vi' ? 'en' : 'vi'
  document.documentElement.lang = language
  try {
    localStorage.setItem(STORED, language)
  } catch {
    // It holds until the page is left.
  }
}
