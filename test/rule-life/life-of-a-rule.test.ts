import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { openLocal } from '../../store/local/database.ts'
import { shadowCounts } from '../../store/local/shadow.ts'

const ID = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0001'
const rule = (word: string): string => `title: Says ${word}
id: ${ID}
status: test
level: high
logsource: { product: linux, service: sshd }
detection:
  words:
    - ${word}
  condition: words
`

async function soc(product: ProductProcess, ...argv: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'dist', 'soc.js'), ...argv], {
    env: { PATH: process.env['PATH'], ...product.environment },
  })
  return stdout
}

async function send({ ports }: ProductProcess, ...lines: string[]): Promise<void> {
  const socket = connect(ports.syslogTcp, '127.0.0.1')
  socket.end(lines.map((line) => `<38>1 - host sshd 1 - - ${line}\n`).join(''))
  await once(socket, 'close')
}

/** Incidents, and alerts in shadow, once `seq` is worked off. */
async function found({ dataFolder }: ProductProcess, seq: number): Promise<{ incidents: number; shadow: number }> {
  const local = openLocal(join(dataFolder, 'local.db'))
  await expect.poll(() => readCheckpoint(local).seq, { timeout: 60_000 }).toBe(seq)
  const { n } = local.prepare('SELECT count(*) AS n FROM incident_alerts').get() as { n: number }
  const { days } = shadowCounts(local, { rule: ID, from: '2000-01-01', scope: 'all' }, 1)
  local.close()
  return { incidents: n, shadow: days.reduce((sum, { alerts }) => sum + alerts, 0) }
}

test(
  'shadow, live, an edit, the former text again: each from its position on, through kill and restart',
  { timeout: 300_000 },
  async () => {
    const rulesFolder = mkdtempSync(join(tmpdir(), 'vong-gac-rules-'))
    cpSync(join(ROOT, 'rules', 'logsources.yml'), join(rulesFolder, 'logsources.yml'))
    writeFileSync(join(rulesFolder, 'rule.yml'), rule('alpha'))
    let product = await startProductProcess({ SOC_RULES_FOLDER: rulesFolder })
    await found(product, 1)
    expect(await soc(product, 'rules', 'shadow', ID, '--why', 'chạy thử')).toContain('position 2')
    await send(product, 'alpha', 'alpha', 'bravo')
    expect(await found(product, 5)).toEqual({ incidents: 0, shadow: 2 })

    await product.kill()
    product = await startProductProcess(product.environment)
    await send(product, 'alpha')
    expect(await found(product, 6)).toEqual({ incidents: 0, shadow: 3 })

    expect(await soc(product, 'rules', 'promote', ID)).toContain('position 7')
    await send(product, 'alpha')
    expect(await found(product, 8)).toEqual({ incidents: 1, shadow: 3 })

    // By hand, and back again.
    writeFileSync(join(rulesFolder, 'rule.yml'), rule('bravo'))
    process.kill(product.pid, 'SIGHUP')
    await found(product, 9)
    await send(product, 'alpha')
    expect(await found(product, 10)).toMatchObject({ incidents: 1 })
    expect(await soc(product, 'rules', 'diff', ID, '3')).toMatch(/-title: Says alpha\n\+title: Says bravo/)
    await soc(product, 'rules', 'restore', ID, '3', '--why', 'nhầm')
    expect(readFileSync(join(rulesFolder, 'rule.yml'), 'utf8')).toBe(rule('alpha'))
    await send(product, 'alpha')
    expect(await found(product, 12)).toMatchObject({ incidents: 2 })

    const history = JSON.parse(await soc(product, 'rules', 'history', ID, '--json')) as {
      number: number
      seq: number
      by: string
      why: string
      settings: { state: string }
    }[]
    expect(history.map(({ number, seq, why, settings: { state } }) => [number, seq, state, why])).toEqual([
      [5, 11, 'live', 'nhầm'],
      [4, 9, 'live', ''],
      [3, 7, 'live', ''],
      [2, 2, 'shadow', 'chạy thử'],
      [1, 1, 'live', ''],
    ])
    expect(history.map(({ by }) => by !== '')).toEqual([true, false, true, true, false])
    await expect(soc(product, 'rules', 'shadow', 'no-such-rule')).rejects.toThrow(/not_found/)

    // What speaks for it.
    expect(JSON.parse(await soc(product, 'rules', 'quality', ID, '--json'))).toMatchObject({
      standing: 'live',
      alerts: 2,
      events: 7,
      tests: { positive: 0, negative: 0 },
    })
    expect(await soc(product, 'rules', 'gaps')).toContain('rules that see nothing: 0')
    expect(JSON.parse(await soc(product, 'rules', 'navigator'))).toMatchObject({
      domain: 'enterprise-attack',
      techniques: [],
    })
    await expect(soc(product, 'rules', 'suggest')).rejects.toThrow(/nothing was judged/)
    expect(await product.stop(), product.output()).toBe(0)

    // Nothing runs: the folder is written, for the next start.
    expect(await soc(product, 'rules', 'retire', ID)).toContain('next start')
    expect(readFileSync(join(rulesFolder, 'life.yml'), 'utf8')).toMatch(/state: retired/)
    rmSync(rulesFolder, { recursive: true })
  },
)
