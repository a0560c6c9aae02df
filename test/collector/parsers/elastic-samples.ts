import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseYaml } from 'yaml'
import { ROOT } from '../../../model/root.ts'

// Elastic's own parsers as the measure: their test lines and what they made of them, where somebody has put a copy beside the
// repository (`<package>/<stream>/`, as in its source tree). Nothing of it is part of this project.
export const FOLDER = join(process.env['VONGGAC_SHARED'] ?? join(ROOT, '../shared'), 'data/integrations')

/** Whether there is anything to compare with; said once where not. */
export const there = existsSync(FOLDER)
if (!there) console.warn(`skipped: no lines to compare with at ${FOLDER} (VONGGAC_SHARED names another place)`)

export interface Tree {
  [name: string]: unknown
}

/** A record as its device sends it, and the fields that are expected of it, by dotted name. */
export interface Sample {
  raw: string
  expected: Tree
  /** Zone of times that name none: an IANA name or an offset, `+07:00`. */
  timeZone: string
  /** So that a time without a year has the year that the expected document gives it. */
  receivedAtMs: number
}

/** What Elastic says beside the lines about how they are to be read. */
interface Config {
  fields?: Tree
  multiline?: { first_line_pattern: string }
}

const EXPECTED = '-expected.json'

/** `<package>/<stream>` of every folder with samples, in order. */
export function streamsOf(folder: string): string[] {
  const folders = (path: string): string[] =>
    readdirSync(path)
      .filter((name) => statSync(join(path, name)).isDirectory())
      .sort()
  return folders(folder).flatMap((name) => folders(join(folder, name)).map((stream) => `${name}/${stream}`))
}

/** The samples of a stream: a record and its document stand at the same place, or the document quotes the record. */
export function samplesOf(stream: string, folder = FOLDER): Sample[] {
  const path = join(folder, stream)
  return readdirSync(path)
    .filter((name) => name.endsWith(EXPECTED))
    .sort()
    .flatMap((name) => {
      const source = join(path, name.slice(0, -EXPECTED.length))
      const { expected } = JSON.parse(readFileSync(join(path, name), 'utf8')) as { expected: (Tree | null)[] }
      const config = configOf(path, source)
      return pair(recordsOf(source, config), expected).map((sample) => ({
        ...sample,
        ...circumstances(sample, config),
      }))
    })
}

function configOf(path: string, source: string): Config {
  const configs = [join(path, 'test-common-config.yml'), `${source}-config.yml`]
    .filter((file) => existsSync(file))
    .map((file) => parseYaml(readFileSync(file, 'utf8')) as Config)
  return { ...configs[0], ...configs[1], fields: flat({ ...configs[0]?.fields, ...configs[1]?.fields }) }
}

interface Raw {
  raw: string
  /** Time that the shipper set before the pipeline ran. */
  shipped?: unknown
}

function recordsOf(source: string, { multiline, fields }: Config): Raw[] {
  const text = readFileSync(source, 'utf8')
  if (source.endsWith('.json')) return (JSON.parse(text) as { events: Tree[] }).events.map(sentBy)
  const lines = text.split(/\r?\n/)
  const records = multiline === undefined ? lines : joined(lines, new RegExp(multiline.first_line_pattern))
  return records
    .filter((raw) => raw.trim() !== '')
    .map((raw) => ({ raw: searched(raw), shipped: fields?.['@timestamp'] }))
}

function joined(lines: readonly string[], first: RegExp): string[] {
  const records: string[] = []
  for (const line of lines) {
    if (records.length === 0 || first.test(line)) records.push(line)
    else records[records.length - 1] += `\n${line}`
  }
  return records.map((record) => record.trimEnd())
}

/** What a device has sent to a shipper: the line that it took apart or wrapped up, else its own record. */
function sentBy(record: Tree): Raw {
  const { '@timestamp': shipped, message, json, event, cef } = record
  const original = (event as Tree | undefined)?.['original']
  if (cef !== undefined && typeof original === 'string') return { raw: original, shipped }
  const wrapping = new Set(['@timestamp', 'log', 'tags', 'input', 'agent', 'ecs', 'host', 'message'])
  if (typeof message === 'string' && Object.keys(record).every((name) => wrapping.has(name))) {
    return { raw: message, shipped }
  }
  return { raw: JSON.stringify(json ?? record), shipped }
}

/** A search API wraps its results up. */
function searched(line: string): string {
  if (!line.startsWith('{"preview"')) return line
  const { result } = JSON.parse(line) as { result: { [name: string]: string } }
  return result['_raw']!
}

function pair(records: readonly Raw[], expected: readonly (Tree | null)[]): (Raw & { expected: Tree })[] {
  const documents = expected.map((tree) => (tree === null ? undefined : flat(tree)))
  const quoted = new Map(documents.map((fields) => [fields?.['event.original'], fields]))
  return records.flatMap((record, i) => {
    const fields = records.length === documents.length ? documents[i] : quoted.get(record.raw)
    return fields === undefined ? [] : [{ ...record, expected: fields }]
  })
}

const DAY_MS = 86_400_000

function circumstances(
  { expected, shipped }: Raw & { expected: Tree },
  { fields = {} }: Config,
): Pick<Sample, 'timeZone' | 'receivedAtMs'> {
  const named = fields['_conf.tz_offset'] ?? fields['_tmp.tz_offset'] ?? fields['event.timezone']
  const at = timeOf(expected['@timestamp'] ?? shipped ?? '2023-01-01')
  // The document of a record without a time has the shipper's, and that is when we have it, too.
  const timeless = shipped !== undefined && timeOf(shipped) === at
  const lastDay = Date.UTC(new Date(at).getUTCFullYear() + 1, 0) - DAY_MS - 1
  return { timeZone: zoneName(named), receivedAtMs: timeless ? at : lastDay }
}

function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN
}

/** Their `GMT+2`, `+0500`, `-04:30`, `local` or `Australia/Sydney`. */
function zoneName(named: unknown): string {
  if (typeof named !== 'string' || named === 'local') return 'UTC'
  const offset = /^(?:GMT)?([+-])(\d{1,2}):?(\d\d)?$/.exec(named)
  return offset === null ? named : `${offset[1]!}${offset[2]!.padStart(2, '0')}:${offset[3] ?? '00'}`
}

/** The leaves of a document by dotted name; lists are leaves. */
export function flat(tree: Tree, prefix = '', into: Tree = {}): Tree {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      flat(value as Tree, `${prefix}${name}.`, into)
    else into[prefix + name] = value
  }
  return into
}
