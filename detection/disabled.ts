import { reasonOf } from './life.ts'
import type { CorrelationRule } from './sigma/correlation.ts'
import { entriesOf, type SigmaDocument } from './sigma/yaml.ts'

/** The file at the top of the rules folder that switches rules off. */
export const DISABLED_PATH = 'disabled.yml'

/** One rule that is switched off. */
export interface SwitchedOff {
  id: string
  /** As written behind the id; may be empty. */
  reason: string
  /** Only there; absent: everywhere. */
  agencies?: string[]
  at: number
}

/**
 * Reads `disabled.yml`, one line for each rule: `id: why`, or `id: { agencies: [so-y-te], why: … }`.
 * @throws {RuleError} `bad_rule` where it is no mapping
 */
export function readDisabled({ root }: SigmaDocument): SwitchedOff[] {
  return entriesOf(root, DISABLED_PATH).map(({ key, value, at }) => ({ id: key, ...reasonOf(value, at), at }))
}

interface Named {
  id: string
  name?: string
}

export interface Silence {
  /** Every rule that raises no alert because of `disabled.yml`, and why. */
  off: Map<string, string>
  /** Those of `off` that are still matched, with the correlation that counts them. */
  counted: Map<string, CorrelationRule>
}

/** A rule that does not run, whether `disabled.yml` or its state of life says so. */
interface Stopped {
  id: string
  reason: string
  /** A correlation that never ran has silenced nobody: its parts are what they are without it. */
  draft?: boolean
}

/**
 * What switching rules off comes to. A correlation that stays goes on counting a part that was switched off, or coverage
 * would be lost unseen; the part itself raises nothing. The parts of a correlation that was switched off, which only counted
 * for it, stay as silent as they were.
 */
export function silenceOf(
  switchedOff: readonly Stopped[],
  detections: readonly Named[],
  correlations: readonly CorrelationRule[],
): Silence {
  const idOf = new Map<string, string>()
  for (const { id, name } of [...correlations, ...detections]) if (name !== undefined) idOf.set(name, id)
  for (const { id } of [...correlations, ...detections]) idOf.set(id, id)
  const byId = new Map(correlations.map((rule) => [rule.id, rule]))
  const partsOf = ({ rules }: CorrelationRule): string[] => rules.flatMap((reference) => idOf.get(reference) ?? [])

  const drafts = new Set(switchedOff.flatMap(({ id, draft }) => (draft === true ? id : [])))
  const off = new Map(switchedOff.filter(({ id }) => idOf.has(id)).map(({ id, reason }) => [id, reason]))
  for (;;) {
    const counted = new Map<string, CorrelationRule>()
    const count = (rule: CorrelationRule): void => {
      for (const id of partsOf(rule)) {
        if (counted.has(id)) continue
        counted.set(id, rule)
        const inner = byId.get(id)
        if (inner) count(inner)
      }
    }
    for (const rule of correlations) if (!off.has(rule.id)) count(rule)
    const gone = correlations.filter(({ id }) => off.has(id) && !counted.has(id) && !drafts.has(id))
    const generated = new Set(gone.filter(({ generate }) => generate).flatMap(partsOf))
    const size = off.size
    for (const rule of gone) {
      for (const id of partsOf(rule)) {
        if (!off.has(id) && !counted.has(id) && !generated.has(id)) off.set(id, `only counted for ${rule.id}`)
      }
    }
    if (off.size === size) return { off, counted: new Map([...counted].filter(([id]) => off.has(id))) }
  }
}
