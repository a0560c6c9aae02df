import { parseArgs } from 'node:util'
import { ImportError } from '../../rule-import/errors.ts'
import { importRelease, type ImportReport } from '../../rule-import/import.ts'
import type { Outcome } from '../../rule-import/plan.ts'
import { oneIsMissing, type RulesVerb } from './verb.ts'

const PACK = 'sigmahq'

/** How a person reads each outcome; those that ask for nothing are only counted. */
const WORDS: Record<Outcome, { vi: string; en: string; listed: boolean }> = {
  added: { vi: 'thêm mới', en: 'added', listed: false },
  updated: { vi: 'cập nhật', en: 'updated', listed: false },
  moved: { vi: 'chuyển chỗ theo bản phát hành', en: 'moved by the release', listed: false },
  removed: { vi: 'gỡ bỏ theo bản phát hành', en: 'removed by the release', listed: false },
  unchanged: { vi: 'không đổi', en: 'unchanged', listed: false },
  kept: { vi: 'giữ bản sửa tại chỗ', en: 'kept as changed here', listed: true },
  merged: { vi: 'trộn cả hai thay đổi', en: 'merged from both sides', listed: true },
  conflict: { vi: 'xung đột, giữ bản tại chỗ', en: 'conflicts, ours kept', listed: true },
}

function lines({ pack, release, dryRun, outcomes, refused, unresolved, problems, loaded }: ImportReport): string[] {
  const counted = (vi: string, en: string, count: number): string => `${vi} ${count} · ${en} ${count}`
  const sections = (Object.keys(WORDS) as Outcome[]).flatMap((outcome) => {
    const own = outcomes.filter((one) => one.outcome === outcome)
    const { vi, en, listed } = WORDS[outcome]
    if (own.length === 0) return []
    const named = own.map(
      ({ path, from, detail }) =>
        `    ${pack}/${path}${from === undefined ? '' : ` (${from})`}${detail === undefined ? '' : `: ${detail}`}`,
    )
    return [counted(vi, en, own.length), ...(listed ? named : [])]
  })
  return [
    `${release} → ${pack}/${dryRun ? ' (chạy thử, không ghi gì · dry run, nothing is written)' : ''}`,
    ...sections,
    ...(refused.length > 0 ? [counted('không nhận', 'not taken', refused.length)] : []),
    ...refused.map(({ path, reason }) => `    ${path}: ${reason}`),
    ...(unresolved.length > 0 ? [counted('chờ trộn bằng tay', 'to be merged by hand', unresolved.length)] : []),
    ...unresolved.map((path) => `    ${pack}/${path}`),
    ...(problems.length > 0 ? [counted('không nạp được', 'do not load', problems.length)] : []),
    ...problems.map(({ path, line, column, code, message }) => `    ${path}:${line}:${column}: ${code}: ${message}`),
    counted('nạp được', 'load', loaded),
  ]
}

export default {
  usage:
    'soc rules import ZIP|DIR [--as PACK] [--dry-run] [--json]   nhập một bản phát hành của SigmaHQ; sửa đổi tại chỗ được giữ · takes a release of SigmaHQ; what was changed here stays\n',

  async run(argv, { rulesFolder }) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        as: { type: 'string', default: PACK },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0) return null
    if (oneIsMissing([path])) return 2
    if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(values.as) || values.as === 'pipelines') {
      process.stderr.write(`--as takes the name of a folder: small letters, digits and dashes\n`)
      return 2
    }
    try {
      const report = await importRelease({ rulesFolder, pack: values.as, path, dryRun: values['dry-run'] })
      process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : `${lines(report).join('\n')}\n`)
      return 0
    } catch (error) {
      if (!(error instanceof ImportError)) throw error
      process.stderr.write(`không nhập gì · nothing was imported: ${error.code}: ${error.message}\n`)
      return 1
    }
  },
} satisfies RulesVerb
