import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ROOT } from '../../model/root.ts'

const COLLECTOR = join(ROOT, 'collector')
const IMPORT = /^(?:import|export)\s+(?!type\b)[^'"]*from '(\.[^']+)'/gm
/** A name of ECS or of ours in a literal, and one that is put together: what is put in becomes a star. */
const NAME = /'([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_@]+)+)'/g
const TEMPLATE = /`([^`\n]*\$\{[^`\n]*)`/g
const DATASET = /(?:'event\.dataset'\] =|^  envelope:) ([^\n]*)/gm
const NAMED_BY_CHANNEL = "datasetOf(text(event['winlog.channel'])"
const NO_FIELD = /\.(?:ts|js|json|mmdb|yml)$/
const WIDTH = 116

/** A parser and all it is made of. */
function closureOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(IMPORT)) closureOf(resolve(dirname(file), path!), seen)
  return seen
}

function namesIn(files: Iterable<string>): Set<string> {
  const texts = [...files].map((file) => readFileSync(file, 'utf8'))
  return new Set(
    texts.flatMap((text) => [
      ...[...text.matchAll(NAME)].map(([, name]) => name!).filter((name) => !NO_FIELD.test(name)),
      ...[...text.matchAll(TEMPLATE)]
        .map(([, template]) => template!.replace(/\$\{[^}]*\}/g, '*'))
        .filter((name) => /^(?:\*|[a-z][a-z0-9_]*)(?:\.(?:\*|[A-Za-z0-9_]+))+$/.test(name) && /[a-z]{2}/.test(name)),
    ]),
  )
}

function datasetsIn(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  if (text.includes(NAMED_BY_CHANNEL)) return ['windows.*']
  return [...text.matchAll(DATASET)].flatMap(([, right]) => [
    ...[...right!.matchAll(/'([a-z0-9_]+\.[a-z0-9_]+)'/g)].map(([, name]) => name!),
    ...[...right!.matchAll(/`([a-z0-9_]+\.)\$\{/g)].map(([, name]) => `${name}*`),
  ])
}

/** The text of `detection/fields/parsers.ts`, read off the sources of the parsers. */
export function parserFields(): string {
  const common = namesIn([
    ...closureOf(join(COLLECTOR, 'enrich.ts')),
    join(COLLECTOR, 'normalise.ts'),
    join(COLLECTOR, 'flow.ts'),
    join(COLLECTOR, 'parsers/syslog-rfc3164.ts'), // headers, whatever stands behind them
    join(COLLECTOR, 'parsers/syslog-rfc5424.ts'),
    join(COLLECTOR, 'syslog-header.ts'),
  ])
  const rows = new Map<string, Set<string>>()
  const parsers = readdirSync(join(COLLECTOR, 'parsers')).map((name) => join(COLLECTOR, 'parsers', name))
  for (const path of [...parsers.sort(), join(COLLECTOR, 'health/statement.ts')]) {
    const files = [...closureOf(path)]
    const own = datasetsIn(files[0]!)
    const datasets = own.length > 0 ? own : files.flatMap(datasetsIn)
    for (const dataset of datasets) rows.set(dataset, new Set([...(rows.get(dataset) ?? []), ...namesIn(files)]))
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([dataset, names]) => row(dataset, [...names].filter((name) => !common.has(name)).sort()))
  return `/**
 * Fields that the parsers can set, by data set; \`*\` stands for names that come from the record. Read off the sources of the
 * parsers by \`test/detection/fields.test.ts\`, which fails where they differ and writes this file anew with \`-u\`.
 */
export const PARSER_FIELDS = \`
${row('*', [...common].sort())}
${lines.join('\n')}
\`
`
}

function row(dataset: string, names: readonly string[]): string {
  const lines = [`${dataset}:`]
  for (const name of names) {
    const line = `${lines.at(-1)} ${name}`
    if (line.length <= WIDTH) lines[lines.length - 1] = line
    else lines.push(`  ${name}`)
  }
  return lines.join('\n')
}
