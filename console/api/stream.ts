import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { Level } from '../../model/alert.ts'
import type { State } from '../../model/incident.ts'

/** A change of an incident, with the incident as it is now. */
export interface Change {
  at: string
  actor: string
  code: string
  incidentId: string
  number: number
  agency: string
  version: number
  state: State
  level: Level
  priority: number
  title: string
  titleVi: string
}

/** In a storm the page is drawn a few times a second, not once for each change. */
const GATHER_MS = 300
const REOPEN_MS = 15_000

/** Null: too much was missed, all is to be read anew. */
type Listener = (changes: readonly Change[] | null) => void

const listeners = new Set<Listener>()
const stateListeners = new Set<() => void>()
let source: EventSource | null = null
let isLive = true
let gathered: Change[] = []
let timer: ReturnType<typeof setTimeout> | undefined

function setLive(to: boolean): void {
  if (isLive === to) return
  isLive = to
  for (const listener of stateListeners) listener()
}

function tell(changes: readonly Change[] | null): void {
  for (const listener of listeners) listener(changes)
}

function open(): void {
  const opened = new EventSource('/api/v1/stream')
  source = opened
  opened.addEventListener('open', () => setLive(true))
  opened.addEventListener('change', ({ data }: MessageEvent<string>) => {
    gathered.push(JSON.parse(data) as Change)
    timer ??= setTimeout(() => {
      timer = undefined
      const changes = gathered
      gathered = []
      tell(changes)
    }, GATHER_MS)
  })
  opened.addEventListener('reset', () => tell(null))
  opened.addEventListener('error', () => {
    setLive(false)
    // The browser tries again by itself, except where the server refused: then the session has to come back first.
    if (opened.readyState !== EventSource.CLOSED) return
    setTimeout(() => {
      if (source !== opened) return
      open()
      tell(null)
    }, REOPEN_MS)
  })
}

/** Hears of changes as they happen, over one stream for the whole page. */
export function useChanges(listener: Listener): void {
  const held = useRef(listener)
  useEffect(() => {
    held.current = listener
  })
  useEffect(() => {
    const heard: Listener = (changes) => held.current(changes)
    listeners.add(heard)
    if (source === null) open()
    return () => {
      listeners.delete(heard)
    }
  }, [])
}

/** Whether changes are being told. */
export function useIsLive(): boolean {
  return useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    () => isLive,
  )
}
