import { setTimeout as sleep } from 'node:timers/promises'
import type { Ask } from '../../product/local-access.ts'

const POLL_MS = 500
const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A backtest as the API answers. */
export interface Job {
  id: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: { done: number; of: number; read: number; matched: number }
  reason?: string
  result?: Outcome
}

interface Told {
  title: string
  titleVi: string
  level: string
  agency: string
  entity: { kind: string; value: string }
  firstEventAt: string
  alerts: { before: number; after: number }
}

export interface Outcome {
  incomplete?: string
  read: number
  matched: number
  alerts: { before: number; after: number; gone: number; new: number; changed: number }
  appear: { total: number; items: Told[] }
  vanish: { total: number; items: Told[] }
  change: { total: number; items: Told[] }
  unchanged: number
  rules: { id: string; title: string; titleVi?: string; change: string; alerts: { before: number; after: number } }[]
  problems: { path: string; line: number; column: number; severity: string; code: string; message: string }[]
  hiddenBy: { filter: string; rule: string; events: number }[]
  fate: {
    alerts: number
    elsewhere: number
    total: number
    incidents: {
      number: number
      title: string
      titleVi: string
      state: string
      verdict?: string
      gone: number
      alerts: number
    }[]
    truePositives: { incidents: number; alerts: number }
  }
}

/** `90m`, `24h`, `30d` before the end, or a time. @throws {TypeError} */
export function sinceOf(
  { since, until }: { since: string; until?: string | undefined },
  nowMs: number,
): { from: string; to: string } {
  const toMs = until === undefined ? nowMs : Date.parse(until)
  const [, number, unit = ''] = /^(\d{1,5})([mhd])$/.exec(since) ?? []
  const fromMs = number === undefined ? Date.parse(since) : toMs - Number(number) * UNITS_MS[unit]!
  if (!(fromMs < toMs)) throw new TypeError(`--since ${since}: write 24h, 30d or a time before the end`)
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
}

/** Waits for a backtest, and says on the standard error how far it is. @throws where it came to nothing */
export async function waitFor(ask: Ask, started: Job): Promise<{ result: Outcome }> {
  let job = started
  let told = ''
  while (job.state === 'waiting' || job.state === 'running') {
    await sleep(POLL_MS)
    job = await ask<Job>('GET', `/backtests/${job.id}`)
    const { done, of, read, matched } = job.progress
    const line = `${of === 0 ? 100 : Math.floor((done / of) * 100)} %, ${read} sự kiện đọc · events read, ${matched} khớp · matched`
    if (process.stderr.isTTY && line !== told) process.stderr.write(`\r${(told = line)}`)
  }
  if (told !== '') process.stderr.write('\n')
  if (job.state === 'done' && job.result !== undefined) return { result: job.result }
  throw new Error(job.reason ?? job.state)
}

const SHOWN = 20

/** What would have become of the incidents, in lines. */
export function report(outcome: Outcome): string {
  const { appear, vanish, change, alerts, rules, problems, incomplete, unchanged } = outcome
  const lines = [
    ...problems.map(
      ({ path, line, column, severity, code, message }) => `${path}:${line}:${column}: ${severity} ${code}: ${message}`,
    ),
    ...(incomplete === undefined ? [] : [`chưa đọc hết · not all was read: ${incomplete}`]),
    `${outcome.read} sự kiện đọc, ${outcome.matched} khớp · events read, matched`,
    `cảnh báo · alerts: ${alerts.before} → ${alerts.after} (−${alerts.gone}, +${alerts.new}, ~${alerts.changed})`,
    `sự cố · incidents: +${appear.total}, −${vanish.total}, ~${change.total}, =${unchanged}`,
    ...rules
      .slice(0, SHOWN)
      .map(
        (rule) =>
          `  ${rule.change}  ${rule.alerts.before} → ${rule.alerts.after}  ${rule.id}  ${rule.titleVi ?? rule.title}`,
      ),
    ...listed('+', appear),
    ...listed('−', vanish),
    ...listed('~', change),
    ...hiding(outcome),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

function listed(sign: string, { total, items }: Outcome['appear']): string[] {
  const shown = items.slice(0, SHOWN).map(({ level, title, titleVi, agency, entity, firstEventAt, alerts }) => {
    return `${sign} ${firstEventAt.slice(0, 16)}  ${level}  ${agency}  ${entity.kind} ${entity.value}  ${alerts.before} → ${alerts.after}  ${titleVi || title}`
  })
  return total > shown.length ? [...shown, `${sign} … ${total - shown.length}`] : shown
}

/** In one sentence what would be gone from incidents there are, and from which. */
export function hiding({ fate, hiddenBy, alerts }: Outcome): string[] {
  if (alerts.gone === 0 && hiddenBy.length === 0) return ['không giấu gì · hides nothing']
  const { total, incidents, truePositives, elsewhere } = fate
  const events = hiddenBy.reduce((sum, each) => sum + each.events, 0)
  return [
    `giấu ${alerts.gone} cảnh báo trong ${total} sự cố, ${truePositives.incidents} là tấn công thật · ` +
      `hides ${alerts.gone} alerts in ${total} incidents, of which ${truePositives.incidents} were true positives`,
    ...(elsewhere > 0 ? [`  ${elsewhere} cảnh báo không thuộc sự cố nào · alerts in no incident`] : []),
    ...(events > 0 ? [`  ${events} lần khớp bị lọc · matches filtered`] : []),
    ...incidents.slice(0, SHOWN).map(({ number, state, verdict, gone, alerts: all, title, titleVi }) => {
      return `  #${number}  ${gone}/${all}  ${state}${verdict === undefined ? '' : ` ${verdict}`}  ${titleVi || title}`
    }),
  ]
}

/** What comes out of logs must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '·')
}
