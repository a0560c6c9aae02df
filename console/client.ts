import type { Alert, Level } from '../model/alert.ts'
import type { Incident, State, Verdict } from '../model/incident.ts'

export interface Me {
  name: string
  displayName: string
  actions: string[]
  mustChangePassword: boolean
}

export interface HistoryEntry {
  at: string
  actor: string
  code: string
  params: Record<string, string | number>
  before?: Record<string, unknown>
  after?: Record<string, unknown>
}

export type IncidentDetail = Incident & { alerts: Alert[]; history: HistoryEntry[] }

export interface Page<T> {
  items: T[]
  next?: string
  total?: number
  /** There are more than `total`. */
  totalIsAtLeast?: boolean
}

export interface Decision {
  state?: State
  verdict?: Verdict | null
  assignee?: string | null
}

interface Names {
  vi: string
  en: string
}

export interface Agencies {
  agencies: { key: string; names: Names }[]
  systems: { key: string; names: Names }[]
}

/** An answer that was no success; `code` is the server's, or `unreachable`. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: string
  /** Code of the first thing wrong inside the request. */
  readonly part: string
  constructor(code: string, part = '') {
    super(code)
    this.code = code
    this.part = part
  }
}

async function call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new RequestError('unreachable')
  })
  if (answer.ok) return (answer.status === 204 ? null : await answer.json()) as T
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; errors?: { code: string }[] }
  throw new RequestError(problem.code ?? `http_${answer.status}`, problem.errors?.[0]?.code)
}

export const login = (name: string, password: string): Promise<Me> => call('POST', '/login', { name, password })
export const logout = (): Promise<null> => call('POST', '/logout')
export const whoAmI = (): Promise<Me> => call('GET', '/me')
export const changePassword = (current: string, password: string): Promise<Me> =>
  call('PATCH', '/me/password', { current, password })
export const agencies = (): Promise<Agencies> => call('GET', '/agencies')
export const sources = (): Promise<Page<{ lastSeen: string }>> => call('GET', '/sources?limit=200')
export interface Rule {
  text: string
  hash: string
  path: string
  description?: string
  triageVi?: string
}

export const rule = (id: string): Promise<Rule> => call('GET', `/rules/${encodeURIComponent(id)}`)
export const incident = (id: string): Promise<IncidentDetail> => call('GET', `/incidents/${encodeURIComponent(id)}`)

export interface ListQuery {
  states: readonly State[]
  level: Level | ''
  text: string
  sort: 'priority' | 'updated'
}

export function incidents(query: ListQuery, cursor?: string): Promise<Page<Incident>> {
  const search = new URLSearchParams({ sort: query.sort, limit: '50' })
  for (const state of query.states) search.append('state', state)
  if (query.level !== '') search.append('level', query.level)
  if (query.text !== '') search.append('q', query.text)
  if (cursor !== undefined) search.append('cursor', cursor)
  return call('GET', `/incidents?${search}`)
}

/** Only where the incident is still as it was read. */
export const change = (read: Incident, decision: Decision): Promise<Incident> =>
  call('PATCH', `/incidents/${encodeURIComponent(read.id)}`, decision, { 'if-match': `"${read.version}"` })
