import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { Engine, loadRules, type RuleSet } from '../../detection/engine.ts'
import { evaluate } from '../../detection/reference.ts'
import { classifier } from '../../detection/sigma/logsource.ts'
import { covers } from '../../detection/sigma/pipeline.ts'
import type { RuleFile } from '../../detection/types.ts'
import type { EcsEvent } from '../../model/event.ts'
import { ROOT } from '../../model/root.ts'

const DATA = join(process.env['VONGGAC_SHARED'] ?? join(ROOT, '../shared'), 'data')
const HERE = existsSync(join(DATA, 'sigmahq'))
const reason = HERE ? '' : ' (skipped: the optional SigmaHQ data is absent)'

function ruleFiles(folder: string, base = folder): RuleFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ruleFiles(path, base)
    return entry.name.endsWith('.yml') ? [{ path: relative(base, path), text: readFileSync(path, 'utf8') }] : []
  })
}

const own = (name: string): RuleFile => ({ path: name, text: readFileSync(join(ROOT, 'rules', name), 'utf8') })
const lines = (path: string): string[] => readFileSync(join(DATA, path), 'utf8').trimEnd().split('\n')

/** The data's events are flat, in Sigma's own names; the shipped table is in those of ECS. */
const FLAT_NAMES: RuleFile = {
  path: 'pipelines/flat.yml',
  text: `name: flat
priority: 1
transformations:
  - type: field_name_mapping
    mapping: { Image: [Image, NewProcessName], ParentImage: [ParentImage, ParentProcessName] }
    rule_conditions: [{ type: logsource, category: process_creation }]
  - type: field_name_mapping
    mapping: { Signature: ThreatName, Filename: Path }
    rule_conditions: [{ type: logsource, category: antivirus }]
`,
}
const flatLogSources = (): RuleFile => {
  const { path, text } = own('logsources.yml')
  const flat = text.replaceAll('winlog.channel', 'Channel').replaceAll('event.code', 'EventID')
  return { path, text: flat.replaceAll('winlog.event_data.', '') }
}

const flatEvent = (line: string): EcsEvent => ({ 'soc.record': 'r', 'soc.seq': 1, ...JSON.parse(line) }) as EcsEvent

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

describe.skipIf(!HERE)(`SigmaHQ${reason}`, () => {
  let flat: RuleSet
  let ecs: RuleSet

  beforeAll(async () => {
    const rules = ruleFiles(join(DATA, 'sigmahq')).map(({ path, text }) => ({ path: `sigmahq/${path}`, text }))
    const tables = own('pipelines/placeholders.yml')
    flat = await loadRules([...rules, tables, FLAT_NAMES, flatLogSources()])
    ecs = await loadRules([
      ...rules,
      tables,
      own('pipelines/windows.yml'),
      own('pipelines/linux.yml'),
      own('pipelines/web.yml'),
      own('logsources.yml'),
    ])
  }, 60_000)

  test('every rule loads, and few run on every event', () => {
    expect(flat.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(flat.rules.length).toBe(ruleFiles(join(DATA, 'sigmahq')).length)
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
    const file = join(DATA, 'windows-events/events-windows-100k.ndjson.gz')
    const events = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n')
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
