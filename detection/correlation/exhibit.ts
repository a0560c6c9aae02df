import type { Entity, Evidence } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { CompiledRule } from '../network/compile.ts'
import { entitiesOf, proofOf } from '../proof.ts'

/** What an alert is about, as one event has it. */
export interface About {
  system?: string
  entities: Entity[]
}

const EXHIBIT_BYTES = 400
/** An event holds its line, and most of it again in its fields. */
const LINE_COPIES = 2

/**
 * An event that matched a rule, for as long as an alert may show it. Proofs cost more than matching and most of a flood's
 * are never asked for: they are made at the first look, once for all versions of all alerts.
 */
export class Exhibit {
  readonly #event: EcsEvent | undefined
  readonly #rule: CompiledRule | undefined
  #evidence: Evidence | undefined
  #about: About | undefined
  /** Estimate of the memory it takes, the same whether it was looked at or not. */
  readonly bytes: number

  private constructor(line: string, event?: EcsEvent, rule?: CompiledRule, evidence?: Evidence, about?: About) {
    this.bytes = EXHIBIT_BYTES + line.length * LINE_COPIES
    this.#event = event
    this.#rule = rule
    this.#evidence = evidence
    this.#about = about
  }

  static ofEvent(event: EcsEvent, rule: CompiledRule): Exhibit {
    return new Exhibit(event['event.original'], event, rule)
  }

  static restored(evidence: Evidence, about: About): Exhibit {
    return new Exhibit(evidence.original, undefined, undefined, evidence, about)
  }

  get evidence(): Evidence {
    return (this.#evidence ??= evidenceOf(this.#event!, this.#rule!))
  }

  get about(): About {
    return (this.#about ??= aboutOf(this.#event!))
  }
}

function evidenceOf(event: EcsEvent, { rule, mapped }: CompiledRule): Evidence {
  return {
    record: event['soc.record'],
    seq: event['soc.seq'],
    '@timestamp': event['@timestamp'],
    original: event['event.original'],
    rule: rule.id,
    proof: proofOf(mapped, event),
  }
}

function aboutOf(event: EcsEvent): About {
  const system = event['soc.system']
  return { ...(system !== undefined && { system }), entities: entitiesOf(event) }
}
