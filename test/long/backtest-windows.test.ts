import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { backtest, bothSides, type Question } from '../../api/backtests/backtest.ts'
import { hasCorpus, sigmaHqRules, windowsEvents } from '../../bench/sigmahq.ts'
import { Spool } from '../../collector/spool/spool.ts'
import type { RuleFile } from '../../detection/types.ts'
import { readHeld } from '../../store/embedded/held.ts'
import { placesOfAlerts } from '../../store/local/incident-alerts.ts'
import { ALL, BUDGET, groundOf, realIncidents, run, shipped, simulated, wiring } from '../api/replayed-day.ts'

const reason = hasCorpus ? '' : ' (skipped: the optional SigmaHQ data is absent)'
const AT_ONCE = 2_000
/** As the product has it: alerts of SigmaHQ's rules on these events need more than tests' stores have. */
const STORED = { sealRows: 20_000, memoryLimit: '1GB' }
/** One rule in so many is gone, in so many has another level, and one filter is about all of process creation. */
const GONE_EVERY = 40
const GRAVER_EVERY = 41

function changed(rules: readonly RuleFile[]): RuleFile[] {
  return rules.flatMap((file, i) => {
    if (i % GONE_EVERY === 7) return []
    return i % GRAVER_EVERY === 9 ? { ...file, text: file.text.replace(/^level: .*$/m, 'level: critical') } : file
  })
}

const EXCEPTION: RuleFile = {
  path: 'exceptions/e.yml',
  text: "title: E\nlogsource: { product: windows, category: process_creation }\nfilter:\n  rules: any\n  s: { ParentImage|endswith: '\\cmd.exe' }\n  condition: not s\n",
  exception: { id: 'e', agencies: 'all' },
}

test.skipIf(!hasCorpus)(
  `SigmaHQ's rules on real events: a backtest is a replay of the raw records${reason}`,
  { timeout: 1_800_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vong-gac-backtest-windows-'))
    // Also when it fails: a store left open keeps its threads, and the process with them.
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const spool = await Spool.open(join(folder, 'spool'), { segmentBytes: 64 << 20, freeBytesMin: 0 })
    onTestFinished(() => spool.close())
    const lines = windowsEvents()
    await spool.append([{ origin: { input: 'control', address: '' }, bytes: Buffer.from('{"bundle":"any"}') }])
    for (let at = 0; at < lines.length; at += AT_ONCE) {
      const origin = { input: 'http-ndjson', address: '192.0.2.7', agency: 'hp-so-khcn' }
      await spool.append(lines.slice(at, at + AT_ONCE).map((text) => ({ origin, bytes: Buffer.from(text) })))
    }
    const before = { ...shipped, rules: [...wiring, ...sigmaHqRules()] }
    const after = { ...shipped, rules: [...wiring, ...changed(sigmaHqRules())], exceptions: [EXCEPTION] }
    const replayed = async (bundle: typeof before, name: string): Promise<Awaited<ReturnType<typeof run>>> => {
      const { store, local } = await run({ folder, spool }, bundle, name, STORED)
      onTestFinished(async () => {
        await store.close()
        local.close()
      })
      return { store, local }
    }
    const was = await replayed(before, 'was')
    const would = await replayed(after, 'would')
    const hold = await was.store.hold!()
    onTestFinished(() => was.store.release!(hold.id))
    const question: Question = {
      before: before.rules,
      after: [...after.rules, EXCEPTION],
      full: true,
      scope: 'all',
      range: ALL,
      budget: { ...BUDGET, matches: 1_000_000 },
    }
    const first = await readHeld(hold)
    onTestFinished(() => first.close())
    const sides = await bothSides(question, groundOf(was.store, first))
    expect(simulated(sides.before.grouped)).toEqual(realIncidents(was.local))
    expect(simulated(sides.after.grouped)).toEqual(realIncidents(would.local))

    const second = await readHeld(hold)
    onTestFinished(() => second.close())
    const answer = await backtest({ ...question, full: false }, groundOf(was.store, second))
    const real = [was, would].map(({ local }) => new Set(placesOfAlerts(local).map(({ alertId }) => alertId)))
    expect(answer.gone.sort()).toEqual([...real[0]!].filter((id) => !real[1]!.has(id)).sort())
    expect(answer.gone.length).toBeGreaterThan(0)
    const { appear, vanish, change, unchanged, read, matched, rules } = answer
    process.stdout.write(
      `${lines.length} events, ${real[0]!.size} alerts before and ${real[1]!.size} after, as by replay; ` +
        `${rules.length} rules differ, ${read} events read, ${matched} matched: incidents +${appear.length} -${vanish.length} ~${change.length} =${unchanged}\n`,
    )
  },
)
