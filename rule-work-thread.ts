import { parentPort, workerData } from 'node:worker_threads'
import { loadRules } from './detection/engine.ts'
import { overlapsOf } from './detection/overlap.ts'
import { mutateRules } from './rule-mutation.ts'
import type { RuleWork } from './rule-work.ts'
import { readRulesFolder } from './rules-folder.ts'

const { rulesFolder, rule } = workerData as RuleWork
parentPort!.postMessage(
  rule === undefined
    ? overlapsOf(await loadRules(readRulesFolder(rulesFolder)))
    : await mutateRules(rulesFolder, [rule]),
)
