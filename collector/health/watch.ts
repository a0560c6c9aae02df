import { UNREGISTERED } from '../../model/event.ts'
import { TROUBLES, type HealthSettings, type KeptSource, type SourceHealth, type Trouble } from '../../model/health.ts'
import { recordId, sourceKey, type Origin } from '../../model/record.ts'
import { healthOf, resolveSource, type Registry } from '../../model/registry.ts'
import { localClock } from '../local-time.ts'
import type { Damage } from '../spool/errors.ts'
import { isoTime } from '../time.ts'
import { driftMs, withMinute } from './drift.ts'
import { Habit } from './habit.ts'
import { isOpen, type Row } from './row.ts'
import type { Statement } from './statement.ts'
import { MANY, drifting, fallen, over, silent, type Told } from './words.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Registered sources that are watched; more than these are stored and counted as all others are. */
const SOURCES_MAX = 10_000
/** The log has a record at least every other minute while the collector runs: a longer gap is its own absence. */
const ABSENCE_MS = 5 * MINUTE_MS
/** Days with records that make a source one that sends regularly. */
const DAYS_MIN = 3
/** A trouble that comes again sooner than this is the same one: a source that flaps has one alert. */
const SAME_MS = DAY_MS
/** Sources of one agency with the same trouble that have alerts of their own; those beyond share one. */
const APART_MAX = 5
const NAMES_MAX = 50
/** After so long a source is forgotten: one that is silent and was told so, and one that never was regular. */
const FORGET_MS = 90 * DAY_MS

/** One record, as far as the health of its source is concerned. */
export interface Heard {
  seq: number
  receivedAtMs: number
  origin: Origin
  /** Its own time, where it has one. */
  eventMs?: number
}

/** What the registry says of a source this hour. */
interface Standing {
  agency: string
  system?: string
  settings: HealthSettings
  muted: boolean
  silentAfterMs?: number
}

interface Shared {
  id: string
  agency: string
  kind: Trouble
  told: number
}

/** Of the log itself. */
interface Clock {
  nowMs: number
  /** Time during which the collector listened. */
  heardMs: number
  /** It was away during this hour. */
  absent: boolean
  shared: [string, Shared][]
}

/**
 * Tells which sources fell silent, fell off, or have a wrong clock. A pure function of the log: time is the log's own receive
 * times, silence counts only while the collector itself listened, and what is told derives from positions. So a replay tells
 * the same, and where the log is cut into batches does not matter.
 */
export class SourceWatch {
  readonly #spoolId: string
  readonly #rows = new Map<string, Row>()
  readonly #habits = new Map<string, Habit>()
  readonly #standings = new Map<string, Standing>()
  readonly #shared: Map<string, Shared>
  readonly #dirty = new Set<string>()
  readonly #dirtyHabits = new Set<string>()
  readonly #gone = new Set<string>()
  readonly #clock: Clock
  #registry: Registry | undefined
  #slotOf: (atMs: number) => number = () => 0
  #isHoliday: (atMs: number) => boolean = () => false
  #statements: Statement[] = []

  /** @param saved what `save` gave, all of it */
  constructor(spoolId: string, saved: { clock: string; sources: readonly KeptSource[] }) {
    this.#spoolId = spoolId
    this.#clock =
      saved.clock === '' ? { nowMs: 0, heardMs: 0, absent: true, shared: [] } : (JSON.parse(saved.clock) as Clock)
    this.#shared = new Map(this.#clock.shared)
    for (const { key, state, habit } of saved.sources) {
      this.#rows.set(key, JSON.parse(state) as Row)
      this.#habits.set(key, habit === undefined ? Habit.empty() : Habit.from(habit))
    }
  }

  /** From here on this registry counts. */
  use(registry: Registry): void {
    this.#registry = registry
    const clock = localClock(registry)
    this.#isHoliday = (atMs) => clock(atMs).holiday === true
    this.#slotOf = (atMs) => {
      const { hour, weekday, holiday } = clock(atMs)
      return ((holiday === true ? 7 : weekday) - 1) * 24 + hour // a holiday is lived like a Sunday
    }
    this.#standings.clear()
  }

  /** The log has come to this position: called for every record, before it is observed. */
  advance(receivedAtMs: number, seq: number): void {
    const clock = this.#clock
    const stepMs = receivedAtMs - clock.nowMs
    const [minute, hour] = [Math.floor(clock.nowMs / MINUTE_MS), Math.floor(clock.nowMs / HOUR_MS)]
    clock.nowMs = receivedAtMs
    if (stepMs < 0 || stepMs > ABSENCE_MS) clock.absent = true
    else clock.heardMs += stepMs
    const hours = Math.floor(receivedAtMs / HOUR_MS) - hour
    if (hours !== 0) this.#closeHour(hour, hours === 1, stepMs > ABSENCE_MS, seq)
    if (Math.floor(receivedAtMs / MINUTE_MS) !== minute) this.#judge(seq)
  }

  observe({ seq, receivedAtMs, origin, eventMs }: Heard): void {
    const key = keyOf(origin)
    const row = this.#rows.get(key) ?? this.#begin(key, origin, receivedAtMs)
    if (row === undefined) return
    const { heardMs } = this.#clock
    row.pauseMs = Math.max(row.pauseMs, heardMs - row.lastHeardMs)
    row.lastHeardMs = heardMs
    row.lastSeenMs = receivedAtMs
    row.lastRecord = recordId(this.#spoolId, seq)
    row.records++
    const day = Math.floor(receivedAtMs / DAY_MS)
    if (day !== row.day) {
      row.day = day
      row.days++
    }
    if (eventMs !== undefined) {
      const offMs = eventMs - receivedAtMs
      row.lagMs = -offMs
      if (row.minuteMs === undefined || offMs > row.minuteMs) row.minuteMs = offMs
    }
    this.#dirty.add(key)
    if (isOpen(row.troubles.silent)) this.#end(key, row, 'silent', 'ended', seq)
  }

  /** A stretch of the log that does not read back. Positions have no gaps, so this is one. */
  lost({ seq: from, resumeSeq, segment }: Pick<Damage, 'seq' | 'resumeSeq' | 'segment'>, atMs: number): void {
    const through = resumeSeq - 1
    const count = resumeSeq - from
    const episode = `lost-${recordId(this.#spoolId, from)}`
    this.#statements.push({
      atMs,
      kind: 'lost',
      state: 'raised',
      address: '',
      episode,
      key: episode,
      words: {
        vi: `Mất ${count} bản ghi của nhật ký gốc, vị trí ${from} đến ${through}: đĩa không đọc lại được`,
        en: `${count} records of the log are lost, positions ${from} to ${through}: the disk does not give them back`,
      },
      facts: { open: 1, count, first_position: from, last_position: through, segment, source: 'spool' },
    })
  }

  /** What was noticed since the last call. */
  take(): Statement[] {
    const taken = this.#statements
    this.#statements = []
    return taken
  }

  /** What has changed since the last call, to be written in one transaction with the position. */
  save(): { clock: string; sources: KeptSource[]; gone: string[] } {
    this.#clock.shared = [...this.#shared]
    const sources = [...new Set([...this.#dirty, ...this.#dirtyHabits])].map((key): KeptSource => {
      const row = this.#rows.get(key)!
      const { agency } = this.#standing(key, row)
      return {
        key,
        source: sourceKey(row.origin),
        agency,
        health: this.#health(key, row),
        state: JSON.stringify(row),
        ...(this.#dirtyHabits.has(key) && { habit: this.#habits.get(key)!.bytes() }),
      }
    })
    const gone = [...this.#gone]
    for (const set of [this.#dirty, this.#dirtyHabits, this.#gone]) set.clear()
    return { clock: JSON.stringify(this.#clock), sources, gone }
  }

  #begin(key: string, origin: Origin, receivedAtMs: number): Row | undefined {
    if (this.#registry === undefined || this.#rows.size >= SOURCES_MAX) return undefined
    // What nobody vouches for can be made up by the thousand: it is counted, and never judged.
    if (resolveSource(this.#registry, origin, isoTime(receivedAtMs)).agency === UNREGISTERED) return undefined
    const { heardMs } = this.#clock
    const row: Row = {
      origin,
      firstHeardMs: heardMs,
      lastHeardMs: heardMs,
      firstSeenMs: receivedAtMs,
      lastSeenMs: receivedAtMs,
      lastRecord: '',
      days: 0,
      day: -1,
      records: 0,
      pauseMs: 0,
      driftsMs: [],
      troubles: {},
    }
    this.#rows.set(key, row)
    this.#habits.set(key, Habit.empty())
    this.#dirtyHabits.add(key)
    this.#gone.delete(key)
    return row
  }

  /** What counts for a source until the hour or the registry changes. */
  #standing(key: string, row: Row): Standing {
    const known = this.#standings.get(key)
    if (known !== undefined) return known
    const registry = this.#registry!
    const { nowMs } = this.#clock
    const { agency, system } = resolveSource(registry, row.origin, isoTime(nowMs))
    const settings = healthOf(registry, row.origin, nowMs)
    const standing: Standing = {
      agency,
      ...(system !== undefined && { system }),
      settings,
      muted: !settings.expected || agency === UNREGISTERED,
    }
    const { pauseMinutesMin, pauseFactor } = registry.health
    const usualMs = this.#knows(row) ? this.#habits.get(key)!.usualPauseMs(this.#slotOf(nowMs)) : undefined
    if (settings.silentMinutes !== undefined) standing.silentAfterMs = settings.silentMinutes * MINUTE_MS
    else if (usualMs !== undefined)
      standing.silentAfterMs = Math.max(pauseMinutesMin * MINUTE_MS, pauseFactor * usualMs)
    this.#standings.set(key, standing)
    return standing
  }

  /** Listened to for long enough, and sending often enough, to have habits. */
  #knows({ firstHeardMs, days }: Row): boolean {
    return days >= DAYS_MIN && this.#clock.heardMs - firstHeardMs >= this.#registry!.health.learnDays * DAY_MS
  }

  #isMuted(row: Row, { muted, agency, system }: Standing): boolean {
    if (muted) return true
    const { nowMs } = this.#clock
    return this.#registry!.health.maintenance.some(
      (window) =>
        window.fromMs <= nowMs &&
        nowMs < window.toMs &&
        (window.agency === undefined || window.agency === agency) &&
        (window.system === undefined || window.system === system) &&
        (window.source === undefined || [row.origin.address, sourceKey(row.origin)].includes(window.source)),
    )
  }

  #closeHour(hour: number, next: boolean, absentNow: boolean, seq: number): void {
    const clock = this.#clock
    const whole = next && !clock.absent && this.#registry !== undefined
    clock.absent = !next || absentNow
    const startMs = hour * HOUR_MS
    const slot = this.#slotOf(startMs)
    const fell: string[] = []
    for (const [key, row] of this.#rows) {
      const pauseMs = Math.max(row.pauseMs, clock.heardMs - row.lastHeardMs)
      const habit = this.#habits.get(key)!
      const muted = this.#registry === undefined || this.#isMuted(row, this.#standing(key, row))
      if (whole && row.firstSeenMs < startMs && !muted) {
        const usual = habit.usualRecords(slot)
        const done = { records: row.records, ...(usual !== undefined && { usual }) }
        if (row.lastHour === undefined) delete row.hourBefore
        else row.hourBefore = row.lastHour
        row.lastHour = done
        if (this.#judgeVolume(key, row, seq)) fell.push(key)
        if (!isOpen(row.troubles.silent) && !isOpen(row.troubles.fallen)) {
          habit.add(slot, row.records, pauseMs)
          this.#dirtyHabits.add(key)
        }
      } else {
        delete row.lastHour
        delete row.hourBefore
      }
      // A day off on which it need not send lengthens no pause: the morning after is like any other.
      if (whole && row.records === 0 && this.#isHoliday(startMs) && habit.usualRecords(slot) === 0) {
        row.lastHeardMs = Math.min(row.lastHeardMs + HOUR_MS, clock.heardMs)
      }
      row.records = 0
      row.pauseMs = 0
      this.#dirty.add(key)
      if (clock.heardMs - row.lastHeardMs > FORGET_MS) this.#forget(key)
    }
    this.#standings.clear()
    this.#raise('fallen', fell, seq)
  }

  /** Two whole hours against the same hours of other weeks. @returns whether it has fallen now */
  #judgeVolume(key: string, row: Row, seq: number): boolean {
    const { lastHour: last, hourBefore: before } = row
    if (!this.#knows(row) || last?.usual === undefined || before?.usual === undefined) return false
    const { settings } = this.#standing(key, row)
    const [came, usual] = [last.records + before.records, last.usual + before.usual]
    if (usual < this.#registry!.health.fallenRecordsMin) return false
    if (isOpen(row.troubles.fallen)) {
      if (last.records >= last.usual / 2) this.#end(key, row, 'fallen', 'ended', seq)
      return false
    }
    // Nothing at all is silence, which has its own measure.
    return came > 0 && came <= usual * (1 - settings.fallenPercent / 100) && !isOpen(row.troubles.silent)
  }

  #judge(seq: number): void {
    if (this.#registry === undefined) return
    const { heardMs } = this.#clock
    const found: Record<'silent' | 'drifting', string[]> = { silent: [], drifting: [] }
    for (const [key, row] of this.#rows) {
      const { minuteMs } = row
      if (minuteMs !== undefined) {
        row.driftsMs = withMinute(row.driftsMs, minuteMs)
        delete row.minuteMs
        this.#dirty.add(key)
      }
      const standing = this.#standing(key, row)
      if (this.#isMuted(row, standing)) {
        row.lastHeardMs = heardMs // what was not expected is not held against it afterwards
        this.#dirty.add(key)
        for (const kind of TROUBLES) if (isOpen(row.troubles[kind])) this.#end(key, row, kind, 'muted', seq)
        continue
      }
      const silenceMs = heardMs - row.lastHeardMs
      if (standing.silentAfterMs !== undefined && silenceMs > standing.silentAfterMs && !isOpen(row.troubles.silent)) {
        found.silent.push(key)
      }
      if (minuteMs !== undefined && this.#judgeClock(key, row, standing, seq)) found.drifting.push(key)
    }
    this.#raise('silent', found.silent, seq)
    this.#raise('drifting', found.drifting, seq)
  }

  /** @returns whether its clock is found wrong now */
  #judgeClock(key: string, row: Row, { settings }: Standing, seq: number): boolean {
    const measured = driftMs(row.driftsMs)!
    row.drift = measured.driftMs
    if (!measured.steady) return false
    const limitMs = settings.driftSeconds * 1_000
    const offMs = Math.abs(measured.driftMs)
    if (!isOpen(row.troubles.drifting)) return offMs > limitMs
    if (offMs <= limitMs / 2) this.#end(key, row, 'drifting', 'ended', seq)
    return false
  }

  #forget(key: string): void {
    this.#rows.delete(key)
    this.#habits.delete(key)
    this.#dirty.delete(key)
    this.#dirtyHabits.delete(key)
    this.#gone.add(key)
  }

  // ---- what is told -----------------------------------------------------------------------------------------------------

  /** Each source its own alert, unless many of an agency are in the same trouble: then the many are one. */
  #raise(kind: Trouble, keys: readonly string[], seq: number): void {
    if (keys.length === 0) return
    const { nowMs } = this.#clock
    const apart = this.#apart(kind)
    const agencies = new Set<string>()
    for (const key of keys.toSorted()) {
      const row = this.#rows.get(key)!
      const { agency } = this.#standing(key, row)
      const former = row.troubles[kind]
      const again = former?.endedMs !== undefined && nowMs - former.endedMs < SAME_MS && !former.shared
      const alone = apart.get(agency) ?? 0
      const shared = !again && alone >= APART_MAX
      if (!shared) apart.set(agency, alone + 1)
      if (shared) {
        const group = this.#shared.get(`${agency} ${kind}`) ?? {
          id: `${kind}-many-${recordId(this.#spoolId, seq)}-${agency}`,
          agency,
          kind,
          told: 0,
        }
        this.#shared.set(`${agency} ${kind}`, group)
        row.troubles[kind] = { id: group.id, shared, sinceMs: nowMs }
        agencies.add(agency)
      } else {
        const id = again ? former.id : `${kind}-${kind === 'silent' ? row.lastRecord : recordId(this.#spoolId, seq)}`
        row.troubles[kind] = { id, shared, sinceMs: nowMs }
        this.#say(key, row, kind, 'raised', seq)
      }
      this.#dirty.add(key)
    }
    for (const agency of agencies) this.#sayShared(this.#shared.get(`${agency} ${kind}`)!, seq)
  }

  #end(key: string, row: Row, kind: Trouble, how: 'ended' | 'muted', seq: number): void {
    const trouble = row.troubles[kind]!
    trouble.endedMs = this.#clock.nowMs
    this.#dirty.add(key)
    if (!trouble.shared) return this.#say(key, row, kind, how, seq)
    const group = this.#shared.get(`${this.#standing(key, row).agency} ${kind}`)
    if (group !== undefined && this.#sharing(group).length === 0) {
      this.#shared.delete(`${group.agency} ${kind}`)
      this.#saySharedEnd(group, seq)
    }
  }

  /** By agency, how many of its sources are in that trouble with an alert of their own. */
  #apart(kind: Trouble): Map<string, number> {
    const open = new Map<string, number>()
    for (const [key, row] of this.#rows) {
      const trouble = row.troubles[kind]
      if (!isOpen(trouble) || trouble.shared) continue
      const { agency } = this.#standing(key, row)
      open.set(agency, (open.get(agency) ?? 0) + 1)
    }
    return open
  }

  #sharing({ id, kind }: Shared): string[] {
    return [...this.#rows.values()]
      .filter(({ troubles: { [kind]: trouble } }) => isOpen(trouble) && trouble.id === id)
      .map(({ origin }) => sourceKey(origin))
      .toSorted()
  }

  /** Said at first, and each time that they have become twice as many. */
  #sayShared(group: Shared, seq: number): void {
    const names = this.#sharing(group)
    if (names.length < group.told * 2) return
    group.told = names.length
    const { vi, en } = MANY[group.kind]
    this.#sayOfShared(group, {
      state: 'raised',
      key: `${group.id}-${seq}`,
      words: { vi: `Thêm ${names.length} ${vi} cùng lúc`, en: `${names.length} more ${en} at the same time` },
      facts: { open: 1, many: true, count: names.length, sources: names.slice(0, NAMES_MAX), source: 'many' },
    })
  }

  #saySharedEnd(group: Shared, seq: number): void {
    const { vi, en } = MANY[group.kind]
    this.#sayOfShared(group, {
      state: 'ended',
      key: `${group.id}-${seq}-ended`,
      words: {
        vi: `Hết: không còn nguồn nào trong số ${vi} cùng lúc`,
        en: `Over: none of those that were ${en} is left`,
      },
      facts: { open: 0, many: true, source: 'many' },
    })
  }

  /** What several sources share is about no one of them. */
  #sayOfShared(group: Shared, said: Pick<Statement, 'state' | 'key' | 'words' | 'facts'>): void {
    const { kind, agency, id } = group
    this.#statements.push({ atMs: this.#clock.nowMs, kind, agency, address: '', episode: id, ...said })
  }

  #say(key: string, row: Row, kind: Trouble, state: Statement['state'], seq: number): void {
    const standing = this.#standing(key, row)
    const { id, sinceMs } = row.troubles[kind]!
    const source = sourceKey(row.origin)
    const told = state === 'raised' ? this.#told(kind, row, standing) : over(kind, state, this.#clock.nowMs - sinceMs)
    const { address, stream, agency = standing.agency } = row.origin
    this.#statements.push({
      atMs: this.#clock.nowMs,
      kind,
      state,
      ...(agency !== UNREGISTERED && { agency }),
      address,
      ...(stream !== undefined && { stream }),
      episode: id,
      key: `${id}-${source}-${seq}-${state}`,
      words: { vi: `Nguồn ${source}: ${told.vi}`, en: `Source ${source}: ${told.en}` },
      facts: { open: state === 'raised' ? 1 : 0, source, last_record: row.lastRecord, ...told.facts },
    })
  }

  #told(kind: Trouble, row: Row, { settings, silentAfterMs = 0 }: Standing): Told {
    if (kind === 'fallen') return fallen(row)
    if (kind === 'drifting') return drifting(row, settings)
    const limit = { afterMs: silentAfterMs, own: settings.silentMinutes !== undefined }
    return silent(row, this.#clock.heardMs - row.lastHeardMs, limit)
  }

  #health(key: string, row: Row): SourceHealth {
    const standing = this.#standing(key, row)
    const { lagMs, drift, lastHour } = row
    const open = TROUBLES.find((kind) => isOpen(row.troubles[kind]))
    const muted = this.#isMuted(row, standing)
    const state =
      standing.agency === UNREGISTERED
        ? 'unregistered'
        : muted
          ? 'muted'
          : (open ?? (standing.silentAfterMs === undefined ? 'learning' : 'healthy'))
    return {
      state,
      ...(lagMs !== undefined && { lagMs }),
      ...(drift !== undefined && { clockDriftMs: drift }),
      ...(lastHour !== undefined && { recordsLastHour: lastHour.records }),
      ...(lastHour?.usual !== undefined && { recordsUsual: lastHour.usual }),
      ...(standing.silentAfterMs !== undefined && !muted && { silentAfterMs: standing.silentAfterMs }),
    }
  }
}

/** A source that two agencies' credentials use is two. */
function keyOf(origin: Origin): string {
  return `${origin.agency ?? ''} ${sourceKey(origin)}`
}
