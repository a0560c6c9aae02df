import { csvLine } from '../exports/formats.ts'
import type { IncidentFacts } from './facts.ts'

const HEAD = [
  'incident',
  'alert',
  'rule_id',
  'rule',
  'level',
  'agency',
  'system',
  'event_time',
  'entities',
  'count',
  'record',
  'original',
]

/** A row for each line that an alert rests on; an alert without one has a row, too. */
export function incidentCsv({ incident, alerts }: IncidentFacts): string {
  const rows = alerts.flatMap((alert) => {
    const own = [
      `#${incident.number}`,
      alert.id,
      alert.rule.id,
      alert.rule.titleVi ?? alert.rule.title,
      alert.rule.level,
      alert.agency,
      alert.system ?? '',
    ]
    const entities = alert.entities.map(({ kind, value }) => `${kind}:${value}`).join('; ')
    const row = (at: string, record: string, original: string): string[] => [
      ...own,
      at,
      entities,
      String(alert.count),
      record,
      original,
    ]
    return alert.evidence.length === 0
      ? [row(alert['@timestamp'], '', '')]
      : alert.evidence.map((each) => row(each['@timestamp'], each.record, each.original))
  })
  return `\uFEFF${[HEAD, ...rows].map(csvLine).join('')}`
}
