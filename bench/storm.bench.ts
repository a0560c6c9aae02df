import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readGrouping } from '../api/incidents/grouping-settings.ts'
import { raiseIncidents } from '../api/incidents/raise.ts'
import type { Alert, Level } from '../model/alert.ts'
import { ROOT } from '../model/root.ts'
import { openLocal } from '../store/local/database.ts'
import { cpuUs } from './fresh-process.ts'
import { record } from './record.ts'

// A storm: one rule's alerts about ever other hosts, ten thousand a second of event time, and another rule's now and then. CPU time
// of one alert on its way into incidents; what became of them is asserted.
const ALERTS = Number(process.env['BENCH_ALERTS'] ?? 100_000)
const AT_ONCE = 1_000
/** One in so many is of the other rule. */
const OTHER_EVERY = 5_000
const START_MS = Date.parse('2026-11-22T00:00:00.000Z')

function alertOf(i: number): Alert {
  const [rule, level]: [string, Level] = i % OTHER_EVERY === 7 ? ['other', 'critical'] : ['storm', 'high']
  return {
    id: `alert-${i}`,
    version: 1,
    rule: { id: rule, title: rule, level, hash: 'ab'.repeat(32), tags: ['attack.t1110'], path: 'x.yml' },
    '@timestamp': new Date(START_MS + Math.floor(i / 10)).toISOString(),
    seq: i + 1,
    agency: 'co-quan',
    entities: [{ kind: 'host', value: `may-${i}.vn` }],
    group: {},
    evidence: [],
    count: 1,
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vong-gac-bench-storm-'))
try {
  const db = openLocal(join(folder, 'local.db'))
  const grouping = readGrouping(join(ROOT, 'registry', 'grouping.yml'))
  const begun = cpuUs()
  for (let from = 0; from < ALERTS; from += AT_ONCE) {
    const alerts = Array.from({ length: Math.min(AT_ONCE, ALERTS - from) }, (_, i) => alertOf(from + i))
    raiseIncidents(db, alerts, { criticality: () => 3, grouping })
  }
  const us = (cpuUs() - begun) / ALERTS
  const count = (sql: string): number => (db.prepare(sql).get() as { n: number }).n
  const others = Math.ceil((ALERTS - 7) / OTHER_EVERY)
  assert.equal(count('SELECT count(*) AS n FROM incident_alerts'), ALERTS)
  assert.equal(count("SELECT count(*) AS n FROM incidents WHERE opened_rule = 'other' AND merged_into IS NULL"), others)
  assert.equal(count("SELECT max(alert_count) AS n FROM incidents WHERE group_key = 'storm:storm'"), ALERTS - others)
  const figures = {
    alerts: ALERTS,
    us: Math.round(us),
    perCpuSecond: Math.round(1_000_000 / us),
    otherRuleIncidents: others,
  }
  process.stdout.write(`${JSON.stringify(figures)}\n${record(`storm-${ALERTS}`, figures)}\n`)
  db.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
