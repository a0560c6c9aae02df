import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../../detection/indicators/format.ts'
import { readPattern } from '../../../detection/indicators/formats/stix.ts'
import { type ImportOptions, readImport } from '../../../detection/indicators/import.ts'

const OPTIONS: ImportOptions = { level: 'medium', nowMs: Date.parse('2026-11-22T00:00:00Z') }

const read = async (file: string | object, more: Partial<ImportOptions> = {}) => {
  const text = typeof file === 'string' ? file : JSON.stringify(file)
  const { format, lines, refused } = await readImport(text, { ...OPTIONS, ...more })
  const codes = Object.fromEntries(
    Object.entries(refused).map(([code, { count, examples }]) => [code, [count, ...examples]]),
  )
  return {
    format,
    lines: lines.map((line) => line.trimEnd().replaceAll('\t', ' ')),
    ...(lines.length >= 0 && { codes }),
  }
}

describe('CSV', () => {
  test('a table with a header, quotes and what feeds call their columns', async () => {
    const file =
      '\uFEFFtype,indicator,severity,confidence,TLP,valid_from,valid_until,description\r\n' +
      'ipv4,198.51.100.7,critical,90,TLP:AMBER,2026-01-01,2027-01-01 00:00:00,"Máy ""chủ"", điều khiển\nhai dòng"\r\n' +
      'domain,Evil[.]Example.com,,,,,,\r\n' +
      'url,hxxps://evil.example.com/a?b,low,,,,,\r\n' +
      'sha256,abc,,,,,,\r\n' +
      'yara,x,,,,,,\r\n' +
      'ipv4,198.51.100.8,,,,2026-13-01,,\r\n'
    expect(await read(file)).toEqual({
      format: 'csv',
      lines: [
        'domain evil.example.com medium',
        'ip 198.51.100.7 critical 90 amber 2026-01-01T00:00:00.000Z 2027-01-01T00:00:00.000Z Máy "chủ", điều khiển hai dòng',
        'url evil.example.com/a?b low',
      ],
      codes: { bad_value: [1, 'line 6'], unknown_kind: [1, 'line 7'], bad_time: [1, 'line 8'] },
    })
  })

  test('a plain list with remarks, one value a line; what is too broad is refused; the last one counts', async () => {
    const file =
      '# list\n203.0.113.0/24 ; SBL1\n0.0.0.0/1\n203.0.113.77/24\nco.uk\ncom\n\nevil.example.com\n1.2.3.4 # x\n2001:DB8::1\n'
    expect(await read(file, { validDays: 2 })).toEqual({
      format: 'csv',
      lines: [
        'domain evil.example.com medium',
        'ip 1.2.3.4 medium',
        'ip 2001:db8::1 medium',
        'ip 203.0.113.0/24 medium',
      ].map((line) => `${line}    2026-11-24T00:00:00.000Z`),
      codes: { too_broad: [2, 'line 3', 'line 5'], unknown_kind: [1, 'line 6'] },
    })
  })
})

describe('STIX 2.1', () => {
  const bundle = (...objects: object[]): object => ({ type: 'bundle', id: 'bundle--1', objects })
  const indicator = (pattern: string, more: object = {}): object => ({
    type: 'indicator',
    spec_version: '2.1',
    pattern_type: 'stix',
    pattern,
    ...more,
  })

  test('single things, alternatives and networks; the strictest marking', async () => {
    const file = bundle(
      { type: 'malware', name: 'x' },
      { type: 'marking-definition', id: 'marking-definition--own', name: 'TLP:RED' },
      indicator("[ipv4-addr:value = '198.51.100.1']", {
        confidence: 75,
        name: 'C2',
        valid_from: '2026-01-01T00:00:00.123456Z',
        valid_until: '2026-12-31T00:00:00Z',
        object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da', 'marking-definition--own'],
      }),
      indicator(
        "[ipv4-addr:value ISSUBSET '198.51.100.0/24' OR (domain-name:value = 'a.example.com')] OR [url:value = 'http://a.example.com/it\\'s']",
      ),
      indicator("[file:hashes.'SHA-256' = '" + 'A'.repeat(64) + "' OR file:hashes.MD5 = '" + 'b'.repeat(32) + "']"),
      indicator("[domain-name:value = 'b.example.com']", { revoked: true }),
      indicator("[domain-name:value = 'c.example.com' AND ipv4-addr:value = '198.51.100.9']"),
      indicator("[domain-name:value LIKE '%.example.com']"),
      indicator("[domain-name:value != 'example.com']"),
      indicator("[domain-name:value = 'd.example.com'] FOLLOWEDBY [domain-name:value = 'e.example.com']"),
      indicator('rule x { condition: true }', { pattern_type: 'yara' }),
    )
    expect(await read(file)).toEqual({
      format: 'stix',
      lines: [
        'domain a.example.com medium',
        `hash ${'a'.repeat(64)} medium`,
        `hash ${'b'.repeat(32)} medium`,
        'ip 198.51.100.0/24 medium',
        'ip 198.51.100.1 medium 75 red 2026-01-01T00:00:00.123Z 2026-12-31T00:00:00.000Z C2',
        "url a.example.com/it's medium",
      ],
      codes: {
        revoked: [1, 'objects/5'],
        pattern_unsupported: [5, 'objects/6', 'objects/7', 'objects/8', 'objects/9', 'objects/10'],
      },
    })
  })

  test.each([
    "[ipv4-addr:value = '1.2.3.4'",
    "ipv4-addr:value = '1.2.3.4'",
    '[]',
    '',
    "[ipv4-addr:value '1.2.3.4']",
    "[ipv4-addr:value = '1.2.3.4'] x",
  ])('no pattern: %s', (pattern) => {
    expect(readPattern(pattern)).toBeNull()
  })
})

test('MISP: what is marked for detection, also in objects, with the parts of composite types', async () => {
  const event = {
    info: 'Lừa đảo',
    threat_level_id: '1',
    Tag: [{ name: 'tlp:white' }],
    Attribute: [
      { type: 'ip-dst|port', value: '198.51.100.1|443', to_ids: true, Tag: [{ name: 'tlp:amber' }] },
      { type: 'filename|sha1', value: `a.exe|${'c'.repeat(40)}`, to_ids: true, comment: 'mẫu' },
      { type: 'domain|ip', value: 'evil.example.com|198.51.100.2', to_ids: true },
      { type: 'url', value: 'http://evil.example.com/', to_ids: false },
      { type: 'text', value: 'x', to_ids: true },
      { type: 'ip-src', value: '198.51.100.3', to_ids: true, deleted: true },
    ],
    Object: [{ Attribute: [{ type: 'md5', value: 'd'.repeat(32), to_ids: true }] }],
  }
  const expected = {
    format: 'misp',
    lines: [
      'domain evil.example.com high  clear   Lừa đảo',
      `hash ${'c'.repeat(40)} high  clear   mẫu`,
      `hash ${'d'.repeat(32)} high  clear   Lừa đảo`,
      'ip 198.51.100.1 high  amber   Lừa đảo',
      'ip 198.51.100.2 high  clear   Lừa đảo',
    ],
    codes: { not_for_detection: [1, 'events/0/Attribute/3'], unknown_kind: [1, 'events/0/Attribute/4'] },
  }
  expect(await read({ response: [{ Event: event }] })).toEqual(expected)
  expect(await read({ Event: event })).toEqual(expected)
})

test.each([
  ['', 'nothing in it can be used: it is empty'],
  ['<html>\n<h1>502</h1>', 'nothing in it can be used: unknown_kind 1 (line 1); bad_value 1 (line 2)'],
])('a file in which nothing can be used is no feed: %j', async (file, words) => {
  await expect(readImport(file, OPTIONS)).rejects.toThrow(new FormatError(words))
})

test('any text is a feed, or refused with words', async () => {
  const json = fc.json().map((text) => `{"type":"bundle","objects":${text},"Event":${text},"response":${text}}`)
  const pattern = fc
    .array(
      fc.constantFrom('[', ']', '(', ')', ' OR ', ' AND ', 'ipv4-addr:value', ' = ', "'1.2.3.4'", "'", '\\', 'x'),
      { maxLength: 12 },
    )
    .map((parts) => JSON.stringify({ objects: [{ type: 'indicator', pattern: parts.join(''), spec_version: '2.1' }] }))
  const csv = fc
    .array(fc.constantFrom('value', ',', '"', '\n', '\r\n', '1.2.3.4', ' ', '#', 'type', '\t'), { maxLength: 30 })
    .map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ unit: 'binary' }), json, pattern, csv),
      fc.constantFrom(undefined, 'csv', 'stix', 'misp'),
      async (text, format) => {
        try {
          const { lines } = await readImport(text, { ...OPTIONS, ...(format && { format }) })
          for (const line of lines) expect(line).toMatch(/^(domain|hash|ip|url)\t[!-~]+\tmedium(\t[^\t\n]*){5}\n$/)
        } catch (error) {
          if (!(error instanceof FormatError)) throw error
        }
      },
    ),
    { numRuns: 300 },
  )
})
