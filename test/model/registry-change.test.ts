import { describe, expect, test } from 'vitest'
import { type RegistryChange, changedRegistry, touchedBetween } from '../../model/registry-change.ts'
import { readRegistryFile } from '../../model/registry-file.ts'
import { parseRegistry, RegistryError, resolveSource } from '../../model/registry.ts'

const TEXT = `# Kept by hand.
format: 1
name: { vi: Tỉnh Thử, en: Test Province }
timeZone: Asia/Ho_Chi_Minh
defaults: { level: 2 }
calendar: { workingHours: [{ days: [1, 2], hours: ['07:00-17:00'] }], from: 2026-01-01, to: 2027-01-01, holidays: [] }
agencies:
  so-a: { vi: Sở A, en: Department A, kind: department } # the first
  so-b: { vi: Sở B, en: Department B, kind: department }
systems:
  den:
    vi: Đèn
    en: Lights
    roles:
      owner: &den
        - { agency: so-a, to: 2025-03-01 }
        - { agency: so-b, from: 2025-03-01, to: 2027-01-01 }
        - { agency: so-a, from: 2027-01-01 }
      operator: *den # the same
    levels: [{ level: 3, status: proposed, basis: dự thảo }]
sources:
  # A network.
  - { match: { address: [10.0.0.0/8, '::1'] }, agency: so-a, kind: server }
  - { match: { address: 10.1.0.0/16 }, system: den }
`

const make = (...changes: RegistryChange[]): string => changedRegistry(TEXT, 'r', changes)
const lineDiff = (after: string): { gone: string[]; come: string[] } => {
  const [old, fresh] = [TEXT, after].map((text) => text.split('\n')) as [string[], string[]]
  return { gone: old.filter((line) => !fresh.includes(line)), come: fresh.filter((line) => !old.includes(line)) }
}

describe('a change begins or ends something on a day; all else stays as it was written', () => {
  test('an agency begins, and another ends into it', () => {
    const after = make(
      { kind: 'add_agency', key: 'so-c', vi: 'Sở C', en: 'Department C', type: 'department', from: '2026-12-01' },
      { kind: 'role', key: 'den', role: 'owner', agency: 'so-c', from: '2027-02-01' },
      { kind: 'move_source', source: 0, agency: 'so-c', from: '2027-02-01' },
      { kind: 'end_agency', key: 'so-a', from: '2027-02-01', successors: ['so-c'] },
    )
    const registry = parseRegistry(after, 'r')
    const whose = (address: string, at: string): string => resolveSource(registry, { address }, at).agency
    expect(whose('10.9.0.1', '2027-01-31T00:00:00Z')).toBe('so-a')
    expect(whose('10.9.0.1', '2027-02-02T00:00:00Z')).toBe('so-c')
    expect(whose('10.1.0.1', '2026-06-01T00:00:00Z')).toBe('so-b')
    expect(whose('10.1.0.1', '2027-01-15T00:00:00Z')).toBe('so-a')
    expect(whose('10.1.0.1', '2027-02-02T00:00:00Z')).toBe('so-c')
    expect(lineDiff(after)).toMatchInlineSnapshot(`
      {
        "come": [
          "  so-a: { vi: Sở A, en: Department A, kind: department, validTo: 2027-02-01 } # the first",
          "  so-c:",
          "    vi: Sở C",
          "    en: Department C",
          "    kind: department",
          "    validFrom: 2026-12-01",
          "    successorOf:",
          "      - { agency: so-a }",
          "        - { agency: so-a, from: 2027-01-01, to: 2027-02-01 }",
          "        - { agency: so-c, from: 2027-02-01 }",
          "  - { match: { address: [ 10.0.0.0/8, '::1' ] }, agency: so-a, kind: server, to: 2027-02-01 }",
          "  - { match: { address: [ 10.0.0.0/8, ::1 ] }, kind: server, agency: so-c, from: 2027-02-01 }",
        ],
        "gone": [
          "  so-a: { vi: Sở A, en: Department A, kind: department } # the first",
          "        - { agency: so-a, from: 2027-01-01 }",
          "  - { match: { address: [10.0.0.0/8, '::1'] }, agency: so-a, kind: server }",
        ],
      }
    `)
  })

  test('a role between two changes that are known: up to the next one', () => {
    const after = make({ kind: 'role', key: 'den', role: 'owner', agency: 'so-a', basis: 'QĐ 1', from: '2026-06-01' })
    const { owner } = parseRegistry(after, 'r').systems.get('den')!.roles
    expect(owner.map(({ agency, basis }) => [agency, basis])).toEqual([
      ['so-a', undefined],
      ['so-b', undefined],
      ['so-a', 'QĐ 1'],
      ['so-a', undefined],
    ])
    expect(touchedBetween(TEXT, after)).toEqual([
      { of: 'systems', key: 'den', part: 'roles.owner' },
      { of: 'systems', key: 'den', part: 'roles.operator' }, // it says that it is the same
    ])
  })

  test('what only refers to another becomes a list of its own, and the other stays', () => {
    const after = make({ kind: 'role', key: 'den', role: 'operator', agency: 'so-a', from: '2026-06-01' })
    expect(touchedBetween(TEXT, after)).toEqual([{ of: 'systems', key: 'den', part: 'roles.operator' }])
  })

  test('a level follows a level, a first one begins, and a system comes with its owner', () => {
    const after = make(
      { kind: 'level', key: 'den', level: 4, status: 'approved', basis: 'QĐ 2', from: '2026-12-01' },
      { kind: 'level', key: 'so-b', level: 1, status: 'approved', basis: 'QĐ 3', from: '2026-12-01' },
      { kind: 'add_system', key: 'cong', vi: 'Cổng', en: 'Portal', agency: 'so-b', from: '2026-12-01' },
      { kind: 'add_source', match: { stream: 'cong' }, system: 'cong', from: '2026-12-01' },
    )
    const { systems, agencies, sources } = parseRegistry(after, 'r')
    expect(systems.get('den')!.levels.map(({ level }) => level)).toEqual([3, 4])
    expect(agencies.get('so-b')!.levels.map(({ level }) => level)).toEqual([1])
    expect(systems.get('cong')!.roles.owner.map(({ agency }) => agency)).toEqual(['so-b'])
    expect(sources).toHaveLength(3)
    expect(touchedBetween(TEXT, after)).toEqual([
      { of: 'agencies', key: 'so-b', part: 'levels' },
      { of: 'systems', key: 'den', part: 'levels' },
      { of: 'systems', key: 'cong', part: 'all' },
      { of: 'sources', part: 'all' },
    ])
  })
})

describe('what is not of a day is corrected', () => {
  test('names of an agency and of a system', () => {
    const after = make(
      { kind: 'names', key: 'so-a', vi: 'Sở A mới', en: 'New Department A', aliases: ['SA', 'Sở A'] },
      { kind: 'names', key: 'den', vi: 'Đèn đường', en: 'Street lights' },
    )
    const { agencies, systems } = parseRegistry(after, 'r')
    expect(agencies.get('so-a')).toMatchObject({ vi: 'Sở A mới', en: 'New Department A', aliases: ['SA', 'Sở A'] })
    expect(systems.get('den')).toMatchObject({ vi: 'Đèn đường', en: 'Street lights' })
    expect(lineDiff(after).come[0]).toBe(
      '  so-a: { vi: Sở A mới, en: New Department A, kind: department, aliases: [ SA, Sở A ] } # the first',
    )
    const none = changedRegistry(after, 'r', [{ kind: 'names', key: 'so-a', vi: 'Sở A', en: 'Department A' }])
    expect(none).not.toContain('aliases')
  })

  test('days off, days worked in their stead, and how far the list goes', () => {
    const after = make(
      { kind: 'holiday', from: '2026-09-01', days: 2, vi: 'Quốc khánh', en: 'National Day' },
      { kind: 'holiday', from: '2026-01-01', vi: 'Tết Dương lịch', en: "New Year's Day" },
      { kind: 'holiday', from: '2026-04-30', vi: 'Nhầm', en: 'Wrong' },
      { kind: 'working_day', from: '2026-08-22', vi: 'Làm bù', en: 'In exchange' },
      { kind: 'remove_day', from: '2026-04-30' },
      { kind: 'calendar_end', from: '2028-01-01' },
    )
    const { calendar } = readRegistryFile(after, 'r').file
    expect(calendar.holidays.map(({ date, days }) => [date, days])).toEqual([
      ['2026-01-01', undefined],
      ['2026-09-01', 2],
    ])
    expect(calendar.workingDays).toEqual([{ date: '2026-08-22', vi: 'Làm bù', en: 'In exchange' }])
    expect(calendar.to).toBe('2028-01-01')
    expect(touchedBetween(TEXT, after)).toEqual([{ of: 'calendar', part: 'all' }])
  })

  test('how senders are judged: one of them, and all that nothing else is said of', () => {
    const after = make(
      { kind: 'health', source: 0, expected: false, silentMinutes: 30 },
      { kind: 'health', fallenPercent: 60, driftSeconds: 90 },
    )
    const { health, sources } = readRegistryFile(after, 'r').file
    expect(sources[0]!.health).toEqual({ expected: false, silentMinutes: 30 })
    expect(health).toEqual({ fallenPercent: 60, driftSeconds: 90 })
    const back = changedRegistry(after, 'r', [
      { kind: 'health', source: 0 },
      { kind: 'health', driftSeconds: 90 },
    ])
    expect(readRegistryFile(back, 'r').file.sources[0]!.health).toBeUndefined()
    expect(readRegistryFile(back, 'r').file.health).toEqual({ driftSeconds: 90 })
  })
})

const FROM = '2026-12-01'
test.each<[string, RegistryChange, RegistryError['code'], string]>([
  ['a field that is missing', { kind: 'role', key: 'den', role: 'owner', from: FROM }, 'shape', '/changes/0/agency'],
  [
    'no such system',
    { kind: 'role', key: 'x', role: 'owner', agency: 'so-a', from: FROM },
    'unknown_key',
    '/changes/0/key',
  ],
  ['no such agency', { kind: 'end_agency', key: 'x', from: FROM }, 'unknown_key', '/changes/0/key'],
  [
    'a key that is taken',
    { kind: 'add_agency', key: 'so-a', vi: 'x', en: 'x', type: 'x', from: FROM },
    'duplicate_key',
    '/changes/0/key',
  ],
  [
    'a key that is none',
    { kind: 'add_agency', key: 'Sở C', vi: 'x', en: 'x', type: 'x', from: FROM },
    'shape',
    '/agencies/Sở C',
  ],
  ['a name that objects have', { kind: 'end_agency', key: 'constructor', from: FROM }, 'unknown_key', '/changes/0/key'],
  [
    'two changes on one day',
    { kind: 'role', key: 'den', role: 'owner', agency: 'so-a', from: '2025-03-01' },
    'overlap',
    '/changes/0/from',
  ],
  [
    'it is so already',
    { kind: 'role', key: 'den', role: 'owner', agency: 'so-b', from: FROM },
    'overlap',
    '/changes/0',
  ],
  ['a day that does not exist', { kind: 'end_source', source: 0, from: '2026-13-45' }, 'bad_date', '/sources/0/to'],
  ['no such source', { kind: 'end_source', source: 9, from: FROM }, 'unknown_key', '/changes/0/source'],
  ['a source that goes to nobody', { kind: 'move_source', source: 0, from: FROM }, 'shape', '/changes/0/agency'],
  [
    'an agency that is still needed',
    { kind: 'end_agency', key: 'so-b', from: '2026-06-01' },
    'outside_life',
    '/systems/den/roles/owner/1/agency',
  ],
  ['a name of nobody', { kind: 'names', key: 'x', vi: 'x', en: 'x' }, 'unknown_key', '/changes/0/key'],
  ['a day that is no holiday', { kind: 'remove_day', from: '2026-04-30' }, 'unknown_key', '/changes/0/from'],
  [
    'a holiday beyond the calendar',
    { kind: 'holiday', from: '2027-01-01', vi: 'x', en: 'x' },
    'bad_date',
    '/calendar/holidays/0/date',
  ],
  [
    'a threshold that is none',
    { kind: 'health', source: 0, fallenPercent: 200 },
    'shape',
    '/sources/0/health/fallenPercent',
  ],
  ['all senders unexpected', { kind: 'health', expected: false }, 'shape', '/health/expected'],
  [
    'no address',
    { kind: 'add_source', match: { address: 'x' }, agency: 'so-a', from: FROM },
    'bad_address',
    '/sources/2/match/address',
  ],
])('refused with its place: %s', (_what, change, code, pointer) => {
  expect(() => make(change)).toThrow(expect.objectContaining({ code, pointer }))
})
