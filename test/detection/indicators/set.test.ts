import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Indicator, lineOf, readLine } from '../../../detection/indicators/indicator.ts'
import { NO_NEVER, type NeverList } from '../../../detection/indicators/never.ts'
import { normalIndicator } from '../../../detection/indicators/normal.ts'
import { IndicatorSet } from '../../../detection/indicators/set.ts'
import { plainHits } from '../../../detection/reference/indicators.ts'
import type { EcsEvent } from '../../../model/event.ts'

const AT = '2026-11-22T07:00:00.000Z'

function event(fields: Record<string, unknown>): EcsEvent {
  const own = {
    '@timestamp': AT,
    'event.ingested': AT,
    'event.original': JSON.stringify(fields),
    'event.dataset': 'test',
    'ecs.version': '8.17.0',
    'soc.record': 'test-1',
    'soc.seq': 1,
    'soc.source': 'test',
    'soc.agency': 'so-y-te',
  }
  return { ...own, ...fields }
}

function setOf(indicators: readonly Indicator[], never: NeverList = NO_NEVER): IndicatorSet {
  const lines = Buffer.from(indicators.map(lineOf).sort().join(''))
  return new IndicatorSet([{ name: 'test', hash: 'ab'.repeat(32), bytes: lines.length }], lines, never)
}

function indicator(text: string, more: Partial<Indicator> = {}): Indicator {
  const named = normalIndicator(text)
  if (typeof named === 'string') throw new Error(`${text}: ${named}`)
  return { ...named, level: 'high', ...more }
}

const found = (set: IndicatorSet, fields: Record<string, unknown>): string[] =>
  set.match(event(fields)).map(({ field, indicator: { value }, text, at }) => `${field} ${value} ${text.slice(...at)}`)

describe('what an event shows', () => {
  const set = setOf(
    [
      '203.0.113.9',
      '198.51.100.0/24',
      '198.51.100.128/25',
      '2001:db8:bad::/48',
      'evil.example.com',
      'xn--b-pja.vn',
      'http://Files.Example.net:80/a/B?x=1#top',
      'd41d8cd98f00b204e9800998ecf8427e',
    ].map((text) => indicator(text)),
  )
  test.each([
    ['an address', { 'source.ip': '203.0.113.9' }, ['source.ip 203.0.113.9 203.0.113.9']],
    ['mapped into IPv6', { 'source.ip': '::ffff:203.0.113.9' }, ['source.ip 203.0.113.9 ::ffff:203.0.113.9']],
    [
      'every network it lies in',
      { 'destination.ip': '198.51.100.200' },
      ['destination.ip 198.51.100.0/24 198.51.100.200', 'destination.ip 198.51.100.128/25 198.51.100.200'],
    ],
    ['IPv6', { 'dns.resolved_ip': ['2001:db8:bad::1'] }, ['dns.resolved_ip 2001:db8:bad::/48 2001:db8:bad::1']],
    [
      'a name below, in any case',
      { 'dns.question.name': 'A.b.Evil.example.com.' },
      ['dns.question.name evil.example.com Evil.example.com'],
    ],
    ['a name that only ends so', { 'dns.question.name': 'notevil.example.com' }, []],
    ['a name above', { 'dns.question.name': 'example.com' }, []],
    ['a name in another writing', { 'url.domain': 'www.bạ.vn' }, []],
    [
      'a link, whatever its scheme',
      { 'url.full': 'HTTPS://user@FILES.example.net:443/a/B?x=1#other' },
      ['url.full files.example.net/a/B?x=1 HTTPS://user@FILES.example.net:443/a/B?x=1#other'],
    ],
    [
      'a link of a web server',
      { 'url.domain': 'files.example.net', 'url.original': '/a/B?x=1' },
      ['url.original files.example.net/a/B?x=1 /a/B?x=1'],
    ],
    ['another path', { 'url.full': 'http://files.example.net/a/b?x=1' }, []],
    [
      'a hash',
      { 'file.hash.md5': 'D41D8CD98F00B204E9800998ECF8427E' },
      ['file.hash.md5 d41d8cd98f00b204e9800998ecf8427e D41D8CD98F00B204E9800998ECF8427E'],
    ],
    ['nothing', { message: '203.0.113.9 evil.example.com' }, []],
  ])('%s', (_name, fields, expected) => {
    expect(found(set, fields)).toEqual(expected)
  })

  test('what is over, or not yet, at the time of the event', () => {
    const dated = setOf([
      indicator('203.0.113.1', { validUntil: AT }),
      indicator('203.0.113.2', { validFrom: AT }),
      indicator('203.0.113.3', { validFrom: '2026-11-22T07:00:00.001Z' }),
    ])
    const shown = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].flatMap((ip) => found(dated, { 'source.ip': ip }))
    expect(shown).toEqual(['source.ip 203.0.113.2 203.0.113.2'])
  })

  test('alerts say which indicator, why, and where in the line; the same event the same ones', () => {
    const named = setOf([
      indicator('203.0.113.9', { name: 'Cobalt Strike' }),
      indicator('evil.example.com', { level: 'low' }),
    ])
    const shown = event({ 'source.ip': '203.0.113.9', 'url.domain': 'x.evil.example.com' })
    const alerts = named.alerts(shown)
    expect(alerts).toEqual(named.alerts(shown))
    expect(
      alerts.map(({ rule, evidence }) => [
        rule.id,
        rule.level,
        ...evidence[0]!.proof.map(({ span: _span, ...rest }) => rest),
      ]),
    ).toEqual([
      [
        'indicator.test.high',
        'high',
        {
          selection: 'Cobalt Strike',
          field: 'ip',
          eventField: 'source.ip',
          modifiers: [],
          value: '203.0.113.9',
          matched: '203.0.113.9',
        },
      ],
      [
        'indicator.test.low',
        'low',
        {
          selection: 'indicator',
          field: 'domain',
          eventField: 'url.domain',
          modifiers: ['endswith'],
          value: 'evil.example.com',
          matched: 'x.evil.example.com',
        },
      ],
    ])
    const { original, proof } = alerts[1]!.evidence[0]!
    expect(original.slice(...proof[0]!.span!)).toBe('evil.example.com')
  })
})

// Few values, so that indicators, events and the never-list meet.
const octets = fc.constantFrom('203.0.113.', '198.51.100.', '10.0.0.')
const address = fc.oneof(
  fc.tuple(octets, fc.nat(12)).map(([net, last]) => net + last),
  fc.nat(6).map((n) => `2001:db8::${n.toString(16)}`),
)
const name = fc
  .array(fc.constantFrom('a', 'evil', 'example', 'com'), { minLength: 2, maxLength: 4 })
  .map((labels) => labels.join('.'))
const path = fc.constantFrom('/', '/a', '/a?b=1', '?b=1', '', '/A', '/đ', '/#x')
const link = fc
  .tuple(
    fc.constantFrom('http://', 'https://', 'ftp://'),
    fc.oneof(
      name,
      address.filter((text) => !text.includes(':')),
    ),
    fc.constantFrom('', ':80', ':8080'),
    path,
  )
  .map((parts) => parts.join(''))
const digest = fc.constantFrom('a', 'b', 'C').map((digit) => digit.repeat(32))
const value = fc.oneof(
  address,
  fc
    .tuple(address, fc.integer({ min: 8, max: 32 }))
    .map(([text, prefix]) => `${text}/${text.includes(':') ? prefix * 4 : prefix}`),
  name,
  link,
  digest,
)
const time = fc.constantFrom(undefined, '2026-11-22T06:59:59.999Z', AT, '2026-11-22T07:00:00.001Z')
const given = fc.record({ value, validFrom: time, validUntil: time }).map(({ value: text, validFrom, validUntil }) => {
  const named = normalIndicator(text)
  return typeof named === 'string'
    ? []
    : [{ ...named, level: 'high' as const, ...(validFrom && { validFrom }), ...(validUntil && { validUntil }) }]
})
const junk = fc.oneof(
  fc.string(),
  fc.constantFrom('', '.', '/', '://', '1.2.3', '1.2.3.4.5', '256.1.1.1', '::', 'a..b', '01.2.3.4', '\ud800'),
)
const or = (most: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 6, arbitrary: most },
    { weight: 1, arbitrary: fc.oneof(value, junk, fc.constant(7), fc.constant(null)) },
    { weight: 2, arbitrary: fc.array(fc.oneof(most, junk), { maxLength: 3 }) },
  )
const shown = fc.record(
  {
    'source.ip': or(address),
    'dns.resolved_ip': or(address),
    'dns.question.name': or(name),
    'url.domain': or(name),
    'url.full': or(link),
    'url.original': or(fc.oneof(path, link)),
    'file.hash.md5': or(digest),
    'related.hash': or(digest),
  },
  { requiredKeys: ['source.ip', 'url.domain'] },
)
const never = fc.record({
  networks: fc.array(fc.constantFrom('10.0.0.0/8', '203.0.113.7', '2001:db8::/120'), { maxLength: 2 }),
  domains: fc.array(fc.constantFrom('example.com', 'evil.vn'), { maxLength: 2 }),
  domainsBelow: fc.array(fc.constantFrom('example.vn', 'a.com'), { maxLength: 2 }),
  hashes: fc.array(fc.constantFrom('b'.repeat(32)), { maxLength: 1 }),
})

test('the set finds what holding every indicator against every text finds', () => {
  fc.assert(
    fc.property(
      fc.array(given, { minLength: 10, maxLength: 60, size: 'max' }),
      never,
      fc.array(shown, { minLength: 1, maxLength: 8 }),
      (listed, list, events) => {
        const indicators = [...new Map(listed.flat().map((each) => [`${each.kind} ${each.value}`, each])).values()]
        const set = setOf(indicators, list)
        for (const fields of events) {
          const one = event(fields)
          const said = (hits: readonly { field: string; text: string; indicator: Indicator }[]): string[] =>
            hits.map((hit) => JSON.stringify([hit.field, hit.text, hit.indicator.kind, hit.indicator.value])).sort()
          expect(said(set.match(one))).toEqual(said(plainHits(indicators, list, one)))
        }
      },
    ),
    { numRuns: 400 },
  )
})

test('the property meets what it is about', () => {
  let hits = 0
  fc.assert(
    fc.property(fc.array(given, { minLength: 10, maxLength: 60, size: 'max' }), shown, (listed, fields) => {
      hits += plainHits(listed.flat(), NO_NEVER, event(fields)).length
    }),
    { numRuns: 400 },
  )
  expect(hits).toBeGreaterThan(100)
})

test('any text is an indicator whose line reads back as it was, or is refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), value), fc.string({ unit: 'binary' }), (text, label) => {
      const named = normalIndicator(text)
      if (typeof named === 'string') return
      expect(named.value).toMatch(/^[!-~]+$/)
      expect(normalIndicator(named.value, named.kind)).toEqual(named)
      const { name: kept = '', ...rest } = readLine(lineOf({ ...named, level: 'low', name: label }).slice(0, -1))
      expect(rest).toEqual({ ...named, level: 'low' })
      expect(kept).not.toMatch(/[\t\n\r]/)
    }),
  )
})

test('tables that grew many times find all of it', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => [
    indicator(`10.${i >> 8}.${i & 255}.1`),
    indicator(`h${i}.example.com`),
    indicator(i.toString(16).padStart(64, '0')),
  ]).flat()
  const set = setOf(many)
  const missed = many.filter(({ kind, value: text }) => {
    const field = { ip: 'source.ip', domain: 'url.domain', hash: 'file.hash.sha256', url: 'url.full' }[kind]
    return set.match(event({ [field]: text })).length !== 1
  })
  expect(missed).toEqual([])
})
