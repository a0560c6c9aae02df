import type { Encoding } from './encoding.ts'
import { LRUCache } from 'lru-cache'
import { UNREGISTERED } from './event.ts'
import { criticality } from './criticality.ts'
import type { HealthDefaults, HealthSettings, Maintenance } from './health.ts'
import { holds, type Period } from './period.ts'
import {
  isKey,
  readRegistryFile,
  type Fail,
  type LevelEntry,
  type NamedDays,
  type Pointer,
  type RegistryFile,
} from './registry-file.ts'
import { compileSources, parseNetwork, type Claim, type Network, type Source, HOSTNAME_MAX } from './source-table.ts'
import { startOfDay, zoneOffset } from './time-zone.ts'

export { RegistryError } from './registry-file.ts'

/** Security level of an information system, 1 (lowest) to 5. */
export type Criticality = 1 | 2 | 3 | 4 | 5

export interface Names {
  vi: string
  en: string
}

const ROLES = ['owner', 'operator', 'supervisor'] as const
/** owner: chủ quản; operator: đơn vị vận hành; supervisor: who watches over its cyber security. */
export type Role = (typeof ROLES)[number]

export interface RoleHolder extends Period {
  agency: string
  /** The decision that says so. */
  basis?: string
}

export interface SecurityLevel extends Period {
  level: Criticality
  status: 'proposed' | 'approved'
  /** Legal basis, as text: `NĐ 331/2026 Đ13.2`. */
  basis: string
}

export interface Agency extends Names, Period {
  key: string
  aliases: string[]
  kind: string
  /** Above it, when. Empty: a root. */
  parents: (Period & { agency: string })[]
  /** Whose duties it took over, when they ended; several have the same predecessor where duties were split. */
  successorOf: { agency: string; note?: string }[]
  /** Of its machines that belong to no known system. */
  levels: SecurityLevel[]
}

/** What a resolution or decision prints about a system; text to show, nothing is computed from it. */
export interface Resolution {
  title: string
  clause?: string
  pl01?: string
  pl02?: string
  owner?: string
  coordinator?: string
  /** Billion đồng by phase as headed, and `total`. */
  budget?: Record<string, number>
}

export interface System extends Names {
  key: string
  aliases: string[]
  /** The same thing under another name, with the key that others know it by. */
  sameAs: (Names & { key: string; clause?: string })[]
  group?: string
  resolution?: Resolution
  roles: Record<Role, RoleHolder[]>
  levels: SecurityLevel[]
}

/** A heading that names several systems. `open`: more may join; it is itself nothing to watch. */
export interface SystemGroup extends Names {
  key: string
  open: boolean
  resolution?: Resolution
}

export interface Calendar {
  /** Hours of the wall clock, `[start, end)` in minutes, by ISO weekday (1 = Monday), during a period. */
  workingHours: (Period & { days: number[]; minutes: [number, number][] })[]
  /** The holidays are complete for the days `[from, to)`, `YYYY-MM-DD`. */
  from: string
  to: string
  /** By day, `YYYY-MM-DD`. */
  holidays: ReadonlyMap<string, Names>
  /** Days off on which people work. */
  workingDays: ReadonlyMap<string, Names>
}

/** Everything known about a province: who exists, what they run, who sends logs. All of it dated, none of it in code. */
export interface Registry extends Names {
  timeZone: string
  /** Criticality where no level is known. */
  defaultLevel: Criticality
  calendar: Calendar
  agencies: ReadonlyMap<string, Agency>
  groups: ReadonlyMap<string, SystemGroup>
  systems: ReadonlyMap<string, System>
  sources: readonly Source[]
  health: HealthDefaults
}

/** Where the registry says nothing. A clock that is a minute off spoils what is put in order by time. */
const HEALTH: HealthDefaults = {
  expected: true,
  learnDays: 7,
  pauseMinutesMin: 15,
  pauseFactor: 2,
  fallenPercent: 90,
  fallenRecordsMin: 100,
  driftSeconds: 60,
  maintenance: [],
}

/**
 * Reads a registry.
 * @param path shown in messages
 * @throws {RegistryError} for the first thing wrong: `path:line:column: pointer: what`
 */
export function parseRegistry(text: string, path: string): Registry {
  const { file, fail } = readRegistryFile(text, path)
  return build(file, fail)
}

/** The file's meaning, checked: every name known, every period in order and within the life of the agency it names. */
function build(file: RegistryFile, fail: Fail): Registry {
  const { timeZone } = file
  const offset = ((): ((atMs: number) => number) => {
    try {
      return zoneOffset(timeZone)
    } catch {
      return fail('shape', ['timeZone'], `'${timeZone}' is no time zone`)
    }
  })()
  const dayMs = (day: string, at: Pointer): number => {
    const ms = startOfDay(offset, day)
    return Number.isNaN(ms) ? fail('bad_date', at, `'${day}' is no day (YYYY-MM-DD)`) : ms
  }
  const period = ({ from, to }: { from?: string; to?: string }, at: Pointer, names = ['from', 'to']): Period => {
    const fromMs = from === undefined ? -Infinity : dayMs(from, [...at, names[0]!])
    const toMs = to === undefined ? Infinity : dayMs(to, [...at, names[1]!])
    return fromMs < toMs ? { fromMs, toMs } : fail('bad_date', [...at, names[1]!], `'${to}' is not after '${from}'`)
  }
  const seen = new Set([UNREGISTERED])
  const claimKey = (key: string, at: Pointer): string => {
    if (!isKey(key)) fail('shape', at, `'${key}' is no key: a-z, 0-9 and dashes`)
    if (seen.has(key)) fail('duplicate_key', at, `'${key}' is taken`)
    seen.add(key)
    return key
  }
  const levelsOf = (levels: LevelEntry[] = [], at: Pointer): SecurityLevel[] =>
    apart(
      levels.map((level, i) => dated(level, period(level, [...at, i]))),
      at,
      fail,
    )

  const agencies = new Map(
    Object.entries(file.agencies).map(([key, agency]): [string, Agency] => {
      const at = ['agencies', claimKey(key, ['agencies', key])]
      const { parent, parents, validFrom, validTo, aliases = [], successorOf = [], levels, ...names } = agency
      if (parent !== undefined && parents) fail('shape', [...at, 'parents'], 'either parent or parents')
      const life = period(
        { ...(validFrom !== undefined && { from: validFrom }), ...(validTo !== undefined && { to: validTo }) },
        at,
        ['validFrom', 'validTo'],
      )
      const above = parents?.map((entry, i) => dated(entry, period(entry, [...at, 'parents', i])))
      return [
        key,
        {
          key,
          ...names,
          ...life,
          aliases,
          successorOf,
          parents: apart(
            above ?? (parent === undefined ? [] : [{ agency: parent, ...life }]),
            [...at, 'parents'],
            fail,
          ),
          levels: levelsOf(levels, [...at, 'levels']),
        },
      ]
    }),
  )
  /** The agency, which must exist throughout the period. */
  const alive = (key: string, { fromMs, toMs }: Period, at: Pointer): void => {
    const agency = agencies.get(key)
    if (!agency) fail('unknown_key', at, `there is no agency '${key}'`)
    if (fromMs < agency.fromMs || toMs > agency.toMs) {
      fail('outside_life', at, `'${key}' did not exist for all of this period`)
    }
  }
  for (const agency of agencies.values()) {
    const at = ['agencies', agency.key]
    agency.parents.forEach((parent) => {
      alive(parent.agency, parent, [...at, 'parent'])
      if (parent.fromMs < agency.fromMs || parent.toMs > agency.toMs) {
        fail('outside_life', [...at, 'parents'], `'${agency.key}' did not exist for all of this period`)
      }
    })
    agency.successorOf.forEach(({ agency: key }, i) => {
      const former = agencies.get(key)
      if (!former) fail('unknown_key', [...at, 'successorOf', i], `there is no agency '${key}'`)
    })
  }
  refuseCycles(agencies, fail)
  for (const agency of agencies.values()) {
    agency.successorOf.forEach(({ agency: key }, i) => {
      const endMs = agencies.get(key)!.toMs
      if (endMs < agency.fromMs || endMs >= agency.toMs) {
        fail(
          'outside_life',
          ['agencies', agency.key, 'successorOf', i],
          `'${key}' did not end while '${agency.key}' existed`,
        )
      }
    })
  }

  const groups = new Map(
    Object.entries(file.groups ?? {}).map(([key, group]) => [key, { key: claimKey(key, ['groups', key]), ...group }]),
  )
  const canonical = new Map<string, string>()
  const systems = new Map(
    Object.entries(file.systems).map(([key, system]): [string, System] => {
      const at = ['systems', claimKey(key, ['systems', key])]
      const { aliases = [], sameAs = [], levels, roles, ...others } = system
      if (others.group !== undefined && !groups.has(others.group)) {
        fail('unknown_key', [...at, 'group'], `there is no group '${others.group}'`)
      }
      for (const name of [key, ...sameAs.map(({ key: other }, i) => claimKey(other, [...at, 'sameAs', i, 'key']))]) {
        canonical.set(name, key)
      }
      const holders = (role: Role): RoleHolder[] => {
        const where = [...at, 'roles', role]
        return apart(
          (roles[role] ?? []).map((holder, i) => {
            const dates = period(holder, [...where, i])
            alive(holder.agency, dates, [...where, i, 'agency'])
            return dated(holder, dates)
          }),
          where,
          fail,
        )
      }
      return [
        key,
        {
          key,
          ...others,
          aliases,
          sameAs,
          roles: { owner: holders('owner'), operator: holders('operator'), supervisor: holders('supervisor') },
          levels: levelsOf(levels, [...at, 'levels']),
        },
      ]
    }),
  )

  const sources = file.sources.map((source, i): Source => {
    const at = ['sources', i]
    const { match, agency, system, kind, encoding, timeZone: zone, health } = source
    const reads = encoding !== undefined || zone !== undefined
    if (agency === undefined && system === undefined && !reads)
      fail('shape', at, 'names neither an agency nor a system, and says nothing of how to read')
    if (reads && match.hostname !== undefined)
      fail(
        'shape',
        [...at, 'match', 'hostname'],
        'encoding and timeZone are needed before a line is read: no host name is known yet',
      )
    if (zone !== undefined) {
      try {
        zoneOffset(zone)
      } catch {
        fail('shape', [...at, 'timeZone'], `'${zone}' is no time zone`)
      }
    }
    const dates = period(source, at)
    if (agency !== undefined) alive(agency, dates, [...at, 'agency'])
    const systemKey = system === undefined ? undefined : canonical.get(system)
    if (system !== undefined && systemKey === undefined) {
      fail('unknown_key', [...at, 'system'], `there is no system '${system}'`)
    }
    const networks = [match.address ?? []].flat().map((text): Network => {
      return (
        parseNetwork(text) ?? fail('bad_address', [...at, 'match', 'address'], `'${text}' is no address or network`)
      )
    })
    const { certificate, stream } = match
    return {
      ...dates,
      match: {
        networks,
        ...(certificate !== undefined && { certificate }),
        ...(match.hostname !== undefined && { hostname: match.hostname.toLowerCase() }),
        ...(stream !== undefined && { stream }),
      },
      ...(agency !== undefined && { agency }),
      ...(systemKey !== undefined && { system: systemKey }),
      ...(kind !== undefined && { kind }),
      ...(encoding !== undefined && { encoding }),
      ...(zone !== undefined && { timeZone: zone }),
      ...(health !== undefined && { health }),
    }
  })
  const maintenance = (file.health?.maintenance ?? []).map((window, i): Maintenance => {
    const at = ['health', 'maintenance', i]
    const { agency, system, source } = window
    const [fromMs, toMs] = [instant(window.from, [...at, 'from'], fail), instant(window.to, [...at, 'to'], fail)]
    if (fromMs >= toMs) fail('bad_date', [...at, 'to'], `'${window.to}' is not after '${window.from}'`)
    if (agency !== undefined && !agencies.has(agency)) {
      fail('unknown_key', [...at, 'agency'], `there is no agency '${agency}'`)
    }
    const systemKey = system === undefined ? undefined : canonical.get(system)
    if (system !== undefined && systemKey === undefined) {
      fail('unknown_key', [...at, 'system'], `there is no system '${system}'`)
    }
    if (agency === undefined && system === undefined && source === undefined) {
      fail('shape', at, 'names neither an agency, nor a system, nor a source')
    }
    return {
      fromMs,
      toMs,
      ...(agency !== undefined && { agency }),
      ...(systemKey !== undefined && { system: systemKey }),
      ...(source !== undefined && { source }),
    }
  })

  return {
    ...file.name,
    timeZone,
    defaultLevel: file.defaults.level,
    calendar: calendarOf(file.calendar, dayMs, period, fail),
    agencies,
    groups,
    systems,
    sources,
    health: { ...HEALTH, ...file.health, maintenance },
  }
}

/** A moment with its zone, as `2026-12-01T22:00:00+07:00`. */
function instant(text: string, at: Pointer, fail: Fail): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(ms) ? fail('bad_date', at, `'${text}' is no time with a zone (2026-12-01T22:00:00+07:00)`) : ms
}

function calendarOf(
  file: RegistryFile['calendar'],
  dayMs: (day: string, at: Pointer) => number,
  period: (dates: { from?: string; to?: string }, at: Pointer) => Period,
  fail: Fail,
): Calendar {
  const { from, to, holidays, workingDays = [] } = file
  period({ from, to }, ['calendar'])
  const days = (named: NamedDays[], list: string): Map<string, Names> =>
    new Map(
      named.flatMap(({ date, days = 1, vi, en }, i): [string, Names][] => {
        const at = ['calendar', list, i, 'date']
        dayMs(date, at)
        if (date < from || date >= to) fail('bad_date', at, `'${date}' is outside the calendar, ${from} to ${to}`)
        return Array.from({ length: days }, (_, n) => [
          new Date(Date.parse(`${date}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10),
          { vi, en },
        ])
      }),
    )
  const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
  return {
    from,
    to,
    holidays: days(holidays, 'holidays'),
    workingDays: days(workingDays, 'workingDays'),
    workingHours: file.workingHours.map((hours, i) => ({
      ...period(hours, ['calendar', 'workingHours', i]),
      days: hours.days,
      minutes: hours.hours.map((span): [number, number] => {
        const [start = 0, end = 0] = span.split('-').map(minutes)
        return start < end
          ? [start, end]
          : fail('shape', ['calendar', 'workingHours', i, 'hours'], `'${span}' ends before it begins`)
      }),
    })),
  }
}

/** The entry with its dates read. */
function dated<T extends { from?: string; to?: string }>(entry: T, period: Period): Omit<T, 'from' | 'to'> & Period {
  const { from: _from, to: _to, ...others } = entry
  return { ...others, ...period }
}

/** The periods in order of time; refused where two overlap. */
function apart<T extends Period>(periods: T[], at: Pointer, fail: Fail): T[] {
  const sorted = periods.toSorted((a, b) => a.fromMs - b.fromMs)
  const late = sorted.findIndex((entry, i) => i > 0 && entry.fromMs < sorted[i - 1]!.toMs)
  if (late > 0) fail('overlap', [...at, periods.indexOf(sorted[late]!)], 'begins before the one before it has ended')
  return sorted
}

/** An agency above itself at one time, or its own successor, has no place in a tree. */
function refuseCycles(agencies: ReadonlyMap<string, Agency>, fail: Fail): void {
  const follow = (start: string, next: (key: string) => string[], where: string): void => {
    const visited = new Set<string>()
    const open = next(start)
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      if (key === start) fail('cycle', ['agencies', start, where], `'${start}' leads back to itself`)
      if (!visited.has(key)) open.push(...next(key))
      visited.add(key)
    }
  }
  const starts = new Set([...agencies.values()].flatMap(({ parents }) => parents.map(({ fromMs }) => fromMs)))
  for (const { key } of agencies.values()) {
    follow(key, (of) => agencies.get(of)!.successorOf.map(({ agency }) => agency), 'successorOf')
    for (const atMs of starts) follow(key, (of) => parentsAt(agencies.get(of)!, atMs), 'parent')
  }
}

function parentsAt(agency: Agency, atMs: number): string[] {
  return agency.parents.filter((parent) => holds(parent, atMs)).map(({ agency: key }) => key)
}

// ---- look-ups -----------------------------------------------------------------------------------------------------------

export interface Sender extends Claim {
  /** Agency of the sender's credential; outranks everything else. */
  agency?: string | undefined
}

export interface Resolved {
  /** `unregistered` where nobody vouched for belongs to an agency. */
  agency: string
  system?: string
  criticality: Criticality
}

const RESOLVED_MAX = 20_000

/** What look-ups need beside the data: compiled once per registry, at the first question. */
interface Compiled {
  sources: ReturnType<typeof compileSources>
  /** Sorted instants at which anything in the registry changes: between two of them every answer is the same. */
  changesMs: number[]
  resolved: LRUCache<string, Resolved>
  /** Undefined where no source says how to read. */
  readings: LRUCache<string, Reading> | undefined
}
const compiled = new WeakMap<Registry, Compiled>()

function compile(registry: Registry): Compiled {
  const known = compiled.get(registry)
  if (known) return known
  const periods: Period[] = [...registry.sources]
  for (const agency of registry.agencies.values()) periods.push(agency, ...agency.parents, ...agency.levels)
  for (const { roles, levels } of registry.systems.values())
    periods.push(...ROLES.flatMap((role) => roles[role]), ...levels)
  const made: Compiled = {
    sources: compileSources(registry.sources),
    changesMs: [...new Set(periods.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))]
      .filter(Number.isFinite)
      .sort((a, b) => a - b),
    resolved: new LRUCache({ max: RESOLVED_MAX }),
    readings: registry.sources.some(({ encoding, timeZone }) => encoding !== undefined || timeZone !== undefined)
      ? new LRUCache({ max: RESOLVED_MAX })
      : undefined,
  }
  compiled.set(registry, made)
  return made
}

/** How many changes lie at or before the instant. */
function stretch(changesMs: readonly number[], atMs: number): number {
  let low = 0
  let high = changesMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (changesMs[middle]! <= atMs) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Whose record this is, at the time given: a pure function of registry, sender and time.
 *
 * The agency comes from the sender's credential, else from the first source that matches and that the socket vouches for (an
 * address or a client certificate). A host name or a stream name is the sender's own word and never gives an agency, unless
 * the same source also names the address it may be said from. Sources of that agency then give the system; a word alone
 * refines it only inside that agency.
 */
export function resolveSource(registry: Registry, sender: Sender, atIso: string): Resolved {
  const { sources, changesMs, resolved } = compile(registry)
  const atMs = Date.parse(atIso)
  const { address, certificate = '', stream = '', agency: credential = '' } = sender
  const hostname = (sender.hostname ?? '').slice(0, HOSTNAME_MAX + 1) // the key of a memory that hostile names fill
  const key = keyOf(stretch(changesMs, atMs), address, certificate, hostname, stream, credential)
  const known = resolved.get(key)
  if (known) return known

  const matches = sources(sender, atMs).map(({ source, vouched }) => ({
    vouched,
    system: source.system,
    agency: source.agency ?? (source.system === undefined ? undefined : roleAt(registry, source.system, 'owner', atMs)),
  }))
  const agency =
    (credential && successorAt(registry, credential, atMs)) ||
    (matches.find((match) => match.vouched && match.agency !== undefined)?.agency ?? UNREGISTERED)
  const system = matches.find((match) => match.agency === agency && match.system !== undefined)?.system
  const answer: Resolved = {
    agency,
    ...(system !== undefined && { system }),
    criticality: criticality(registry, agency, system, atIso),
  }
  resolved.set(key, answer)
  return answer
}

/** Of lengths and texts: whatever a sender writes into a name, no two of them share a key. As JSON it took twice as long. */
function keyOf(stretch: number, a: string, b: string, c: string, d: string, e = ''): string {
  return `${stretch} ${a.length} ${b.length} ${c.length} ${d.length} ${a}${b}${c}${d}${e}`
}

/** How a sender's records are to be read. */
export interface Reading {
  encoding?: Encoding
  timeZone?: string
}

/**
 * What the registry says of a sender's encoding and time zone at the time of receipt: each of the first source that matches and names
 * it. Needed before a record is read, so nothing that stands in one can choose.
 */
export function readingOf(registry: Registry, sender: Omit<Sender, 'hostname'>, atMs: number): Reading | undefined {
  const { sources, changesMs, readings } = compile(registry)
  if (readings === undefined) return undefined
  const { address, certificate = '', stream = '' } = sender
  const key = keyOf(stretch(changesMs, atMs), address, certificate, stream, '')
  const known = readings.get(key)
  if (known) return known
  const matches = sources(sender, atMs).map(({ source }) => source)
  const encoding = matches.find((source) => source.encoding !== undefined)?.encoding
  const timeZone = matches.find((source) => source.timeZone !== undefined)?.timeZone
  const reading = { ...(encoding !== undefined && { encoding }), ...(timeZone !== undefined && { timeZone }) }
  readings.set(key, reading)
  return reading
}

/** How what this sender sends is judged: the first source that matches and says something of it, over the registry's own. */
export function healthOf(registry: Registry, sender: Sender, atMs: number): HealthSettings {
  const { expected, silentMinutes, fallenPercent, driftSeconds } = registry.health
  const own = compile(registry)
    .sources(sender, atMs)
    .find(({ source }) => source.health !== undefined)?.source.health
  return {
    expected,
    fallenPercent,
    driftSeconds,
    ...(silentMinutes !== undefined && { silentMinutes }),
    ...own,
  }
}

function roleAt(registry: Registry, system: string, role: Role, atMs: number): string | undefined {
  return registry.systems.get(system)?.roles[role].find((holder) => holds(holder, atMs))?.agency
}

/**
 * Who answers at that time for what was the agency's: itself while it exists, then its successor where there is exactly one.
 * Split duties do not follow a credential by themselves; the agency's own key stays until someone decides.
 */
function successorAt(registry: Registry, key: string, atMs: number): string {
  const agency = registry.agencies.get(key)
  if (!agency || atMs < agency.toMs) return key
  const successors = [...registry.agencies.values()].filter(({ successorOf }) =>
    successorOf.some((former) => former.agency === key),
  )
  return successors.length === 1 ? successorAt(registry, successors[0]!.key, atMs) : key
}

/** The agency and everything below it at that time, itself first; empty for a key that is not in the registry. */
export function agencySubtree(registry: Registry, key: string, atIso: string): string[] {
  if (!registry.agencies.has(key)) return []
  const atMs = Date.parse(atIso)
  const found = [key]
  for (const above of found) {
    for (const agency of registry.agencies.values()) if (parentsAt(agency, atMs).includes(above)) found.push(agency.key)
  }
  return found
}

/** Names of an agency, group or system by key, the other keys of a system included. */
export function names(registry: Registry, key: string): Names | undefined {
  const { agencies, groups, systems } = registry
  const entry = agencies.get(key) ?? systems.get(key) ?? groups.get(key)
  const other = entry ?? [...systems.values()].flatMap(({ sameAs }) => sameAs).find((same) => same.key === key)
  return other && { vi: other.vi, en: other.en }
}
