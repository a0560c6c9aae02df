import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startProductProcess } from '../../bench/product-process.ts'
import { topRules } from '../../commands/rules/top.ts'
import { ROOT } from '../../model/root.ts'

const rule = (id: string, [nanos, evaluated, matches, alerts]: [number, number, number, number]) => ({
  id,
  title: `Rule ${id}`,
  kind: 'detection' as const,
  level: 'high' as const,
  status: 'test',
  hash: '',
  tags: [],
  falsepositives: [],
  path: '',
  text: '',
  stats: { nanos, evaluated, matches, hidden: 0, alerts, withheld: 0 },
})
const ANSWER = {
  events: 100,
  items: [
    rule('a', [300, 10, 0, 0]),
    rule('b', [600, 5, 5, 1]),
    rule('c', [100, 90, 9, 9]),
    rule('d', [0, 0, 0, 0]),
    {
      ...rule('e', [0, 0, 0, 0]),
      titleVi: 'Luật đ',
      stats: { nanos: 0, evaluated: 0, matches: 4, hidden: 0, alerts: 4, withheld: 0 },
    },
  ],
}

test.each([
  ['cost', 9, ['b', 'a', 'c', 'e']],
  ['noise', 9, ['c', 'e', 'b', 'a']],
  ['noise', 2, ['c', 'e']],
] as const)('by %s, at most %d', (by, limit, ids) => {
  expect(topRules(ANSWER, by, limit).map(({ id }) => id)).toEqual(ids)
})

test('shares are of the time of all rules, per event of all events', () => {
  expect(topRules(ANSWER, 'cost', 1)).toMatchObject([{ share: 0.6, nanosPerEvent: 6, title: 'Rule b' }])
  expect(topRules(ANSWER, 'noise', 2)[1]!.title).toBe('Luật đ')
  expect(topRules({ events: 0, items: [ANSWER.items[4]!] }, 'cost', 1)).toMatchObject([{ share: 0, nanosPerEvent: 0 }])
})

test('of the running product, and in its metrics; without one it says so', async () => {
  const product = await startProductProcess()
  onTestFinished(() => product.kill()) // also where an expectation fails
  const env = { ...process.env, ...product.environment }
  const top = (...argv: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'dist/soc.js'), 'rules', 'top', ...argv], { env, encoding: 'utf8' })
  const line =
    '<38>1 2026-11-20T09:00:00+07:00 web01 sshd 1 - - Accepted password for root from 203.0.113.5 port 22 ssh2'
  const socket = connect(product.ports.syslogTcp, '127.0.0.1').end(`${line}\n`)
  await once(socket, 'close')
  const noisiest = (): unknown => {
    const { rules } = JSON.parse(top('--by', 'noise', '--json').stdout) as { rules: { title: string }[] }
    return rules[0]
  }
  await expect
    .poll(noisiest, { timeout: 60_000, interval: 500 })
    .toMatchObject({ title: 'Root đăng nhập SSH bằng mật khẩu', matches: 1, alerts: 1 })
  expect(top().stdout).toMatch(/ns\/event +evaluated +matches +alerts +rule\n/)
  const metrics = await fetch(`${product.url}/metrics`)
  const text = await metrics.text()
  expect(text).toMatch(/soc_rule_alerts_total\{rule="[0-9a-f-]{36}"\} 1\n/)
  expect(text).toMatch(/soc_correlation_groups\{rule="[0-9a-f-]{36}"\} \d+\n/)
  expect(text).toMatch(/soc_correlation_evicted_groups_total\{rule="[0-9a-f-]{36}"\} 0\n/)
  expect(top('--by', 'colour').status).toBe(2)
  expect(await product.stop(), product.output()).toBe(0)
  expect(top()).toMatchObject({ status: 1, stderr: expect.stringMatching('is the product running') as string })
})
