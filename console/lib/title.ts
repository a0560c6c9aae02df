import { useEffect } from 'react'

/** Names the page in the window's title. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Vọng Gác' : `${title} · Vọng Gác`
    return () => {
      document.title = 'Vọng Gác'
    }
  }, [title])
}
