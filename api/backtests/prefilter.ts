import { covers } from '../../detection/sigma/logsource.ts'
import type { CompiledRule, Node, Predicate } from '../../detection/network/compile.ts'
import { askedBy } from '../../detection/restrict.ts'
import type { RuleSet } from '../../detection/rule-set.ts'
import type { Gate } from '../../detection/test.ts'
import type { Pattern } from '../../store/query/pattern.ts'
import { type Condition, isSentence } from '../../store/query/query.ts'

/** Which stored events rules could match, as a condition of the store. */
export interface Prefilter {
  /** Holds for every event that one of the rules matches, but for values with a structure of their own; absent: any event. */
  where?: Condition
  /** Fields that the rules, and the log sources, ask about; `all`: some rule looks for words in the whole event. */
  fields: 'all' | readonly string[]
}

/** More comparisons than these cost the store more than matching costs here. */
const TERMS_MAX = 250
const CHARS_MAX = 900
const LONE_SURROGATE = /[\ud800-\udfff]/u
/** Longer numbers are not understood by the search. */
const DIGITS_MAX = 30

/** A condition that is always or never true is that. */
type Part = Condition | boolean

/** What the network would look up in the stream, asked of the store: gates of tests, joined as the rules join them. */
export function prefilterOf(sets: readonly RuleSet[]): Prefilter {
  const asked = sets.flatMap((set) => set.network.rules.flatMap((rule) => askedBy(rule, set.network)))
  const told = sets.flatMap(({ logSources }) => logSources.flatMap(({ when }) => when.map(([field]) => field)))
  const fields = asked.some((names) => names.length === 0) ? 'all' : [...new Set([...asked.flat(), ...told])]
  const whole = any(
    sets.flatMap((set) => set.network.rules.map((rule) => both(sourceOf(rule, set), conditionOf(rule, set)))),
  )
  if (whole === false) return { where: NOTHING, fields }
  if (whole !== true && termsIn(whole) <= TERMS_MAX) return { where: whole, fields }
  const sources = any(sets.flatMap((set) => set.network.rules.map((rule) => sourceOf(rule, set))))
  if (typeof sources === 'boolean' || termsIn(sources) > TERMS_MAX) return { fields }
  return { where: sources, fields }
}

/** No event has an empty agency. */
const NOTHING: Condition = { kind: 'match', field: 'soc.agency', pattern: { kind: 'equals', text: '' } }

/** The log sources that a rule is about. */
function sourceOf({ mapped }: CompiledRule, { logSources }: RuleSet): Part {
  const rows = logSources.filter(({ sources }) => sources.some((source) => covers(mapped.logsource, source)))
  return any(
    rows.map(({ when }) =>
      all(when.map(([field, values]) => any([...values].map((text) => matching(field, { kind: 'equals', text }))))),
    ),
  )
}

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
      // Words are looked for in the whole event, and only the raw line and the message are searched as a whole.
      if (test.about !== 'value' || slot.names.length === 0) return true
      return any(slot.names.flatMap((name) => test.gates.map((gate) => gated(name, gate))))
    }
  }
}

function gated(field: string, { at, text }: Gate): Part {
  if (at === 'number') return numbered(field, text)
  // Half of a surrogate pair is stored as another character.
  if (at === 'present' || text === '' || text.length > CHARS_MAX || LONE_SURROGATE.test(text)) return present(field)
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

const both = (a: Part, b: Part): Part => all([a, b])

function all(parts: readonly Part[]): Part {
  if (parts.includes(false)) return false
  return joined('and', parts)
}

function any(parts: readonly Part[]): Part {
  if (parts.includes(true)) return true
  return joined('or', parts) === true ? false : joined('or', parts)
}

/** True where nothing is left to ask. */
function joined(kind: 'and' | 'or', parts: readonly Part[]): Condition | true {
  const kept = new Map<string, Condition>()
  for (const part of parts) {
    if (typeof part === 'boolean') continue
    for (const one of part.kind === kind ? part.of : [part]) kept.set(JSON.stringify(one), one)
  }
  const of = [...kept.values()]
  return of.length === 0 ? true : of.length === 1 ? of[0]! : { kind, of }
}

function termsIn(condition: Condition): number {
  if (condition.kind === 'not') return termsIn(condition.of)
  if (condition.kind === 'and' || condition.kind === 'or')
    return condition.of.reduce((sum, part) => sum + termsIn(part), 0)
  return 1
}
