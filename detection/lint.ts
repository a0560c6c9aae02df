import { isScalar, type Node } from 'yaml'
import { loadFolder } from '../model/load-folder.ts'
import type { Check, Checked } from './check.ts'
import { severalOf, termsOf, termsOfSelection, type Term } from './logic/terms.ts'
import type { LogSourceRow } from './sigma/logsource.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import type { DetectionRule, Warning } from './sigma/rule.ts'
import { entryOf, itemsOf, offsetOf, textOf, type SigmaDocument } from './sigma/yaml.ts'

let checkFolder: Promise<Map<string, Check>> | undefined

/** The registry of checks; read once, as it is part of the program. */
export function loadChecks(): Promise<Map<string, Check>> {
  return (checkFolder ??= loadFolder<Check>(new URL('./lint/', import.meta.url)))
}

/**
 * What the checks find in a rule that loaded.
 * @param rows those of `logsources.yml` that the rule covers
 */
export function lint(
  checks: ReadonlyMap<string, Check>,
  rule: DetectionRule,
  mapped: MappedRule,
  document: SigmaDocument,
  rows: readonly LogSourceRow[],
): Warning[] {
  const checked = view(rule, mapped, document, rows)
  return [...checks].flatMap(([name, { check }]) =>
    [...check(checked)].map(({ message, at }) => ({
      code: name.replaceAll('-', '_'),
      message,
      at: at ?? entryOf(document.root, 'detection')?.at ?? offsetOf(document.root),
    })),
  )
}

function view(
  rule: DetectionRule,
  mapped: MappedRule,
  document: SigmaDocument,
  rows: readonly LogSourceRow[],
): Checked {
  const alternatives = new Map<string, Term[] | undefined>()
  const detection = entryOf(document.root, 'detection')?.value ?? null
  const conditions = conditionsOf(detection)
  // As pipelines left them; what a pipeline has dropped altogether is looked at as it was written.
  const selections = new Map([...rule.selections].map(([name, own]) => [name, mapped.selections.get(name) ?? own]))
  return {
    rule,
    mapped,
    document,
    rows,
    terms: termsOf(rule.condition, selections, mapped, severalOf),
    termsOf(selection) {
      if (!alternatives.has(selection)) {
        const own = termsOfSelection(selection, selections.get(selection)!, mapped, severalOf)
        alternatives.set(selection, own)
      }
      return alternatives.get(selection)
    },
    quantifiers: conditions.flatMap(({ text }) =>
      [...text.matchAll(/(?<=[\s(]of\s+)[^\s()]+/gi)].map(([word]) => word.toLowerCase()),
    ),
    inCondition: (word) => placeOf(conditions, word) ?? entryOf(detection, word)?.at ?? conditions[0]?.at,
  }
}

interface ConditionText {
  text: string
  /** Offset of the text in the file. */
  at: number
  /** Whether the file spells the text as it is, so that offsets in it are offsets in the file. */
  literal: boolean
}

function conditionsOf(detection: Node | null): ConditionText[] {
  const condition = entryOf(detection, 'condition')
  if (condition === undefined) return []
  return itemsOf(condition.value).map((node) => {
    const quoted = isScalar(node) && node.type?.startsWith('QUOTE') === true
    const text = textOf(node) ?? ''
    return { text, at: offsetOf(node) + (quoted ? 1 : 0), literal: isPlain(node) }
  })
}

const isPlain = (node: Node | null): boolean => isScalar(node) && node.type?.startsWith('BLOCK') !== true

function placeOf(conditions: readonly ConditionText[], word: string): number | undefined {
  const exact = word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  for (const { text, at, literal } of conditions) {
    const found = word === '' ? null : new RegExp(String.raw`(?<![^\s()])${exact}(?![^\s()])`, 'i').exec(text)
    if (found !== null) return literal ? at + found.index : at
  }
  return undefined
}
