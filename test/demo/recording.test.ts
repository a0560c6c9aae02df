import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'
import { readRecording, shiftRecording, type RecordedLine } from '../../demo/recording.ts'
import { runs } from '../runs.ts'

const lines = readRecording(join(ROOT, 'demo', 'attack'))
const written = Date.parse('2026-11-23T04:02:41.080+07:00')
const writtenInWholeSeconds = Date.parse('2026-11-23T04:02:41+07:00')
const line = (text: string, atMs: number): RecordedLine => ({ transport: 'tcp', atMs, text })

test('the recording holds what each program wrote, in order', () => {
  const of = (transport: string): number => lines.filter((line) => line.transport === transport).length
  expect(of('tcp')).toBeGreaterThan(300)
  expect(of('udp')).toBeGreaterThan(100)
  expect(of('http')).toBeGreaterThan(60)
  expect(lines.every(({ atMs }, i) => i === 0 || atMs >= lines[i - 1]!.atMs)).toBe(true)
})

test('the recording names no machine but its own', () => {
  const foreign = lines.filter(({ text }) => !/ motcua-web01 |"host": "motcua-web01"/.test(text))
  expect(foreign).toEqual([])
  const addresses = new Set(lines.flatMap(({ text }) => text.match(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g) ?? []))
  expect([...addresses].filter((ip) => !/^(192\.0\.2|198\.51\.100|203\.0\.113|142\.0\.0)\.\d+$/.test(ip))).toEqual([]) // 142.0.0.0: Chrome
})

test.each([
  [
    'RFC 5424 header, microseconds kept',
    '<38>1 2026-11-23T04:02:41.080805+07:00 h sshd 7 - - Failed password',
    '<38>1 2027-01-01T00:00:00.000805+07:00 h sshd 7 - - Failed password',
    written,
  ],
  [
    'audit record',
    '<14>1 2026-11-23T04:02:41.080805+07:00 h audisp-syslog - - - type=EXECVE msg=audit(1795381361.075:447): argc=1',
    '<14>1 2027-01-01T00:00:00.000805+07:00 h audisp-syslog - - - type=EXECVE msg=audit(1798736399.995:447): argc=1',
    written,
  ],
  [
    'RFC 3164 header and combined log',
    '<190>Nov 23 04:02:41 h nginx: 192.0.2.20 - - [23/Nov/2026:04:02:41 +0700] "GET / HTTP/1.1" 200 33 "-" "-"',
    '<190>Jan  1 00:00:00 h nginx: 192.0.2.20 - - [01/Jan/2027:00:00:00 +0700] "GET / HTTP/1.1" 200 33 "-" "-"',
    writtenInWholeSeconds,
  ],
  ['JSON', '{"time": "2026-11-22T21:02:41.080Z", "n": 1}', '{"time": "2026-12-31T17:00:00.000Z", "n": 1}', written],
])('%s', (_name, text, expected, atMs) => {
  const [shifted] = shiftRecording([line(text, atMs)], Date.parse('2027-01-01T00:00:00+07:00'))
  expect(shifted!.text).toBe(expected)
})

describe('any shift', () => {
  test('keeps intervals and can be undone', () => {
    const end = lines.at(-1)!.atMs
    const moment = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2090-01-01') })
    fc.assert(
      fc.property(moment, (endMs) => {
        const shifted = shiftRecording(lines, endMs)
        expect(shifted.at(-1)!.atMs).toBe(endMs)
        // RFC 3164 and the combined log have whole seconds: only a shift by whole seconds comes back exactly.
        const whole = shiftRecording(lines, end + Math.round((endMs - end) / 1_000) * 1_000)
        expect(shiftRecording(whole, end)).toEqual(lines)
      }),
      { numRuns: runs(20) },
    )
  })
})
