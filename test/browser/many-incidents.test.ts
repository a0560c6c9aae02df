import { expect, test } from 'vitest'
import { consoleSession } from '../../bench/console-session.ts'

const INCIDENTS = 3_000
const ROWS_MAX = 60

/** The same as `npm run bench:console` does with 100,000 of them, whose figures it records. */
test('however many incidents there are, few rows are drawn, also while fifty a second change', async () => {
  const { openings, storm } = await consoleSession({ incidents: INCIDENTS, openings: 1, stormSeconds: 8 })
  const [{ rows, total, scriptBytes }] = openings as [(typeof openings)[0]]
  expect(total).toContain('3.000')
  expect(rows).toBeGreaterThan(10)
  expect(rows).toBeLessThanOrEqual(ROWS_MAX)
  expect(scriptBytes).toBeLessThanOrEqual(200 * 1024)
  expect(storm.rowsMax).toBeLessThanOrEqual(ROWS_MAX)
  expect(storm.changes).toBeGreaterThan(8 * 25) // of 400: what is told twice in half a second is told once
  expect(storm.rowsRedrawn).toBeGreaterThan(0)
}, 180_000)
