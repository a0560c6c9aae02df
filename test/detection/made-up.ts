import { expect } from 'vitest'
import { Engine, loadRules, type EngineOptions, type RuleSet } from '../../detection/engine.ts'
import type { Alert } from '../../model/alert.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'

const LOG_SOURCES = `logsources:
  - when: { event.dataset: t.one }
    product: t
    service: one
  - when: { event.dataset: t.two }
    product: t
    service: two
    category: [alpha, beta]
`

/** An event of the made-up log source `product: t`. */
export function event(fields: Record<string, EcsValue>, seq = 1): EcsEvent {
  return {
    '@timestamp': '2026-03-02T08:00:00.000Z',
    'event.ingested': '2026-03-09T00:00:00.000Z',
    'event.original': '',
    'event.dataset': 't.one',
    'ecs.version': '8.17.0',
    'soc.record': `spool-${seq}`,
    'soc.seq': seq,
    'soc.source': 'test/127.0.0.1',
    'soc.agency': 'so-khcn',
    ...fields,
  }
}

/** Loads rule texts by path; `logsources.yml` is there already. */
export function load(files: Record<string, string>): Promise<RuleSet> {
  const all = { 'logsources.yml': LOG_SOURCES, ...files }
  return loadRules(Object.entries(all).map(([path, text]) => ({ path, text })))
}

/** A rule with the given lines below `detection:`. */
export function rule(detection: string, id = 'r'): string {
  const indented = detection.replace(/^/gm, '  ')
  return `title: Rule ${id}\nid: ${id}\nname: ${id}\nlevel: high\nlogsource: { product: t }\ndetection:\n${indented}\n`
}

/** An engine over texts that must all load. */
export async function engineOf(files: Record<string, string>, options: EngineOptions = {}): Promise<Engine> {
  const ruleSet = await load(files)
  expect(ruleSet.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return new Engine(ruleSet, options)
}

/** The last version of every alert that was not withdrawn. */
export function finals(alerts: readonly Alert[]): Alert[] {
  const last = new Map(alerts.map((alert) => [alert.id, alert]))
  return [...last.values()].filter(({ count }) => count > 0)
}
