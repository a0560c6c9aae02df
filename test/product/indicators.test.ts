import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'
import { ask, mintTokens, send, settledSpool } from './wire.ts'

test('a feed is imported, alarms from then on, finds by a hunt what came before, and goes', async () => {
  const product = await startProductProcess()
  onTestFinished(() => product.kill())
  const { api } = mintTokens(product.dataFolder, 'so-y-te')
  const headers = { authorization: `Bearer ${api}` }
  const get = async <T>(path: string): Promise<T> =>
    JSON.parse((await ask(`${product.url}/api/v1/${path}`, { headers })).text) as T
  const soc = async (...argv: string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'], ...product.environment, SOC_URL: product.url }
    return (await promisify(execFile)(process.execPath, [join(ROOT, 'dist', 'soc.js'), 'indicators', ...argv], { env }))
      .stdout
  }
  const now = (): string => new Date().toISOString()
  const line = (address: string): string =>
    `<38>1 ${now()} may-1 sshd 1 - - Failed password for root from ${address} port 22 ssh2\n`
  await send(product.ports.syslogTcp, line('45.9.148.1'))
  await settledSpool(product.dataFolder)

  const file = join(product.dataFolder, 'feed.csv')
  onTestFinished(() => rmSync(file, { force: true }))
  writeFileSync(file, 'value,description\n45.9.148.1,Máy điều khiển\n45.9.148.2,\n10.0.0.5,\nnot an indicator,\n')
  const said = await soc('import', file, '--feed', 'tinh', '--level', 'high')
  expect(said).toContain('3 dấu hiệu, 3 mới')
  expect(said).toContain('refused unknown_kind: 1  (line 5)')
  await send(product.ports.syslogTcp, line('45.9.148.1'))
  await settledSpool(product.dataFolder)
  const { items } = await get<{ items: { title: string; level: string; alertCount: number }[] }>('incidents?q=tinh')
  expect(items).toMatchObject([{ title: 'Indicator of tinh', level: 'high', alertCount: 1 }])

  const alerts = async (): Promise<number> => {
    await settledSpool(product.dataFolder)
    return (await get<{ items: { alertCount: number }[] }>('incidents?q=tinh')).items[0]!.alertCount
  }
  expect(await soc('hunt', 'tinh', '--look')).toMatch(/done: 3 .*2 sự kiện, 2 lần gặp[^]*45\.9\.148\.1/)
  expect(await alerts()).toBe(1)
  // What came before the feed raises what it would have raised; what was raised already is the same alert.
  for (let n = 0; n < 2; n++) {
    expect(await soc('hunt', 'tinh')).toMatch(/done: 3 .*2 sự kiện, 2 lần gặp/)
    expect(await alerts()).toBe(2)
  }
  const { items: found } = await get<{ items: { id: string }[] }>('incidents?q=tinh')
  const incident = await get<{ alerts: { evidence: { original: string; proof: object[] }[] }[] }>(
    `incidents/${found[0]!.id}`,
  )
  expect(incident.alerts).toHaveLength(2)
  for (const { evidence } of incident.alerts) {
    expect(evidence[0]).toMatchObject({ original: expect.stringContaining('from 45.9.148.1') })
    expect(evidence[0]!.proof).toHaveLength(1)
  }
  expect(await soc('find', '45[.]9[.]148[.]1')).toContain('Máy điều khiển')
  expect(await soc('list')).toMatch(/^tinh +3/)
  await expect(soc('find', '45.9.148.9')).rejects.toMatchObject({ code: 1 })
  const metrics = (await ask(`${product.url}/metrics`)).text
  expect(metrics).toContain('soc_indicators 3\n')
  expect(metrics).toContain('soc_indicators_kept_out 1\n') // 10.0.0.5 is nobody's to alarm about

  await soc('remove', 'tinh')
  await send(product.ports.syslogTcp, line('45.9.148.2'))
  await settledSpool(product.dataFolder)
  expect(await get('incidents?q=tinh')).toMatchObject({ items: [{ alertCount: 2 }] })
  const { items: audit } = await get<{ items: { code: string }[] }>('audit')
  const codes = audit.map(({ code }) => code).filter((code) => /^(indicators|hunt)_/.test(code))
  const hunts = Array.from({ length: 3 }, () => ['hunt_done', 'hunt_started']).flat()
  expect(codes).toEqual(['indicators_removed', ...hunts, 'indicators_imported'])
})
