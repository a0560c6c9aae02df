import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { askLocally } from '../../product/local-access.ts'
import type { RulesVerb } from './verb.ts'

interface Quality {
  rule: string
  title: string
  titleVi?: string
  standing: string
  tests: { positive: number; negative: number }
  alerts: number
  incidents: number
  precision: number | null
  lastFired?: string
  events?: number
}

interface Gaps {
  techniques: { id: string; name: string; incidents: number }[]
  logSources: { product?: string; category?: string; service?: string; events: number }[]
  unrouted: number
  rules: { id: string; title: string; titleVi?: string; why: string }[]
}

/** What was written by others, on one line of a terminal. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '·')

function asked(argv: string[]) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      days: { type: 'string', default: '30' },
      out: { type: 'string' },
    },
  })
  return { ...values, positionals, wrong: !/^[1-9]\d{0,2}$/.test(values.days) }
}

const quality: RulesVerb = {
  usage:
    'soc rules quality [RULE] [--days N] [--json]   kiểm thử, kết luận, cảnh báo cuối, nguồn nhật ký của từng luật · tests, verdicts, last alert, log source of each rule\n',
  async run(argv, config) {
    const { positionals, days, json, wrong } = asked(argv)
    const [rule, ...more] = positionals
    if (wrong || more.length > 0) return null
    const path = rule === undefined ? '/rules' : `/rules/${encodeURIComponent(rule)}`
    const answer = await askLocally<Quality | { items: Quality[] }>(config, `${path}/quality?days=${days}`)
    const items = 'items' in answer ? answer.items : [answer]
    const row = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(11)).join('')
    const lines = items.map((one) => {
      const right = one.precision === null ? '-' : `${Math.round(one.precision * 100)}%`
      const tests = `${one.tests.positive}+ ${one.tests.negative}-`
      const cells = [one.standing, String(one.alerts), String(one.incidents), right, tests, String(one.events ?? '-')]
      return `${row(cells)}  ${one.lastFired ?? '-'.padEnd(24)}  ${one.rule}  ${plain(one.titleVi ?? one.title)}`
    })
    const head = row(['standing', 'alerts', 'incidents', 'right', 'tests', 'events'])
    process.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : `${[head, ...lines].join('\n')}\n`)
    return 0
  },
}

const gaps: RulesVerb = {
  usage:
    'soc rules gaps [--days N] [--json]             thấy mà không có luật; luật không thấy gì · what is seen without a rule; rules that see nothing\n',
  async run(argv, config) {
    const { positionals, days, json, wrong } = asked(argv)
    if (wrong || positionals.length > 0) return null
    const found = await askLocally<Gaps>(config, `/gaps?days=${days}`)
    const { techniques, logSources, unrouted, rules } = found
    const lines = [
      `kỹ thuật có trong sự cố mà không có luật · techniques in incidents without a rule: ${techniques.length}`,
      ...techniques.map(({ id, name, incidents }) => `    ${id}  ${name}  ${incidents}`),
      `nguồn nhật ký không có luật · log sources without a rule: ${logSources.length}`,
      ...logSources.map(
        ({ product = '*', category = '*', service = '*', events }) =>
          `    ${product}/${category}/${service}  ${events}`,
      ),
      `sự kiện không rõ nguồn · events of no known log source: ${unrouted}`,
      `luật không thấy gì · rules that see nothing: ${rules.length}`,
      ...rules.map(({ id, title, titleVi, why }) => `    ${id}  ${why}  ${titleVi ?? title}`),
    ]
    process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : `${lines.map(plain).join('\n')}\n`)
    return 0
  },
}

const navigator: RulesVerb = {
  usage:
    'soc rules navigator [--days N] [--out FILE]    một lớp của ATT&CK Navigator: mỗi kỹ thuật có bao nhiêu luật đang dùng · a layer of ATT&CK Navigator: how many live rules a technique has\n',
  async run(argv, config) {
    const { positionals, days, out, wrong } = asked(argv)
    if (wrong || positionals.length > 0) return null
    const layer = JSON.stringify(await askLocally<object>(config, `/coverage/navigator?days=${days}`), null, 2)
    if (out === undefined) process.stdout.write(`${layer}\n`)
    else writeFileSync(out, `${layer}\n`)
    return 0
  },
}

/** Verbs about what speaks for and against rules, by name. */
export const QUALITY_VERBS: Record<string, RulesVerb> = { quality, gaps, navigator }
