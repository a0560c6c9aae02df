import { useLayoutEffect, useRef } from 'react'

/** `j`, `?`, `Enter`, or two in a row: `g i`. */
export type Keys = string

export interface Shortcut {
  keys: Keys
  /** What the help says that it does. */
  label: string
  run: () => unknown
  /** Left out of the help: another name of what stands there. */
  isHidden?: boolean
}

/** What a part of the page can do by keyboard, under the heading that the help gives it. */
export interface ShortcutGroup {
  heading: string
  shortcuts: readonly Shortcut[]
}

/** Within this the second key of a pair must follow the first. */
const PAIR_MS = 1_200

const groups = new Set<{ current: ShortcutGroup }>()
let first = ''
let firstAtMs = 0

/** The shortcuts that hold now, the innermost part of the page last. */
export function activeShortcuts(): ShortcutGroup[] {
  return [...groups]
    .map(({ current: { heading, shortcuts } }) => ({
      heading,
      shortcuts: shortcuts.filter(({ isHidden }) => isHidden !== true),
    }))
    .filter(({ shortcuts }) => shortcuts.length > 0)
}

/** Holds while the component is on screen: from the moment that what it shows is there, so that no key in between is lost. */
export function useShortcuts(group: ShortcutGroup): void {
  const held = useRef(group)
  useLayoutEffect(() => {
    held.current = group
  })
  useLayoutEffect(() => {
    groups.add(held)
    return () => {
      groups.delete(held)
    }
  }, [])
}

/** Whether what is typed there is text. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'))
  )
}

/** What a key does by itself on the thing that has the focus. */
function isTaken(event: KeyboardEvent): boolean {
  const { target, key } = event
  if (!(target instanceof HTMLElement)) return false
  if (key === 'Enter' || key === ' ')
    return target.closest('a, button, summary, [role=menuitem], [role=option]') !== null
  return false
}

/** Listens for all shortcuts of the page. */
export function listenForKeys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    // Telex and VNI make letters out of several keys: while they do, none is a shortcut.
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    // The editor stands in a shadow tree, out of which events seem to come from its host.
    if (isTyping(event.composedPath()[0] ?? null) || isTaken(event)) return
    // An open dialog has the keyboard for itself.
    if (document.querySelector('[role=dialog][aria-modal=true]') !== null) return
    const { key } = event
    const pair = performance.now() - firstAtMs < PAIR_MS && first !== '' ? `${first} ${key}` : ''
    const innermostFirst = [...groups].reverse().flatMap(({ current }) => current.shortcuts)
    const found = innermostFirst.find(({ keys }) => keys === pair) ?? innermostFirst.find(({ keys }) => keys === key)
    first = ''
    if (found !== undefined) {
      event.preventDefault()
      found.run()
    } else if (innermostFirst.some(({ keys }) => keys.startsWith(`${key} `))) {
      first = key
      firstAtMs = performance.now()
    }
  }
  addEventListener('keydown', pressed)
  return () => removeEventListener('keydown', pressed)
}
