import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import certificates from '../../doctor/checks/certificates.ts'
import clock from '../../doctor/checks/clock.ts'
import disk from '../../doctor/checks/disk.ts'
import { isAtLeast } from '../../doctor/checks/node.ts'
import rules from '../../doctor/checks/rules.ts'
import type { Finding, Patient, Running } from '../../doctor/check.ts'
import { loadConfig } from '../../config.ts'
import { ROOT } from '../../model/root.ts'
import { openLocal } from '../../store/local/database.ts'

type Found = Finding & { check: string }

function doctor(
  environment: Record<string, string | undefined>,
): Promise<{ code: number; findings: Found[]; stderr: string }> {
  return new Promise((resolve) => {
    const script = join(ROOT, 'dist', 'soc.js')
    const env = { PATH: process.env['PATH'], ...environment }
    const child = execFile(
      process.execPath,
      [script, 'doctor', '--json'],
      { env, cwd: tmpdir() },
      (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, findings: JSON.parse(stdout || '[]') as Found[], stderr }),
    )
  })
}

const statuses = (findings: readonly Found[], check: string): string[] =>
  findings.filter((found) => found.check === check).map(({ status }) => status)

describe('of a running product', () => {
  let product: ProductProcess
  beforeAll(async () => {
    product = await startProductProcess()
    while (!(await fetch(`${product.url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50))
  })
  afterAll(() => product.kill())

  test('what is well is said to be, and an administrator without a second factor is not', async () => {
    const { findings, code, stderr } = await doctor(product.environment)
    expect(stderr).toBe('')
    for (const check of ['service', 'ports', 'rules', 'node']) {
      expect(statuses(findings, check), JSON.stringify(findings)).toEqual(['ok'])
    }
    expect(statuses(findings, 'data-folder')).toEqual(['ok', 'ok'])
    expect(statuses(findings, 'second-factor')).toEqual(['warn'])
    expect(code).toBe(findings.some(({ status }) => status === 'fail') ? 1 : 3)
  })

  test('its socket is its owner’s only, and gone questions are told so', async () => {
    expect(statSync(join(product.dataFolder, 'control.sock')).mode & 0o777).toBe(0o600)
  })

  test('/metrics has the disk, /readyz names it', async () => {
    expect(await (await fetch(`${product.url}/metrics`)).text()).toMatch(/^soc_disk_free_bytes \d+$/m)
    expect(await (await fetch(`${product.url}/readyz`)).json()).toMatchObject({
      checks: expect.arrayContaining([{ name: 'disk', ok: true }]),
    })
  })
})

test('of a stopped product: a port that is taken, a folder that others read, data of a newer program', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  const folder = join(mkdtempSync(join(tmpdir(), 'vong-gac-doctor-')), 'data')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'version.json'), '{"version":99}')
  const { code, findings } = await doctor({ SOC_DATA_FOLDER: folder, SOC_HTTP_PORT: String(port) })
  taken.close()
  expect(code).toBe(1)
  expect(statuses(findings, 'service')).toEqual(['fail'])
  expect(statuses(findings, 'data-folder')).toEqual(['fail', 'warn'])
  expect(findings.find(({ check, status }) => check === 'ports' && status === 'fail')).toMatchObject({
    en: `http 127.0.0.1:${port}: EADDRINUSE`,
  })
  expect(existsSync(join(folder, 'local.db')), 'it only looks').toBe(false)
})

const DAY_MS = 86_400_000
const RUNNING: Running = {
  pid: 1,
  listening: [],
  checks: [],
  disk: { freeBytes: 2 ** 40, totalBytes: 2 ** 41, bytesPerDay: null, fullInDays: null },
  spool: { accepting: true, bytes: 0, durableSeq: 0 },
  pipelineSeq: 0,
  rules: 1,
  problems: [],
}

function patient(parts: Partial<Patient> = {}): Patient {
  return {
    config: loadConfig(mkdtempSync(join(tmpdir(), 'vong-gac-doctor-')), {}),
    running: null,
    local: null,
    nowMs: Date.now(),
    ...parts,
  }
}

describe('a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-doctor-'))
  async function pair(name: string): Promise<{ certificate: string; key: string }> {
    const made = await generate([{ name: 'commonName', value: name }], {
      notAfterDate: new Date(Date.now() + 90 * DAY_MS),
      keySize: 2048,
    })
    const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
    writeFileSync(certificate, made.cert)
    writeFileSync(key, made.private)
    return { certificate, key }
  }
  const judge = (options: object, aheadDays = 0): (string | undefined)[] => {
    const asked = patient({ nowMs: Date.now() + aheadDays * DAY_MS })
    asked.config.inputs = { 'syslog-tls': options }
    const findings = certificates.run(asked)
    return findings.map(({ status }) => status)
  }

  test('is judged by its time, its key, and whether it reads', async () => {
    const [ours, other] = [await pair('ours'), await pair('other')]
    expect([0, 70, 91].map((ahead) => judge(ours, ahead))).toEqual([['ok'], ['warn'], ['fail']])
    expect(judge(ours, -2)).toEqual(['fail'])
    expect(judge({ ...ours, key: other.key })).toEqual(['fail'])
    expect(judge({ certificate: join(folder, 'none.pem') })).toEqual(['fail'])
    expect(judge({ port: 1 })).toEqual([])
  })
})

test('the clock: sources that agree against it say that it is wrong; a few of them may be wrong themselves', () => {
  const said = (drifts: number[]): string[] => {
    const local = openLocal(':memory:')
    for (const [i, clockDriftMs] of drifts.entries()) {
      local
        .prepare('INSERT INTO source_health (key, source, agency, health, state) VALUES (?, ?, ?, ?, ?)')
        .run(`k${i}`, `s${i}`, 'a', JSON.stringify({ state: 'healthy', clockDriftMs }), '')
    }
    const findings = clock
      .run(patient({ local }))
      .slice(1)
      .map(({ status }) => status)
    local.close()
    return findings
  }
  expect(said([60_000, 61_000])).toEqual([])
  expect(said([60_000, 61_000, 59_000])).toEqual(['fail'])
  expect(said([3_600_000, 10, -20, 0])).toEqual(['ok'])
})

test('the disk: by its forecast', () => {
  const status = (fullInDays: number | null, freeBytes = 2 ** 40): string => {
    const running = { ...RUNNING, disk: { ...RUNNING.disk, freeBytes, bytesPerDay: 2 ** 30, fullInDays } }
    return (disk.run(patient({ running })) as Finding[])[0]!.status
  }
  expect([null, 200, 20, 2].map((days) => status(days))).toEqual(['ok', 'ok', 'warn', 'fail'])
  expect(status(null, 1)).toBe('fail')
})

test('rules that do not load are named', () => {
  const problems = [{ path: 'a.yml', line: 3, severity: 'error', message: 'no' }]
  expect(rules.run(patient({ running: { ...RUNNING, problems } }))).toMatchObject([
    { status: 'warn', en: expect.stringContaining('a.yml:3: no') },
  ])
  expect(rules.run(patient({ running: { ...RUNNING, rules: 0 } }))).toMatchObject([{ status: 'fail' }])
})

test.each([
  ['20.19.0', true],
  ['20.20.2', true],
  ['22.0.0', true],
  ['20.9.0', false],
  ['18.20.0', false],
])('Node %s is new enough: %s', (version, expected) => expect(isAtLeast(version, '20.19.0')).toBe(expected))
