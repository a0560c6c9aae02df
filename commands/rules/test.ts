import { parseArgs } from 'node:util'
import { runRuleTests } from '../../rule-work/tests.ts'
import { below, oneIsMissing, shown, type RulesVerb } from './verb.ts'

export default {
  usage:
    'soc rules test [PATH…]           chạy kiểm thử đặt cạnh luật, hoặc của các luật và thư mục được nêu · runs the tests beside the rules, or those of the rules and folders named\n',

  async run(argv, { rulesFolder }) {
    const { positionals: paths } = parseArgs({ args: argv, allowPositionals: true })
    if (oneIsMissing(paths)) return 2
    const outside = paths.find((path) => below(rulesFolder, path) === undefined)
    if (outside !== undefined) {
      process.stderr.write(`${outside} is not below the rules folder ${rulesFolder}\n`)
      return 2
    }
    const only = paths.map((path) => below(rulesFolder, path)!)
    const results = await runRuleTests(rulesFolder, paths.length === 0 ? undefined : only)
    const failed = results.filter(({ passed }) => !passed)
    for (const { path, line, case: name, detail } of failed) {
      process.stdout.write(`${shown(rulesFolder, path)}:${line}: ${name}: ${detail}\n`)
    }
    const passed = results.length - failed.length
    process.stdout.write(`${passed} đạt, ${failed.length} không đạt · ${passed} passed, ${failed.length} failed\n`)
    if (results.length === 0) process.stderr.write('không có bài kiểm thử nào · there is no test\n')
    return failed.length > 0 || results.length === 0 ? 1 : 0
  },
} satisfies RulesVerb
