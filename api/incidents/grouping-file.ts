import { readFileSync } from 'node:fs'
import Type from 'typebox'
import { parse } from 'yaml'
import { LEVELS } from '../../model/alert.ts'
import { exact, oneOf } from '../schemas/types.ts'
import { Duration, checked, durationMs } from '../settings-file.ts'
import { type GroupingSettings, type RuleGrouping, plainGrouping } from './grouping-settings.ts'

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

/**
 * Reads the settings of grouping; docs/incidents.md says what they mean.
 * @param lookBackMs where the file names none
 * @throws with the path, the place and what is expected there
 */
export function parseGrouping(text: string, path: string, lookBackMs?: number): GroupingSettings {
  const file = checked(FILE, parse(text), path)
  const { usual } = plainGrouping(file.lookBack === undefined ? lookBackMs : durationMs(file.lookBack))
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
    usual,
    rules: byRule,
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
