import { parseArgs } from 'node:util'
import type { Config } from '../../config.ts'
import { openExisting } from '../../product/local-access.ts'
import { diffOf } from '../../model/line-changes.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { revisionsOf, textOfRevision, type RuleRevision } from '../../store/local/rule-revisions.ts'
import { settle } from './life.ts'
import type { RulesVerb } from './verb.ts'

const HASH_SHOWN = 12

/** What was written by others, on one line of a terminal. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '·')

function settled({ state, budget, owner, disabled, disabledIn = {} }: RuleRevision['settings']): string {
  return [
    state,
    ...(budget === undefined ? [] : [`≤ ${budget}/ngày·day`]),
    ...(owner === undefined ? [] : [owner]),
    ...(disabled === undefined ? [] : [`tắt·off: ${disabled}`]),
    ...Object.entries(disabledIn).map(([agency, why]) => `tắt·off ${agency}: ${why}`),
  ].join(', ')
}

/** @returns null: the ledger of rules knows none of that id */
async function reading<T>(
  config: Config,
  rule: string,
  read: (db: LocalDatabase, of: RuleRevision[]) => T,
): Promise<T | null> {
  const db = openExisting(config)
  try {
    const revisions = revisionsOf(db, rule)
    if (revisions.length > 0) return read(db, revisions)
    process.stderr.write(`chưa có phiên bản nào · no revision of ${plain(rule)} is known\n`)
    return null
  } finally {
    db.close()
  }
}

const history: RulesVerb = {
  usage:
    'soc rules history RULE [--json]              nội dung và cấu hình qua các thời kỳ, từ bao giờ, do ai, vì sao · what its text and settings were, since when, by whom, why\n',
  async run(argv, config) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    })
    const [rule, ...more] = positionals
    if (rule === undefined || more.length > 0) return null
    const items = await reading(config, rule, (_db, revisions) => revisions)
    if (items === null) return 1
    const lines = items.map(({ number, at, seq, hash, path, by, why, settings }) => {
      const text = hash === '' ? 'đã gỡ·gone' : hash.slice(0, HASH_SHOWN)
      return `${String(number).padStart(4)}  ${at}  #${seq}  ${text}  ${plain(path)}  ${plain(settled(settings))}  ${plain(by || '-')}  ${plain(why)}`
    })
    process.stdout.write(`${values.json === true ? JSON.stringify(items, null, 2) : lines.join('\n')}\n`)
    return 0
  },
}

const diff: RulesVerb = {
  usage:
    'soc rules diff RULE FROM [TO]                khác nhau giữa hai phiên bản; TO: bản mới nhất · what leads from one revision to another; TO: the newest\n',
  async run(argv, config) {
    const { positionals } = parseArgs({ args: argv, allowPositionals: true })
    const [rule, from, to, ...more] = positionals
    if (rule === undefined || from === undefined || more.length > 0) return null
    const code = await reading(config, rule, (db, revisions) => {
      const of = (number: number | undefined): RuleRevision | undefined =>
        revisions.find((one) => one.number === number)
      const [before, after] = [of(Number(from)), of(to === undefined ? revisions[0]!.number : Number(to))]
      if (before === undefined || after === undefined) {
        process.stderr.write(
          `có phiên bản 1 đến ${revisions[0]!.number} · revisions are 1 to ${revisions[0]!.number}\n`,
        )
        return 1
      }
      const hunks = diffOf(textOfRevision(db, before) ?? '', textOfRevision(db, after) ?? '')
      const lines = [
        `--- ${before.path}  ${before.number}  ${settled(before.settings)}`,
        `+++ ${after.path}  ${after.number}  ${settled(after.settings)}`,
        ...hunks.flatMap(({ oldStart, newStart, lines: own }) => [`@@ -${oldStart} +${newStart} @@`, ...own]),
      ]
      process.stdout.write(`${lines.map(plain).join('\n')}\n`)
      return 0
    })
    return code ?? 1
  },
}

const restore: RulesVerb = {
  usage:
    'soc rules restore RULE REVISION [--why TEXT] đưa nội dung một phiên bản cũ trở lại; cấu hình giữ nguyên · puts the text of a former revision back; settings stay\n',
  async run(argv, config) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { why: { type: 'string' } },
    })
    const [rule, number, ...more] = positionals
    if (rule === undefined || number === undefined || more.length > 0) return null
    const found = await reading(config, rule, (db, revisions) => {
      const revision = revisions.find((one) => String(one.number) === number)
      const text = revision === undefined ? null : textOfRevision(db, revision)
      return text === null ? undefined : { text, path: revision!.path }
    })
    if (found === undefined) process.stderr.write('phiên bản đó không có nội dung · that revision has no text\n')
    if (found === null || found === undefined) return 1
    const edit = { kind: 'text' as const, rule, ...found }
    return settle(config, edit, { revision: Number(number) }, values.why ?? '')
  },
}

/** Verbs about the revisions of a rule, by name. */
export const HISTORY_VERBS: Record<string, RulesVerb> = { history, diff, restore }
