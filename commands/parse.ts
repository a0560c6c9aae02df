import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readUserParsers } from '../pipeline/bundle.ts'
import { loadEnricher } from '../collector/enrich.ts'
import { loadNormaliser, type Normalised } from '../collector/normalise.ts'
import { loadUserParsers, type UserParser } from '../collector/user-parser.ts'
import { loadConfig, type Config } from '../config.ts'
import type { EcsEvent } from '../model/event.ts'
import type { Origin, SpoolRecord } from '../model/record.ts'
import { parseRegistry, readingOf } from '../model/registry.ts'
import type { Command } from '../soc.ts'
import { readLines } from './detect/lines.ts'

const usage = `soc parse [--parser NAME|auto] [--source KEY|STREAM[@ADDRESS]] [--received TIME] FILE|-
soc parse --check [FOLDER]     thử bộ phân tích riêng của nơi này trên mẫu đi kèm · tries the place's own parsers on the samples that stand in them

In ra sự kiện của mỗi dòng, phẳng, mỗi sự kiện một dòng; dòng nào không thành sự kiện thì ra đầu lỗi chuẩn, kèm lý do.
Prints the event of each line, flat, one a line; a line that is none is told on the standard error, with the reason.
`

interface Options {
  parser: string
  source: string
  received: string
}

async function run(argv: string[]): Promise<number | null> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      parser: { type: 'string', default: 'auto' },
      source: { type: 'string', default: '' },
      received: { type: 'string', default: '' },
      check: { type: 'boolean', default: false },
    },
  })
  const [file, ...more] = positionals
  const config = loadConfig()
  if (values.check && more.length === 0) return check(file ?? config.parsersFolder, config)
  if (file === undefined || more.length > 0) {
    return null
  }
  if (file !== '-' && statSync(file, { throwIfNoEntry: false })?.isDirectory() !== false) {
    process.stderr.write(`${file} is no file\n`)
    return 2
  }
  return parse(file, values, config)
}

async function parse(file: string, options: Options, config: Config): Promise<number> {
  const receivedAtMs = options.received === '' ? Date.now() : Date.parse(options.received)
  if (Number.isNaN(receivedAtMs)) {
    process.stderr.write(`--received ${options.received}: no time such as 2026-05-12T03:30:00Z\n`)
    return 2
  }
  const own = loadUserParsers(readUserParsers(config.parsersFolder))
  const normalise = await load(config, own, options.parser)
  const origin = originOf(options.source)
  const lines: string[] = []
  let unread = 0
  for await (const lot of readLines(file)) {
    for (const { position, bytes } of lot) {
      if (bytes === undefined || bytes.length === 0) continue
      const result = normalise({ seq: position + 1, receivedAtMs, origin, bytes })
      if (result.kind === 'event') lines.push(`${JSON.stringify(sorted(result.event))}\n`)
      else {
        unread++
        process.stderr.write(`${file}:${position + 1}: ${result.letter.code}: ${printable(result.letter.reason)}\n`)
      }
    }
    if (lines.length > 0 && !process.stdout.write(lines.splice(0).join('')))
      await new Promise((resolve) => process.stdout.once('drain', resolve))
  }
  return unread > 0 ? 1 : 0
}

/** A source as `soc.source` names it (`syslog-tcp/10.1.2.3/his`), or a stream and perhaps an address (`his@10.1.2.3`). */
function originOf(source: string): Origin {
  const [input = '', address = '', ...rest] = source.split('/')
  if (address !== '') return { input, address, ...(rest.length > 0 && { stream: rest.join('/') }) }
  const [stream = '', from = ''] = source.split('@', 2)
  return { input: 'file', address: from, ...(stream !== '' && { stream }) }
}

async function load(
  config: Config,
  userParsers: readonly UserParser[],
  parser: string,
): Promise<(record: SpoolRecord) => Normalised> {
  const registry = parseRegistry(readFileSync(config.registry, 'utf8'), config.registry)
  return loadNormaliser({
    spoolId: 'line',
    timeZone: config.timeZone,
    enrich: await loadEnricher({ registry }),
    reading: ({ origin, receivedAtMs }) => readingOf(registry, origin, receivedAtMs),
    userParsers,
    ...(parser !== 'auto' && { only: parser }),
  })
}

/** Every sample of every file, through that parser alone. */
async function check(folder: string, config: Config): Promise<number> {
  const own = loadUserParsers(readUserParsers(folder))
  let failed = 0
  let tried = 0
  for (const parser of own) {
    const normalise = await load(config, own, parser.name)
    for (const [i, { line, expect }] of parser.samples.entries()) {
      tried++
      const origin: Origin = {
        input: 'file',
        address: '',
        ...(parser.stream !== undefined && { stream: parser.stream }),
      }
      const result = normalise({ seq: i + 1, receivedAtMs: Date.now(), origin, bytes: Buffer.from(line) })
      const faults =
        result.kind === 'event' ? faultsOf(result.event, expect) : [`${result.letter.code}: ${result.letter.reason}`]
      if (faults.length > 0) failed++
      for (const fault of faults) process.stdout.write(`${parser.name}, sample ${i + 1}: ${printable(fault)}\n`)
    }
  }
  process.stdout.write(
    `${tried} dòng mẫu: ${failed} sai, trong ${own.length} bộ phân tích · ${tried} samples: ${failed} wrong, of ${own.length} parsers\n`,
  )
  return failed > 0 || own.length === 0 ? 1 : 0
}

function faultsOf(event: EcsEvent, expected: { readonly [field: string]: unknown }): string[] {
  return Object.entries(expected).flatMap(([field, wanted]) => {
    const [is, should] = [JSON.stringify(event[field] ?? null), JSON.stringify(wanted)]
    return is === should ? [] : [`${field} is ${is}, not ${should}`]
  })
}

function sorted(event: EcsEvent): { [field: string]: unknown } {
  return Object.fromEntries(Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Log text on a terminal: no control characters. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD')
}

export default {
  summary: 'dòng nhật ký thành sự kiện · log lines as the events that they become',
  usage,
  run,
} satisfies Command
