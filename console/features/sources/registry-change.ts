import { useSyncExternalStore } from 'react'
import { type Answer, request } from '../../api/request.ts'
import { calendarDay } from '../../lib/time.ts'
import { visible } from '../../lib/highlight.ts'
import { has, say, t } from './registry-messages.ts'

export type Registry = Answer<'GET /registry'>
export type Change = Parameters<typeof request<'POST /registry/preview'>>[1]['body']['changes'][number]
export type Kind = Change['kind']
export type Role = 'owner' | 'operator' | 'supervisor'
export const ROLES: readonly Role[] = ['owner', 'operator', 'supervisor']

/** Kinds that have a word here; a registry may say others. */
export const AGENCY_KINDS = ['party', 'council', 'committee', 'department', 'board', 'police', 'district', 'commune']
export const SENDER_KINDS = ['server', 'workstation', 'application', 'firewall', 'network', 'camera']

export function kindText(kind: string): string {
  const key = `is.${kind}`
  return has(key) ? say(key) : visible(kind)
}

export const registryQuery = {
  queryKey: ['registry'] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) => request('GET /registry', { signal }),
}

export function nameOf(registry: Registry, key: string): { vi: string; en: string } {
  return [...registry.agencies, ...registry.systems].find((entry) => entry.key === key) ?? { vi: key, en: key }
}

/** Whether an entry with such days counts on a day or after it. */
export function lasts(to: string | undefined, today: string): boolean {
  return to === undefined || to > today
}

/** Today in the registry's days; its time zone is the province's. */
export function todayIn(timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone }).format(Date.now())
}

/** `từ 01/03/2025 đến trước 01/07/2025`; empty where there are no days. */
export function periodText({ from, to }: { from?: string; to?: string }): string {
  if (from === undefined) return to === undefined ? '' : t('until', { to: calendarDay(to) })
  return to === undefined
    ? t('since', { from: calendarDay(from) })
    : t('between', { from: calendarDay(from), to: calendarDay(to) })
}

interface Match {
  addresses: readonly string[]
  certificate?: string | undefined
  hostname?: string | undefined
  stream?: string | undefined
}

/** By what a sender is known. */
export function matchText({ addresses, certificate, hostname, stream }: Match): string {
  return [
    addresses.join(', '),
    hostname === undefined ? '' : t('match.hostname', { name: hostname }),
    stream === undefined ? '' : t('match.stream', { name: stream }),
    certificate === undefined ? '' : t('match.certificate', { name: `${certificate.slice(0, 12)}…` }),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** What somebody has put together and not saved yet; it outlives the page, and a session that ends. */
const STORED = 'vong-gac.registry-draft'
const NONE: readonly Change[] = []
let draft: readonly Change[] = read()
const listeners = new Set<() => void>()

function read(): readonly Change[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(STORED) ?? '[]')
    return Array.isArray(kept) ? (kept as Change[]) : NONE
  } catch {
    return NONE // storage is switched off, or somebody wrote into it
  }
}

export function setDraft(to: readonly Change[]): void {
  draft = to
  try {
    sessionStorage.setItem(STORED, JSON.stringify(to))
  } catch {
    // It holds until the page is left.
  }
  for (const listener of listeners) listener()
}

export function useDraft(): readonly Change[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => draft,
  )
}
