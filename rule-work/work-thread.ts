import { parentPort } from 'node:worker_threads'
import { loadRules } from '../detection/engine.ts'
import { overlapsOf } from '../detection/overlap.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { checkDraft, tryDraft } from './draft.ts'
import { mutateRules } from './mutation.ts'
import type { RuleWork } from './work.ts'

async function done(work: RuleWork): Promise<unknown> {
  const { rulesFolder } = work
  if (work.kind === 'mutate') return mutateRules(rulesFolder, [work.rule])
  if (work.kind === 'overlaps') return overlapsOf(await loadRules(readRulesFolder(rulesFolder)))
  if (work.kind === 'check') return checkDraft(rulesFolder, work.draft)
  return tryDraft(rulesFolder, work.draft, work.lines, work.setting)
}

// What throws here ends the thread, and whoever asked is told.
parentPort!.on('message', (work: RuleWork) => void done(work).then((found) => parentPort!.postMessage(found)))
