import type { Entity, Evidence } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { CompiledRule } from '../network/compile.ts'
import { entitiesOf, proofOf } from '../proof.ts'

/** What an alert may show of an event: as evidence, and as what the alert is about. */
export interface Shown {
  evidence: Evidence
  system?: string
  entities: Entity[]
}

const EXHIBIT_BYTES = 400
/** An event holds its line, and most of it again in its fields. */
const LINE_COPIES = 2

/**
 * An event that matched a rule, for as long as an alert may show it. Proofs cost more than matching and most of a flood's
 * are never asked for: they are made at the first look, and the event is let go.
 */
export class Exhibit {
  #event: EcsEvent | undefined
  #rule: CompiledRule | undefined
  #shown: Shown | undefined
  /** Estimate of the memory it takes, the same whether it was looked at or not. */
  readonly bytes: number

  private constructor(line: string, event?: EcsEvent, rule?: CompiledRule, shown?: Shown) {
    this.bytes = EXHIBIT_BYTES + line.length * LINE_COPIES
    this.#event = event
    this.#rule = rule
    this.#shown = shown
  }

  static ofEvent(event: EcsEvent, rule: CompiledRule): Exhibit {
    return new Exhibit(event['event.original'], event, rule)
  }

  static ofShown(shown: Shown): Exhibit {
    return new Exhibit(shown.evidence.original, undefined, undefined, shown)
  }

  get shown(): Shown {
    if (this.#shown === undefined) {
      this.#shown = shownOf(this.#event!, this.#rule!)
      this.#event = undefined
      this.#rule = undefined
    }
    return this.#shown
  }
}

function shownOf(event: EcsEvent, { rule, mapped }: CompiledRule): Shown {
  const system = event['soc.system']
  return {
    evidence: {
      record: event['soc.record'],
      seq: event['soc.seq'],
      '@timestamp': event['@timestamp'],
      original: event['event.original'],
      rule: rule.id,
      proof: proofOf(mapped, event),
    },
    ...(system !== undefined && { system }),
    entities: entitiesOf(event),
  }
}
