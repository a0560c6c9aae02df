import type { Entity, Evidence } from '../../model/alert.ts'

/** What an alert is about, as one event has it. */
export interface About {
  system?: string
  entities: Entity[]
}

/** An event that matched a rule, for as long as an alert may show it. */
export interface Exhibit {
  readonly evidence: Evidence
  readonly about: About
  /** Estimate of the memory it takes, the same whether it was looked at or not. */
  readonly bytes: number
}

const EXHIBIT_BYTES = 400
/** An event holds its line, and most of it again in its fields. */
const LINE_COPIES = 2

export function bytesOfLine(line: string): number {
  return EXHIBIT_BYTES + line.length * LINE_COPIES
}
