import { readFileSync } from 'node:fs'
import Type from 'typebox'
import { parse } from 'yaml'
import type { Names } from '../../model/registry.ts'
import { ROLES, type UserRole } from '../../store/local/users.ts'
import type { Scope } from '../../store/store.ts'
import { checked } from '../settings-file.ts'
import { AgencyList, exact, oneOf } from '../schemas/types.ts'
import { AGENCY_ROLES } from './policy.ts'

/** Which groups of a single sign-on give which role, in which agencies. */
export interface GroupMap extends Names {
  groups: readonly { group: string; role: UserRole; agencies: Scope }[]
}

const Text = Type.String({ minLength: 1, maxLength: 200 })
const FILE = exact({
  format: Type.Literal(1),
  vi: Text,
  en: Text,
  groups: Type.Array(exact({ group: Text, role: oneOf(ROLES), agencies: AgencyList }), { minItems: 1 }),
})

/** @throws with the path and what is wrong */
export function parseGroupMap(text: string, path: string): GroupMap {
  const { vi, en, groups } = checked(FILE, parse(text, { schema: 'core' }), path)
  for (const { group, role, agencies } of groups) {
    if (AGENCY_ROLES.includes(role) && (agencies === 'all' || agencies.length === 0)) {
      throw new Error(`${path}: group ${group}: ${role} needs a list of agencies`)
    }
  }
  return { vi, en, groups }
}

export function readGroupMap(path: string): GroupMap {
  return parseGroupMap(readFileSync(path, 'utf8'), path)
}

/** What somebody in these groups is: the role of the first row that fits, in the agencies of all its rows; null: nobody. */
export function standingOf(
  { groups }: GroupMap,
  member: readonly string[],
): { role: UserRole; agencies: Scope } | null {
  const rows = groups.filter(({ group }) => member.includes(group))
  const [first] = rows
  if (first === undefined) return null
  const { role } = first
  const scopes = rows.filter((row) => row.role === role).map(({ agencies }) => agencies)
  return { role, agencies: scopes.includes('all') ? 'all' : [...new Set(scopes.flat())].sort() }
}
