import { Type } from 'typebox'
import { listHistory } from '../../store/local/history.ts'
import { holdsInForce } from '../../store/local/holds.ts'
import { chainEnd, entriesOf } from '../../store/local/integrity.ts'
import { holdsOn } from '../../store/purge.ts'
import { keptFrom, purgesThrough } from '../../store/retention.ts'
import type { Partition } from '../../store/store.ts'
import { asker } from '../access/authenticate.ts'
import { type LegalRetention, legalRetention } from '../incidents/legal.ts'
import { Problem } from '../problem.ts'
import { Day } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const LEVELS = [1, 2, 3, 4, 5] as const
/** Days ahead for which it is said what goes. */
const DAYS_AHEAD = 30
const DAY_MS = 86_400_000
const VERIFICATIONS = 10

const Law = Type.Object({
  level: Type.Integer(),
  months: Type.Integer(),
  document: Type.Object({ vi: Type.String(), en: Type.String() }),
  article: Type.String(),
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String({ description: 'The first moment at which it no longer holds.' })),
})
const Kept = Type.Object({ day: Day, levels: Type.String({ description: 'Digits; 0: records of no level.' }) })
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

/** How long the log is kept, by what, and what goes next. About all agencies, for a day is kept or deleted whole. */
export function retentionRoutes(app: ApiServer, services: Services): void {
  const { store, local, clock, legal, retention, disk } = services

  app.get(
    '/retention',
    {
      config: { action: 'audit:read' },
      schema: {
        tags: ['holds'],
        summary:
          'How long the log is kept and by what law, what the next purges delete, and how the disk and the proof stand',
        response: {
          200: Type.Object({
            today: Day,
            levels: Type.Array(
              Type.Object({
                level: Type.Integer(),
                days: Type.Integer({ description: 'As set.' }),
                law: Type.Optional(Law),
                keptFrom: Day,
              }),
            ),
            laws: Type.Array(Law, { description: 'Of every time, as the legal profiles have them.' }),
            kept: Type.Array(Type.Object({ levels: Type.String(), days: Type.Integer(), oldest: Day, newest: Day }), {
              description: 'What is there, by the levels that are kept together.',
            }),
            bytes: Type.Optional(Type.Integer({ description: 'That events and alerts take.' })),
            purges: Type.Array(
              Type.Object({
                on: Day,
                ...Kept.properties,
                holds: Type.Array(Type.String(), { description: 'Ids of holds that keep it.' }),
              }),
              { description: `What is due within ${DAYS_AHEAD} days, or was due and is held.` },
            ),
            lastPurge: Type.Optional(Type.Object({ at: Type.String(), ...Kept.properties })),
            verifications: Type.Array(
              Type.Object({
                at: Type.String(),
                day: Day,
                ok: Type.Boolean(),
                records: Type.Integer(),
                breaks: Type.Integer(),
              }),
              { description: 'Newest first.' },
            ),
            chain: Type.Object({ entries: Type.Integer() }),
            disk: Type.Object({
              freeBytes: Type.Number(),
              totalBytes: Type.Number(),
              bytesPerDay: OrNull(Type.Number()),
              fullInDays: OrNull(Type.Integer()),
            }),
          }),
        },
      },
    },
    async (request) => {
      if (asker(request).agencies !== 'all') throw new Problem('forbidden', 'audit:read for all agencies')
      const nowMs = clock()
      const today = dayOf(nowMs)
      const horizon = dayOf(nowMs + DAYS_AHEAD * DAY_MS)
      const [partitions, { bytes }] = [await store.partitions(), await store.counts('all')]
      const holds = holdsInForce(local)
      const due = [...purgesThrough(partitions, retention, horizon)].sort(([a, onA], [b, onB]) =>
        onA === onB ? (a.levels < b.levels ? -1 : 1) : onA < onB ? -1 : 1,
      )
      const purges = []
      for (const [partition, on] of due) {
        purges.push({ on, ...partition, holds: (await holdsOn(partition, holds, store)).map(({ id }) => id) })
      }
      const lastPurge = entriesOf(local, 'purge').at(-1)
      return {
        today,
        levels: LEVELS.map((level) => {
          const law = legalRetention(legal(), level, today)
          return {
            level,
            days: retention.days[level]!,
            keptFrom: keptFrom(retention, level, today),
            ...(law !== null && { law: shown(law) }),
          }
        }),
        laws: legal().flatMap((profile) => profile.retention.map(shown)),
        kept: keptTogether(partitions),
        ...(bytes !== undefined && { bytes }),
        purges,
        ...(lastPurge !== undefined && {
          lastPurge: { at: lastPurge.at, day: lastPurge.day, levels: lastPurge.levels },
        }),
        verifications: listHistory(local, { kind: 'integrity', code: 'integrity_verified', limit: VERIFICATIONS }).map(
          ({ at, subject, params }) => ({
            at,
            day: subject.id,
            ok: params['ok'] === 1,
            records: Number(params['records']),
            breaks: Number(params['breaks']),
          }),
        ),
        chain: { entries: chainEnd(local).n },
        disk: disk(),
      }
    },
  )
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function shown({ level, months, document, article, fromMs, toMs }: LegalRetention) {
  return {
    level,
    months,
    document,
    article,
    ...(Number.isFinite(fromMs) && { from: new Date(fromMs).toISOString() }),
    ...(Number.isFinite(toMs) && { to: new Date(toMs).toISOString() }),
  }
}

/** Days there are, by the levels that lie together; oldest and newest. */
function keptTogether(partitions: readonly Partition[]) {
  const byLevels = new Map<string, string[]>()
  for (const { day, levels } of partitions) byLevels.set(levels, [...(byLevels.get(levels) ?? []), day])
  return [...byLevels].map(([levels, days]) => {
    const sorted = days.sort()
    return { levels, days: days.length, oldest: sorted[0]!, newest: sorted.at(-1)! }
  })
}
