import { parseArgs } from 'node:util'
import type { LoadedRule } from '../../detection/types.ts'
import type { RuleStatistics } from '../../pipeline/host.ts'
import { askLocally } from '../../product/local-access.ts'
import type { RulesVerb } from './verb.ts'

type Counted = RuleStatistics['rules'][string]

/** One line of the list. */
export interface TopRule extends Counted {
  id: string
  title: string
  /** Of the time that all conditions took, 0 to 1. */
  share: number
  /** Over all events, those included on which it did not run. */
  nanosPerEvent: number
}

const ORDERS: Record<string, (a: TopRule, b: TopRule) => number> = {
  cost: (a, b) => b.nanos - a.nanos || b.evaluated - a.evaluated,
  noise: (a, b) => b.alerts - a.alerts || b.matches - a.matches,
}

interface Answer {
  items: (LoadedRule & { stats?: Counted })[]
  events: number
}

/** The first `limit` rules by what they cost or by how much they say; those that never ran are left out. */
export function topRules({ items, events }: Answer, by: 'cost' | 'noise', limit: number): TopRule[] {
  const total = items.reduce((sum, { stats }) => sum + (stats?.nanos ?? 0), 0)
  return items
    .flatMap(({ id, title, titleVi, stats }): TopRule[] => {
      if (!stats || stats.evaluated + stats.matches + stats.alerts === 0) return []
      const share = total === 0 ? 0 : stats.nanos / total
      return [{ ...stats, id, title: titleVi ?? title, share, nanosPerEvent: events === 0 ? 0 : stats.nanos / events }]
    })
    .sort((a, b) => ORDERS[by]!(a, b) || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
}

function lines(rules: readonly TopRule[], events: number): string[] {
  const columns = ['%', 'ns/event', 'evaluated', 'matches', 'alerts'] as const
  const row = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(11)).join('')
  return [
    `${events} sự kiện từ lúc khởi động · ${events} events since start`,
    `${row(columns)}  rule`,
    ...rules.map(({ id, title, share, nanosPerEvent, evaluated, matches, alerts }) => {
      const cells = [(share * 100).toFixed(1), nanosPerEvent.toFixed(1), ...[evaluated, matches, alerts].map(String)]
      return `${row(cells)}  ${id}  ${title.replace(/[\p{Cc}\p{Cf}]/gu, '·')}`
    }),
  ]
}

export default {
  usage:
    'soc rules top [--by cost|noise] [--limit N] [--json]   luật của hệ thống đang chạy tốn và báo bao nhiêu · what the rules of the running product cost and say\n',

  async run(argv, config) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        by: { type: 'string', default: 'cost' },
        limit: { type: 'string', default: '20' },
        json: { type: 'boolean', default: false },
      },
    })
    const { by, limit } = values
    if (positionals.length > 0 || (by !== 'cost' && by !== 'noise') || !/^[1-9]\d{0,5}$/.test(limit)) return null
    const answer = await askLocally<Answer>(config, '/rules')
    const rules = topRules(answer, by, Number(limit))
    const report = values.json
      ? JSON.stringify({ events: answer.events, rules }, null, 2)
      : lines(rules, answer.events).join('\n')
    process.stdout.write(`${report}\n`)
    return 0
  },
} satisfies RulesVerb
