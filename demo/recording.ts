import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One recorded line and how it travels. */
export interface RecordedLine {
  transport: 'tcp' | 'udp' | 'http'
  /** When it was written, epoch milliseconds. */
  atMs: number
  text: string
}

const FILES = [
  ['auth.log', 'tcp'],
  ['auditd.log', 'tcp'],
  ['nginx.log', 'udp'],
  ['motcua.ndjson', 'http'],
] as const

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
/** The recorded machine's clock, in every time that names its zone or does not (RFC 3164). */
const ZONE = '+07:00'
const ZONE_MS = 7 * 3_600_000

// Times as the recorded programs write them: RFC 5424 header and ISO, RFC 3164 header, combined log, audit record.
const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}(?:Z|\+07:00)/g
const HEADER = /^(<\d{1,3}>)[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /
const COMBINED = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) \+0700\]/
const AUDIT = /(?<= msg=audit\()(\d{10})\.(\d{3})(?=:)/

/** The lines of `folder`, in the order they were written. */
export function readRecording(folder: string): RecordedLine[] {
  const lines = FILES.flatMap(([name, transport]) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text): RecordedLine => ({ transport, atMs: timeOf(text), text })),
  )
  return lines.sort((a, b) => a.atMs - b.atMs)
}

/** Epoch milliseconds of the most exact time that the line names. */
function timeOf(text: string): number {
  const iso = text.match(ISO)?.[0]
  if (iso !== undefined) return Date.parse(iso)
  const [, day, month, year, clock] = COMBINED.exec(text) ?? []
  const at = Date.parse(`${year}-${monthNumber(month)}-${day}T${clock}${ZONE}`)
  if (Number.isNaN(at)) throw new Error(`a recorded line names no time: ${text.slice(0, 80)}`)
  return at
}

/**
 * The same lines as if the last was written at `endMs`: every time in header and body moves by the same span, so intervals
 * stay; nothing else changes.
 */
export function shiftRecording(lines: readonly RecordedLine[], endMs: number): RecordedLine[] {
  const byMs = Math.round(endMs - Math.max(...lines.map(({ atMs }) => atMs)))
  return lines.map(({ transport, atMs, text }) => ({ transport, atMs: atMs + byMs, text: shiftLine(text, byMs) }))
}

function shiftLine(text: string, byMs: number): string {
  const wall = timeOf(text) + byMs + ZONE_MS
  return text
    .replaceAll(ISO, (time) => shiftIso(time, byMs))
    .replace(HEADER, (_, pri: string) => `${pri}${header(new Date(wall))} `)
    .replace(COMBINED, () => `[${combined(new Date(wall))} +0700]`)
    .replace(AUDIT, (_, seconds: string, ms: string) =>
      ((Number(seconds) * 1_000 + Number(ms) + byMs) / 1_000).toFixed(3),
    )
}

function shiftIso(time: string, byMs: number): string {
  const finer = time.slice(23, time.endsWith('Z') ? -1 : -ZONE.length) // microseconds stay as they are
  const moved = Date.parse(time) + byMs
  return time.endsWith('Z')
    ? `${new Date(moved).toISOString().slice(0, -1)}${finer}Z`
    : `${new Date(moved + ZONE_MS).toISOString().slice(0, -1)}${finer}${ZONE}`
}

function header(wall: Date): string {
  return `${MONTHS[wall.getUTCMonth()]} ${String(wall.getUTCDate()).padStart(2)} ${wall.toISOString().slice(11, 19)}`
}

function combined(wall: Date): string {
  const [year, , day] = wall.toISOString().slice(0, 10).split('-')
  return `${day}/${MONTHS[wall.getUTCMonth()]}/${year}:${wall.toISOString().slice(11, 19)}`
}

function monthNumber(name: string | undefined): string {
  return String((MONTHS as readonly (string | undefined)[]).indexOf(name) + 1).padStart(2, '0')
}
