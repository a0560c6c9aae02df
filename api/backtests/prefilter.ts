import { covers } from '../../detection/sigma/logsource.ts'
import type { CompiledRule, Node, Predicate } from '../../detection/network/compile.ts'
import { askedBy } from '../../detection/restrict.ts'
import type { RuleSet } from '../../detection/rule-set.ts'
import { re2Of } from '../../detection/sigma/regex.ts'
import type { Gate, ValueTest } from '../../detection/test.ts'
import type { Sieve } from '../../store/event-source.ts'
import type { Pattern } from '../../store/query/pattern.ts'
import { type Condition, isSentence } from '../../store/query/query.ts'

/** Which stored events rules could match. */
export interface Prefilter {
  /** Holds for every event that one of the rules matches, but for values with a structure of their own; absent: any event. */
  where?: Sieve
  /** Fields that the rules, and the log sources, ask about; `all`: some rule looks for words in the whole event. */
  fields: 'all' | readonly string[]
}

const CHARS_MAX = 900
const LONE_SURROGATE = /[\ud800-\udfff]/u
/** Longer numbers are not understood by the search. */
const DIGITS_MAX = 30

/** A condition that is always or never true is that. */
type Part = Sieve | boolean

/**
 * What the network would look up in the stream, asked of the store: gates of tests, joined as the rules join them, and by itself
 * which log sources they are about.
 */
export function prefilterOf(sets: readonly RuleSet[]): Prefilter {
  const asked = sets.flatMap((set) => set.network.rules.flatMap((rule) => askedBy(rule, set.network)))
  const told = sets.flatMap(({ logSources }) => logSources.flatMap(({ when }) => when.map(([field]) => field)))
  const fields = asked.some((names) => names.length === 0) ? 'all' : [...new Set([...asked.flat(), ...told])]
  const ofEach = (partOf: (rule: CompiledRule, set: RuleSet) => Part): Part =>
    any(sets.flatMap((set) => set.network.rules.map((rule) => partOf(rule, set))))
  const where = all([ofEach(sourceOf), ofEach((rule, set) => all([sourceOf(rule, set), conditionOf(rule, set)]))])
  return where === true ? { fields } : { where: where === false ? NOTHING : where, fields }
}

/** No event has an empty agency. */
const NOTHING: Condition = { kind: 'match', field: 'soc.agency', pattern: { kind: 'equals', text: '' } }

/** The log sources that a rule is about. */
function sourceOf({ mapped }: CompiledRule, { logSources }: RuleSet): Part {
  const rows = logSources.filter(({ sources }) => sources.some((source) => covers(mapped.logsource, source)))
  return any(rows.map(({ when }) => all(when.map(([field, values]) => told(field, [...values])))))
}

/** What tells a log source is compared in lower case, which of ASCII is one thing everywhere, and of more the search knows how. */
function told(field: string, texts: readonly string[]): Part {
  if (texts.includes('')) return true // what is not there is that
  if (!isSentence(field) && texts.every(isAscii)) return { kind: 'spelled', field, texts }
  return any(texts.map((text) => matching(field, { kind: 'equals', text })))
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text)

function conditionOf({ node }: CompiledRule, { network }: RuleSet): Part {
  return necessary(node, network.predicates)
}

/** What must hold where `node` does, as far as the store can tell. */
function necessary(node: Node, predicates: readonly Predicate[]): Part {
  switch (node.op) {
    case 'never':
      return false
    case 'not':
      return true
    case 'and':
      return all(node.of.map((part) => necessary(part, predicates)))
    case 'or':
      return any(node.of.map((part) => necessary(part, predicates)))
    case 'test': {
      const { slot, test } = predicates[node.predicate]!
      if (test.about !== 'value') return true
      const expression = expressionOf(test)
      const where = slot.names.length === 0 ? [''] : slot.names
      if (expression !== undefined) return any(where.map((field) => ({ kind: 'expression', field, ...expression })))
      if (slot.names.length === 0) return any(test.gates.map(word))
      return any(slot.names.flatMap((name) => test.gates.map((gate) => gated(name, gate))))
    }
  }
}

/** Of a test whose gates say next to nothing. */
function expressionOf({ regex, gates }: ValueTest): ReturnType<typeof re2Of> {
  return regex !== undefined && gates.every(({ at }) => at === 'present') ? re2Of(regex) : undefined
}

/** Of a test of the whole event: Sigma's words stand in a value, wherever. */
function word(gate: Gate): Part {
  return isText(gate) ? { kind: 'anywhere', text: gate.text } : true
}

/** Half of a surrogate pair is stored as another character. */
function isText({ at, text }: Gate): boolean {
  return at !== 'number' && at !== 'present' && text !== '' && text.length <= CHARS_MAX && !LONE_SURROGATE.test(text)
}

function gated(field: string, gate: Gate): Part {
  const { at, text } = gate
  if (at === 'number') return numbered(field, text)
  if (at === 'present' || !isText(gate)) return present(field)
  const kind = ({ whole: 'equals', start: 'prefix', end: 'suffix', inside: 'contains' } as const)[at]
  return matching(field, { kind, text })
}

/** Sentences are searched in pieces. */
function matching(field: string, pattern: Extract<Pattern, { text: string }>): Condition {
  const { text } = pattern
  return { kind: 'match', field, pattern: isSentence(field) ? { kind: 'contains', text } : pattern }
}

function present(field: string): Condition {
  return { kind: 'match', field, pattern: { kind: 'exists' } }
}

/** A number however it is written; the search does not know those with a plus, with an exponent, or of many digits. */
function numbered(field: string, text: string): Part {
  const value = Number(text)
  const is = (pattern: Pattern): Condition => ({ kind: 'match', field, pattern })
  return any([
    { kind: 'range', field, as: 'number', gte: value, lte: value },
    is({ kind: 'prefix', text: '+' }),
    is({ kind: 'contains', text: 'e' }),
    is({
      kind: 'wildcard',
      parts: [...Array.from({ length: DIGITS_MAX + 1 }, () => ({ any: 'one' as const })), { any: 'run' }],
    }),
  ])
}

function all(parts: readonly Part[]): Part {
  if (parts.includes(false)) return false
  return joined('and', parts)
}

function any(parts: readonly Part[]): Part {
  if (parts.includes(true)) return true
  return joined('or', parts) === true ? false : joined('or', parts)
}

/** True where nothing is left to ask. */
function joined(kind: 'and' | 'or', parts: readonly Part[]): Sieve | true {
  const kept = new Map<string, Sieve>()
  for (const part of parts) {
    if (typeof part === 'boolean') continue
    for (const one of part.kind === kind ? part.of : [part]) kept.set(JSON.stringify(one), one)
  }
  const of = [...kept.values()]
  return of.length === 0 ? true : of.length === 1 ? of[0]! : { kind, of }
}
