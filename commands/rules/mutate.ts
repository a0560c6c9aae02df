import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { mutateRules } from '../../rule-work/mutation.ts'
import { below, shown, type RulesVerb } from './verb.ts'

export default {
  usage:
    'soc rules mutate RULE|PATH… [--json]   bỏ lần lượt từng điều kiện: có kiểm thử nào nhận ra không · drops each predicate in turn: does a test beside the rule notice?\n',

  async run(argv, { rulesFolder }) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    })
    if (positionals.length === 0) return null
    const wanted = positionals.map((name) => (existsSync(name) ? below(rulesFolder, name) : name))
    if (wanted.includes(undefined)) {
      process.stderr.write(`nằm ngoài · not below the rules folder ${rulesFolder}\n`)
      return 2
    }
    const reports = await mutateRules(rulesFolder, wanted as string[])
    if (reports.length === 0) {
      process.stderr.write('không có luật nào như vậy · no detection rule of that id or path\n')
      return 1
    }
    const sum = (of: (report: (typeof reports)[number]) => number): number =>
      reports.reduce((all, one) => all + of(one), 0)
    const mutants = sum((one) => one.mutants)
    const survived = sum(({ survivors }) => survivors.length)
    if (values.json === true) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`)
    else {
      for (const { path, line, column, dropped } of reports.flatMap(({ survivors }) => survivors)) {
        const what = dropped.replace(/[\p{Cc}\p{Cf}]/gu, '·')
        process.stdout.write(
          `${shown(rulesFolder, path)}:${line}:${column}: không kiểm thử nào nhận ra · no test notices: ${what}\n`,
        )
      }
      const counted = `${mutants - survived}/${mutants}`
      process.stdout.write(`${counted} điều kiện được kiểm thử giữ · ${counted} predicates are held by a test\n`)
    }
    return survived > 0 ? 1 : 0
  },
} satisfies RulesVerb
