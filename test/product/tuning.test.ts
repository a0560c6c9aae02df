import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'

let product: ProductProcess
let folder: string
beforeAll(async () => {
  product = await startProductProcess()
  folder = mkdtempSync(join(tmpdir(), 'vong-gac-tuning-'))
})
afterAll(async () => {
  await product.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A command line as the page prints it, run by a shell in a folder of its own. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const command = line.replace(/^npx soc/, `"${process.execPath}" "${join(ROOT, 'dist', 'soc.js')}"`)
  const env = { PATH: process.env['PATH'], ...product.environment }
  return spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' })
}

async function send(host: string, count: number): Promise<void> {
  const at = new Date(Date.now() - 3_600_000).toISOString()
  const lines = Array.from({ length: count }, (_, i) => {
    return `<38>1 ${at} ${host} sshd 1 - - Accepted password for root from 203.0.113.${i + 5} port 22 ssh2\n`
  })
  const socket = connect(product.ports.syslogTcp, '127.0.0.1').end(lines.join(''))
  await once(socket, 'close')
}

/** The walk-through, as the page has it. */
const COMMANDS = readFileSync(join(ROOT, 'docs', 'tuning.md'), 'utf8')
  .split('\n## ')
  .find((section) => section.startsWith('Từ «luật này ồn quá»'))!
  .split('\n')
  .flatMap((line) => /^ {4}(npx soc .*)$/.exec(line)?.[1] ?? [])

interface Counted {
  id: string
  title: string
  alerts: number
  hidden: number
}

/** The rule of the walk-through, as the list of the noisiest has it. */
const counted = (): Counted | undefined => {
  const { stdout } = shell('npx soc rules top --by noise --json')
  return (JSON.parse(stdout) as { rules: Counted[] }).rules.find(({ title }) => /^Root .* SSH/.test(title))
}

test(
  'from "this rule is too noisy" to a tested, expiring exception in under ten commands, as the page prints them',
  { timeout: 300_000 },
  async () => {
    expect(COMMANDS.length).toBeGreaterThan(3)
    expect(COMMANDS.length).toBeLessThan(10)
    await send('sao-luu01', 6)
    await send('web01', 2)
    await expect.poll(() => counted()?.alerts, { timeout: 60_000, interval: 500 }).toBe(8)
    const rule = counted()!
    let agency = ''
    const said: string[] = []
    for (const command of COMMANDS) {
      const line = command.replace('--rule ID', `--rule ${rule.id}`).replaceAll('CO-QUAN', agency)
      const { status, stdout, stderr } = shell(line)
      expect(status, `${line}\n${stderr}`).toBe(0)
      agency = /agency (\S+)/.exec(stderr)?.[1] ?? agency
      said.push(stdout)
      if (!line.includes(' draft ')) continue
      // As one would: of the backup server alone.
      const drafted = readFileSync(join(folder, 'ngoai-le.yml'), 'utf8')
      writeFileSync(
        join(folder, 'ngoai-le.yml'),
        drafted.replace('  condition:', '    host.hostname: sao-luu01\n  condition:'),
      )
    }
    expect(said[2]).toMatch(/^giấu 6 cảnh báo trong \d+ sự cố, 0 là tấn công thật · hides 6 alerts in \d+ incidents/)
    expect(said.at(-1)).toMatch(/ in_force +0 /)

    await send('sao-luu01', 4)
    await send('web02', 1)
    await expect
      .poll(() => shell('npx soc exception list').stdout, { timeout: 60_000, interval: 500 })
      .toMatch(/ in_force +4 /)
    expect(counted()).toMatchObject({ id: rule.id, alerts: 9, hidden: 4 })

    // The change of a rule, over what is stored: it would be silent but for one host.
    const text = spawnSync(
      'sh',
      ['-c', `cat "$(grep -rl ${rule.id} "${join(ROOT, 'rules')}" --include=*.yml | grep -v test.yml | head -1)"`],
      { encoding: 'utf8' },
    ).stdout
    const path = /rules\/(.*\.yml)/.exec(
      spawnSync('grep', ['-rl', rule.id, join(ROOT, 'rules'), '--include=*.yml'], { encoding: 'utf8' }).stdout,
    )![1]!
    mkdirSync(join(folder, 'moi', path, '..'), { recursive: true })
    writeFileSync(
      join(folder, 'moi', path),
      text
        .replace(/detection:\n( +)/, 'detection:\n$1web: { host.hostname: web02 }\n$1')
        .replace(/condition: (.*)/, 'condition: ($1) and web'),
    )
    const { status, stdout, stderr } = shell('npx soc backtest --rules moi --since 30d --json')
    expect(status, stderr).toBe(0)
    const result = JSON.parse(stdout) as { alerts: object; rules: object[]; fate: { alerts: number } }
    expect(result.alerts, stdout.slice(0, 500)).toMatchObject({ gone: 2, new: 0 }) // what the exception hides is not there to be gone
    expect(result.rules).toMatchObject([{ id: rule.id, change: 'changed', alerts: { before: 3, after: 1 } }])
    expect(result.fate.alerts).toBe(2)
  },
)
