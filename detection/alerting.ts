import type { RuleSet } from './rule-set.ts'

/**
 * Whether a match of a rule is an alert: not of an informational rule, nor of one that is switched off, nor of a part of
 * correlations that none of them lets speak for itself.
 */
export function alertingOf(ruleSet: RuleSet): (id: string) => boolean {
  const { rules, network, correlations } = ruleSet
  const generates = new Map<string, boolean>()
  const heard = silencing(ruleSet)
  for (const { rule, parts } of correlations) {
    if (!heard.has(rule.id)) continue
    for (const { kind, index } of parts) {
      const { id } = kind === 'detection' ? network.rules[index]!.rule : correlations[index]!.rule
      generates.set(id, generates.get(id) === true || rule.generate)
    }
  }
  const mute = new Set(
    rules.filter((rule) => rule.level === 'informational' || rule.disabled !== undefined).map(({ id }) => id),
  )
  return (id) => !mute.has(id) && generates.get(id) !== false
}

/** Correlations that make their parts silent: one in shadow does not, unless one that is live counts on it. */
function silencing({ rules, correlations }: RuleSet): Set<string> {
  const shadows = new Set(rules.flatMap(({ id, state }) => (state === 'shadow' ? id : [])))
  const heard = new Set<string>()
  for (const { rule, parts } of correlations.toReversed()) {
    if (shadows.has(rule.id) && !heard.has(rule.id)) continue
    heard.add(rule.id)
    for (const { kind, index } of parts) if (kind === 'correlation') heard.add(correlations[index]!.rule.id)
  }
  return heard
}
