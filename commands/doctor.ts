import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { askControl } from '../product/control.ts'
import type { Check, Finding, Patient, Running } from '../doctor/check.ts'
import { openExisting } from '../product/local-access.ts'
import { loadFolder } from '../model/load-folder.ts'
import type { Command } from '../soc.ts'
import type { LocalDatabase } from '../store/local/database.ts'

const usage = `soc doctor [--json]   xem máy, cấu hình và hệ thống, rồi nói phải làm gì · looks at machine, settings and product, and says what to do

Mã thoát · exit code: 0 không phải làm gì · nothing to do, 3 nên sửa · something should be mended, 1 có thứ không chạy · something does not work.
`
const SIGNS: Record<Finding['status'], string> = { ok: '✓', warn: '!', fail: '✗', unknown: '?' }

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  })
  if (positionals.length > 0) {
    return null
  }
  const config = loadConfig()
  const local = openWhereThere(config.dataFolder)
  try {
    const running = ((await askControl(config.dataFolder, 'status')) ?? null) as Running | null
    const findings = await examine({ config, running, local, nowMs: Date.now() })
    process.stdout.write(values.json ? `${JSON.stringify(findings, null, 2)}\n` : findings.map(line).join(''))
    if (findings.some(({ status }) => status === 'fail')) return 1
    return findings.some(({ status }) => status === 'warn') ? 3 : 0
  } finally {
    local?.close()
  }
}

/** Null where the database is not there, or cannot be opened: then the check of the data folder says why. */
function openWhereThere(dataFolder: string): LocalDatabase | null {
  if (!existsSync(join(dataFolder, 'local.db'))) return null
  try {
    return openExisting({ dataFolder })
  } catch {
    return null
  }
}

/** All checks, in order of name; one that fails itself is a finding. */
async function examine(patient: Patient): Promise<({ check: string } & Finding)[]> {
  const checks = await loadFolder<Check>(new URL('../doctor/checks/', import.meta.url))
  const found: ({ check: string } & Finding)[] = []
  for (const [name, check] of checks) {
    try {
      found.push(...(await check.run(patient)).map((finding) => ({ check: name, ...finding })))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      found.push({
        check: name,
        status: 'unknown',
        vi: `Không kiểm tra được: ${reason}`,
        en: `It cannot be told: ${reason}`,
      })
    }
  }
  return found
}

function line({ check, status, vi, en, advice }: { check: string } & Finding): string {
  const said = vi === en ? vi : `${vi} · ${en}`
  const todo =
    advice === undefined ? '' : `\n    → ${advice.vi === advice.en ? advice.vi : `${advice.vi}\n      ${advice.en}`}`
  return `${SIGNS[status]} ${check}: ${said}${todo}\n`
}

export default {
  summary: 'khám máy và sản phẩm, nói phải làm gì · looks at machine and product, and says what to do',
  usage,
  run,
} satisfies Command
