import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRegistry, resolveSource } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'

const path = join(ROOT, 'registry', 'hai-duong.yml')
const registry = parseRegistry(readFileSync(path, 'utf8'), path)
const systems = [...registry.systems.values()]

describe('the inventory', () => {
  test('24 rows and 11 platforms: 31 systems to watch, 3 names for the same thing, 1 open heading', () => {
    const rows = [...systems, ...registry.groups.values()].filter(({ resolution }) => resolution?.pl01 !== undefined)
    const otherNames = systems.flatMap(({ sameAs }) => sameAs)
    const platforms = systems.filter(({ resolution }) => resolution?.clause !== undefined)
    expect(rows).toHaveLength(24)
    expect(platforms.length + otherNames.length).toBe(11)
    expect(systems).toHaveLength(31)
    expect(otherNames.map(({ key }) => key).sort()).toEqual(['htcntt', 'ioc-goal', 'soc-goal'])
    expect([...registry.groups.values()].filter(({ open }) => open).map(({ key }) => key)).toEqual(['khac'])
    expect(registry.systems.has('khac')).toBe(false)
  })

  test('numbers are text as printed: 19 twice in the first annex, 21 numbers in the second', () => {
    const rows = [...systems, ...registry.groups.values()].map(({ resolution }) => resolution)
    expect(rows.filter((row) => row?.pl01 === '19')).toHaveLength(2)
    const second = rows.flatMap((row) => row?.pl02 ?? []).sort((a, b) => Number(a) - Number(b))
    expect(second).toEqual(Array.from({ length: 21 }, (_, i) => String(i + 1)))
  })

  test('the budgets add up to the totals that are printed, in billion đồng', () => {
    const sum = (phase: string): number =>
      systems.reduce((n, { resolution }) => n + (resolution?.budget?.[phase] ?? 0), 0)
    const printed = { '2016-2020': 300, '2021-2022': 1875, '2026-2030': 1625, total: 3800 }
    expect(Object.fromEntries(Object.keys(printed).map((phase) => [phase, sum(phase)]))).toEqual(printed)
    for (const { resolution, key } of systems) {
      const { total = 0, ...phases } = resolution?.budget ?? {}
      expect({ key, total: Object.values(phases).reduce((a, b) => a + b, 0) }).toEqual({ key, total })
    }
  })

  const seed = join(process.env['VONGGAC_SHARED'] ?? join(ROOT, '..', 'shared'), 'data', 'seed', 'inventory.json')
  test.skipIf(!existsSync(seed))('agrees with the inventory, title by title (skipped where it is not at hand)', () => {
    interface Row {
      key: string
      vi: string
      owner?: string
      proposedLevel: number | null
    }
    const inventory = JSON.parse(readFileSync(seed, 'utf8')) as { systems: Row[]; platforms: Row[] }
    for (const row of [...inventory.systems, ...inventory.platforms]) {
      const same = systems.flatMap(({ sameAs }) => sameAs).find(({ key }) => key === row.key)
      const entry = registry.systems.get(row.key) ?? registry.groups.get(row.key)
      expect(same?.vi ?? entry?.resolution?.title).toBe(row.vi)
      expect(entry?.resolution?.owner ?? row.owner).toBe(row.owner)
      expect(registry.systems.get(row.key)?.levels[0]?.level ?? null).toBe(row.proposedLevel)
    }
  })
})

describe('every system', () => {
  const days = ['2020-11-12', '2025-02-28', '2025-03-01', '2025-06-30', '2025-07-01', '2026-11-22']
  test.each(systems.map(({ key }) => key))('%s has one owner, operator and supervisor on every day', (key) => {
    for (const day of days) {
      const atMs = Date.parse(`${day}T05:00:00Z`)
      for (const holders of Object.values(registry.systems.get(key)!.roles)) {
        const holding = holders.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
        expect({ day, count: holding.length }).toEqual({ day, count: 1 })
      }
    }
  })
})

test('nothing the resolution names as an owner exists after the merger; each has a successor', () => {
  const after = Date.parse('2025-07-01T00:00:00+07:00')
  const ended = [...registry.agencies.values()].filter(({ toMs }) => toMs <= after)
  const succeeded = new Set(
    [...registry.agencies.values()].flatMap(({ successorOf }) => successorOf.map((s) => s.agency)),
  )
  expect(ended.length).toBeGreaterThanOrEqual(25)
  expect(ended.map(({ key }) => key).filter((key) => !succeeded.has(key))).toEqual([])
})

test.each([
  ['2025-02-28T16:59:59.999Z', 'so-gtvt'],
  ['2025-02-28T17:00:00.000Z', 'so-xd'],
  ['2025-06-30T16:59:59.999Z', 'so-xd'],
  ['2025-06-30T17:00:00.000Z', 'hp-so-xd'],
])('a machine of smart transport belongs, at %s, to %s', (at, agency) => {
  expect(resolveSource(registry, { address: '192.0.2.7' }, at)).toMatchObject({ agency, system: 'giaothong' })
  expect(resolveSource(registry, { address: '192.0.2.200' }, at)).toMatchObject({ agency })
})

test('the lab on loopback is told by its host names', () => {
  const at = '2026-11-22T03:00:00.000Z'
  expect(resolveSource(registry, { address: '127.0.0.1', hostname: 'motcua-web01' }, at)).toEqual({
    agency: 'hp-so-khcn',
    system: 'motcua',
    criticality: 3,
  })
  expect(resolveSource(registry, { address: '::1', hostname: 'anything' }, at)).toMatchObject({ system: 'soc' })
})
