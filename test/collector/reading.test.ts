import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadNormaliser } from '../../collector/normalise.ts'
import { parseRegistry, readingOf } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'
import { eventOf, RECEIVED_AT_MS } from './parsers/line.ts'

const PATH = join(ROOT, 'registry/hai-duong.yml')
const shipped = readFileSync(PATH, 'utf8')
/** The shipped registry, with further sources in front. */
const withSources = (sources: string): string => shipped.replace(/^sources:\n/m, `sources:\n${sources}`)

const registry = parseRegistry(
  withSources(`  - { match: { address: 10.9.1.4 }, encoding: tcvn3, timeZone: Asia/Tokyo }
  - { match: { address: 10.9.0.0/16 }, encoding: vni }
  - { match: { stream: ketoan-cu }, encoding: windows-1258 }
`),
  PATH,
)
const normalise = await loadNormaliser({
  spoolId: 's',
  timeZone: 'Asia/Ho_Chi_Minh',
  enrich: () => undefined,
  reading: ({ origin, receivedAtMs }) => readingOf(registry, origin, receivedAtMs),
})
const read = (bytes: Uint8Array, address: string, stream?: string) =>
  eventOf(
    normalise({
      seq: 1,
      receivedAtMs: RECEIVED_AT_MS,
      origin: { input: 'syslog-udp', address, ...(stream !== undefined && { stream }) },
      bytes,
    }),
  )
const FAILED = Buffer.from('a7a86e67206e68cb7020746 8ca7420 62b969'.replaceAll(' ', ''), 'hex')

test('bytes are read as the registry says of their source, and kept as they came', () => {
  const bytes = Buffer.concat([Buffer.from('<13>May 12 12:00:00 may-cu ketoan: '), FAILED])
  const event = read(bytes, '10.9.1.4')
  expect(event).toMatchObject({
    message: 'Đăng nhập thất bại',
    'soc.original_encoding': 'base64',
    'soc.original_charset': 'tcvn3',
    '@timestamp': '2026-05-12T03:00:00.000Z', // noon in Tokyo
  })
  expect(Buffer.from(event['event.original'], 'base64')).toEqual(bytes)
})

test('each setting is that of the first source that has it; a stream is enough', () => {
  expect(readingOf(registry, { address: '10.9.1.4' }, 0)).toEqual({ encoding: 'tcvn3', timeZone: 'Asia/Tokyo' })
  expect(readingOf(registry, { address: '10.9.7.7' }, 0)).toEqual({ encoding: 'vni' })
  expect(readingOf(registry, { address: '192.0.2.1', stream: 'ketoan-cu' }, 0)).toEqual({ encoding: 'windows-1258' })
  expect(readingOf(registry, { address: '192.0.2.1' }, 0)).toEqual({})
  expect(readingOf(parseRegistry(shipped, PATH), { address: '10.9.1.4' }, 0)).toBeUndefined()
})

test('what is UTF-8 is read as UTF-8, also from a source of an old encoding', () => {
  const event = read(Buffer.from('Đăng nhập thất bại'), '10.9.1.4')
  expect(event).toMatchObject({ message: 'Đăng nhập thất bại', 'event.original': 'Đăng nhập thất bại' })
  expect(event).not.toHaveProperty('soc.original_charset')
})

test.each([
  ['{ match: { address: 10.9.1.4 }, encoding: latin9 }', /encoding/],
  ['{ match: { address: 10.9.1.4 }, timeZone: Asia/Hai_Duong }', /no time zone/],
  ['{ match: { hostname: may-cu, address: 10.9.1.4 }, encoding: vni }', /no host name is known yet/],
  ['{ match: { address: 10.9.1.4 } }', /neither an agency nor a system/],
])('%s is refused', (source, reason) => {
  expect(() => parseRegistry(withSources(`  - ${source}\n`), PATH)).toThrow(reason)
})
