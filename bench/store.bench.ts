import { loadavg } from 'node:os'
import { filledStore, runOnStore } from './filled-store.ts'
import { record, table } from './record.ts'
import type { Answers } from './store-process.ts'

// The embedded store with a seeded month of events: filling it, the questions analysts ask most, and appending while they
// ask. Answers are counted before a figure counts. `BENCH_EVENTS` says how many (1,000,000); `BENCH_STORE` names a folder that is
// filled once and kept, `BENCH_APPEND_SECONDS` (60) how long is appended to it, alone and while it is asked.
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 1_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const SECONDS = Number(process.env['BENCH_APPEND_SECONDS'] ?? 60)
const PROCESSES = 3

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1]!

const { folder, filled, toAppend, remove } = filledStore(EVENTS)
try {
  const asked = Array.from(
    { length: PROCESSES },
    () => runOnStore({ do: 'ask', folder, events: EVENTS, rounds: ROUNDS, rareWords: filled.rareWords }) as Answers,
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
  const appendedTo = await toAppend()
  const appending = {
    alone: runOnStore({ do: 'both', folder: appendedTo, events: EVENTS, seconds: SECONDS, queries: false }),
    whileAsked: runOnStore({ do: 'both', folder: appendedTo, events: EVENTS, seconds: SECONDS, queries: true }),
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
  remove()
}
