import { isMap, isScalar, type Node } from 'yaml'
import { BUDGET_MAX, LIFE_STATES, type LifeState } from '../model/rule-life.ts'
import { RuleError } from './errors.ts'
import { entriesOf, offsetOf, textOf, textsOf, type SigmaDocument } from './sigma/yaml.ts'

/** The file at the top of the rules folder that says how far along each rule is; a rule without a line is live. */
export const LIFE_PATH = 'life.yml'

/** How many alerts a rule may raise of one agency in one day; what is more is told by one. */
export interface NoiseBudget {
  /** 1 to `BUDGET_MAX`. */
  perDay: number
}

export interface RuleLife {
  id: string
  state: LifeState
  budget?: NoiseBudget
  /** User name of whom it concerns. */
  owner?: string
  /** Of the last change: who, on what day, and why. */
  by?: string
  since?: string
  why?: string
  at: number
}

/** One thing that a person settles about a rule. */
export type RuleEdit = { rule: string } & (
  | { kind: 'state'; state: LifeState }
  /** Off or on again, everywhere or for some agencies. */
  | { kind: 'switch'; off: boolean; agencies?: readonly string[] }
  | { kind: 'budget'; perDay: number | null; owner?: string }
  /** Another text, be it a former one. @property path where it goes when no file has the rule any more */
  | { kind: 'text'; text: string; path: string }
  /** A rule that there was not: a draft. */
  | { kind: 'new'; text: string; path: string }
)

const KEYS = ['state', 'budget', 'owner', 'by', 'since', 'why']

/**
 * Reads `life.yml`, one line for each rule: `id: shadow`, or `id: { state: shadow, budget: 20, owner: lan, why: … }`.
 * @throws {RuleError} `bad_rule`
 */
export function readLife({ root }: SigmaDocument): RuleLife[] {
  return entriesOf(root, LIFE_PATH).map(({ key: id, value, at }) => {
    if (isScalar(value)) return { id, state: stateOf(value), at }
    const line = new Map(entriesOf(value, `the line of ${id}`, at).map((entry) => [entry.key, entry]))
    const unknown = [...line.values()].find(({ key }) => !KEYS.includes(key))
    if (unknown) throw new RuleError('bad_rule', `'${unknown.key}' is none of ${KEYS.join(', ')}`, unknown.at)
    const text = (key: string): string | undefined => textOf(line.get(key)?.value)
    const [owner, by, since, why] = ['owner', 'by', 'since', 'why'].map(text)
    const state = line.get('state')
    const budget = line.get('budget')
    return {
      id,
      state: state === undefined ? 'live' : stateOf(state.value, state.at),
      ...(budget !== undefined && { budget: { perDay: perDayOf(budget.value, budget.at) } }),
      ...(owner !== undefined && { owner }),
      ...(by !== undefined && { by }),
      ...(since !== undefined && { since }),
      ...(why !== undefined && { why }),
      at,
    }
  })
}

function stateOf(node: Node | null, at = offsetOf(node)): LifeState {
  const text = textOf(node)
  if (!(LIFE_STATES as readonly (string | undefined)[]).includes(text)) {
    throw new RuleError('bad_rule', `'${text ?? ''}' is none of ${LIFE_STATES.join(', ')}`, offsetOf(node) || at)
  }
  return text as LifeState
}

function perDayOf(node: Node | null, at: number): number {
  const text = textOf(node) ?? ''
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > BUDGET_MAX) {
    throw new RuleError('bad_rule', `a budget is 1 to ${BUDGET_MAX} alerts a day`, offsetOf(node) || at)
  }
  return Number(text)
}

/** What a line of `disabled.yml` says behind the id: why, and the agencies it holds for; all where none is named. */
export function reasonOf(node: Node | null, at: number): { reason: string; agencies?: string[] } {
  if (!isMap(node)) return { reason: textOf(node) ?? '' }
  const entries = entriesOf(node, 'the line', at)
  const unknown = entries.find(({ key }) => key !== 'agencies' && key !== 'why')
  if (unknown) throw new RuleError('bad_rule', `'${unknown.key}' is neither agencies nor why`, unknown.at)
  const of = (key: string): Node | null | undefined => entries.find((entry) => entry.key === key)?.value
  const agencies = textsOf(of('agencies'))
  if (agencies.length === 0) throw new RuleError('bad_rule', 'agencies names none', at)
  return { reason: textOf(of('why')) ?? '', agencies }
}
