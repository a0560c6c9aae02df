import { readFileSync } from 'node:fs'
import Type from 'typebox'
import { parse } from 'yaml'
import { LEVELS, type Level } from '../../model/alert.ts'
import { WAYS, type WayKey } from '../../store/local/notices.ts'
import { ROLES, type UserRole } from '../../store/local/users.ts'
import { Duration, checked, durationMs } from '../settings-file.ts'
import { exact, oneOf } from '../schemas/types.ts'

const PEOPLE = ['assignee', 'watchers', 'owner'] as const

/** When a notice that need not come at once comes: so long after it, or at the next such hour of the day. */
export type Digest = { everyMs: number } | { minuteOfDay: number }

export interface NotifyRule {
  key: string
  /** Codes of the history. */
  about: ReadonlySet<string>
  levels?: readonly Level[]
  rules?: readonly string[]
  agencies?: readonly string[]
  to: { roles: readonly UserRole[]; users: readonly string[]; people: readonly (typeof PEOPLE)[number][] }
  by: readonly WayKey[]
  /** Not held back by quiet hours. */
  urgent: boolean
  digest?: Digest
}

export interface NotifyRules {
  gatherMs: number
  perHour: number
  retryMs: readonly number[]
  rules: readonly NotifyRule[]
}

/** `HH:MM`, 00:00 to 23:59. */
export const HOUR = '^([01][0-9]|2[0-3]):[0-5][0-9]$'
const Key = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' })
const List = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })
const FILE = exact({
  format: Type.Literal(1),
  gather: Duration,
  perHour: Type.Integer({ minimum: 1, maximum: 1_000 }),
  retry: Type.Array(Duration, { maxItems: 20 }),
  rules: Type.Array(
    exact({
      key: Key,
      about: Type.Array(Type.String({ pattern: '^[a-z_]{1,64}$' }), { minItems: 1 }),
      levels: Type.Optional(Type.Array(oneOf(LEVELS), { minItems: 1 })),
      rules: Type.Optional(List),
      agencies: Type.Optional(List),
      to: exact({
        roles: Type.Optional(Type.Array(oneOf(ROLES), { minItems: 1 })),
        users: Type.Optional(List),
        people: Type.Optional(Type.Array(oneOf(PEOPLE), { minItems: 1 })),
      }),
      by: Type.Array(oneOf(WAYS), { minItems: 1 }),
      urgent: Type.Optional(Type.Boolean()),
      digest: Type.Optional(Type.Union([Duration, Type.String({ pattern: HOUR })])),
    }),
  ),
})

/** Minutes since midnight of `HH:MM`. */
export function minuteOfDay(hour: string): number {
  const [hours, minutes] = hour.split(':').map(Number)
  return hours! * 60 + minutes!
}

/** @throws with the path and what is wrong */
export function parseNotifyRules(text: string, path: string): NotifyRules {
  const { gather, perHour, retry, rules } = checked(FILE, parse(text, { schema: 'core' }), path)
  const keys = new Set<string>()
  return {
    gatherMs: durationMs(gather),
    perHour,
    retryMs: retry.map(durationMs),
    rules: rules.map(({ key, about, to, urgent = false, digest, ...rest }): NotifyRule => {
      if (keys.has(key)) throw new Error(`${path}: rule ${key} stands there twice`)
      keys.add(key)
      const { roles = [], users = [], people = [] } = to
      if (roles.length + users.length + people.length === 0) throw new Error(`${path}: rule ${key} is for nobody`)
      return {
        key,
        about: new Set(about),
        ...rest,
        to: { roles, users, people },
        urgent,
        ...(digest !== undefined && {
          digest: digest.includes(':') ? { minuteOfDay: minuteOfDay(digest) } : { everyMs: durationMs(digest) },
        }),
      }
    }),
  }
}

export function readNotifyRules(path: string): NotifyRules {
  return parseNotifyRules(readFileSync(path, 'utf8'), path)
}
