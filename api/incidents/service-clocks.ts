import { readFileSync } from 'node:fs'
import Type from 'typebox'
import { parse } from 'yaml'
import { LEVELS, type Level } from '../../model/alert.ts'
import { type Incident, acknowledgedAt, handledAt, isOpen } from '../../model/incident.ts'
import { ALWAYS, type WorkingTime } from '../../model/working-time.ts'
import { exact, oneOf } from '../schemas/types.ts'
import { Duration, checked, durationMs } from '../settings-file.ts'

export interface ServiceTargets {
  /** Share of a target after which its clock warns. */
  warnAt: number
  byLevel: ReadonlyMap<Level, { acknowledgeMs: number; resolveMs: number; hours: 'always' | 'working' }>
}

const FILE = exact({
  format: Type.Literal(1),
  warnAt: Type.Integer({ minimum: 1, maximum: 100 }),
  targets: Type.Array(
    exact({ level: oneOf(LEVELS), acknowledge: Duration, resolve: Duration, hours: oneOf(['always', 'working']) }),
  ),
})

/** @throws with the path and what is wrong */
export function parseTargets(text: string, path: string): ServiceTargets {
  const { warnAt, targets } = checked(FILE, parse(text), path)
  const byLevel = new Map<Level, { acknowledgeMs: number; resolveMs: number; hours: 'always' | 'working' }>()
  for (const { level, acknowledge, resolve, hours } of targets) {
    if (byLevel.has(level)) throw new Error(`${path}: level ${level} stands there twice`)
    byLevel.set(level, { acknowledgeMs: durationMs(acknowledge), resolveMs: durationMs(resolve), hours })
  }
  return { warnAt: warnAt / 100, byLevel }
}

export function readTargets(path: string): ServiceTargets {
  return parseTargets(readFileSync(path, 'utf8'), path)
}

export const CLOCK_STATES = ['running', 'paused', 'warning', 'overdue', 'met', 'late'] as const
export type ClockState = (typeof CLOCK_STATES)[number]

export interface ServiceClock {
  key: 'acknowledge' | 'resolve'
  state: ClockState
  /** Milliseconds that counted so far: not those on hold, and where working hours count, only those. */
  elapsedMs: number
  targetMs: number
  hours: 'always' | 'working'
  /** When the target is, or was, passed if nothing stops the clock; absent on hold. */
  dueAt?: string
  doneAt?: string
}

export interface ServiceClocks {
  /** From the first event to the incident. */
  detectMs: number
  /** Absent where the level has no target. */
  clocks: ServiceClock[]
}

type Stretch = [fromMs: number, toMs: number]

/** How long the incident took to be seen, to be taken up, and to be resolved, as of `nowMs`. */
export function serviceClocks(
  incident: Incident,
  { warnAt, byLevel }: ServiceTargets,
  working: WorkingTime,
  nowMs: number,
): ServiceClocks {
  const detectMs = Math.max(0, Date.parse(incident.createdAt) - Date.parse(incident.firstEventAt))
  const target = byLevel.get(incident.level)
  if (target === undefined) return { detectMs, clocks: [] }
  const time = target.hours === 'always' ? ALWAYS : working
  const steps = incident.life.map(({ state, at }) => ({ state, ms: Date.parse(at) }))
  const startMs = Date.parse(incident.createdAt)
  const acknowledgedMs = msOf(acknowledgedAt(incident))
  const doneMs = isOpen(incident) ? undefined : msOf(handledAt(incident))

  const clock = (
    key: ServiceClock['key'],
    targetMs: number,
    endMs: number | undefined,
    runs: Stretch[],
  ): ServiceClock => {
    const elapsedMs = runs.reduce((sum, [from, to]) => sum + time.within(from, to), 0)
    const paused = endMs === undefined && incident.state === 'on_hold' && key === 'resolve'
    const dueMs = passing(time, runs, targetMs, endMs === undefined && !paused)
    return {
      key,
      state: stateOf({ elapsedMs, targetMs, warnAt, done: endMs !== undefined, paused }),
      elapsedMs,
      targetMs,
      hours: target.hours,
      ...(dueMs !== undefined && !Number.isNaN(dueMs) && { dueAt: new Date(dueMs).toISOString() }),
      ...(endMs !== undefined && { doneAt: new Date(endMs).toISOString() }),
    }
  }
  const untilAcknowledged: Stretch[] = [[startMs, acknowledgedMs ?? nowMs]]
  return {
    detectMs,
    clocks: [
      clock('acknowledge', target.acknowledgeMs, acknowledgedMs, untilAcknowledged),
      clock('resolve', target.resolveMs, doneMs, open(steps, startMs, nowMs)),
    ],
  }
}

/** Stretches in which the incident was worked on, or waited for it: neither on hold nor handled. */
function open(steps: readonly { state: Incident['state']; ms: number }[], startMs: number, nowMs: number): Stretch[] {
  const all = steps[0] === undefined ? [{ state: 'new' as const, ms: startMs }] : steps
  return all.flatMap(({ state, ms }, i): Stretch[] =>
    state === 'new' || state === 'in_progress' ? [[ms, all[i + 1]?.ms ?? nowMs]] : [],
  )
}

function passing(time: WorkingTime, runs: readonly Stretch[], targetMs: number, goesOn: boolean): number | undefined {
  let left = targetMs
  for (const [i, [from, to]] of runs.entries()) {
    const within = time.within(from, to)
    if (within >= left || (goesOn && i === runs.length - 1)) return time.after(from, left)
    left -= within
  }
  return undefined
}

function stateOf(clock: {
  elapsedMs: number
  targetMs: number
  warnAt: number
  done: boolean
  paused: boolean
}): ClockState {
  const { elapsedMs, targetMs, warnAt, done, paused } = clock
  if (done) return elapsedMs <= targetMs ? 'met' : 'late'
  if (elapsedMs > targetMs) return 'overdue'
  if (paused) return 'paused'
  return elapsedMs >= targetMs * warnAt ? 'warning' : 'running'
}

function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time)
}
