import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { withLocalApi } from '../product/local-access.ts'
import { SOURCE_STATES, type SourceState } from '../model/health.ts'
import type { Command } from '../soc.ts'

const usage = `soc sources [--state ${SOURCE_STATES.join('|')}] [--agency KEY] [--json]
    ai gửi, lần cuối khi nào, bao nhiêu, trễ mấy, đồng hồ ra sao, có vấn đề gì
    who sends, when last, how much, how late, with what clock, and what is the matter with it
`
const PAGE = 200

interface Source {
  source: string
  agency: string
  state: SourceState
  lastSeen: string
  recordsLastHour?: number
  recordsUsual?: number
  lagSeconds?: number
  clockDriftSeconds?: number
  events: number
  deadLetters: number
  parseFailures: number
  repeats: number
  dropped: number
}

const NAMES: Record<SourceState, string> = {
  healthy: 'bình thường',
  silent: 'im lặng',
  fallen: 'sụt lượng',
  drifting: 'lệch giờ',
  learning: 'đang học',
  muted: 'không theo dõi',
  unregistered: 'chưa đăng ký',
}

const COLUMNS: readonly [head: string, cell: (source: Source) => string][] = [
  ['TRẠNG THÁI · STATE', ({ state }) => `${NAMES[state]} · ${state}`],
  ['NGUỒN · SOURCE', ({ source }) => source.replace(/[\p{Cc}\p{Cf}]/gu, '·')],
  ['CƠ QUAN · AGENCY', ({ agency }) => agency],
  ['LẦN CUỐI · LAST', ({ lastSeen }) => lastSeen],
  [
    'GIỜ QUA/THƯỜNG · HOUR/USUAL',
    ({ recordsLastHour, recordsUsual }) => `${shown(recordsLastHour)}/${shown(recordsUsual)}`,
  ],
  ['TRỄ · LAG s', ({ lagSeconds }) => shown(lagSeconds)],
  ['LỆCH GIỜ · CLOCK s', ({ clockDriftSeconds }) => shown(clockDriftSeconds)],
  ['NHẬN · RECEIVED', ({ events, deadLetters, repeats }) => String(events + deadLetters + repeats)],
  ['KHÔNG HIỂU · UNPARSED', ({ parseFailures }) => String(parseFailures)],
  ['MẤT · DROPPED', ({ dropped }) => String(dropped)],
]

function shown(value: number | undefined): string {
  return value === undefined ? '-' : String(Math.round(value))
}

function table(sources: readonly Source[]): string {
  const rows = [COLUMNS.map(([head]) => head), ...sources.map((source) => COLUMNS.map(([, cell]) => cell(source)))]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { state: { type: 'string' }, agency: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const { state, agency, json } = values
  if (positionals.length > 0 || (state !== undefined && !SOURCE_STATES.some((known) => known === state))) {
    return null
  }
  const config = loadConfig()
  return withLocalApi(config, async (ask) => {
    const found: Source[] = []
    let cursor = ''
    do {
      const page = await ask<{ items: Source[]; next?: string }>('GET', `/sources?limit=${PAGE}${cursor}`)
      found.push(...page.items)
      cursor = page.next === undefined ? '' : `&cursor=${encodeURIComponent(page.next)}`
    } while (cursor !== '')
    const asked = found.filter(
      (source) => (state === undefined || source.state === state) && (agency === undefined || source.agency === agency),
    )
    process.stdout.write(`${json ? asked.map((source) => JSON.stringify(source)).join('\n') : table(asked)}\n`)
    return 0
  })
}

export default {
  summary: 'ai đang gửi, và có vấn đề gì · who sends, and what is the matter with it',
  usage,
  run,
} satisfies Command
