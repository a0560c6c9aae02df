import { createHash } from 'node:crypto'
import { RuleError } from '../errors.ts'
import type { CorrelationRule } from '../sigma/correlation.ts'
import type { MappedRule } from '../sigma/pipeline.ts'
import type { DetectionRule } from '../sigma/rule.ts'

/** A rule that a correlation refers to. */
export interface Part {
  kind: 'detection' | 'correlation'
  /** Its place among the detections, or among the resolved correlations. */
  index: number
  /** Field of the referred rule for each `group-by`, aliases resolved; in the rule's own names. */
  groupBy: string[]
  /** Field of the referred rule for each field of the condition. */
  fields: string[]
}

/** A correlation rule whose references are found. */
export interface Correlation {
  rule: CorrelationRule
  /** In the order of `rules`. */
  parts: Part[]
  /** Hash over the rule, all it refers to and the pipelines: state is kept only while it is the same. */
  fingerprint: string
  /** Fields that correlations of this one will ask for. */
  carries: string[]
  /** Event fields that stand behind each `group-by`, to tell hosts, addresses and users apart. */
  groupFields: string[][]
}

/**
 * Finds what correlations refer to, by id or name, and orders them so that what is referred to comes first.
 * @param configuration hash of all else that decides what events contribute: pipelines, filters
 * @param refuse called for a rule whose references are unknown or go in a circle; the rule is left out
 */
export function resolveCorrelations(
  detections: readonly { rule: DetectionRule; mapped: MappedRule }[],
  correlations: readonly CorrelationRule[],
  configuration: string,
  refuse: (rule: CorrelationRule, error: RuleError) => void,
): Correlation[] {
  const detectionOf = new Map<string, number>()
  detections.forEach(({ rule }, index) => {
    detectionOf.set(rule.id, index)
    if (rule.name !== undefined && !detectionOf.has(rule.name)) detectionOf.set(rule.name, index)
  })
  const correlationOf = new Map<string, CorrelationRule>()
  for (const rule of correlations) {
    correlationOf.set(rule.id, rule)
    if (rule.name !== undefined) correlationOf.set(rule.name, rule)
  }
  const resolved: Correlation[] = []
  const done = new Map<CorrelationRule, Correlation | undefined>()
  function resolve(rule: CorrelationRule, path: readonly CorrelationRule[]): Correlation | undefined {
    if (!done.has(rule)) {
      try {
        done.set(rule, build(rule, path))
      } catch (error) {
        if (!(error instanceof RuleError)) throw error
        done.set(rule, undefined)
        refuse(rule, error)
      }
    }
    return done.get(rule)
  }

  function build(rule: CorrelationRule, path: readonly CorrelationRule[]): Correlation {
    const hashes = [rule.hash]
    const groupFields = rule.groupBy.map(() => new Set<string>())
    const parts = rule.rules.map((reference): Part => {
      const aliased = (field: string): string => rule.aliases.get(field)?.get(reference) ?? field
      const groupBy = rule.groupBy.map(aliased)
      const fields = rule.fields.map(aliased)
      const index = detectionOf.get(reference)
      if (index !== undefined) {
        const { rule: part, mapped } = detections[index]!
        hashes.push(part.hash)
        groupBy.forEach((field, i) => mapped.eventFields(field).forEach((name) => groupFields[i]!.add(name)))
        return { kind: 'detection', index, groupBy, fields }
      }
      const inner = correlationOf.get(reference)
      if (inner === undefined) {
        throw new RuleError('unknown_reference', `no rule has the id or name '${reference}'`, rule.at)
      }
      if (inner === rule || path.includes(inner)) {
        throw new RuleError('reference_cycle', `'${reference}' refers back to this rule`, rule.at)
      }
      const found = resolve(inner, [...path, rule])
      if (found === undefined) throw new RuleError('unknown_reference', `'${reference}' was refused`, rule.at)
      hashes.push(found.fingerprint)
      groupBy.forEach((field, i) => {
        const own = found.rule.groupBy.indexOf(field)
        if (own >= 0) found.groupFields[own]!.forEach((name) => groupFields[i]!.add(name))
      })
      return { kind: 'correlation', index: resolved.indexOf(found), groupBy, fields }
    })
    const correlation: Correlation = {
      rule,
      parts,
      fingerprint: createHash('sha256')
        .update(JSON.stringify([hashes, configuration]))
        .digest('hex'),
      carries: [],
      groupFields: groupFields.map((names) => [...names]),
    }
    resolved.push(correlation)
    return correlation
  }

  for (const rule of correlations) resolve(rule, [])
  // Outer ones come later: going backwards, what an outer one asks for is known before its parts are looked at.
  for (const { parts, carries } of resolved.toReversed()) {
    for (const { kind, index, groupBy, fields } of parts) {
      if (kind !== 'correlation') continue
      const inner = resolved[index]!
      inner.carries = [...new Set([...inner.carries, ...groupBy, ...fields, ...carries])]
    }
  }
  return resolved
}
