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

/**
 * An event that matched a rule, for as long as an alert may show it. Proofs cost more than matching and most of a flood's
 * are never asked for: they are made at the first look, and the event is let go.
 */
export class Exhibit {
  #source: (() => Shown) | undefined
  #shown: Shown | undefined

  constructor(from: Shown | (() => Shown)) {
    if (typeof from === 'function') this.#source = from
    else this.#shown = from
  }

  static ofEvent(event: EcsEvent, { rule, mapped }: CompiledRule): Exhibit {
    return new Exhibit(() => {
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
    })
  }

  get shown(): Shown {
    if (this.#shown === undefined) {
      this.#shown = this.#source!()
      this.#source = undefined
    }
    return this.#shown
  }
}
