import { readFileSync } from 'node:fs'
import type { CheckedDraft, RuleDraft, TriedDraft } from '../api/services.ts'
import { identify } from '../collector/event-line.ts'
import { loadFormats } from '../collector/format.ts'
import { Detector } from '../detection/detector.ts'
import { fileKind, loadRules, type RuleSet } from '../detection/engine.ts'
import type { RuleFile } from '../detection/types.ts'
import { withoutRules } from '../detection/without-rules.ts'
import type { Alert } from '../model/alert.ts'
import { parseRegistry } from '../model/registry.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { contextOf } from './document.ts'

/** What lines are read with. */
export interface TryoutSetting {
  /** Path of the registry. */
  registry: string
  timeZone: string
  receivedAtMs: number
}

/** Where it stands while it is none of the folder's files, in which no name begins with a dot; after them, so that of two ids its own is the second. */
const PATH = '~/.draft.yml'

/** What is wrong with a draft, and the rules that it holds. */
export async function checkDraft(rulesFolder: string, draft: RuleDraft): Promise<CheckedDraft> {
  return shown(await loadRules(filesOf(rulesFolder, draft)))
}

/**
 * Holds a draft against lines as they come over the wire: through the collector's own parsers, and whatever its stage or switches
 * say. An informational rule and a part of a correlation match as well.
 */
export async function tryDraft(
  rulesFolder: string,
  draft: RuleDraft,
  lines: readonly string[],
  { registry: path, timeZone, receivedAtMs }: TryoutSetting,
): Promise<TriedDraft> {
  const files = filesOf(rulesFolder, draft)
  const ruleSet = await loadRules(files.filter((file) => !['life', 'disabled'].includes(fileKind(file.path))))
  const checked = shown(ruleSet)
  const own = new Set(checked.rules.map(({ id }) => id))
  const registry = parseRegistry(readFileSync(path, 'utf8'), path)
  const read = await (await loadFormats()).get('raw')!.load({ registry, timeZone, receivedAtMs })
  const detector = new Detector(ruleSet)
  const alerts = new Map<string, Alert>()
  let newestMs = 0
  const judged = lines.map((line, position): TriedDraft['lines'][number] => {
    const bytes = Buffer.from(line)
    const event = read(bytes, position)
    if (typeof event === 'string') return { unread: event, rules: [] }
    detector.match(event)
    newestMs = Math.max(newestMs, identify(event, { line: bytes, position, newestMs }))
    const matched = Object.entries(detector.proofs(event)).filter(([id]) => own.has(id))
    for (const alert of detector.correlate(event)) alerts.set(alert.id, alert)
    return { rules: matched.map(([id, proof]) => ({ id, proof })) }
  })
  for (const alert of detector.end()) alerts.set(alert.id, alert)
  return {
    ...checked,
    lines: judged,
    alerts: [...alerts.values()]
      .filter(({ rule, count }) => own.has(rule.id) && count > 0)
      .map(({ rule, count, group, evidence }) => {
        return { rule: rule.id, count, group, lines: evidence.map(({ seq }) => seq - 1) }
      }),
  }
}

function filesOf(rulesFolder: string, { text, rule }: RuleDraft): RuleFile[] {
  const files = readRulesFolder(rulesFolder)
  const others = rule === undefined ? files : files.map((file) => withoutRules(file, new Set([rule])))
  const own = { path: PATH, text }
  return [...contextOf(others, own), own]
}

function shown({ rules, problems }: RuleSet): CheckedDraft {
  return {
    problems: problems.filter(({ path }) => path === PATH),
    rules: rules
      .filter(({ path }) => path === PATH)
      .map(({ id, title, titleVi, level, kind }) => {
        return { id, title, level, kind, ...(titleVi !== undefined && { titleVi }) }
      }),
  }
}
