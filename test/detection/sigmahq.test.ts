import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { DATA, flatEvent, flatTables, hasCorpus, shipped, sigmaHqRules, windowsEvents } from '../../bench/sigmahq.ts'
import { Engine, loadRules, type RuleSet } from '../../detection/engine.ts'
import { evaluate } from '../../detection/reference.ts'
import { classifier } from '../../detection/sigma/logsource.ts'
import { covers } from '../../detection/sigma/pipeline.ts'
import type { EcsEvent } from '../../model/event.ts'

const reason = hasCorpus ? '' : ' (skipped: the optional SigmaHQ data is absent)'
const lines = (path: string): string[] => readFileSync(join(DATA, path), 'utf8').trimEnd().split('\n')

/** How the shipped parsers would name the fields of a flat event. */
function ecsEvent(line: string): EcsEvent {
  const event: Record<string, unknown> = { 'soc.record': 'r', 'soc.seq': 1 }
  const names: Record<string, string> = {
    EventID: 'event.code',
    Channel: 'winlog.channel',
    Provider_Name: 'winlog.provider_name',
    Computer: 'winlog.computer_name',
  }
  for (const [name, value] of Object.entries(JSON.parse(line) as Record<string, unknown>)) {
    event[names[name] ?? `winlog.event_data.${name}`] = name === 'EventID' ? String(value) : value
    if (name === 'NewProcessName') event['process.executable'] = value
    if (name === 'ParentProcessName') event['process.parent.executable'] = value
  }
  return event as EcsEvent
}

describe.skipIf(!hasCorpus)(`SigmaHQ${reason}`, () => {
  let flat: RuleSet
  let ecs: RuleSet

  beforeAll(async () => {
    const rules = sigmaHqRules()
    const tables = ['placeholders', 'windows', 'linux', 'web', 'application'].map((name) => `pipelines/${name}.yml`)
    flat = await loadRules([...rules, ...flatTables()])
    ecs = await loadRules([...rules, ...tables.map(shipped), shipped('logsources.yml')])
  }, 60_000)

  test('every rule loads, and few run on every event', () => {
    expect(flat.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(flat.rules.length).toBe(sigmaHqRules().length)
    expect(flat.unwitnessed.length).toBeLessThan(10)
  })

  test.each([
    ['flat names', () => flat, flatEvent],
    ['shipped pipelines', () => ecs, ecsEvent],
  ])('the regression cases, under %s', (_name, ruleSet, read) => {
    const engine = new Engine(ruleSet())
    const references = new Map(
      lines('sigma-regression/reference-allrules.ndjson').map((line) => {
        const { eventsFile, matches } = JSON.parse(line) as { eventsFile: string; matches: string[][] }
        return [eventsFile, matches]
      }),
    )
    for (const line of lines('sigma-regression/cases.ndjson')) {
      const { ruleId, title, eventsFile, flatFile, expectedMatches } = JSON.parse(line) as Record<string, string> & {
        expectedMatches: number
      }
      const matched = lines(`sigma-regression/${flatFile}`).map((own) => engine.matches(read(own)).sort())
      expect(matched.filter((ids) => ids.includes(ruleId!)).length, title).toBeGreaterThanOrEqual(expectedMatches)
      expect(matched, title).toEqual(references.get(eventsFile!)!.map((ids) => ids.toSorted()))
    }
  })

  test('network and reference agree on real events', () => {
    const engine = new Engine(flat)
    const { classify } = classifier(flat.logSources)
    const events = windowsEvents()
    const rows: number[] = []
    let matches = 0
    for (let i = 0; i < events.length; i += 1511) {
      const event = flatEvent(events[i]!)
      const sources = rows.slice(0, classify(event, rows)).flatMap((row) => flat.logSources[row]!.sources)
      const expected = flat.network.rules
        .filter(({ mapped }) => sources.some((source) => covers(mapped.logsource, source)) && evaluate(mapped, event))
        .map(({ rule: { id } }) => id)
      expect(engine.matches(event), `event ${i}`).toEqual(expected)
      matches += expected.length
    }
    expect(matches).toBeGreaterThan(0)
  }, 60_000)
})
