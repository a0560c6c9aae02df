import { agreement, NAMED_BY_SOURCE, type Agreement, type Difference } from './collector/parsers/agreement.ts'
import { samplesOf, streamsOf } from './collector/parsers/elastic-samples.ts'
import { KEPT } from './collector/parsers/kept-differences.ts'

/** Kinds of differences that are listed. */
const LISTED_MAX = 60

const USAGE = `usage: node dist/test/ecs-agreement.js DIR [--differences PACKAGE[/STREAM]]

How far our events agree with those that Elastic's integrations make of the same lines.
DIR is laid out <package>/<stream>/ with <name> and <name>-expected.json.
`

const [folder, flag, wanted] = process.argv.slice(2)
if (folder === undefined || folder.startsWith('-') || (flag !== undefined && (flag !== '--differences' || !wanted))) {
  process.stderr.write(USAGE)
  process.exitCode = 2
} else if (wanted === undefined) await table(folder)
else await listDifferences(folder, wanted)

async function table(path: string): Promise<void> {
  const packages = new Map<string, { stream: string; result: Agreement }[]>()
  for (const stream of streamsOf(path)) {
    const name = stream.split('/', 1)[0]!
    const result = await agreement(stream, samplesOf(stream, path))
    packages.set(name, [...(packages.get(name) ?? []), { stream, result }])
  }
  print('package / stream', 'events', 'parsed', '', 'values', 'agreed', '')
  for (const [name, streams] of packages) {
    row(name, sum(streams.map(({ result }) => result)))
    if (streams.length === 1 && !NAMED_BY_SOURCE.has(streams[0]!.stream)) continue
    for (const { stream, result } of streams) row(`  ${stream.slice(name.length + 1)}${mark(stream)}`, result)
  }
  const total = sum([...packages.values()].flat().map(({ result }) => result))
  row('total', total)
  keptOf(packages, total)
}

function mark(stream: string): string {
  const named = NAMED_BY_SOURCE.get(stream)
  return named === undefined ? '' : ` (as stream ${named})`
}

function keptOf(packages: ReadonlyMap<string, { stream: string; result: Agreement }[]>, total: Agreement): void {
  const all = [...packages.values()].flat()
  const rows = KEPT.map((kept) => ({
    ...kept,
    count: all
      .filter(({ stream }) => `${stream}/`.startsWith(`${kept.stream}/`))
      .flatMap(({ result }) => result.differences)
      .filter((difference) => kept.fields.includes(difference.field) && (kept.only?.(difference) ?? true)).length,
  }))
  const count = rows.reduce((n, each) => n + each.count, 0)
  process.stdout.write(
    `\nkept on purpose, and counted above as not agreeing: ${count} (${share(count, total.compared)})\n`,
  )
  for (const { stream, fields, reason, count: own } of rows) {
    process.stdout.write(`${String(own).padStart(6)}  ${stream}: ${fields.join(', ')}: ${reason}\n`)
  }
}

async function listDifferences(path: string, name: string): Promise<void> {
  const kinds = new Map<string, { difference: Difference; count: number }>()
  for (const stream of streamsOf(path).filter((each) => `${each}/`.startsWith(`${name}/`))) {
    const { differences } = await agreement(stream, samplesOf(stream, path))
    for (const difference of differences) {
      const key = JSON.stringify([difference.field, difference.theirs, difference.ours])
      const kind = kinds.get(key)
      if (kind === undefined) kinds.set(key, { difference, count: 1 })
      else kind.count++
    }
  }
  const all = [...kinds.values()]
  const ofField = new Map<string, number>()
  for (const { difference, count } of all) ofField.set(difference.field, (ofField.get(difference.field) ?? 0) + count)
  for (const [field, count] of [...ofField].sort(([, a], [, b]) => b - a)) {
    process.stdout.write(`${String(count).padStart(6)}  ${field}\n`)
  }
  process.stdout.write('\n')
  for (const { difference, count } of all.sort((a, b) => b.count - a.count).slice(0, LISTED_MAX)) {
    const [theirs, ours] = [difference.theirs.slice(0, 160), difference.ours.slice(0, 160)]
    process.stdout.write(
      `${String(count).padStart(6)}  ${difference.field}: expected ${theirs}, ours ${ours || '(absent)'}\n`,
    )
  }
}

function sum(results: readonly Agreement[]): Agreement {
  const total: Agreement = { events: 0, parsed: 0, compared: 0, agreed: 0, differences: [] }
  for (const { events, parsed, compared, agreed } of results) {
    total.events += events
    total.parsed += parsed
    total.compared += compared
    total.agreed += agreed
  }
  return total
}

function row(name: string, { events, parsed, compared, agreed }: Agreement): void {
  print(name, events, parsed, share(parsed, events), compared, agreed, share(agreed, compared))
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`
}

function print(name: string, ...cells: (string | number)[]): void {
  process.stdout.write(`${name.padEnd(44)}${cells.map((cell) => String(cell).padStart(9)).join('')}\n`)
}
