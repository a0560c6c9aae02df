import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startProductProcess } from '../../bench/product-process.ts'
import { emptyFolder } from './run.ts'
import { ask, mintTokens } from './wire.ts'

interface Source {
  source: string
  agency: string
  events: number
  dropped: number
  throttled: number
}

test('an agency over its quota is turned away or dropped, and it shows; another is not touched', async () => {
  const config = join(emptyFolder(), 'soc.yaml')
  const tight = { eventsPerSecond: 1, burstSeconds: 5 }
  const registry = join(emptyFolder(), 'registry.yml')
  writeFileSync(registry, REGISTRY)
  // YAML holds JSON.
  writeFileSync(config, JSON.stringify({ quotas: { agencies: { 'so-a': tight, 'so-b': { eventsPerSecond: 0 } } } }))
  const product = await startProductProcess({ SOC_CONFIG: config, SOC_REGISTRY: registry })
  onTestFinished(() => product.kill())
  const a = mintTokens(product.dataFolder, 'so-a')
  const b = mintTokens(product.dataFolder, 'so-b')
  const post = (token: string): Promise<{ status: number }> =>
    ask(`${product.url}/ingest/his`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
      body: 'dòng\n'.repeat(100),
    })
  expect((await post(a.ingest)).status).toBe(200)
  expect((await post(a.ingest)).status).toBe(429)
  for (let i = 0; i < 3; i++) expect((await post(b.ingest)).status).toBe(200)

  // 127.0.0.2 is of so-a by the registry; what it is over is dropped.
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.2', resolve))
  for (let i = 0; i < 50; i++) {
    await new Promise((resolve) => socket.send(`<13>${i}`, product.ports.syslogUdp, '127.0.0.1', resolve))
  }
  const headers = { authorization: `Bearer ${b.api}` }
  const sources = async (): Promise<Source[]> =>
    (JSON.parse((await ask(`${product.url}/api/v1/sources`, { headers })).text) as { items: Source[] }).items
  const udp = async (): Promise<Source | undefined> =>
    (await sources()).find(({ source }) => source === 'syslog-udp/127.0.0.2')
  const settled = async (): Promise<number> => {
    const row = await udp()
    return (row?.events ?? 0) + (row?.dropped ?? 0)
  }
  await expect.poll(settled, { timeout: 60_000 }).toBe(50)
  const row = (await udp())!
  expect(row).toMatchObject({ agency: 'so-a', throttled: row.dropped })
  expect(row.dropped).toBeGreaterThan(30)
  const posted = (await sources()).filter(({ source }) => source === 'http-ndjson/127.0.0.1/his')
  expect(Object.fromEntries(posted.map(({ agency, events, throttled }) => [agency, { events, throttled }]))).toEqual({
    'so-a': { events: 100, throttled: 1 },
    'so-b': { events: 300, throttled: 0 },
  })
  const { text } = await ask(`${product.url}/metrics`)
  expect(text).toContain('soc_quota_throttled_total{agency="so-a",how="refused"} 1\n')
  expect(text).toContain(`soc_quota_throttled_total{agency="so-a",how="dropped"} ${row.dropped}\n`)
  expect(text).not.toContain('agency="so-b"')
  expect(text).toContain(`soc_source_throttled_total{source="syslog-udp/127.0.0.2"} ${row.dropped}\n`)
})

const REGISTRY = `
format: 1
name: { vi: Thử, en: Test }
timeZone: Asia/Ho_Chi_Minh
defaults: { level: 2 }
calendar:
  workingHours: [{ days: [1], hours: ['08:00-17:00'] }]
  from: 2026-01-01
  to: 2027-01-01
  holidays: []
agencies:
  so-a: { vi: Sở A, en: Department A, kind: department }
  so-b: { vi: Sở B, en: Department B, kind: department }
systems: {}
sources:
  - { match: { address: 127.0.0.2 }, agency: so-a }
`
