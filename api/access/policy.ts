import type { Scope } from '../../store/store.ts'
import type { UserRole } from '../../store/local/users.ts'

/** What a token may be given; never to manage users or tokens, so that a leaked token cannot make itself a successor. */
export const TOKEN_SCOPES = [
  'wall:read',
  'incidents:read',
  'incidents:comment',
  'incidents:write',
  'incidents:merge',
  'events:read',
  'events:export',
  'rules:read',
  'rules:tune',
  'exceptions:write',
  'sources:read',
  'dead_letters:read',
  'dead_letters:replay',
  'agencies:read',
  'metrics:read',
  'audit:read',
  'indicators:read',
  'indicators:write',
  'blocklists:read',
  'reports:read',
] as const

/** What no token may do: who cuts somebody off is a person, and so is who agrees. */
const PERSONS_ONLY = [
  'tokens:manage',
  'users:manage',
  'webhooks:manage',
  'notifications:manage',
  'containment:request',
  'containment:approve',
  'personal:reveal',
  'holds:manage',
  'registry:manage',
] as const

export type Action = (typeof TOKEN_SCOPES)[number] | (typeof PERSONS_ONLY)[number]
export type Role = UserRole | 'service'

/** Who asks: a logged-in user, or a program with a token. */
export interface Principal {
  /** Stable, and distinct between users and tokens: `user:<name>`, `token:<id>`. */
  id: string
  /** What the history calls them. */
  name: string
  displayName: string
  role: Role
  agencies: Scope
  /** Of a token; a user's actions come from the role. */
  scopes?: readonly string[]
  mustChange: boolean
}

const READ = ['wall:read', 'incidents:read', 'rules:read', 'sources:read', 'agencies:read', 'reports:read'] as const
const HANDLE = ['incidents:comment', 'incidents:write'] as const
const TUNE = ['rules:tune', 'exceptions:write'] as const
const LOGS = ['events:read', 'events:export', 'dead_letters:read'] as const
/** Feeds are the centre's: what they say under TLP is not for the agencies. */
const INDICATORS = ['indicators:read', 'indicators:write'] as const
/** Who has to see what is hidden, and then says why: handlers of incidents, and an agency of its own people. */
const REVEAL = ['personal:reveal'] as const
const CONTAIN = ['containment:request', 'containment:approve', 'blocklists:read'] as const

/** What each role may do; in which agencies, the `agencies` of its bearer say. */
const ACTIONS: Record<Role, readonly Action[]> = {
  administrator: [...TOKEN_SCOPES, ...PERSONS_ONLY],
  lead: [
    ...READ,
    ...LOGS,
    ...HANDLE,
    ...INDICATORS,
    ...TUNE,
    ...CONTAIN,
    ...REVEAL,
    'incidents:merge',
    'dead_letters:replay',
    'metrics:read',
    'audit:read',
    'holds:manage',
    'registry:manage',
  ],
  analyst: [...READ, ...LOGS, ...HANDLE, ...INDICATORS, ...CONTAIN, ...REVEAL, 'incidents:merge'],
  analyst_l1: [...READ, ...LOGS, ...HANDLE, 'indicators:read', 'containment:request'],
  detection_engineer: [...READ, ...LOGS, ...INDICATORS, ...TUNE, 'incidents:comment', 'metrics:read'],
  agency_sysadmin: [...READ, ...LOGS, ...REVEAL, 'incidents:comment'],
  agency_viewer: READ,
  auditor: [...READ, ...LOGS, 'metrics:read', 'audit:read', 'indicators:read'],
  service: TOKEN_SCOPES,
}

/** Roles that belong to an agency, and so cannot be given all of them. */
export const AGENCY_ROLES: readonly Role[] = ['agency_sysadmin', 'agency_viewer']

/**
 * Whether a wallboard asks: its token lies in a browser that nobody watches over, and whoever stands before it can take it. It is told
 * the figures on the wall and nothing else, not even who it is.
 */
export function isWallboard({ scopes }: Principal): boolean {
  return scopes?.length === 1 && scopes[0] === 'wall:read'
}

/** The agencies whose records `principal` may see; handed to every read of every store (law 6). */
export function scopeOf(principal: Principal): Scope {
  return principal.agencies
}

export function may(principal: Principal, action: Action): boolean {
  if (principal.mustChange) return false
  if (!ACTIONS[principal.role].includes(action)) return false
  return principal.scopes === undefined || principal.scopes.includes(action)
}

/** All that `principal` may do, for a page that hides what it cannot offer. */
export function allowedTo(principal: Principal): Action[] {
  return ACTIONS[principal.role].filter((action) => may(principal, action))
}

export function sees(scope: Scope, agency: string): boolean {
  return scope === 'all' || scope.includes(agency)
}

/** Whether who sees `scope` sees all of `part`. */
export function covers(scope: Scope, part: Scope): boolean {
  return scope === 'all' || (part !== 'all' && part.every((agency) => scope.includes(agency)))
}
