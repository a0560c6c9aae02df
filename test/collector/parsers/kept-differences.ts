import type { Difference } from './agreement.ts'

export interface KeptDifference {
  /** Package, or package/stream. */
  stream: string
  fields: readonly string[]
  /** Which of the differences of those fields; all without it. */
  only?: (difference: Difference) => boolean
  reason: string
}

/** Where we say something else than Elastic's pipelines and mean it. They count as not agreeing all the same. */
export const KEPT: readonly KeptDifference[] = []
