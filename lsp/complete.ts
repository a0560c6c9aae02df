import { fieldsOf } from '../detection/fields.ts'
import type { RuleSet } from '../detection/engine.ts'
import { LIFE_STATES } from '../model/rule-life.ts'
import { covers } from '../detection/sigma/logsource.ts'
import { STATUSES } from '../detection/sigma/metadata.ts'
import { LEVELS } from '../model/alert.ts'
import { placeAt } from './place.ts'

export interface Suggestion {
  label: string
  kind: 'field' | 'modifier' | 'value' | 'key'
  detail: string
}

const SUGGESTIONS_MAX = 500
const PARTS = ['product', 'category', 'service'] as const
type LogSource = Partial<Record<(typeof PARTS)[number], string>>

const KEYS = [
  'title',
  'title_vi',
  'id',
  'name',
  'status',
  'description',
  'description_vi',
  'triage_vi',
  'author',
  'date',
].concat([
  'modified',
  'tags',
  'logsource',
  'detection',
  'correlation',
  'filter',
  'falsepositives',
  'level',
  'references',
])
const TYPES = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_median',
].concat(['value_percentile'])

/** What can be written where the cursor stands. */
export function complete(
  text: string,
  at: { line: number; column: number },
  known: { ruleSet: RuleSet; modifiers: readonly string[] },
): Suggestion[] {
  const lines = text.split(/\r?\n/)
  const before = (lines[at.line] ?? '').slice(0, at.column)
  const { path, key } = placeAt(lines, at.line, at.column)
  const [top = ''] = path
  if (top === 'detection' || top === 'filter') {
    if (path.length < 2 || /:\s/.test(before)) return []
    if (before.includes('|')) return known.modifiers.map((label) => ({ label, kind: 'modifier', detail: 'modifier' }))
    return fields(logSourceIn(lines, at.line), known.ruleSet)
  }
  const values = (of: readonly string[]): Suggestion[] => of.map((label) => ({ label, kind: 'value', detail: key }))
  if (top === 'logsource' && (PARTS as readonly string[]).includes(key)) {
    const given = logSourceIn(lines, at.line)
    return values(sourceValues(known.ruleSet, key as (typeof PARTS)[number], given))
  }
  if (top === 'logsource') return values(PARTS)
  if (top === 'correlation' && key === 'type') return values(TYPES)
  if (path.length > 0) return []
  if (key === 'level') return values(LEVELS)
  if (key === 'status') return values(STATUSES)
  if (key === 'state') return values(LIFE_STATES)
  return key === '' ? KEYS.map((label) => ({ label, kind: 'key', detail: 'Sigma' })) : []
}

/** The log source of the document that a line stands in, as far as it is written. */
export function logSourceIn(lines: readonly string[], line: number): LogSource {
  const isBreak = (text = ''): boolean => /^---(?:\s|$)/.test(text)
  let from = line
  while (from > 0 && !isBreak(lines[from])) from--
  let to = line + 1
  while (to < lines.length && !isBreak(lines[to])) to++
  const own = lines.slice(from, to)
  const source: LogSource = {}
  const start = own.findIndex((text) => /^logsource\s*:/.test(text))
  if (start < 0) return source
  const block = own.slice(start + 1)
  const end = block.findIndex((text) => /^\S/.test(text))
  const words = [own[start], ...block.slice(0, end < 0 ? undefined : end)].join('\n')
  for (const part of PARTS) {
    const found = new RegExp(String.raw`\b${part}\s*:\s*["']?([\w.-]+)`).exec(words)?.[1]
    if (found !== undefined) source[part] = found.toLowerCase()
  }
  return source
}

/** Names that rules of the log source use, the most used first; then those that its events have and no rule uses. */
function fields(wanted: LogSource, { network, logSources }: RuleSet): Suggestion[] {
  const rows = logSources.filter(({ sources }) => sources.some((own) => covers(wanted, own)))
  const uses = new Map<string, number>()
  for (const { rule } of network.rules) {
    if (!rows.some(({ sources }) => sources.some((own) => covers(rule.logsource, own)))) continue
    const named = [...rule.selections.values()].flat(2).map(({ field }) => field)
    for (const field of new Set(named)) if (field !== '') uses.set(field, (uses.get(field) ?? 0) + 1)
  }
  const used = [...uses].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  const events = [...new Set(rows.flatMap(fieldsOf))].filter((name) => !uses.has(name)).sort()
  return [
    ...used.map(([label, n]): Suggestion => ({ label, kind: 'field', detail: `${n} luật · rules` })),
    ...events.map((label): Suggestion => ({ label, kind: 'field', detail: 'sự kiện có · events have it' })),
  ].slice(0, SUGGESTIONS_MAX)
}

function sourceValues({ logSources }: RuleSet, part: (typeof PARTS)[number], given: LogSource): string[] {
  const { [part]: _own, ...others } = given
  const fitting = logSources.flatMap(({ sources }) => sources).filter((own) => covers(others, own))
  return [...new Set(fitting.flatMap((own) => own[part] ?? []))].sort()
}
