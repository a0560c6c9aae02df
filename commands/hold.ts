import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { holdFault } from '../api/routes/holds.ts'
import { loadConfig } from '../config.ts'
import { openExisting } from '../product/local-access.ts'
import { parseRegistry } from '../model/registry.ts'
import type { Command } from '../soc.ts'
import { liftHold, listHolds, placeHold } from '../store/local/holds.ts'

const usage = `soc hold list [--json]
soc hold place --from DAY [--to DAY] [--agency KEY [--system KEY]] --reason WORDS
    không lần xóa nào chạm tới các ngày này (ngày nhận, UTC) · no purge touches these days (of receipt, UTC)
soc hold lift ID --reason WORDS
`

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      agency: { type: 'string' },
      system: { type: 'string' },
      reason: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [verb, id] = positionals
  const { from, to, agency, system, reason = '' } = values
  const config = loadConfig()
  const at = new Date().toISOString()
  const local = openExisting(config)
  try {
    if (verb === 'list') {
      for (const hold of listHolds(local)) process.stdout.write(values.json ? `${JSON.stringify(hold)}\n` : shown(hold))
      return 0
    }
    if (reason.length < 3) {
      return null
    }
    if (verb === 'place' && from !== undefined && id === undefined) {
      const registry = parseRegistry(readFileSync(config.registry, 'utf8'), config.registry)
      const wanted = {
        fromDay: from,
        ...(to !== undefined && { toDay: to }),
        ...(agency !== undefined && { agency }),
        ...(system !== undefined && { system }),
      }
      const unknown = agency !== undefined && !registry.agencies.has(agency)
      const fault = unknown ? 'the registry has no such agency' : holdFault(wanted, (key) => registry.systems.has(key))
      if (fault !== null) throw new TypeError(fault)
      process.stdout.write(shown(placeHold(local, { ...wanted, reason, placedAt: at, placedBy: 'command line' })))
      return 0
    }
    if (verb === 'lift' && id !== undefined) {
      const lifted = liftHold(local, id, { at, by: 'command line', reason })
      if (lifted === null) throw new TypeError(`there is no hold in force under ${id}`)
      process.stdout.write(shown(lifted))
      return 0
    }
    return null
  } finally {
    local.close()
  }
}

function shown({
  id,
  agency,
  system,
  fromDay,
  toDay,
  reason,
  placedAt,
  placedBy,
  liftedAt,
  liftedBy,
}: ReturnType<typeof listHolds>[number]): string {
  const whose = [agency ?? 'mọi cơ quan · all agencies', system].filter(Boolean).join('/')
  const state = liftedAt === undefined ? 'đang giữ · in force' : `đã gỡ · lifted ${liftedAt} ${liftedBy}`
  return `${id}  ${fromDay} – ${toDay ?? '…'}  ${whose}  ${state}\n    ${placedAt} ${placedBy}: ${reason.replace(/[\p{Cc}\p{Cf}]/gu, '·')}\n`
}

export default {
  summary: 'giữ theo yêu cầu pháp lý: những ngày không được xóa · legal holds: days that no purge may touch',
  usage,
  run,
} satisfies Command
