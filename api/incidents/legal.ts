import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import Type from 'typebox'
import { parse } from 'yaml'
import type { Incident, LegalFacts } from '../../model/incident.ts'
import { startOfDay, zoneOffset } from '../../model/time-zone.ts'
import { daysOfMonths, type RetentionPolicy } from '../../store/retention.ts'
import { exact, oneOf } from '../schemas/types.ts'
import { checked, durationMs } from '../settings-file.ts'
import type { ClockState } from './service-clocks.ts'

/** What an analyst answers about an incident, by which deadlines apply. */
const QUESTIONS = ['serious', 'nationalSecurity', 'personalData'] as const satisfies (keyof LegalFacts)[]

interface Names {
  vi: string
  en: string
}

export interface LegalDeadline extends Names {
  /** Name of its profile's file, a dot, its key: unique over all profiles. */
  key: string
  when: (typeof QUESTIONS)[number]
  withinMs: number
  /** Share of it that may pass before it warns. */
  warnAt: number
  /** The document that says so, in words, and where in it. */
  document: Names
  article: string
  /** In force for what is detected in `[fromMs, toMs)`. */
  fromMs: number
  toMs: number
}

/** How long the log of systems of a level is kept at least. */
export interface LegalRetention {
  level: number
  months: number
  document: Names
  article: string
  fromMs: number
  toMs: number
}

export interface LegalProfile extends Names {
  key: string
  documents: (Names & { key: string; from: string; to?: string })[]
  groups: (Names & { key: string })[]
  deadlines: LegalDeadline[]
  retention: LegalRetention[]
}

const Words = { vi: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) }
const Day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'a day, YYYY-MM-DD' })
const Dates = { from: Day, to: Type.Optional(Day) }
const KEY = '^[a-z][a-z0-9-]{0,63}$'
const FILE = exact({
  format: Type.Literal(1),
  ...Words,
  timeZone: Type.String(),
  documents: Type.Record(Type.String({ pattern: KEY }), exact({ ...Words, ...Dates })),
  groups: Type.Optional(Type.Array(exact({ key: Type.String({ pattern: KEY }), ...Words }))),
  retention: Type.Optional(
    Type.Array(
      exact({
        level: Type.Integer({ minimum: 1, maximum: 5 }),
        months: Type.Integer({ minimum: 1, maximum: 1_200 }),
        document: Type.String(),
        article: Type.String({ minLength: 1 }),
        ...Dates,
      }),
    ),
  ),
  deadlines: Type.Array(
    exact({
      key: Type.String({ pattern: KEY }),
      when: oneOf(QUESTIONS),
      within: Type.String({ pattern: '^[0-9]{1,5}[mhd]$', description: 'a number with m, h or d' }),
      warnAt: Type.Integer({ minimum: 0, maximum: 100 }),
      document: Type.String(),
      article: Type.String({ minLength: 1 }),
      ...Words,
      ...Dates,
    }),
  ),
})

/** The profiles of a folder, a file each. @throws for the first thing wrong, with the file */
export function readLegal(folder: string): LegalProfile[] {
  const names = readdirSync(folder).filter((name) => /^[a-z0-9][a-z0-9-]*[.]yml$/.test(name))
  return names.sort().map((name) => parseLegal(readFileSync(join(folder, name), 'utf8'), join(folder, name)))
}

export function parseLegal(text: string, path: string): LegalProfile {
  // A day that YAML takes for a date is one all the same.
  const file = checked(FILE, parse(text, { schema: 'core' }), path)
  const profile = basename(path, '.yml')
  const offset = zoneOffset(file.timeZone)
  const day = (text: string | undefined, open: number): number => {
    const ms = text === undefined ? open : startOfDay(offset, text)
    if (Number.isNaN(ms)) throw new Error(`${path}: '${text}' is no day`)
    return ms
  }
  for (const { from, to } of Object.values(file.documents)) {
    day(from, 0)
    day(to, 0)
  }
  const documentOf = (name: string, document: string): Names => {
    const names = file.documents[document]
    if (names === undefined) throw new Error(`${path}: ${name} names no document '${document}'`)
    return { vi: names.vi, en: names.en }
  }
  return {
    key: profile,
    vi: file.vi,
    en: file.en,
    documents: Object.entries(file.documents).map(([key, document]) => ({ key, ...document })),
    groups: file.groups ?? [],
    deadlines: file.deadlines.map(({ key, within, warnAt, document, from, to, ...rest }) => {
      return {
        ...rest,
        key: `${profile}.${key}`,
        withinMs: durationMs(within),
        warnAt: warnAt / 100,
        document: documentOf(`deadline ${key}`, document),
        fromMs: day(from, -Infinity),
        toMs: day(to, Infinity),
      }
    }),
    retention: (file.retention ?? []).map(({ document, from, to, ...rest }) => ({
      ...rest,
      document: documentOf(`retention of level ${rest.level}`, document),
      fromMs: day(from, -Infinity),
      toMs: day(to, Infinity),
    })),
  }
}

export interface LegalReport {
  deadline: string
  /** When it went out. */
  at: string
  author: string
  /** Number of the letter, or how it was sent. */
  reference: string
}

export interface LegalClock {
  deadline: LegalDeadline
  state: Exclude<ClockState, 'paused'>
  dueAt: string
  warnAt: string
  report?: LegalReport
}

/** When it was detected, to the minute: what an analyst says, else when it was opened. */
export function detectedMs({ legal, createdAt }: Incident): number {
  return Math.floor(Date.parse(legal.detectedAt ?? createdAt) / 60_000) * 60_000
}

/** The deadlines that apply to the incident, by what was in force when it was detected; the nearest first. */
export function legalClocks(
  profiles: readonly LegalProfile[],
  incident: Incident,
  reports: readonly LegalReport[],
  nowMs: number,
): LegalClock[] {
  const startMs = detectedMs(incident)
  return profiles
    .flatMap(({ deadlines }) => deadlines)
    .filter(({ when, fromMs, toMs }) => incident.legal[when] === true && fromMs <= startMs && startMs < toMs)
    .map((deadline): LegalClock => {
      const dueMs = startMs + deadline.withinMs
      const warnMs = startMs + deadline.withinMs * deadline.warnAt
      const report = reports.find((each) => each.deadline === deadline.key)
      // «At once» is met by whatever goes out within the minute; the law counts minutes.
      const graceMs = deadline.withinMs === 0 ? 60_000 : 0
      const atMs = report === undefined ? nowMs : Date.parse(report.at)
      const over = atMs > dueMs + graceMs
      const open = over ? 'overdue' : nowMs >= warnMs ? 'warning' : 'running'
      return {
        deadline,
        state: report === undefined ? open : over ? 'late' : 'met',
        dueAt: new Date(dueMs).toISOString(),
        warnAt: new Date(warnMs).toISOString(),
        ...(report !== undefined && { report }),
      }
    })
    .sort((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : a.deadline.key < b.deadline.key ? -1 : 1))
}

/** What the law asks at least for a level on a day (UTC), over all profiles; `null` where it asks nothing. */
export function legalRetention(profiles: readonly LegalProfile[], level: number, day: string): LegalRetention | null {
  const atMs = Date.parse(day)
  return profiles
    .flatMap(({ retention }) => retention)
    .filter((each) => each.level === level && each.fromMs <= atMs && atMs < each.toMs)
    .reduce<LegalRetention | null>((most, each) => (most === null || each.months > most.months ? each : most), null)
}

/** Days as set, and never shorter than the law asks on the day it is applied. */
export function retentionPolicy(days: RetentionPolicy['days'], profiles: readonly LegalProfile[]): RetentionPolicy {
  return { days, monthsMin: (level, day) => legalRetention(profiles, level, day)?.months ?? 0 }
}

/**
 * @param settings where each level's days are set
 * @throws Error that names the setting, for one that is below what the law asks on that day
 */
export function refuseBelowLaw(
  { days, settings }: { days: RetentionPolicy['days']; settings: Readonly<Record<number, string>> },
  profiles: readonly LegalProfile[],
  today: string,
): void {
  for (const level of [1, 2, 3, 4, 5]) {
    const least = legalRetention(profiles, level, today)
    if (least === null || days[level]! >= daysOfMonths(least.months)) continue
    const { months, document, article } = least
    throw new Error(
      `${settings[level]} is ${days[level]}; expected ${daysOfMonths(months)} days or more, for systems of level ${level} are kept ${months} months at least: ${document.vi}, ${article}`,
    )
  }
}
