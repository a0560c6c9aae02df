import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readGrouping } from '../api/incidents/grouping-file.ts'
import { raiseIncidents } from '../api/incidents/raise.ts'
import type { Alert, Level } from '../model/alert.ts'
import { ROOT } from '../model/root.ts'
import { type LocalDatabase, openLocal } from '../store/local/database.ts'
import { cpuUs } from './fresh-process.ts'
import { productStorm } from './product-storm.ts'
import { record, table } from './record.ts'

// Storms: CPU time of one alert on its way into incidents, of the first tenth of them and of the last, since what an alert costs must
// not depend on how many came before. Then the product as it is started, with ten thousand such lines a second. What became of all of
// them is asserted. BENCH_PARTS names one of the two.
const ALERTS = Number(process.env['BENCH_ALERTS'] ?? 100_000)
const PARTS = (process.env['BENCH_PARTS'] ?? 'incidents,product').split(',')
const AT_ONCE = 1_000
/** One in so many is of the other rule. */
const OTHER_EVERY = 5_000
const OTHERS = Math.ceil((ALERTS - 7) / OTHER_EVERY)
const START_MS = Date.parse('2026-11-22T00:00:00.000Z')

/** Ten thousand a second of event time, now and then one of another rule. */
function alertOf(i: number, level: Level, host: string): Alert {
  const [rule, graver]: [string, Level] = i % OTHER_EVERY === 7 ? ['other', 'critical'] : ['storm', level]
  return {
    id: `alert-${i}`,
    version: 1,
    rule: { id: rule, title: rule, level: graver, hash: 'ab'.repeat(32), tags: ['attack.t1110'], path: 'x.yml' },
    '@timestamp': new Date(START_MS + Math.floor(i / 10)).toISOString(),
    seq: i + 1,
    agency: 'co-quan',
    entities: [{ kind: 'host', value: host }],
    group: {},
    evidence: [],
    count: 1,
  }
}

interface Storm {
  name: string
  level: Level
  host: (i: number) => string
  holds: (count: (sql: string) => number) => void
}

const STORMS: Storm[] = [
  {
    name: 'every alert about another host',
    level: 'high',
    host: (i) => `may-${i}.vn`,
    holds(count) {
      assert.equal(count('SELECT count(*) AS n FROM incident_alerts'), ALERTS)
      assert.equal(
        count("SELECT count(*) AS n FROM incidents WHERE opened_rule = 'other' AND merged_into IS NULL"),
        OTHERS,
      )
      assert.equal(
        count("SELECT max(alert_count) AS n FROM incidents WHERE group_key = 'storm:storm'"),
        ALERTS - OTHERS,
      )
    },
  },
  {
    name: 'all about one host',
    level: 'high',
    host: () => 'may.vn',
    holds(count) {
      assert.equal(count('SELECT count(*) AS n FROM incidents'), 1)
      assert.equal(count('SELECT alert_count AS n FROM incidents'), ALERTS)
    },
  },
  {
    name: 'too mild, all about one host',
    level: 'low',
    host: (i) => (i % OTHER_EVERY === 7 ? `may-${i}.vn` : 'may.vn'),
    holds(count) {
      assert.equal(count('SELECT count(*) AS n FROM risk_alerts'), ALERTS - OTHERS)
      assert.equal(count('SELECT count(*) AS n FROM incidents'), OTHERS)
    },
  },
]

function raised(db: LocalDatabase, { level, host }: Storm): { us: number; firstUs: number; lastUs: number } {
  const grouping = readGrouping(join(ROOT, 'registry', 'grouping.yml'))
  const spent: number[] = []
  for (let from = 0; from < ALERTS; from += AT_ONCE) {
    const alerts = Array.from({ length: Math.min(AT_ONCE, ALERTS - from) }, (_, i) =>
      alertOf(from + i, level, host(from + i)),
    )
    const begun = cpuUs()
    raiseIncidents(db, alerts, { criticality: () => 3, grouping })
    spent.push((cpuUs() - begun) / alerts.length)
  }
  const mean = (some: readonly number[]): number => Math.round(some.reduce((sum, n) => sum + n, 0) / some.length)
  const tenth = Math.ceil(spent.length / 10)
  return { us: mean(spent), firstUs: mean(spent.slice(0, tenth)), lastUs: mean(spent.slice(-tenth)) }
}

function incidents(): Record<string, number | string>[] {
  return STORMS.map((storm) => {
    const folder = mkdtempSync(join(tmpdir(), 'vong-gac-bench-storm-'))
    const db = openLocal(join(folder, 'local.db'))
    try {
      const costs = raised(db, storm)
      storm.holds((sql) => (db.prepare(sql).get() as { n: number }).n)
      return { storm: storm.name, ...costs, perCpuSecond: Math.round(1_000_000 / costs.us) }
    } finally {
      db.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

const figures: Record<string, unknown> = { alerts: ALERTS }
if (PARTS.includes('incidents')) {
  const rows = incidents()
  figures['incidents'] = rows
  process.stdout.write(
    `${table(
      Object.keys(rows[0]!),
      rows.map((row) => Object.values(row)),
    )}\n`,
  )
}
if (PARTS.includes('product')) {
  const product = await productStorm(ALERTS)
  figures['product'] = product
  process.stdout.write(`${JSON.stringify(product, null, 1)}\n`)
}
process.stdout.write(`${record('storm', figures)}\n`)
