import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'

const soc = (argv: string[], environment: Record<string, string>): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, [join(ROOT, 'dist', 'soc.js'), ...argv], {
    env: { PATH: process.env['PATH'], ...environment },
  })

test('lists who sends, by state; the metrics count them', async () => {
  const product = await startProductProcess()
  onTestFinished(() => product.kill())
  const socket = connect(product.ports.syslogTcp, '127.0.0.1')
  socket.end('<13>1 2026-11-20T01:02:03Z may-1 app - - - chào\n')
  const environment = { ...product.environment, SOC_URL: product.url }
  const listed = async (argv: string[]): Promise<string> => (await soc(['sources', ...argv], environment)).stdout
  await expect.poll(() => listed([]), { timeout: 60_000 }).toMatch(/syslog-tcp\/127\.0\.0\.1/)
  const [source] = (await listed(['--json'])).trim().split('\n')
  const { state } = JSON.parse(source!) as { state: string }
  expect(await listed(['--state', 'silent'])).not.toContain('127.0.0.1')
  expect(await listed(['--state', state])).toContain('127.0.0.1')
  await expect(soc(['sources', '--state', 'lost'], environment)).rejects.toMatchObject({ code: 2 })
  const metrics = await (await fetch(`${product.url}/metrics`)).text()
  expect(metrics).toContain('soc_sources{state="silent"} 0\n')
  expect(metrics).toContain('soc_ledger_unaccounted_positions 0\n')
})
