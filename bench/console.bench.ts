import { strict as assert } from 'node:assert'
import { CHROMIUM, hasChromium } from './chromium.ts'
import { consoleSession } from './console-session.ts'
import { record, table } from './record.ts'

// The list of 100,000 incidents in Chromium, on the product as a process of its own: what a person who opens it waits for, and what
// the page does while fifty incidents change each second. How many rows there are is asserted; times are measured.
const INCIDENTS = Number(process.env['BENCH_INCIDENTS'] ?? 100_000)
const OPENINGS = Number(process.env['BENCH_OPENINGS'] ?? 11)
const STORM_SECONDS = Number(process.env['BENCH_SECONDS'] ?? 30)
const ROWS_MAX = 60

if (!hasChromium) throw new Error(`there is no browser at ${CHROMIUM}; apt-get install chromium, or set CHROMIUM`)
const { openings, storm, browser } = await consoleSession({
  incidents: INCIDENTS,
  openings: OPENINGS,
  stormSeconds: STORM_SECONDS,
})
for (const { rows } of openings) assert.ok(rows > 10 && rows <= ROWS_MAX, `${rows} rows`)
assert.ok(storm.rowsMax <= ROWS_MAX, `${storm.rowsMax} rows`)
assert.ok(storm.changes > 0 && storm.rowsRedrawn > 0, 'nothing changed')

const ms = (of: 'listMs' | 'largestMs' | 'cpuMs'): { first: number; median: number; worst: number } => {
  const all = openings.map((opening) => Math.round(opening[of]))
  const sorted = [...all].sort((a, b) => a - b)
  return { first: all[0]!, median: sorted[sorted.length >> 1]!, worst: sorted.at(-1)! }
}
const [list, largest, cpu] = [ms('listMs'), ms('largestMs'), ms('cpuMs')]
const figures = {
  incidents: INCIDENTS,
  browser,
  openings: OPENINGS,
  listMs: list,
  largestMs: largest,
  cpuMs: cpu,
  scriptBytes: openings[0]!.scriptBytes,
  rows: Math.max(...openings.map(({ rows }) => rows)),
  storm: {
    seconds: storm.seconds,
    changesPerSecond: Math.round((storm.changes / storm.seconds) * 10) / 10,
    rowsMax: storm.rowsMax,
    cpuMsPerSecond: Math.round(storm.cpuMsPerSecond),
    longTasks: storm.longTasksMs.length,
    longestTaskMs: Math.round(storm.longTasksMs[0] ?? 0),
  },
}
const rows = [
  ['first rows painted, ms', ...Object.values(list)],
  ['largest contentful paint, ms', ...Object.values(largest)],
  ['CPU of the page until all is there, ms', ...Object.values(cpu)],
]
process.stdout.write(`${table(['', 'first', 'median', 'worst'], rows)}\n${JSON.stringify(figures, null, 2)}\n`)
process.stdout.write(`${record('console', figures)}\n`)
