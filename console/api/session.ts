import { useSyncExternalStore } from 'react'
import { forgetEarly } from '../lib/early.ts'
import { type Answer, request, whenSessionEnds } from './request.ts'

/** Who works with the page, and in `actions` what they may do, as docs/api.md names it. */
export type Me = Answer<'GET /me'>

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

/** Whether the user may do something: what may not be done is not offered. */
export function useMay(action: string): boolean {
  return useMe().actions.includes(action)
}

/** Asks who the cookie belongs to. @throws {RequestError} `unauthenticated` where nobody is logged in */
export async function resume(): Promise<void> {
  set({ state: 'open', me: await request('GET /me') })
}

export interface Credentials {
  name: string
  password: string
  code?: string
}

/** @throws {RequestError} `second_factor_required` where a code is wanted as well */
export async function logIn(credentials: Credentials): Promise<void> {
  const me = await request('POST /login', { body: credentials })
  forgetEarly()
  // What one user has on screen is not another's to see.
  if (session.state === 'ended' && session.me.name !== me.name) location.assign('/')
  else set({ state: 'open', me })
}

export async function logOut(): Promise<void> {
  await request('POST /logout').catch(() => null)
  location.assign('/')
}

export async function changePassword(current: string, password: string): Promise<void> {
  set({ state: 'open', me: await request('PATCH /me/password', { body: { current, password } }) })
}
