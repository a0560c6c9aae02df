import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mutated } from '../../bench/high-cardinality.ts'

const SYSMON = {
  '@timestamp': '2026-11-20T01:02:03.004Z',
  EventID: 1,
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  Provider_Name: 'Microsoft-Windows-Sysmon',
  Computer: 'MAY-TRAM-07',
  ProcessGuid: '{5770385F-C22A-43E0-BF4C-06F5698FFBD9}',
  ProcessId: '4321',
  LogonId: '0x3e7',
  Image: 'C:\\Windows\\System32\\cmd.exe',
  CommandLine: '"C:\\Windows\\System32\\cmd.exe" /c whoami /all',
  User: 'SO-TTTT\\lan.nguyen',
  Hashes: 'MD5=0CC175B9C0F1B6A831C399E269772661',
  UserSid: 'S-1-5-21-1004336348-1177238915-682003330-1001',
  SourceIp: '10.1.2.3',
  TargetObject: 'HKLM\\System\\CurrentControlSet\\Services\\Tcpip\\Start',
  AccessList: '%%4416\n\t\t\t\t',
  IntegrityLevel: 'High',
}
const KEPT = ['EventID', 'Channel', 'Provider_Name', 'AccessList', 'IntegrityLevel'] as const
/** Not its own in every event: there are fewer addresses than events. */
const DRAWN = new Set<string>(['SourceIp', ...KEPT])

const line = JSON.stringify(SYSMON)
const parsed = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>

describe('events of high cardinality', () => {
  it('gives the same for the same line and index', () => {
    expect(mutated(line, 7)).toBe(mutated(line, 7))
    // A figure is comparable only as long as the values are the same: this one is what seed and method give.
    expect(parsed(mutated(line, 7))['Image']).toBe('C:\\Windows\\System32\\0voi47i\\cmd.exe')
  })

  it('keeps what kind of event it is, and every field', () => {
    const made = parsed(mutated(line, 3))
    expect(Object.keys(made)).toEqual(Object.keys(SYSMON))
    for (const field of KEPT) expect(made[field]).toEqual(SYSMON[field])
  })

  it.each([
    ['Image', /^C:\\Windows\\System32\\[0-9a-z]{7}\\cmd\.exe$/],
    ['CommandLine', /^"C:\\Windows\\System32\\cmd\.exe" [0-9a-z]{7} \/c whoami \/all$/],
    ['User', /^SO-TTTT\\lan\.nguyen-[0-9a-z]{7}$/],
    ['Computer', /^MAY-TRAM-07-[0-9a-z]{7}$/],
    ['ProcessGuid', /^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/],
    ['Hashes', /^MD5=[0-9A-F]{32}$/],
    ['UserSid', /^S-1-5-21-1004336348-1177238915-682003330-\d+$/],
    ['ProcessId', /^\d+$/],
    ['LogonId', /^0x[0-9a-f]+$/],
    ['SourceIp', /^\d+\.\d+\.\d+\.\d+$/],
    ['@timestamp', /^2026-11-20T01:02:03\.\d{10}Z$/],
    ['TargetObject', /^HKLM\\System\\CurrentControlSet\\Services\\Tcpip\\[0-9a-z]{7}\\Start$/],
  ])('%s stays what it is', (field, shape) => {
    const value = parsed(mutated(line, 11))[field]
    expect(value).toMatch(shape)
    expect(value).not.toBe(SYSMON[field as keyof typeof SYSMON])
  })

  it('never gives two events a value in common', () => {
    const seen = new Map<string, number>()
    for (let i = 0; i < 5_000; i++) {
      for (const [field, value] of Object.entries(parsed(mutated(line, i)))) {
        if (DRAWN.has(field)) continue
        const key = `${field} ${String(value)}`
        expect(seen.get(key), key).toBeUndefined()
        seen.set(key, i)
      }
    }
  })

  it('takes any event', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string()),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), fc.nat(1_000_000), (event, index) => {
        const text = JSON.stringify(event)
        const made = mutated(text, index)
        expect(Object.keys(parsed(made))).toEqual(Object.keys(parsed(text)))
        expect(mutated(text, index)).toBe(made)
      }),
    )
  })
})
