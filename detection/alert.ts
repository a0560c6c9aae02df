import { hash } from 'node:crypto'
import type { Alert, AlertRule, Proof } from '../model/alert.ts'
import type { EcsEvent } from '../model/event.ts'
import { entitiesOf, proofOf } from './proof.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import type { DetectionRule, Metadata } from './sigma/rule.ts'

/** 32 hex digits that name an alert by what it derives from. */
export function alertId(...from: readonly string[]): string {
  return hash('sha256', from.join('\n')).slice(0, 32)
}

export function alertRule({ id, title, titleVi, level, hash, tags, author, license, path }: Metadata): AlertRule {
  return {
    id,
    title,
    ...(titleVi !== undefined && { titleVi }),
    level,
    hash,
    tags,
    ...(author !== undefined && { author }),
    ...(license !== undefined && { license }),
    path,
  }
}

/** The alert of a rule that one event matched. */
export function eventAlert(rule: DetectionRule, mapped: MappedRule, event: EcsEvent): Alert {
  return alertOfEvent(alertRule(rule), event, proofOf(mapped, event))
}

/** The alert of one event, whatever rule it is that holds. */
export function alertOfEvent(rule: AlertRule, event: EcsEvent, proof: Proof[]): Alert {
  const record = event['soc.record']
  return {
    id: alertId(rule.id, record),
    version: 1,
    rule,
    '@timestamp': event['@timestamp'],
    seq: event['soc.seq'],
    agency: event['soc.agency'],
    ...(event['soc.system'] !== undefined && { system: event['soc.system'] }),
    entities: entitiesOf(event),
    group: {},
    evidence: [
      {
        record,
        seq: event['soc.seq'],
        '@timestamp': event['@timestamp'],
        original: event['event.original'],
        rule: rule.id,
        proof,
      },
    ],
    count: 1,
  }
}
