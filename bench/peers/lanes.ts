import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { classifier } from '../../detection/sigma/logsource.ts'
import type { LoadedRule, RuleFile } from '../../detection/types.ts'
import { EventLines } from '../event-lines.ts'
import { DATA, flatEvent, loadFlat, sigmaHqRules } from '../sigmahq.ts'

/** What is built and unpacked for the peers, outside the tree: compiled peers, rules and events as plain files. */
export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vong-gac-peers')

export const RULES = join(CACHE, 'rules')
export const REAL = 'windows_real'

type LogSource = NonNullable<LoadedRule['logsource']>
const PARTS = ['product', 'category', 'service'] as const

/** A lane of events, one JSON object a line, each with its log source in `product`, `category` and `service`. */
export interface Lane {
  name: string
  path: string
  events: number
  bytesMean: number
}

/** Written whole or not at all, as a run may be cut short. */
function writeOnce(path: string, make: () => string | Buffer): string {
  if (!existsSync(path)) {
    writeFileSync(`${path}.part`, make())
    renameSync(`${path}.part`, path)
  }
  return path
}

/**
 * The rules that every engine gets: SigmaHQ's, without those that need the values of a site, for which each engine has ways
 * of its own.
 */
export function laneRules(): RuleFile[] {
  return sigmaHqRules().filter(({ text }) => !text.includes('|expand:'))
}

/** Lays rules and lanes out as plain files, where they are not yet. */
export async function prepareLanes(): Promise<Lane[]> {
  mkdirSync(join(CACHE, 'lanes'), { recursive: true })
  rmSync(RULES, { recursive: true, force: true })
  mkdirSync(RULES)
  for (const { path, text } of laneRules()) writeFileSync(join(RULES, path.replaceAll('/', '__')), text)
  const packed = join(DATA, 'rsigma-lanes')
  const paths = readdirSync(packed).map((file) =>
    writeOnce(join(CACHE, 'lanes', basename(file, '.gz')), () => gunzipSync(readFileSync(join(packed, file)))),
  )
  const real = await realLane()
  paths.push(writeOnce(join(CACHE, 'lanes', `${REAL}.ndjson`), () => real()))
  return paths.map((path) => {
    const { length, bytesMean } = new EventLines(path)
    return { name: basename(path, '.ndjson'), path, events: length, bytesMean }
  })
}

/** The first events of a lane as a lane of their own, for engines that take their time. */
export function shortLane({ name, path }: Lane, events: number): Lane {
  const short = writeOnce(join(CACHE, 'lanes', `${name}.first-${events}.ndjson`), () => {
    const lines = new EventLines(path)
    return Array.from({ length: Math.min(events, lines.length) }, (_, i) => `${lines.text(i)}\n`).join('')
  })
  const { length, bytesMean } = new EventLines(short)
  return { name, path: short, events: length, bytesMean }
}

/**
 * The real events with their log source written into them, as events of the other lanes have it: rsigma routes by it, and
 * takes one category. Of an event that belongs to several, it is the one that most rules are about; one that belongs to
 * none is of a category that no rule is about, or it would meet the rules of all.
 */
async function realLane(): Promise<() => string> {
  const { logSources, rules } = await loadFlat(laneRules())
  const weights = new Map<string, number>()
  for (const { logsource } of rules) {
    const category = logsource?.category
    if (category !== undefined) weights.set(category, (weights.get(category) ?? 0) + 1)
  }
  const { classify } = classifier(logSources)
  const rows: number[] = []
  return () => {
    const lines = new EventLines(join(DATA, 'windows-events/events-windows-100k.ndjson.gz'))
    return Array.from({ length: lines.length }, (_, i) => {
      const event = flatEvent(lines.text(i))
      const sources = rows.slice(0, classify(event, rows)).flatMap((row) => logSources[row]!.sources)
      const category = sources
        .flatMap((source) => source.category ?? [])
        .toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0))[0]
      const service = sources.find((source) => source.service !== undefined)?.service
      event['product'] = 'windows'
      event['category'] = category ?? 'other'
      event['service'] = service ?? 'other'
      return `${JSON.stringify(event)}\n`
    }).join('')
  }
}

/**
 * The log sources of a lane as `logsources.yml` has them, by rsigma's rule: a rule meets an event unless one of the three is
 * set on both and differs. What an event leaves out can therefore be anything that rules name.
 */
export function laneTable(lines: EventLines, rules: readonly LoadedRule[]): RuleFile {
  const named: Record<(typeof PARTS)[number], string[]> = { product: [], category: [], service: [] }
  for (const part of PARTS) named[part] = [...new Set(rules.flatMap(({ logsource }) => logsource?.[part] ?? []))]
  const seen = new Map<string, LogSource>()
  for (let i = 0; i < lines.length; i++) {
    const event = flatEvent(lines.text(i))
    const source: LogSource = {}
    for (const part of PARTS) {
      const value = event[part]
      if (typeof value === 'string') source[part] = value
    }
    seen.set(JSON.stringify(source), source)
  }
  const logsources = [...seen.values()].map((when) => ({
    when,
    ...Object.fromEntries(PARTS.map((part) => [part, when[part] ?? named[part]])),
  }))
  return { path: 'logsources.yml', text: JSON.stringify({ logsources }) }
}
