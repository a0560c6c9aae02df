import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { withLocalApi } from '../product/local-access.ts'
import type { Command } from '../soc.ts'
import { parseQuery } from '../store/query/parse.ts'

const usage = `soc search 'QUERY' [--since 24h] [--until TIME] [--limit 100] [--json | --table]

  soc search 'user.name:(root or admin*) "Failed password"' --since 7d
  soc search 'event.outcome:failure | count by source.ip | top 20'
`

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const PAGE = 200
const NORMAL = 100
/** Fields of a table of events where the search names none. */
const COLUMNS = ['@timestamp', 'soc.agency', 'host.name', 'user.name', 'source.ip', 'message']
const CELL_CHARS_MAX = 100

type Row = Record<string, unknown>
interface Counted {
  kind: 'count' | 'histogram'
  by: string[]
  groups?: { values: string[]; count: number }[]
  buckets?: { from: string; count: number; groups?: { values: string[]; count: number }[] }[]
}

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      since: { type: 'string', default: '24h' },
      until: { type: 'string' },
      limit: { type: 'string', default: String(NORMAL) },
      json: { type: 'boolean', default: false },
      table: { type: 'boolean', default: false },
    },
  })
  const [q, extra] = positionals
  const to = values.until === undefined ? Date.now() : Date.parse(values.until)
  const from = sinceMs(values.since, to)
  const limit = Number(values.limit)
  if (q === undefined || extra !== undefined || !(from < to) || !Number.isInteger(limit) || limit < 1) {
    return null
  }
  const parsed = parseQuery(q)
  if ('error' in parsed) {
    const { position, end, message, code } = parsed.error
    process.stderr.write(
      `${q}\n${' '.repeat(position)}${'^'.repeat(Math.max(1, end - position))} ${code}: ${message}\n`,
    )
    return 2
  }
  const { output } = parsed.query
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const config = loadConfig()
  return withLocalApi(config, async (api) => {
    const ask = <T>(path: string, query: Record<string, string>): Promise<T> =>
      api<T>('GET', `/events/${path}?${new URLSearchParams({ ...range, ...query })}`)
    if (output.kind !== 'events') {
      const counted = await ask<Counted>('aggregate', { q })
      const { columns, rows } = tableOf(counted)
      print(values.json ? rows.map(toJson) : table(columns, rows))
      return 0
    }
    const rows: Row[] = []
    for (let cursor = ''; rows.length < limit;) {
      const size = String(Math.min(PAGE, limit - rows.length))
      // A cursor belongs to its list and filters, not to the size of a page.
      const query = { q, limit: size, ...(cursor && { cursor }) }
      const page = await ask<{ items: Row[]; next?: string }>('search', query)
      rows.push(...page.items)
      if (page.next === undefined) break
      cursor = page.next
    }
    const asTable = values.table || (!values.json && process.stdout.isTTY)
    print(asTable ? table(output.fields ?? COLUMNS, rows) : rows.map(toJson))
    return 0
  })
}

/** `90m`, `24h` or `7d` before `toMs`, or a time; NaN where it is none. */
function sinceMs(text: string, toMs: number): number {
  const [, number, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  return number === undefined ? Date.parse(text) : toMs - Number(number) * UNITS_MS[unit]!
}

function tableOf({ kind, by, groups = [], buckets = [] }: Counted): { columns: string[]; rows: Row[] } {
  const row = (values: string[], count: number): Row => ({
    ...Object.fromEntries(by.map((name, i) => [name, values[i]])),
    count,
  })
  if (kind === 'count')
    return { columns: [...by, 'count'], rows: groups.map(({ values, count }) => row(values, count)) }
  const rows = buckets.flatMap(({ from, count, groups: inside }) =>
    by.length === 0 ? [{ from, count }] : (inside ?? []).map((group) => ({ from, ...row(group.values, group.count) })),
  )
  return { columns: ['from', ...by, 'count'], rows }
}

function toJson(row: Row): string {
  return JSON.stringify(row)
}

/** Columns as wide as their widest cell. */
function table(columns: readonly string[], rows: readonly Row[]): string[] {
  const cells = [columns.map(String), ...rows.map((row) => columns.map((name) => shown(row[name])))]
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)))
  return cells.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}

/** Log text must not steer the terminal that shows it. */
function shown(value: unknown): string {
  const text = value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  return text.slice(0, CELL_CHARS_MAX).replace(/[\p{Cc}\p{Cf}]/gu, '·')
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

export default {
  summary: 'tìm sự kiện, hoặc đếm chúng · searches events, or counts them',
  usage,
  run,
} satisfies Command
