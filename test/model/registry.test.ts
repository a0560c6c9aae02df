import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { criticality } from '../../model/criticality.ts'
import { agencySubtree, names, parseRegistry, RegistryError, resolveSource } from '../../model/registry.ts'
import { matchesName, parseNetwork } from '../../model/source-table.ts'
import { runs } from '../runs.ts'

const text = `
format: 1
name: { vi: Tỉnh Thử, en: Test Province }
timeZone: Asia/Ho_Chi_Minh
defaults: { level: 2 }
calendar:
  workingHours: [{ days: [1, 2, 3, 4, 5], hours: ['07:00-11:30', '13:00-17:00'] }]
  from: 2026-01-01
  to: 2027-01-01
  holidays: [{ date: 2026-09-01, days: 2, vi: Quốc khánh, en: National Day }]
agencies:
  uy-ban: { vi: Ủy ban, en: Committee, kind: committee }
  giao-thong: { vi: Giao thông, en: Transport, kind: department, parent: uy-ban, validTo: 2025-03-01 }
  xay-dung:
    { vi: Xây dựng, en: Construction, kind: department, parent: uy-ban, validTo: 2025-07-01, successorOf: [{ agency: giao-thong }] }
  thanh-pho: { vi: Thành phố, en: City, kind: committee, validFrom: 2025-07-01, successorOf: [{ agency: xay-dung }] }
  vien: { vi: Viện, en: Institute, kind: board, parent: uy-ban, validTo: 2025-07-01 }
  phuong-a: { vi: Phường A, en: Ward A, kind: commune, validFrom: 2025-07-01, parent: thanh-pho, successorOf: [{ agency: vien }] }
  phuong-b: { vi: Phường B, en: Ward B, kind: commune, validFrom: 2025-07-01, parent: phuong-a, successorOf: [{ agency: vien }] }
  cong-an:
    { vi: Công an, en: Police, kind: police, levels: [{ level: 4, status: approved, basis: Quyết định 1, from: 2026-01-01 }] }
groups: { khac: { vi: Khác, en: Other, open: true } }
systems:
  den:
    vi: Đèn giao thông
    en: Traffic lights
    sameAs: [{ key: tin-hieu, vi: Tín hiệu, en: Signals }]
    roles:
      owner:
        - { agency: giao-thong, to: 2025-03-01 }
        - { agency: xay-dung, from: 2025-03-01, to: 2025-07-01 }
        - { agency: thanh-pho, from: 2025-07-01 }
    levels:
      - { level: 3, status: proposed, basis: dự thảo, to: 2026-08-19 }
      - { level: 4, status: approved, basis: Quyết định 2, from: 2026-08-19 }
  cong:
    { vi: Cổng, en: Portal, roles: { owner: [{ agency: cong-an }] } }
  ho-so: { vi: Hồ sơ, en: Files, group: khac, roles: { owner: [{ agency: cong-an }] } }
sources:
  - { match: { address: 10.0.0.0/8 }, agency: cong-an }
  - { match: { address: 10.1.0.0/16 }, system: tin-hieu, kind: controller }
  - { match: { address: 10.1.2.3 }, agency: uy-ban, from: 2026-01-01 }
  - { match: { address: 10.9.9.9, hostname: den-* }, system: den }
  - { match: { address: '2001:db8:1::/48' }, system: cong }
  - { match: { hostname: cong-* }, system: cong }
  - { match: { hostname: ho-so }, agency: cong-an, system: ho-so }
  - { match: { stream: portal }, system: cong }
  - { match: { certificate: ${'ab'.repeat(32)} }, system: den }
`
const registry = parseRegistry(text, 'test.yml')
const now = '2026-11-22T00:00:00.000Z'

describe('whose a record is', () => {
  test.each([
    ['network', { address: '10.200.0.1' }, now, 'cong-an', undefined],
    ['longer prefix', { address: '10.1.7.7' }, now, 'thanh-pho', 'den'],
    ['longest prefix, in its time', { address: '10.1.2.3' }, now, 'uy-ban', undefined],
    ['before its time', { address: '10.1.2.3' }, '2025-12-31T16:59:59.999Z', 'thanh-pho', 'den'],
    [
      'from the first instant of the day in the zone',
      { address: '10.1.2.3' },
      '2025-12-31T17:00:00.000Z',
      'uy-ban',
      undefined,
    ],
    ['owner at event time', { address: '10.1.7.7' }, '2024-01-01T00:00:00.000Z', 'giao-thong', 'den'],
    ['IPv6', { address: '2001:db8:1:2::3' }, now, 'cong-an', 'cong'],
    ['IPv4 in IPv6', { address: '::ffff:10.200.0.1' }, now, 'cong-an', undefined],
    ['an address of nobody', { address: '192.0.2.1' }, now, 'unregistered', undefined],
    ['no address', { address: '' }, now, 'unregistered', undefined],
    [
      'a host name is nobody’s word but its own',
      { address: '192.0.2.1', hostname: 'cong-01' },
      now,
      'unregistered',
      undefined,
    ],
    ['a host name refines inside the agency', { address: '10.200.0.1', hostname: 'CONG-01' }, now, 'cong-an', 'cong'],
    [
      'a host name of another agency changes nothing',
      { address: '10.1.7.7', hostname: 'cong-01' },
      now,
      'thanh-pho',
      'den',
    ],
    ['nor does one with an agency of its own', { address: '10.1.2.3', hostname: 'ho-so' }, now, 'uy-ban', undefined],
    ['names said from a relay are believed', { address: '10.9.9.9', hostname: 'den-07' }, now, 'thanh-pho', 'den'],
    ['others from the relay are not', { address: '10.9.9.9', hostname: 'xden-07' }, now, 'cong-an', undefined],
    ['a stream refines inside the agency', { address: '10.200.0.1', stream: 'portal' }, now, 'cong-an', 'cong'],
    ['a stream alone gives no agency', { address: '192.0.2.1', stream: 'portal' }, now, 'unregistered', undefined],
    ['a certificate vouches', { address: '10.200.0.1', certificate: 'ab'.repeat(32) }, now, 'thanh-pho', 'den'],
    [
      'a token wins over address and name',
      { address: '10.1.7.7', hostname: 'den-1', agency: 'cong-an' },
      now,
      'cong-an',
      undefined,
    ],
    ['a token and its stream', { address: '192.0.2.1', stream: 'portal', agency: 'cong-an' }, now, 'cong-an', 'cong'],
    ['a token of an agency that has one successor', { address: '', agency: 'giao-thong' }, now, 'thanh-pho', undefined],
    [
      '… that successor at event time',
      { address: '', agency: 'giao-thong' },
      '2025-05-01T00:00:00Z',
      'xay-dung',
      undefined,
    ],
    ['a token of an agency that was split', { address: '', agency: 'vien' }, now, 'vien', undefined],
    ['a token of an agency the registry does not know', { address: '10.0.0.1', agency: 'la' }, now, 'la', undefined],
  ])('%s', (_name, sender, at, agency, system) => {
    const { criticality: _, ...answer } = resolveSource(registry, sender, at)
    expect(answer).toEqual({ agency, ...(system && { system }) })
  })

  test('the second time says the same as the first', () => {
    const ask = (): unknown => resolveSource(registry, { address: '10.1.7.7', hostname: 'den-1' }, now)
    expect(ask()).toEqual(ask())
  })

  test('what is remembered of one sender is not given for another whose words are the same in another place', () => {
    const registry = parseRegistry(text, 'test.yml')
    const address = '10.200.0.1'
    expect(resolveSource(registry, { address, hostname: 'cong-01' }, now).system).toBe('cong')
    expect(resolveSource(registry, { address, certificate: 'cong-01' }, now).system).toBeUndefined()
    expect(resolveSource(registry, { address, hostname: 'cong', stream: '-01' }, now).system).toBeUndefined()
  })

  test('a name longer than a host name may be is no name, whatever it begins with', () => {
    const hostname = `cong-${'x'.repeat(1_000_000)}`
    expect(resolveSource(registry, { address: '10.200.0.1', hostname }, now).system).toBeUndefined()
  })
})

test('criticality is the level in force: system, else agency, else default', () => {
  expect(criticality(registry, 'thanh-pho', 'den', '2026-08-18T16:59:59.999Z')).toBe(3)
  expect(criticality(registry, 'thanh-pho', 'den', '2026-08-18T17:00:00.000Z')).toBe(4)
  expect(criticality(registry, 'cong-an', undefined, now)).toBe(4)
  expect(criticality(registry, 'cong-an', 'cong', now)).toBe(4)
  expect(criticality(registry, 'cong-an', undefined, '2025-01-01T00:00:00Z')).toBe(2)
  expect(criticality(registry, 'unregistered', undefined, now)).toBe(2)
})

test('the tree is that of the day', () => {
  expect(agencySubtree(registry, 'uy-ban', '2025-01-01T00:00:00Z')).toEqual([
    'uy-ban',
    'giao-thong',
    'xay-dung',
    'vien',
  ])
  expect(agencySubtree(registry, 'uy-ban', now)).toEqual(['uy-ban'])
  expect(agencySubtree(registry, 'thanh-pho', now)).toEqual(['thanh-pho', 'phuong-a', 'phuong-b'])
  expect(agencySubtree(registry, 'nobody', now)).toEqual([])
})

test('names, also of what has two', () => {
  expect(names(registry, 'xay-dung')).toEqual({ vi: 'Xây dựng', en: 'Construction' })
  expect(names(registry, 'tin-hieu')).toEqual({ vi: 'Tín hiệu', en: 'Signals' })
  expect(names(registry, 'khac')).toEqual({ vi: 'Khác', en: 'Other' })
  expect(names(registry, 'nobody')).toBeUndefined()
})

describe('refused, with the place', () => {
  test.each([
    ['broken YAML', 'agencies:', 'agencies: [', 'syntax', /^test\.yml:\d+:\d+: /],
    ['a key twice', '  uy-ban:', '  cong-an: {}\n  uy-ban:', 'syntax', /unique/],
    [
      'unknown setting',
      'kind: police',
      'kind: police, colour: red',
      'shape',
      /test\.yml:\d+:\d+: \/agencies\/cong-an\/colour: no such/,
    ],
    ['missing setting', 'timeZone: Asia/Ho_Chi_Minh', '', 'shape', /timeZone/],
    ['wrong time zone', 'Asia/Ho_Chi_Minh', 'Asia/Hai_Duong', 'shape', /\/timeZone: 'Asia\/Hai_Duong'/],
    ['bad key', '  uy-ban:', '  Uy_Ban:', 'shape', /Uy_Ban/],
    ['key used for two things', '{ khac:', '{ uy-ban:', 'duplicate_key', /'uy-ban' is taken/],
    ['reserved key', '  uy-ban:', '  unregistered:', 'duplicate_key', /'unregistered' is taken/],
    [
      'unknown agency as parent',
      'parent: phuong-a',
      'parent: phuong-z',
      'unknown_key',
      /agencies\/phuong-b\/parent: there is no agency 'phuong-z'/,
    ],
    [
      'unknown agency in a role',
      'agency: giao-thong, to',
      'agency: duong-sat, to',
      'unknown_key',
      /roles\/owner\/0\/agency/,
    ],
    [
      'unknown agency of a source',
      'agency: uy-ban, from',
      'agency: duong-sat, from',
      'unknown_key',
      /test\.yml:42:\d+: \/sources\/2\/agency/,
    ],
    [
      'unknown predecessor',
      'successorOf: [{ agency: giao-thong }]',
      'successorOf: [{ agency: duong-sat }]',
      'unknown_key',
      /successorOf\/0/,
    ],
    ['unknown system', 'system: tin-hieu', 'system: coi', 'unknown_key', /sources\/1\/system/],
    ['unknown group', 'group: khac', 'group: them', 'unknown_key', /no group 'them'/],
    [
      '13th month',
      'validTo: 2025-07-01, successorOf: [{ agency: giao',
      'validTo: 2025-13-01, successorOf: [{ agency: giao',
      'bad_date',
      /xay-dung\/validTo: '2025-13-01' is no day/,
    ],
    ['30 February', 'agency: uy-ban, from: 2026-01-01', 'agency: uy-ban, from: 2026-02-30', 'bad_date', /2026-02-30/],
    [
      'ends before it begins',
      'from: 2025-03-01, to: 2025-07-01',
      'from: 2025-07-01, to: 2025-03-01',
      'bad_date',
      /not after/,
    ],
    ['holiday outside the calendar', 'date: 2026-09-01', 'date: 2028-09-01', 'bad_date', /outside the calendar/],
    [
      'two owners at once',
      'owner: [{ agency: cong-an }] } }\n  ho-so',
      'owner: [{ agency: cong-an }, { agency: uy-ban, from: 2025-01-01 }] } }\n  ho-so',
      'overlap',
      /roles\/owner\/1/,
    ],
    ['two levels at once', 'basis: dự thảo, to: 2026-08-19', 'basis: dự thảo', 'overlap', /systems\/den\/levels/],
    [
      'owner after its end',
      'agency: giao-thong, to: 2025-03-01',
      'agency: giao-thong, to: 2025-03-02',
      'outside_life',
      /did not exist/,
    ],
    [
      'source of an agency that ended',
      'agency: uy-ban, from',
      'agency: giao-thong, from',
      'outside_life',
      /sources\/2\/agency/,
    ],
    [
      'successor of what has not ended',
      'successorOf: [{ agency: giao-thong }]',
      'successorOf: [{ agency: cong-an }]',
      'outside_life',
      /'cong-an' did not end/,
    ],
    [
      'parent of itself',
      'en: Committee, kind: committee',
      'en: Committee, kind: committee, parent: uy-ban',
      'cycle',
      /'uy-ban' leads back/,
    ],
    [
      'parents in a ring',
      'kind: committee, validFrom: 2025-07-01,',
      'kind: committee, validFrom: 2025-07-01, parent: phuong-b,',
      'cycle',
      /leads back/,
    ],
    [
      'successors in a ring',
      'parent: uy-ban, validTo: 2025-03-01',
      'parent: uy-ban, validTo: 2025-03-01, successorOf: [{ agency: xay-dung }]',
      'cycle',
      /leads back/,
    ],
    ['no network', '10.0.0.0/8', '10.0.0.0/33', 'bad_address', /'10\.0\.0\.0\/33' is no address/],
    ['bits beyond the prefix', '10.1.0.0/16', '10.1.2.0/16', 'bad_address', /10\.1\.2\.0\/16/],
    ['level 6', 'defaults: { level: 2 }', 'defaults: { level: 6 }', 'shape', /\/defaults\/level/],
    [
      'a source of nobody',
      '{ match: { hostname: cong-* }, system: cong }',
      '{ match: { hostname: cong-* } }',
      'shape',
      /neither an agency nor a system/,
    ],
    ['a source that matches everything', 'match: { stream: portal }', 'match: {}', 'shape', /sources\/7\/match/],
  ])('%s', (_name, from, to, code, message) => {
    expect(text).toContain(from)
    const read = (): unknown => parseRegistry(text.replace(from, to), 'test.yml')
    expect(read).toThrow(RegistryError)
    expect(read).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })
})

describe('networks', () => {
  const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.')

  test('an address is in a network where the leading bits are equal, for every prefix', () => {
    const address = fc.integer({ min: 0, max: 0xffffffff })
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), (a, b, prefix) => {
        const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
        const inside = (a & mask) >>> 0 === (b & mask) >>> 0
        const network = `${dotted((a & mask) >>> 0)}/${prefix}`
        const one = parseRegistry(
          text.replace('10.0.0.0/8', network).replace('10.1.0.0/16', '192.0.2.0/24'),
          'test.yml',
        )
        const sources = one.sources.slice(0, 1)
        const { agency } = resolveSource({ ...one, sources }, { address: dotted(b) }, now)
        expect(agency).toBe(inside ? 'cong-an' : 'unregistered')
      }),
      { numRuns: runs(60) },
    )
  })

  test.each([
    '',
    '10.0.0',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '010.0.0.1',
    '1.2.3.4.5',
    'localhost',
    '2001:db8::/129',
  ])('refuses %j', (bad) => expect(parseNetwork(bad)).toBeNull())
})

describe('name patterns', () => {
  test('agree with the regular expression they stand for', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 8 })
    const pattern = fc.array(letters, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('*'))
    fc.assert(
      fc.property(pattern, letters, (glob, name) => {
        const regex = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
        expect(matchesName(glob, name)).toBe(regex.test(name))
      }),
    )
  })
})

test('any text is a registry or a RegistryError', () => {
  const outcome = (mutated: string): string => {
    try {
      parseRegistry(mutated, 'test.yml')
      return 'registry'
    } catch (error) {
      return (error as Error).name
    }
  }
  const lines = text.split('\n')
  const mutation = fc.tuple(fc.nat(lines.length - 1), fc.oneof(fc.string(), fc.constantFrom(...lines)))
  fc.assert(
    fc.property(mutation, ([at, line]) => {
      const mutated = lines.with(at, line).join('\n')
      expect(outcome(mutated)).toMatch(/^registry$|^RegistryError$/)
    }),
    { numRuns: runs(200) },
  )
})
