import { parentPort, workerData } from 'node:worker_threads'
import { loadRules } from '../detection/engine.ts'
import { overlapsOf } from '../detection/overlap.ts'
import { mutateRules } from './mutation.ts'
import type { RuleWork } from './work.ts'
import { readRulesFolder } from '../rule-life/folder.ts'

const { rulesFolder, rule } = workerData as RuleWork
parentPort!.postMessage(
  rule === undefined
    ? overlapsOf(await loadRules(readRulesFolder(rulesFolder)))
    : await mutateRules(rulesFolder, [rule]),
)
