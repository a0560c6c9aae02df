import { readFileSync } from 'node:fs'
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { type Alert, type Entity, LEVELS, type Level } from '../../model/alert.ts'
import { exact, oneOf } from '../schemas/types.ts'

/** How the alerts of one rule are grouped. */
export interface RuleGrouping {
  /** How far in event time an alert may lie from an incident that it joins. */
  lookBackMs: number
  /** What its alerts are grouped by, where they have it; else their first entity. `rule`: all of an agency together. */
  by?: Entity['kind'] | 'rule'
  /** A further alert after the incident was resolved or closed opens one that follows it, or opens it again. */
  afterHandled: 'follow' | 'reopen'
}

export interface GroupingSettings {
  ruleGrouping: (rule: Alert['rule']) => RuleGrouping
  /** Absent: every alert opens an incident or joins one. */
  risk?: {
    points: Partial<Record<Level, number>>
    threshold: number
    windowMs: number
    /** How often one rule counts. */
    repeatsMax: number
  }
  /** Absent: a rule may open any number of incidents. */
  storm?: {
    /** More than these, opened by one rule in one agency within `withinMs` of event time, are one. */
    incidentsMax: number
    withinMs: number
    /** The storm is over when the rule was quiet for so long. */
    quietMs: number
  }
}

const DAY_MS = 86_400_000
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS } as const

export const Duration = Type.String({ pattern: '^[1-9][0-9]{0,5}[smhd]$', description: 'a number with s, m, h or d' })
const Points = Type.Integer({ minimum: 0, maximum: 1_000 })
const FILE = exact({
  format: Type.Literal(1),
  lookBack: Type.Optional(Duration),
  rules: Type.Optional(
    Type.Array(
      exact({
        rules: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'ids of rules' }),
        lookBack: Type.Optional(Duration),
        by: Type.Optional(oneOf(['host', 'user', 'ip', 'rule'])),
        afterHandled: Type.Optional(oneOf(['follow', 'reopen'])),
      }),
    ),
  ),
  risk: Type.Optional(
    exact({
      points: exact(Object.fromEntries(LEVELS.map((level) => [level, Type.Optional(Points)]))),
      threshold: Type.Integer({ minimum: 1 }),
      window: Duration,
      repeats: Type.Integer({ minimum: 1 }),
    }),
  ),
  storm: Type.Optional(
    exact({ incidents: Type.Integer({ minimum: 1, maximum: 1_000 }), within: Duration, quiet: Duration }),
  ),
})

/** Milliseconds of a number with s, m, h or d. */
export function durationMs(duration: string): number {
  return Number(duration.slice(0, -1)) * UNITS[duration.at(-1) as keyof typeof UNITS]
}

/** The same for all rules: no risk score, no storm. */
export function plainGrouping(lookBackMs: number = DAY_MS): GroupingSettings {
  return { ruleGrouping: () => ({ lookBackMs, afterHandled: 'follow' }) }
}

/**
 * Reads the settings of grouping; docs/incidents.md says what they mean.
 * @param lookBackMs where the file names none
 * @throws with the path, the place and what is expected there
 */
export function parseGrouping(text: string, path: string, lookBackMs: number = DAY_MS): GroupingSettings {
  const file = checked(FILE, parse(text), path)
  const usual: RuleGrouping = {
    lookBackMs: file.lookBack === undefined ? lookBackMs : durationMs(file.lookBack),
    afterHandled: 'follow',
  }
  const byRule = new Map<string, RuleGrouping>()
  for (const { rules, lookBack, by, afterHandled = 'follow' } of file.rules ?? []) {
    for (const rule of rules) {
      if (byRule.has(rule)) throw new Error(`${path}: rule ${rule} stands there twice`)
      byRule.set(rule, {
        lookBackMs: lookBack === undefined ? usual.lookBackMs : durationMs(lookBack),
        afterHandled,
        ...(by !== undefined && { by }),
      })
    }
  }
  const { risk, storm } = file
  return {
    ruleGrouping: ({ id }) => byRule.get(id) ?? usual,
    ...(risk !== undefined && {
      risk: {
        points: risk.points,
        threshold: risk.threshold,
        windowMs: durationMs(risk.window),
        repeatsMax: risk.repeats,
      },
    }),
    ...(storm !== undefined && {
      storm: { incidentsMax: storm.incidents, withinMs: durationMs(storm.within), quietMs: durationMs(storm.quiet) },
    }),
  }
}

export function readGrouping(path: string, lookBackMs?: number): GroupingSettings {
  return parseGrouping(readFileSync(path, 'utf8'), path, lookBackMs)
}

/** `value`, which fits `schema`. @throws with the first place where it does not */
export function checked<T extends TSchema>(schema: T, value: unknown, path: string): Static<T> {
  const [error] = Value.Errors(schema, value)
  if (error === undefined) return value as Static<T>
  const names = error.params as { additionalProperties?: string[] }
  throw new Error(
    `${path}: ${error.instancePath || '/'} ${error.message} ${names.additionalProperties?.join(', ') ?? ''}`,
  )
}
