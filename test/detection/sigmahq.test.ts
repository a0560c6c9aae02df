import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { DATA, flatEvent, hasCorpus, loadFlat, shipped, sigmaHqRules, windowsEvents } from '../../bench/sigmahq.ts'
import { loadFormats, type ReadLine } from '../../collector/format.ts'
import { Engine, loadRules, type RuleSet } from '../../detection/engine.ts'
import { evaluate } from '../../detection/reference.ts'
import { classifier } from '../../detection/sigma/logsource.ts'
import { covers } from '../../detection/sigma/pipeline.ts'
import type { EcsEvent } from '../../model/event.ts'
import { parseRegistry } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'

const reason = hasCorpus ? '' : ' (skipped: the optional SigmaHQ data is absent)'
const lines = (path: string): string[] => readFileSync(join(DATA, path), 'utf8').trimEnd().split('\n')

async function reader(name: string): Promise<ReadLine> {
  const path = join(ROOT, 'registry', 'hai-duong.yml')
  const registry = parseRegistry(readFileSync(path, 'utf8'), path)
  return (await loadFormats())
    .get(name)!
    .load({ registry, timeZone: 'UTC', receivedAtMs: Date.parse('2026-11-22T00:00:00Z') })
}

describe.skipIf(!hasCorpus)(`SigmaHQ${reason}`, () => {
  let flat: RuleSet
  let ecs: RuleSet

  beforeAll(async () => {
    const rules = sigmaHqRules()
    const tables = ['placeholders', 'windows', 'linux', 'web', 'application'].map((name) => `pipelines/${name}.yml`)
    flat = await loadFlat(rules)
    ecs = await loadRules([...rules, ...tables.map(shipped), shipped('logsources.yml')])
  })

  test('every rule loads, and few run on every event', () => {
    expect(flat.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(flat.rules.length).toBe(sigmaHqRules().length)
    expect(flat.unwitnessed.length).toBeLessThan(10)
  })

  test.each([
    ['flat names', () => flat, ['sigma'], 'flatFile'],
    ['as evtx_dump prints them', () => flat, ['evtx-json'], 'eventsFile'],
    ['shipped parsers and pipelines', () => ecs, ['raw'], 'flatFile'],
    ['as evtx_dump prints them, through shipped parsers and pipelines', () => ecs, ['evtx-json', 'raw'], 'eventsFile'],
  ])('the regression cases, %s', async (_name, ruleSet, formats, file) => {
    const engine = new Engine(ruleSet())
    const readers = await Promise.all(formats.map(reader))
    const read = (line: string): EcsEvent => {
      const events = readers.reduce<EcsEvent | string>(
        (event, next) => next(Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)), 0),
        line,
      )
      expect(events).toBeTypeOf('object')
      return events as EcsEvent
    }
    const references = new Map(
      lines('sigma-regression/reference-allrules.ndjson').map((line) => {
        const { eventsFile, matches } = JSON.parse(line) as { eventsFile: string; matches: string[][] }
        return [eventsFile, matches]
      }),
    )
    const cases = lines('sigma-regression/cases.ndjson')
    expect(cases).toHaveLength(100)
    for (const line of cases) {
      const own = JSON.parse(line) as Record<string, string> & { expectedMatches: number }
      const matched = lines(`sigma-regression/${own[file]!}`).map((event) => engine.matches(read(event)).sort())
      const hits = matched.filter((ids) => ids.includes(own['ruleId']!)).length
      expect(hits, own['title']).toBeGreaterThanOrEqual(own.expectedMatches)
      expect(matched, own['title']).toEqual(references.get(own['eventsFile']!)!.map((ids) => ids.toSorted()))
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
  })
})
