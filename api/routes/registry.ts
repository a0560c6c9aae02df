import { Type } from 'typebox'
import { diffOf } from '../../model/line-changes.ts'
import { CHANGE_KINDS, TOUCHABLE, changedRegistry, touchedBetween } from '../../model/registry-change.ts'
import { RegistryError, readRegistryFile } from '../../model/registry-file.ts'
import { type Registry, parseRegistry, resolveSource } from '../../model/registry.ts'
import { startOfDay, zoneOffset } from '../../model/time-zone.ts'
import { addHistory } from '../../store/local/history.ts'
import { registryRevisions, registryText } from '../../store/local/registry-revisions.ts'
import { listSources } from '../../store/local/sources.ts'
import { asker } from '../access/authenticate.ts'
import { Problem } from '../problem.ts'
import { exact, limit, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { whoOf } from '../tuning/change-rule.ts'

const CHANGES_MAX = 50
/** Senders that a preview looks at, and tells of. */
const SENDERS_MAX = 5_000
const MOVED_MAX = 200
const REVISIONS_MAX = 200

const Text = Type.String({ minLength: 1, maxLength: 1_000 })
const RegistryKey = Type.String({ minLength: 1, maxLength: 64 })
const Thresholds = {
  expected: Type.Optional(Type.Boolean()),
  silentMinutes: Type.Optional(Type.Integer({ minimum: 1 })),
  fallenPercent: Type.Optional(Type.Integer({ minimum: 1 })),
  driftSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
}
const Change = exact({
  kind: oneOf(CHANGE_KINDS),
  from: Type.Optional(
    Type.String({
      pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
      description: 'First day, in the time zone of the registry, on which it is so, or on which what ends is no more.',
    }),
  ),
  key: Type.Optional(RegistryKey),
  vi: Type.Optional(Text),
  en: Type.Optional(Text),
  type: Type.Optional(RegistryKey),
  parent: Type.Optional(RegistryKey),
  successors: Type.Optional(Type.Array(RegistryKey, { maxItems: 20 })),
  role: Type.Optional(oneOf(['owner', 'operator', 'supervisor'])),
  agency: Type.Optional(RegistryKey),
  system: Type.Optional(RegistryKey),
  level: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  status: Type.Optional(oneOf(['proposed', 'approved'])),
  basis: Type.Optional(Text),
  match: Type.Optional(
    exact({
      address: Type.Optional(Text),
      certificate: Type.Optional(Text),
      hostname: Type.Optional(Text),
      stream: Type.Optional(Text),
    }),
  ),
  source: Type.Optional(Type.Integer({ minimum: 0 })),
  aliases: Type.Optional(Type.Array(Text, { maxItems: 20 })),
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })),
  ...Thresholds,
})
const CHANGES = {
  base: Type.Integer({ minimum: 1, description: 'Number of the revision that was read.' }),
  changes: Type.Array(Change, {
    minItems: 1,
    maxItems: CHANGES_MAX,
    description: 'Made one after another, and put in force at once.',
  }),
}

const DATES = { from: Type.Optional(Type.String()), to: Type.Optional(Type.String()) }
const Holder = Type.Object({ agency: Type.String(), basis: Type.Optional(Type.String()), ...DATES })
const NamedDay = Type.Object({
  date: Type.String(),
  days: Type.Optional(Type.Integer()),
  vi: Type.String(),
  en: Type.String(),
})
const Level = Type.Object({ level: Type.Integer(), status: Type.String(), basis: Type.String(), ...DATES })
const Entries = Type.Object({
  base: CHANGES.base,
  timeZone: Type.String(),
  agencies: Type.Array(
    Type.Object({
      key: Type.String(),
      vi: Type.String(),
      en: Type.String(),
      aliases: Type.Optional(Type.Array(Type.String())),
      kind: Type.String(),
      validFrom: Type.Optional(Type.String()),
      validTo: Type.Optional(Type.String()),
      parents: Type.Array(Type.Object({ agency: Type.String(), ...DATES })),
      successorOf: Type.Array(Type.String()),
      levels: Type.Array(Level),
    }),
  ),
  systems: Type.Array(
    Type.Object({
      key: Type.String(),
      vi: Type.String(),
      en: Type.String(),
      aliases: Type.Optional(Type.Array(Type.String())),
      roles: Type.Object({ owner: Type.Array(Holder), operator: Type.Array(Holder), supervisor: Type.Array(Holder) }),
      levels: Type.Array(Level),
    }),
  ),
  sources: Type.Array(
    Type.Object({
      addresses: Type.Array(Type.String()),
      certificate: Type.Optional(Type.String()),
      hostname: Type.Optional(Type.String()),
      stream: Type.Optional(Type.String()),
      agency: Type.Optional(Type.String()),
      system: Type.Optional(Type.String()),
      kind: Type.Optional(Type.String()),
      health: Type.Optional(Type.Object(Thresholds)),
      ...DATES,
    }),
  ),
  calendar: Type.Object({
    from: Type.String(),
    to: Type.String(),
    workingHours: Type.Array(
      Type.Object({ days: Type.Array(Type.Integer()), hours: Type.Array(Type.String()), ...DATES }),
    ),
    holidays: Type.Array(NamedDay),
    workingDays: Type.Array(NamedDay),
  }),
  health: Type.Object(Thresholds, { description: 'How senders are judged of which nothing else is said.' }),
})
const Hunks = Type.Array(
  Type.Object({ oldStart: Type.Integer(), newStart: Type.Integer(), lines: Type.Array(Type.String()) }),
)
const Revision = Type.Object({
  number: Type.Integer(),
  at: Type.String(),
  seq: Type.Integer({ description: 'Position of the log from which it counts.' }),
  by: Type.String({ description: 'Empty: the file was changed by hand.' }),
  why: Type.String(),
})

/** The registry with its dates, and changes of it: each begins or ends something on a day, and takes nothing back of what was. */
export function registryRoutes(app: ApiServer, services: Services): void {
  const { local, clock, changeRegistry } = services
  const forAll = (request: Parameters<typeof asker>[0]): void => {
    if (asker(request).agencies !== 'all') throw new Problem('forbidden', 'the registry is for who sees all agencies')
  }
  const newest = (): { number: number; text: string } => {
    const number = registryRevisions(local, 1)[0]?.number ?? 0
    const text = registryText(local, number)
    if (text === null) throw new Problem('not_found')
    return { number, text }
  }
  /** The text after the changes. */
  const edited = (
    { base, changes }: { base: number; changes: Parameters<typeof changedRegistry>[2] },
    text: string,
  ): string => {
    if (newest().number !== base) throw new Problem('precondition_failed', String(newest().number))
    try {
      return changedRegistry(text, 'registry', changes)
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      const { code, pointer, message } = error
      throw new Problem('registry_refused', message.slice(0, 500), {
        errors: [{ pointer, code, message: message.slice(0, 500) }],
      })
    }
  }

  app.get(
    '/registry',
    {
      config: { action: 'agencies:read' },
      schema: {
        tags: ['registry'],
        summary: 'Agencies, systems and sources with their days, as they are in force',
        response: { 200: Entries },
      },
    },
    (request) => {
      forAll(request)
      const { number, text } = newest()
      return { base: number, ...entriesOf(text) }
    },
  )

  app.post(
    '/registry/preview',
    {
      config: { action: 'registry:manage' },
      schema: {
        tags: ['registry'],
        summary: 'What changes would make of the registry, and of those who send now; nothing is changed',
        body: exact(CHANGES),
        response: {
          200: Type.Object({
            hunks: Hunks,
            touched: Type.Array(
              Type.Object({
                of: oneOf(TOUCHABLE),
                key: Type.Optional(Type.String()),
                part: Type.String({ description: '`validTo`, `levels`, `roles.owner` …; `all` of what is new.' }),
              }),
            ),
            moved: Type.Array(
              Type.Object({
                source: Type.String(),
                before: Type.Object({ agency: Type.String(), system: Type.Optional(Type.String()) }),
                after: Type.Object({ agency: Type.String(), system: Type.Optional(Type.String()) }),
              }),
              { description: `Who sent so far and would be somebody else's, by address alone; at most ${MOVED_MAX}.` },
            ),
            past: Type.Boolean({
              description: 'Something is dated before today: what is stored already keeps its agency.',
            }),
          }),
        },
      },
    },
    (request) => {
      forAll(request)
      const { text } = newest()
      const after = edited(request.body, text)
      const days = request.body.changes.flatMap(({ from }) => from ?? [])
      const fresh = parseRegistry(after, 'registry')
      const offset = zoneOffset(fresh.timeZone)
      const atMs = Math.max(clock(), ...days.map((day) => startOfDay(offset, day)))
      const today = new Date(clock() + offset(clock())).toISOString().slice(0, 10)
      return {
        hunks: diffOf(text, after),
        touched: touchedBetween(text, after),
        moved: movedSenders(services, { before: parseRegistry(text, 'registry'), after: fresh, atMs }),
        past: days.some((day) => day < today),
      }
    },
  )

  app.post(
    '/registry/changes',
    {
      config: { action: 'registry:manage' },
      schema: {
        tags: ['registry'],
        summary: 'Put changes of the registry in force, with who made them and why',
        body: exact({ ...CHANGES, why: Type.String({ minLength: 3, maxLength: 1_000 }) }),
        response: { 200: Type.Object({ seq: Revision.properties.seq, number: Type.Integer() }) },
      },
    },
    async (request) => {
      forAll(request)
      const { why, changes } = request.body
      const by = whoOf(asker(request))
      const { seq } = await changeRegistry((text) => edited(request.body, text), { by, why })
      const { number } = newest()
      addHistory(local, [
        {
          at: new Date(clock()).toISOString(),
          actor: by,
          subject: { kind: 'registry', id: String(number) },
          code: 'registry_changed',
          params: { why, seq },
          after: { changes },
        },
      ])
      return { seq, number }
    },
  )

  app.get(
    '/registry/revisions',
    {
      config: { action: 'agencies:read' },
      schema: {
        tags: ['registry'],
        summary: 'Every registry that was in force, newest first: who changed it, when and why',
        querystring: exact({ limit: Type.Optional(limit(REVISIONS_MAX, REVISIONS_MAX)) }),
        response: { 200: Type.Object({ items: Type.Array(Revision) }) },
      },
    },
    (request) => {
      forAll(request)
      return { items: registryRevisions(local, request.query.limit ?? REVISIONS_MAX) }
    },
  )

  app.get(
    '/registry/diff',
    {
      config: { action: 'agencies:read' },
      schema: {
        tags: ['registry'],
        summary: 'What differs between two of them; without `to`, up to the newest',
        querystring: exact({ from: Type.Integer({ minimum: 1 }), to: Type.Optional(Type.Integer({ minimum: 1 })) }),
        response: { 200: Type.Object({ from: Type.Integer(), to: Type.Integer(), hunks: Hunks }) },
      },
    },
    (request) => {
      forAll(request)
      const { from, to = newest().number } = request.query
      const [before, after] = [registryText(local, from), registryText(local, to)]
      if (before === null || after === null) throw new Problem('not_found')
      return { from, to, hunks: diffOf(before, after) }
    },
  )
}

function entriesOf(text: string) {
  const { timeZone, agencies, systems, sources, calendar, health = {} } = readRegistryFile(text, 'registry').file
  return {
    timeZone,
    calendar: { ...calendar, workingDays: calendar.workingDays ?? [] },
    health,
    agencies: Object.entries(agencies).map(([key, { parent, parents, successorOf = [], levels = [], ...agency }]) => ({
      key,
      ...agency,
      parents: parents ?? (parent === undefined ? [] : [{ agency: parent }]),
      successorOf: successorOf.map((former) => former.agency),
      levels,
    })),
    systems: Object.entries(systems).map(([key, { vi, en, aliases, roles, levels = [] }]) => ({
      key,
      vi,
      en,
      ...(aliases !== undefined && { aliases }),
      roles: { owner: roles.owner, operator: roles.operator ?? [], supervisor: roles.supervisor ?? [] },
      levels,
    })),
    sources: sources.map(({ match: { address, ...others }, agency, system, kind, health: own, from, to }) => ({
      addresses: [address ?? []].flat(),
      ...others,
      ...(agency !== undefined && { agency }),
      ...(system !== undefined && { system }),
      ...(kind !== undefined && { kind }),
      ...(own !== undefined && { health: own }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    })),
  }
}

/** Who has sent, and would be somebody else's at that time: as far as an address says it, for a token is not in the registry. */
function movedSenders(
  { local }: Services,
  { before, after, atMs }: { before: Registry; after: Registry; atMs: number },
) {
  const at = new Date(atMs).toISOString()
  const seen = new Set(listSources(local, { scope: 'all', limit: SENDERS_MAX }).map(({ source }) => source))
  const moved = []
  for (const source of seen) {
    const [, address = '', ...stream] = source.split('/')
    const sender = { address, ...(stream.length > 0 && { stream: stream.join('/') }) }
    const [was, is] = [before, after].map((registry) => {
      const { agency, system } = resolveSource(registry, sender, at)
      return { agency, ...(system !== undefined && { system }) }
    })
    if (was!.agency === is!.agency && was!.system === is!.system) continue
    moved.push({ source, before: was!, after: is! })
    if (moved.length === MOVED_MAX) break
  }
  return moved
}
