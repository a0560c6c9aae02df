import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadEnricher } from '../../collector/enrich.ts'
import { ECS_VERSION, type EcsEvent, type EcsValue } from '../../model/event.ts'
import type { Origin, SpoolRecord } from '../../model/record.ts'
import { parseRegistry } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'
import { zoneOffset } from '../../model/time-zone.ts'

const path = join(ROOT, 'registry', 'hai-duong.yml')
const registry = parseRegistry(readFileSync(path, 'utf8'), path)
let enrich: (event: EcsEvent, record: SpoolRecord) => void
beforeAll(async () => {
  enrich = await loadEnricher({ registry })
})

function enriched(fields: Record<string, EcsValue> = {}, origin: Partial<Origin> = {}): EcsEvent {
  const event: EcsEvent = {
    '@timestamp': '2026-11-23T02:15:00.000Z',
    'event.ingested': '2026-11-23T02:15:01.000Z',
    'event.original': 'Accepted password for quantri',
    'event.dataset': 'system.auth',
    'ecs.version': ECS_VERSION,
    'soc.record': 'r-1',
    'soc.seq': 1,
    'soc.source': 'syslog-udp/127.0.0.1',
    'soc.agency': 'unregistered',
    ...fields,
  }
  const receivedAtMs = Date.parse('2026-11-23T02:15:01.000Z')
  enrich(event, {
    seq: 1,
    receivedAtMs,
    bytes: Buffer.from(event['event.original']),
    origin: { input: 'syslog-udp', address: '127.0.0.1', ...origin },
  })
  return event
}

describe('whose', () => {
  test('agency, system, criticality, the name of the organisation, the socket’s peer', () => {
    expect(enriched({ 'host.hostname': 'motcua-web01' })).toMatchObject({
      'soc.agency': 'hp-so-khcn',
      'soc.system': 'motcua',
      'soc.criticality': 3,
      'organization.name': 'Sở Khoa học và Công nghệ thành phố Hải Phòng',
      'log.source.address': '127.0.0.1',
    })
  })

  test('at event time, not at the time of receipt', () => {
    const moved = { '@timestamp': '2025-02-28T10:00:00.000Z' }
    expect(enriched(moved, { address: '192.0.2.7' })).toMatchObject({ 'soc.agency': 'so-gtvt', 'soc.criticality': 2 })
  })

  test('a sender cannot choose: what it wrote into our fields is replaced or taken out', () => {
    const forged = {
      'soc.agency': 'hp-cong-an',
      'soc.system': 'soc',
      'soc.criticality': 1,
      'soc.local.working_hours': true,
      'organization.name': 'Công an',
      'source.geo.country_iso_code': 'VN',
      'source.ip': '10.0.0.9',
      'log.source.address': '10.0.0.9',
      'host.hostname': 'motcua-web01',
      '@timestamp': '2026-11-22T20:00:00.000Z',
    }
    const event = enriched(forged, { address: '198.18.0.1' })
    expect(event).toMatchObject({
      'soc.agency': 'unregistered',
      'soc.criticality': 2,
      'soc.local.working_hours': false,
      'log.source.address': '198.18.0.1',
    })
    expect(event).not.toHaveProperty(['soc.system'])
    expect(event).not.toHaveProperty(['organization.name'])
    expect(event).not.toHaveProperty(['source.geo.country_iso_code'])
  })

  test('a clock before the source was anybody’s: receive time decides', async () => {
    const late = parseRegistry(
      readFileSync(path, 'utf8').replace(
        '- { match: { address: 198.51.100.7 }',
        '- { from: 2026-01-01, match: { address: 198.51.100.7 }',
      ),
      path,
    )
    const enrichLate = await loadEnricher({ registry: late, geo: false })
    const old: EcsEvent = { ...enriched(), '@timestamp': '1970-01-01T00:00:00.000Z' }
    enrichLate(old, {
      seq: 1,
      receivedAtMs: Date.parse('2026-11-23T02:15:01Z'),
      bytes: Buffer.of(),
      origin: { input: 'syslog-udp', address: '198.51.100.7' },
    })
    expect(old['soc.agency']).toBe('hp-so-khcn')
  })
})

describe('country', () => {
  test.each([
    ['113.160.0.1', 'VN'],
    ['8.8.8.8', 'US'],
    ['::ffff:8.8.8.8', 'US'],
    ['2405:4800::1', 'VN'],
    ['10.1.2.3', undefined],
    ['172.16.0.1', undefined],
    ['192.168.1.1', undefined],
    ['127.0.0.1', undefined],
    ['169.254.169.254', undefined],
    ['100.64.0.1', undefined],
    ['203.0.113.9', undefined],
    ['2001:db8::1', undefined],
    ['fe80::1', undefined],
    ['224.0.0.1', undefined],
    ['999.1.1.1', undefined],
    ['-', undefined],
    ['8.8.8.8\u0000', undefined],
    [`8.8.8.8${' '.repeat(100_000)}`, undefined],
  ])('%j is in %s', (ip, code) => {
    const event = enriched({ 'source.ip': ip, 'destination.ip': ip })
    expect(event['source.geo.country_iso_code']).toBe(code)
    expect(event['destination.geo.country_iso_code']).toBe(code)
  })
})

describe('local time in Asia/Ho_Chi_Minh', () => {
  test.each([
    ['Monday morning', '2026-11-23T02:15:00.000Z', 9, 1, false, true],
    ['just before work', '2026-11-22T23:59:59.999Z', 6, 1, false, false],
    ['at seven', '2026-11-23T00:00:00.000Z', 7, 1, false, true],
    ['at half past five', '2026-11-23T10:30:00.000Z', 17, 1, false, false],
    ['Sunday in UTC is Monday there', '2026-11-22T17:00:00.000Z', 0, 1, false, false],
    ['Saturday', '2026-11-21T03:00:00.000Z', 10, 6, false, false],
    ['Sunday', '2026-11-22T03:00:00.000Z', 10, 7, false, false],
    ['a Tuesday in Tết', '2026-02-17T03:00:00.000Z', 10, 2, true, false],
    ['the last day of Tết', '2026-02-20T03:00:00.000Z', 10, 5, true, false],
    ['the Monday after', '2026-02-23T03:00:00.000Z', 10, 1, false, true],
    ['Quốc khánh', '2026-09-02T03:00:00.000Z', 10, 3, true, false],
    ['a Saturday worked in exchange', '2026-08-22T03:00:00.000Z', 10, 6, false, true],
    ['30 April next year', '2027-04-30T03:00:00.000Z', 10, 5, true, false],
    ['beyond the calendar: no claim about holidays', '2029-09-03T03:00:00.000Z', 10, 1, undefined, true],
    ['before 1970', '1969-12-29T03:00:00.000Z', 11, 1, undefined, true],
  ])('%s', (_name, at, hour, weekday, holiday, working) => {
    const event = enriched({ '@timestamp': at })
    expect(event).toMatchObject({
      'soc.local.hour': hour,
      'soc.local.weekday': weekday,
      'soc.local.working_hours': working,
    })
    expect(event['soc.local.holiday']).toBe(holiday)
  })

  test.each(['Asia/Ho_Chi_Minh', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'])(
    'the offset of %s is what Intl says, at any moment',
    (timeZone) => {
      const offset = zoneOffset(timeZone)
      const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
      const moment = fc.integer({
        min: Date.parse('1975-06-14T00:00:00Z') / 1000,
        max: Date.parse('2099-01-01T00:00:00Z') / 1000,
      })
      fc.assert(
        fc.property(moment, (seconds) => {
          const wall = new Date(seconds * 1000 + offset(seconds * 1000)).toISOString()
          expect(wall.slice(0, 19).replace('T', ' ')).toBe(format.format(seconds * 1000))
        }),
      )
    },
  )
})

test('any event of any sender: always an agency and a criticality, never a throw, the same every time', () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.array(fc.string(), { maxLength: 2 }),
    fc.ipV4(),
    fc.ipV6(),
  )
  const fields = fc.record(
    {
      '@timestamp': fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
      ),
      'host.hostname': value,
      'source.ip': value,
      'destination.ip': value,
      'soc.system': value,
    },
    { requiredKeys: [] },
  )
  const origin = fc.record(
    {
      address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
      agency: fc.constantFrom('hp-so-yt', 'so-tttt', '?'),
      stream: fc.string(),
    },
    { requiredKeys: ['address'] },
  )
  fc.assert(
    fc.property(fields, origin, (some, from) => {
      const event = enriched(some, from)
      expect(event['soc.agency']).toMatch(/./)
      expect([1, 2, 3, 4, 5]).toContain(event['soc.criticality'])
      expect(enriched(some, from)).toEqual(event)
    }),
  )
})
