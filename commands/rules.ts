import { loadConfig } from '../config.ts'
import type { Command } from '../soc.ts'
import check from './rules/check.ts'
import { HISTORY_VERBS } from './rules/history.ts'
import importRules from './rules/import.ts'
import { LIFE_VERBS } from './rules/life.ts'
import mutate from './rules/mutate.ts'
import { QUALITY_VERBS } from './rules/quality.ts'
import schema from './rules/schema.ts'
import { SUGGEST_VERBS } from './rules/suggest.ts'
import test from './rules/test.ts'
import top from './rules/top.ts'
import type { RulesVerb } from './rules/verb.ts'

const VERBS = new Map<string | undefined, RulesVerb>(
  Object.entries({
    test,
    check,
    import: importRules,
    top,
    ...LIFE_VERBS,
    ...HISTORY_VERBS,
    mutate,
    ...QUALITY_VERBS,
    ...SUGGEST_VERBS,
    schema,
  }),
)

export default {
  summary:
    'luật phát hiện: kiểm tra, kiểm thử, nhập, vòng đời, phiên bản · detection rules: check, test, import, life, history',
  usage: [...VERBS.values()].map(({ usage }) => usage).join(''),
  run: async ([name, ...argv]) => (await VERBS.get(name)?.run(argv, loadConfig())) ?? null,
} satisfies Command
