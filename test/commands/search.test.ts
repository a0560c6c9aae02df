import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'
import { historyOf } from '../../store/local/history.ts'
import { type World, makeWorld, NOW } from '../api/world.ts'

const execute = promisify(execFile)

let world: World
let url: string
beforeAll(async () => {
  world = await makeWorld({ clock: Date.now }) // tokens of the command line end by the clock on the wall
  url = await world.app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => world.close())

async function soc(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, SOC_DATA_FOLDER: world.folder, SOC_URL: url }
  try {
    const { stdout, stderr } = await execute(
      process.execPath,
      [join(ROOT, 'dist', 'soc.js'), 'search', ...args, '--until', NOW],
      { env },
    )
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

test('events as JSON lines, newest first, as many as asked for', async () => {
  const { code, out } = await soc('user.name:root', '--limit', '3', '--json')
  const records = out
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as Record<string, string>)['soc.record'])
  expect([code, records]).toEqual([0, ['so-y-te-5', 'so-gtvt-4', 'so-y-te-3']])
})

test('a table of chosen fields; counts as a table', async () => {
  const events = await soc('soc.seq <= 2 | fields soc.record, user.name', '--table')
  expect(events.out).toBe('soc.record  user.name\nso-gtvt-2   root\nso-y-te-1   root\n')
  const counts = await soc('| count by soc.agency')
  expect(counts.out).toBe('soc.agency  count\nso-y-te     3\nso-gtvt     2\n')
  const bars = await soc('| histogram 1d', '--json')
  expect(bars.out).toBe('{"from":"2026-11-21T17:00:00.000Z","count":5}\n')
})

test('--since narrows the time; who asked is on record', async () => {
  expect((await soc('| count', '--since', '56m')).out).toBe('count\n2\n')
  const [entry] = world.local
    .prepare("SELECT subject_id AS id FROM history WHERE code = 'events_counted' ORDER BY id DESC LIMIT 1")
    .all() as { id: string }[]
  expect(entry!.id).toMatch(/^token:/)
  expect(historyOf(world.local, { kind: 'search', id: entry!.id }, 9)).toHaveLength(1)
})

test('a search that cannot be read is shown where it is wrong', async () => {
  expect(await soc('user.name:root or')).toMatchObject({
    code: 2,
    err: expect.stringContaining('user.name:root or\n                 ^ unexpected') as string,
  })
  expect((await soc('a', '--since', 'yesterday')).code).toBe(2)
  expect((await soc('a', '--limit', '0')).code).toBe(2)
})

test.each([['search', 'x'], ['sources'], ['dead-letters', 'list'], ['indicators', 'list']])(
  'soc %s says that the product does not run, where it does not',
  async (...args) => {
    const env = { ...process.env, SOC_DATA_FOLDER: world.folder, SOC_URL: 'http://127.0.0.1:9' }
    const asked = execute(process.execPath, [join(ROOT, 'dist', 'soc.js'), ...args], { env })
    await expect(asked).rejects.toMatchObject({
      code: 1,
      stderr: `${args[0]}: http://127.0.0.1:9 does not answer: is the product running?\n`,
    })
  },
)
