import { useSyncExternalStore } from 'react'
import { ask, whenSessionEnds } from './client.ts'

export interface Me {
  name: string
  displayName: string
  role: string
  agencies: 'all' | string[]
  /** What this user may do, as docs/api.md names it. */
  actions: string[]
  mustChangePassword: boolean
  secondFactor: boolean
}

/** `me`: as the server last said; `ended` while the page is open but its session is no more. */
export type Session = { state: 'none' } | { state: 'open' | 'ended'; me: Me }

let session: Session = { state: 'none' }
const listeners = new Set<() => void>()

function set(to: Session): void {
  session = to
  for (const listener of listeners) listener()
}

whenSessionEnds(() => {
  if (session.state === 'open') set({ state: 'ended', me: session.me })
})

export function useSession(): Session {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => session,
  )
}

/** Who works with the page; only below the shell, which is drawn for nobody else. */
export function useMe(): Me {
  const found = useSession()
  if (found.state === 'none') throw new Error('nobody is logged in')
  return found.me
}

/** Asks who the cookie belongs to. @throws {RequestError} `unauthenticated` where nobody is logged in */
export async function resume(): Promise<void> {
  set({ state: 'open', me: await ask<Me>('GET', '/me') })
}

export interface Credentials {
  name: string
  password: string
  code?: string
}

/** @throws {RequestError} `second_factor_required` where a code is wanted as well */
export async function logIn(credentials: Credentials): Promise<void> {
  const me = await ask<Me>('POST', '/login', { body: credentials })
  // What one user has on screen is not another's to see.
  if (session.state === 'ended' && session.me.name !== me.name) location.assign('/')
  else set({ state: 'open', me })
}

export async function logOut(): Promise<void> {
  await ask('POST', '/logout').catch(() => null)
  location.assign('/')
}

export async function changePassword(current: string, password: string): Promise<void> {
  set({ state: 'open', me: await ask<Me>('PATCH', '/me/password', { body: { current, password } }) })
}
