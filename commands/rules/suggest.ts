import { parseArgs } from 'node:util'
import { loadRules } from '../../detection/engine.ts'
import { overlapsOf } from '../../detection/overlap.ts'
import { readRulesFolder } from '../../rule-life/folder.ts'
import { askLocally } from '../../product/local-access.ts'
import type { RulesVerb } from './verb.ts'

interface Suggestions {
  alerts: number
  exceptions: {
    conditions: { field: string; value: string }[]
    hides: { noise: number; open: number }
    of: { noise: number; threat: number; open: number }
    filter: string
  }[]
  threshold?: {
    now: number
    suggested?: number
    alertsPerDay: number
    complete: boolean
    peaks: { p50: number; p90: number; p99: number; max: number }
    steps: { threshold: number; groups: number; alerts: number }[]
  }
}

interface Judged {
  rule: string
  verdicts: { verdict: string | null; alerts: number }[]
}

const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '·')

/** The rule with the most alerts judged benign or false. */
export function noisiest(items: readonly Judged[]): string | undefined {
  const noise = ({ verdicts }: Judged): number =>
    verdicts.reduce(
      (sum, { verdict, alerts }) => sum + (/^(?:benign|false)_positive$/.test(verdict ?? '') ? alerts : 0),
      0,
    )
  const most = items.reduce<Judged | undefined>((a, b) => (a === undefined || noise(b) > noise(a) ? b : a), undefined)
  return most !== undefined && noise(most) > 0 ? most.rule : undefined
}

const suggest: RulesVerb = {
  usage:
    'soc rules suggest [RULE] [--days N] [--json]   ngoại lệ và ngưỡng từ kết luận và sự kiện; mặc định luật ồn nhất · exceptions and thresholds from verdicts and events; the noisiest rule\n',
  async run(argv, config) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { days: { type: 'string', default: '30' }, json: { type: 'boolean', default: false } },
    })
    const { days, json } = values
    const [named, ...more] = positionals
    if (more.length > 0 || !/^[1-9]\d?$/.test(days) || Number(days) > 90) return null
    const rule = named ?? noisiest((await askLocally<{ items: Judged[] }>(config, `/rules/quality?days=${days}`)).items)
    if (rule === undefined) {
      process.stderr.write('chưa có kết luận nào là nhiễu · nothing was judged benign or false yet\n')
      return 1
    }
    const found = await askLocally<Suggestions>(config, `/rules/${encodeURIComponent(rule)}/suggestions?days=${days}`)
    if (json) {
      process.stdout.write(`${JSON.stringify({ rule, ...found }, null, 2)}\n`)
      return 0
    }
    const { alerts, exceptions, threshold } = found
    const lines = [
      `# ${plain(rule)}: ${alerts} cảnh báo đã xem · alerts looked at. Không tự áp dụng · nothing is applied.`,
    ]
    for (const { hides, of, filter } of exceptions) {
      const told = `ẩn · hides ${hides.noise}/${of.noise} nhiễu·noise, 0/${of.threat} thật·true, ${hides.open}/${of.open} chưa rõ·undecided`
      lines.push('---', `# ${told}`, ...filter.trimEnd().split('\n').map(plain))
    }
    if (threshold !== undefined) {
      const { now, suggested, alertsPerDay, complete, peaks, steps } = threshold
      lines.push(
        `# ngưỡng · threshold ${now}; đề xuất · suggested ${suggested ?? '-'} (≤ ${alertsPerDay}/ngày·day)${complete ? '' : ' (chưa xem hết · not all events)'}`,
        `# p50 ${peaks.p50}  p90 ${peaks.p90}  p99 ${peaks.p99}  max ${peaks.max}`,
        ...steps.map(
          ({ threshold: step, groups, alerts: n }) => `#   ≥ ${step}: ${groups} nhóm·groups, ${n} cảnh báo·alerts`,
        ),
      )
    }
    process.stdout.write(`${lines.join('\n')}\n`)
    return 0
  },
}

const overlaps: RulesVerb = {
  usage:
    'soc rules overlaps [--json]                    luật mà mọi lần khớp luật khác cũng có · rules all of whose matches another rule has as well\n',
  async run(argv, { rulesFolder }) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    })
    if (positionals.length > 0) return null
    const set = await loadRules(readRulesFolder(rulesFolder))
    const found = overlapsOf(set)
    const title = new Map(set.rules.map((rule) => [rule.id, rule.title]))
    const lines = found.map(({ rule, other, kind }) => {
      const said = kind === 'duplicate' ? 'trùng với · same as' : 'nằm trong · within'
      return `${rule} '${title.get(rule)}' ${said} ${other} '${title.get(other)}'`
    })
    lines.push(`${found.length} cặp · pairs`)
    process.stdout.write(`${values.json === true ? JSON.stringify(found, null, 2) : lines.map(plain).join('\n')}\n`)
    return 0
  },
}

/** Verbs that look for what could be better, by name. */
export const SUGGEST_VERBS: Record<string, RulesVerb> = { suggest, overlaps }
