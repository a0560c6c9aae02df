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
  /** For each part, the first place at which the same rule is named. */
  first: number[]
  /** Hash over the rule, all it refers to and the pipelines: state is kept only while it is the same. */
  fingerprint: string
  /** Whether a correlation refers to this one. */
  feeds: boolean
  /** Fields that correlations of this one will ask for. */
  carries: string[]
  /** Event fields that stand behind each `group-by`, to tell hosts, addresses and users apart. */
  groupFields: string[][]
}

/** A rule that may be referred to; a detection with its place. */
interface Referred {
  rule: DetectionRule | CorrelationRule
  index?: number
}

/**
 * Finds what correlations refer to, by id or name, and orders them so that what is referred to comes first.
 * @param configuration hash of what else decides how state is to be read: pipelines. Filters do not: what was counted stays so.
 * @param refuse called for a rule whose references are unknown or go in a circle; the rule is left out
 */
export function resolveCorrelations(
  detections: readonly { rule: DetectionRule; mapped: MappedRule }[],
  correlations: readonly CorrelationRule[],
  configuration: string,
  refuse: (rule: CorrelationRule, error: RuleError) => void,
): Correlation[] {
  const byId = new Map<string, Referred>()
  const byName = new Map<string, Referred[]>()
  const referred = [
    ...detections.map(({ rule }, index) => ({ rule, index })),
    ...correlations.map((rule) => ({ rule })),
  ]
  for (const each of referred) {
    const { id, name } = each.rule
    byId.set(id, each)
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), each])
  }
  /** An id goes before a name. */
  const find = (reference: string, at: number): Referred => {
    const [found, another] = byId.has(reference) ? [byId.get(reference)] : (byName.get(reference) ?? [])
    if (found === undefined) throw new RuleError('unknown_reference', `no rule has the id or name '${reference}'`, at)
    if (another !== undefined)
      throw new RuleError('unknown_reference', `several rules have the name '${reference}'`, at)
    return found
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
    const found = rule.rules.map((reference) => find(reference, rule.at).rule)
    const first = found.map((part) => found.indexOf(part))
    if (rule.type !== 'temporal_ordered' && first.some((place, i) => place < i)) {
      throw new RuleError('bad_correlation', 'a rule is named twice, by its id and by its name', rule.at)
    }
    const aliases = new Map<string, Map<CorrelationRule | DetectionRule, string>>()
    for (const [alias, { fields, at }] of rule.aliases) {
      const own = new Map<CorrelationRule | DetectionRule, string>()
      for (const [reference, field] of fields) {
        const part = found.find(({ id, name }) => id === reference || name === reference)
        if (part === undefined) {
          throw new RuleError('bad_correlation', `alias '${alias}' names '${reference}', which the rules do not`, at)
        }
        own.set(part, field)
      }
      aliases.set(alias, own)
    }
    const parts = rule.rules.map((reference, place): Part => {
      const part = found[place]!
      const aliased = (field: string): string => aliases.get(field)?.get(part) ?? field
      const groupBy = rule.groupBy.map(aliased)
      const fields = rule.fields.map(aliased)
      if (part.kind !== 'correlation') {
        const { index } = byId.get(part.id)!
        const { mapped } = detections[index!]!
        hashes.push(part.hash)
        groupBy.forEach((field, i) => mapped.eventFields(field).forEach((name) => groupFields[i]!.add(name)))
        return { kind: 'detection', index: index!, groupBy, fields }
      }
      if (part === rule || path.includes(part)) {
        throw new RuleError('reference_cycle', `'${reference}' refers back to this rule`, rule.at)
      }
      const inner = resolve(part, [...path, rule])
      if (inner === undefined) throw new RuleError('unknown_reference', `'${reference}' was refused`, rule.at)
      hashes.push(inner.fingerprint)
      groupBy.forEach((field, i) => {
        const own = inner.rule.groupBy.indexOf(field)
        if (own >= 0) inner.groupFields[own]!.forEach((name) => groupFields[i]!.add(name))
      })
      return { kind: 'correlation', index: resolved.indexOf(inner), groupBy, fields }
    })
    const correlation: Correlation = {
      rule,
      parts,
      first,
      fingerprint: createHash('sha256')
        .update(JSON.stringify([hashes, configuration]))
        .digest('hex'),
      feeds: false,
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
      inner.feeds = true
      inner.carries = [...new Set([...inner.carries, ...groupBy, ...fields, ...carries])]
    }
  }
  return resolved
}
