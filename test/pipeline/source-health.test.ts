import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { keepBundle, readBundle, type Control } from '../../pipeline/bundle.ts'
import { Spool } from '../../collector/spool/spool.ts'
import type { Frame } from '../../model/record.ts'
import { ROOT } from '../../model/root.ts'
import { writeStatements } from '../../product/statements.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { openLocal } from '../../store/local/database.ts'
import { listIncidents } from '../../store/local/incidents.ts'
import { healthOfSource, unsaid } from '../../store/local/source-health.ts'
import { drain } from './drain.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-20T02:00:00.000Z')
const EVERYTHING = {
  scope: 'all',
  range: { from: '1970-01-01T00:00:00.000Z', to: '9999-01-01T00:00:00.000Z' },
  limit: 1_000,
} as const

const REGISTRY = `
format: 1
name: { vi: Thử, en: Test }
timeZone: Asia/Ho_Chi_Minh
defaults: { level: 2 }
calendar: { workingHours: [], from: 2026-01-01, to: 2027-01-01, holidays: [] }
agencies:
  so-a: { vi: Sở A, en: Department A, kind: department }
systems: {}
sources:
  - { match: { address: 192.0.2.7 }, agency: so-a, health: { silentMinutes: 5 } }
`

const line = (): Frame => ({
  origin: { input: 'syslog-tcp', address: '192.0.2.7' },
  bytes: Buffer.from(`<38>1 ${new Date(Date.now() - 2_000).toISOString()} may-1 app 7 - - chào`),
})
const control = (said: Control): Frame => ({
  origin: { input: 'control', address: '' },
  bytes: Buffer.from(JSON.stringify(said)),
})

test('a silence is one incident of the agency, in both languages, however often the log is worked off; its end joins it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-health-'))
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  const spool = await Spool.open(join(folder, 'spool'), { segmentBytes: 65_536, freeBytesMin: 0 })
  const store = await openEmbedded(join(folder, 'events'), {})
  const local = openLocal(join(folder, 'local.db'))
  onTestFinished(async () => {
    vi.useRealTimers()
    await store.close()
    await spool.close()
    local.close()
  })
  const shipped = readBundle({
    rulesFolder: join(ROOT, 'rules'),
    registry: join(ROOT, 'registry', 'hai-duong.yml'),
    timeZone: 'Asia/Ho_Chi_Minh',
  })
  const rules = shipped.rules.filter(({ path }) => /^(pipelines\/|logsources|soc\/source-)/.test(path))
  const bundle = keepBundle(join(folder, 'bundles'), { ...shipped, rules, registry: { path: 'r.yml', text: REGISTRY } })
  await spool.append([control({ bundle }), line()])
  for (let minute = 1; minute <= 7; minute++) {
    vi.setSystemTime(START + minute * MINUTE)
    await spool.append([control({ quiet: true })])
  }
  await drain({ folder, spool, store, local })
  const [found] = unsaid(local, 10)
  await writeStatements(local, spool, 0)
  expect(unsaid(local, 10)).toEqual([])
  await spool.append([found!.frame]) // as after a crash between the two
  await drain({ folder, spool, store, local })
  expect(healthOfSource(local, 'syslog-tcp/192.0.2.7', 'so-a')).toMatchObject({ state: 'silent' })

  const incident = (): unknown[] => listIncidents(local, { scope: 'all', limit: 10, order: 'priority' })
  const [first] = await store.searchAlerts(EVERYTHING)
  expect(first).toMatchObject({
    version: 1,
    agency: 'so-a',
    rule: { title: 'Log Source Silent', titleVi: 'Nguồn nhật ký im lặng', level: 'high' },
    entities: [{ kind: 'host', value: '192.0.2.7' }],
  })
  expect(first!.evidence[0]!.original).toMatch(/im lặng đã 6 phút.*silent for 6 min/)
  expect(incident()).toMatchObject([{ agency: 'so-a', titleVi: 'Nguồn nhật ký im lặng', alertCount: 1 }])

  vi.setSystemTime(START + 9 * MINUTE)
  await spool.append([line()])
  await drain({ folder, spool, store, local })
  await writeStatements(local, spool, 0)
  await drain({ folder, spool, store, local })
  const alerts = await store.searchAlerts(EVERYTHING)
  expect(new Set(alerts.map(({ id }) => id)).size).toBe(1)
  expect(Math.max(...alerts.map(({ version }) => version))).toBe(2)
  expect(alerts.find(({ version }) => version === 2)!.evidence.at(-1)!.original).toContain('sends again')
  expect(incident()).toMatchObject([{ alertCount: 1 }])
  expect(healthOfSource(local, 'syslog-tcp/192.0.2.7', 'so-a')).toMatchObject({ state: 'healthy', lagMs: 2_000 })

  // From the first position on, into an empty store: the same alerts under the same names.
  const again = await openEmbedded(join(folder, 'again'), {})
  const fresh = openLocal(':memory:')
  onTestFinished(async () => {
    await again.close()
    fresh.close()
  })
  await drain({ folder, spool, store: again, local: fresh })
  expect(await again.searchAlerts(EVERYTHING)).toEqual(alerts)
  const before = spool.durableSeq
  await writeStatements(fresh, spool, 0)
  expect(spool.durableSeq).toBeGreaterThan(before)
  await drain({ folder, spool, store: again, local: fresh }) // what it says once more counts as a repeat
  expect(await again.searchAlerts(EVERYTHING)).toEqual(alerts)
})
