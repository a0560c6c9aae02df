import { holds } from './period.ts'
import type { Criticality, Registry } from './registry.ts'

/** What a registry says of security levels. */
export type Levels = Pick<Registry, 'agencies' | 'systems' | 'defaultLevel'>

/** Security level in force at that time: the system's, else the agency's, else the registry's default. */
export function criticality(
  { agencies, systems, defaultLevel }: Levels,
  agency: string,
  system: string | undefined,
  atIso: string,
): Criticality {
  const levels = [...(systems.get(system ?? '')?.levels ?? []), ...(agencies.get(agency)?.levels ?? [])]
  const atMs = Date.parse(atIso)
  return levels.find((level) => holds(level, atMs))?.level ?? defaultLevel
}
