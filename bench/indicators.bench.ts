import { strict as assert } from 'node:assert'
import { boundTo, runFresh } from './fresh-process.ts'
import type { IndicatorFigures, IndicatorTask } from './indicators-process.ts'
import { record, table } from './record.ts'

// What the indicators in force cost each event, in memory, and to load: none, 10,000, a million; and what a Map of objects would.
const measured = (task: IndicatorTask): IndicatorFigures => runFresh('indicators-process.js', task) as IndicatorFigures
const sets = [0, 10_000, 1_000_000].map((indicators) => measured({ indicators, kind: 'set' }))
const map = measured({ indicators: 1_000_000, kind: 'map' })

// A fast wrong answer is not a result: 20,000 events, one of 500 shows an indicator, and networks count in the set alone.
assert.equal(sets[0]!.hits, 0)
for (const { hits } of sets.slice(1)) assert.equal(hits, 40)
assert.ok(map.hits > 0 && map.hits < 40)

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
const row = (name: string, of: IndicatorFigures): (string | number)[] => [
  name,
  of.indicators,
  of.nanosPerEvent,
  mib(of.heapBytes),
  mib(of.offHeapBytes),
  of.loadCpuSeconds,
]
const rows = [...sets.map((figures) => row('set', figures)), row('Map of objects', map)]
process.stdout.write(
  `${table(['', 'indicators', 'ns/event', 'heap MiB', 'off-heap MiB', 'load CPU s'], rows)}\n${record('indicators', { boundTo, sets, map })}\n`,
)
