import { expect, test } from 'vitest'
import { receiveTime } from '../../../collector/spool/spool.ts'

const HOUR_MS = 3_600_000

test.each([
  ['time goes on', 1_000, 2_000, 2_000],
  ['a clock set back a little does not take order with it', 10 * HOUR_MS, 9.5 * HOUR_MS, 10 * HOUR_MS],
  ['a clock that had been in another year is believed when it is put right', 1_000_000 * HOUR_MS, 5_000, 5_000],
])('%s', (_name, last, now, expected) => expect(receiveTime(last, now)).toBe(expected))
