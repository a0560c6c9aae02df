import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execFileSync } from 'node:child_process'
import { record, table } from './record.ts'
import type { Task } from './store-process.ts'

// The embedded store with a seeded month of events: filling it, the questions analysts ask most, and appending while they
// ask. Answers are counted before a figure counts. `BENCH_EVENTS` says how many (1,000,000); `BENCH_STORE` names a folder that is
// filled once and kept.
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 1_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const PROCESSES = 3

const kept = process.env['BENCH_STORE']
const folder = kept ?? mkdtempSync(join(tmpdir(), 'vong-gac-bench-store-'))

/** In a process of its own, which may use every core: the store's threads are what is measured. */
function run(task: Task): unknown {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'store-process.js')
  const output = execFileSync(process.execPath, [script, JSON.stringify(task)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 ** 2,
  })
  return JSON.parse(output) as unknown
}

type Times = Record<string, { wallMs: number; cpuMs: number }>

try {
  const note = join(folder, 'filled.json') // how it went, beside what is kept
  if (!existsSync(note)) writeFileSync(note, JSON.stringify(run({ do: 'fill', folder, events: EVENTS })))
  const filled = JSON.parse(readFileSync(note, 'utf8')) as object
  const asked = Array.from(
    { length: PROCESSES },
    () => run({ do: 'ask', folder, events: EVENTS, rounds: ROUNDS }) as Times,
  )
  const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
  const questions = Object.keys(asked[0]!).map((name) => ({
    name,
    wallMs: middle(asked.map((times) => times[name]!.wallMs)),
    cpuMs: middle(asked.map((times) => times[name]!.cpuMs)),
  }))
  const appending =
    kept === undefined
      ? {
          alone: run({ do: 'both', folder, events: EVENTS, queries: false }),
          whileAsked: run({ do: 'both', folder, events: EVENTS, queries: true }),
        }
      : null // what is kept stays as it was filled
  const figures = { events: EVENTS, filled, processes: PROCESSES, rounds: ROUNDS, questions, appending }
  process.stdout.write(
    `${JSON.stringify({ filled, appending }, null, 2)}\n${table(
      ['', 'ms', 'CPU ms'],
      questions.map(({ name, wallMs, cpuMs }) => [name, wallMs, cpuMs]),
    )}\n${record(`store-${EVENTS}`, figures)}\n`,
  )
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true })
}
