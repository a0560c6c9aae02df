import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { identify } from '../collector/event-line.ts'
import { loadFormats, type ReadLine } from '../collector/format.ts'
import { loadConfig, type Config } from '../config.ts'
import { Detector } from '../detection/detector.ts'
import type { RuleSet } from '../detection/engine.ts'
import { markUnstated } from '../detection/sigma-names.ts'
import type { Alert } from '../model/alert.ts'
import type { EcsEvent } from '../model/event.ts'
import { parseRegistry } from '../model/registry.ts'
import type { Command } from '../soc.ts'
import { LINE_BYTES_MAX, readLines, type Line } from './detect/lines.ts'
import { Output } from './detect/output.ts'
import { loadWanted, namesShipped, UsageError } from './detect/rules.ts'

const usage = `soc detect --rules PATH… [--pipeline NAME|FILE|none] [--format ecs|sigma|evtx-json|raw] [--correlate] [--explain] FILE|-

Luật nào khớp dòng nào của một tệp (- là đầu vào chuẩn; .gz được giải nén): mỗi sự kiện có khớp là một dòng JSON.
Says which rules match which lines of a file (- is the standard input; .gz is unpacked): one line of JSON per event with a match.
`

const TOO_LONG = `oversized: more than ${LINE_BYTES_MAX} bytes`

interface Options {
  rules: string[]
  pipelines: string[] | undefined
  format: string
  correlate: boolean
  explain: boolean
  file: string
}

/** `--rules` takes every path up to the next option; the file is what stands elsewhere, or last. */
function readOptions(argv: string[]): Options | undefined {
  const { values, tokens } = parseArgs({
    args: argv,
    allowPositionals: true,
    tokens: true,
    options: {
      rules: { type: 'string', multiple: true },
      pipeline: { type: 'string', multiple: true },
      format: { type: 'string', default: 'ecs' },
      correlate: { type: 'boolean', default: false },
      explain: { type: 'boolean', default: false },
    },
  })
  const rules: string[] = []
  const others: string[] = []
  let option = ''
  for (const token of tokens) {
    if (token.kind === 'option-terminator') option = ''
    else if (token.kind === 'option') {
      option = token.name
      if (option === 'rules') rules.push(token.value ?? '')
    } else if (option === 'rules') rules.push(token.value)
    else others.push(token.value)
  }
  const file = others.length === 0 && rules.length > 1 ? rules.pop() : others.pop()
  if (file === undefined || others.length > 0 || rules.length === 0) return undefined
  const { pipeline, format, correlate, explain } = values
  return { rules, pipelines: pipeline, format, correlate, explain, file }
}

async function run(argv: string[]): Promise<number | null> {
  const options = readOptions(argv)
  if (options === undefined) {
    return null
  }
  try {
    return await detect(options, loadConfig())
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

async function detect(options: Options, config: Config): Promise<number> {
  const { file, correlate, explain } = options
  const { ruleSet, read } = await prepare(options, config)
  const broken = ruleSet.problems.filter(({ severity }) => severity === 'error')
  for (const { path, line, column, code, message } of broken) {
    process.stderr.write(`${path}:${line}:${column}: error ${code}: ${message}\n`)
  }
  const detector = new Detector(ruleSet, { latenessMs: config.detection.latenessMs })
  const output = new Output(process.stdout)
  const tally = { events: 0, matched: 0, unread: 0 }
  let newestMs = 0
  /** Writes what there is to say of a line; runs per event, and waits for nothing. */
  const judge = ({ position, bytes }: Line): void => {
    if (bytes !== undefined && isBlank(bytes)) return
    const event = bytes === undefined ? TOO_LONG : read(bytes, position)
    if (typeof event === 'string') {
      tally.unread++
      process.stderr.write(`${file}:${position + 1}: ${printable(event)}\n`)
      return
    }
    tally.events++
    const count = detector.match(event)
    if (count > 0) tally.matched++
    else if (!correlate) return
    if (correlate || explain) newestMs = Math.max(newestMs, identify(event, { line: bytes!, position, newestMs }))
    if (count > 0) output.write(matchLine(detector, event, position, explain))
    if (correlate) for (const alert of detector.correlate(event)) output.write(alertLine(alert, position, explain))
  }

  let failure: string | undefined
  try {
    for await (const lines of readLines(file)) {
      for (const line of lines) {
        judge(line)
        if (output.isFull && !(await output.flush())) return 0
      }
      if (!(await output.flush())) return 0
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  }
  if (correlate) for (const alert of detector.end()) output.write(alertLine(alert, undefined, explain))
  if (!(await output.flush())) return 0
  if (failure !== undefined) process.stderr.write(`${file}: ${failure}\n`)
  const { events, matched, unread } = tally
  process.stderr.write(
    `${events} sự kiện: ${matched} khớp luật, ${detector.unrouted} không rõ loại nguồn; ${unread} dòng không đọc được, ${broken.length} luật hỏng · ` +
      `${events} events: ${matched} with a match, ${detector.unrouted} of no known log source; ${unread} lines unreadable, ${broken.length} rules broken\n`,
  )
  return failure !== undefined || unread > 0 || broken.length > 0 ? 1 : 0
}

/** The rules, and what makes events of lines, in the same names. */
async function prepare(options: Options, config: Config): Promise<{ ruleSet: RuleSet; read: ReadLine }> {
  const { file } = options
  const formats = await loadFormats()
  const format = formats.get(options.format)
  if (format === undefined)
    throw new UsageError(`no format '${options.format}': one of ${[...formats.keys()].join(', ')}`)
  const info = file === '-' ? undefined : statSync(file, { throwIfNoEntry: false })
  if (file !== '-' && info?.isDirectory() !== false) throw new UsageError(`${file} is no file`)

  const { rulesFolder, timeZone } = config
  const pipelines = options.pipelines ?? (format.names === 'sigma' ? ['none'] : undefined)
  const names = pipelines !== undefined && namesShipped(pipelines, rulesFolder) ? 'ecs' : format.names
  const ruleSet = await loadWanted({ paths: options.rules, pipelines, names, rulesFolder })

  const registry = parseRegistry(readFileSync(config.registry, 'utf8'), config.registry)
  // Of a year that a line leaves out, the file's own time knows more than the clock.
  const receivedAtMs = Math.floor(info?.mtimeMs ?? Date.now())
  const formatOptions = { registry, timeZone, receivedAtMs }
  const read = await format.load(formatOptions)
  if (names === 'sigma') return { ruleSet, read: marked(read) }
  if (format.names === 'ecs') return { ruleSet, read }
  return { ruleSet, read: collected(read, await formats.get('raw')!.load(formatOptions)) }
}

function marked(read: ReadLine): ReadLine {
  return (line, position) => {
    const event = read(line, position)
    if (typeof event !== 'string') markUnstated(event)
    return event
  }
}

/** Events in Sigma's names as the collector would have made them. */
function collected(read: ReadLine, collect: ReadLine): ReadLine {
  return (line, position) => {
    const event = read(line, position)
    return typeof event === 'string' ? event : collect(Buffer.from(JSON.stringify(event)), position)
  }
}

/** What is said of a line may quote it, and log text must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '·')
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false
  return true
}

function matchLine(detector: Detector, event: EcsEvent, position: number, explain: boolean): string {
  const rules = detector.ids()
  return JSON.stringify({ event: position, rules, ...(explain && { proof: detector.proofs(event) }) })
}

/** `event` is the newest that contributed; of an alert that is withdrawn, the one that showed it was wrong. */
function alertLine(alert: Alert, position: number | undefined, explain: boolean): string {
  const { id, version, group, count, evidence } = alert
  const newest = evidence.at(-1)
  return JSON.stringify({
    event: newest === undefined ? (position ?? null) : newest.seq - 1,
    rules: [alert.rule.id],
    alert: {
      id,
      version,
      '@timestamp': alert['@timestamp'],
      group,
      count,
      events: evidence.map(({ seq }) => seq - 1),
      ...(explain && { evidence: evidence.map(({ seq, rule, proof }) => ({ event: seq - 1, rule, proof })) }),
    },
  })
}

export default {
  summary: 'luật nào khớp dòng nào của một tệp · says which rules match which lines of a file',
  usage,
  run,
} satisfies Command
