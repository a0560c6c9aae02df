import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execFileSync } from 'node:child_process'
import { record, table } from './record.ts'
import { copyStopped } from '../store/embedded/snapshot.ts'
import type { Answers, Task } from './store-process.ts'

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

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1]!

const appendedTo = kept === undefined ? folder : mkdtempSync(`${kept}-appended-`) // what is kept stays as it was filled
try {
  const note = join(folder, 'filled.json') // how it went, beside what is kept
  if (!existsSync(note)) writeFileSync(note, JSON.stringify(run({ do: 'fill', folder, events: EVENTS })))
  const filled = JSON.parse(readFileSync(note, 'utf8')) as { rareWords: number }
  const asked = Array.from(
    { length: PROCESSES },
    () => run({ do: 'ask', folder, events: EVENTS, rounds: ROUNDS, rareWords: filled.rareWords }) as Answers,
  )
  const questions = Object.keys(asked[0]!.times).map((name) => {
    const wallMs = asked.flatMap(({ times }) => times[name]!.wallMs)
    const cpuMs = asked.flatMap(({ times }) => times[name]!.cpuMs)
    return { name, times: wallMs.length, p50Ms: middle(wallMs), p99Ms: p99(wallMs), cpuMs: middle(cpuMs) }
  })
  const opening = {
    ms: middle(asked.map(({ openMs }) => openMs)),
    peakRssMiB: Math.max(...asked.map(({ peakRssMiB }) => peakRssMiB)),
  }
  if (kept !== undefined) await copyStopped(folder, appendedTo)
  const appending = {
    alone: run({ do: 'both', folder: appendedTo, events: EVENTS, queries: false }),
    whileAsked: run({ do: 'both', folder: appendedTo, events: EVENTS, queries: true }),
  }
  const load = loadavg()
  const figures = { events: EVENTS, load, filled, processes: PROCESSES, rounds: ROUNDS, opening, questions, appending }
  process.stdout.write(
    `${JSON.stringify({ load, filled, opening, appending }, null, 2)}\n${table(
      ['', 'p50 ms', 'p99 ms', 'CPU ms'],
      questions.map(({ name, p50Ms, p99Ms, cpuMs }) => [name, p50Ms, p99Ms, cpuMs]),
    )}\n${record(`store-${EVENTS}`, figures)}\n`,
  )
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  else rmSync(appendedTo, { recursive: true, force: true })
}
