import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const STORED = 'vong-gac.theme'
const listeners = new Set<() => void>()
const wantsDark = matchMedia('(prefers-color-scheme: dark)')

function chosen(): Theme | null {
  try {
    const kept = localStorage.getItem(STORED)
    return kept === 'light' || kept === 'dark' ? kept : null
  } catch {
    return null // storage is switched off
  }
}

let theme: Theme = 'light'

/** What was chosen on this machine, or else what the system asks for, now and when it changes. */
export function applyTheme(): void {
  theme = chosen() ?? (wantsDark.matches ? 'dark' : 'light')
  document.documentElement.dataset['mantineColorScheme'] = theme
  for (const listener of listeners) listener()
}

wantsDark.addEventListener('change', applyTheme)

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => theme,
  )
}

export function setTheme(to: Theme): void {
  try {
    localStorage.setItem(STORED, to)
  } catch {
    // It follows the system then.
  }
  applyTheme()
}
