import type { Level } from '../../model/alert.ts'

/** What a rule's level weighs, of 100. */
const WEIGHT: Record<Level, number> = { informational: 10, low: 30, medium: 50, high: 75, critical: 100 }

/** What part of it counts for a system of security level 1 to 5: the same attack weighs double on the gravest system. */
const SHARE = [0.5, 0.6, 0.75, 0.9, 1] as const

export interface Priority {
  /** 1 (lowest) to 100. */
  priority: number
  /** Message codes with their parameter: `level:high`, `criticality:3`. */
  reasons: string[]
}

/** @param criticality 1 to 5; what lies outside counts as the nearer end. */
export function priorityOf(level: Level, criticality: number): Priority {
  const bounded = Math.min(5, Math.max(1, Math.round(criticality) || 1))
  return {
    priority: Math.max(1, Math.round(WEIGHT[level] * SHARE[bounded - 1]!)),
    reasons: [`level:${level}`, `criticality:${bounded}`],
  }
}
