import type { RuleSet } from './rule-set.ts'

/**
 * Whether a match of a rule is an alert: not of an informational rule, nor of one that is switched off, nor of a part of
 * correlations that none of them lets speak for itself.
 */
export function alertingOf({ rules, network, correlations }: RuleSet): (id: string) => boolean {
  const generates = new Map<string, boolean>()
  for (const { rule, parts } of correlations) {
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
