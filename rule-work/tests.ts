import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { LineCounter, parseDocument } from 'yaml'
import { loadEnricher } from '../collector/enrich.ts'
import { loadNormaliser, type Normalised } from '../collector/normalise.ts'
import { Engine, loadRules } from '../detection/engine.ts'
import type { LoadedRule, RuleProblem } from '../detection/types.ts'
import type { EcsEvent } from '../model/event.ts'
import { HEALTH_INPUT } from '../model/health.ts'
import type { Origin, SpoolRecord } from '../model/record.ts'
import { parseRegistry } from '../model/registry.ts'
import { ROOT } from '../model/root.ts'
import { findYaml } from '../rule-life/folder.ts'

/** The province in which tests take place, below the rules folder. */
const REGISTRY = 'registry.test.yml'
const TIME_ZONE = 'Asia/Ho_Chi_Minh'
const RECEIVED_AT = '2026-11-20T10:00:00+07:00'
const LATENESS_MS = 300_000
const REPEATS_MAX = 1_000
/** What stands for the value of a case that is written once for several. */
const VALUE = '{value}'

const strict = { additionalProperties: false }
const Line = Type.Union([
  Type.String(),
  Type.Object({ times: Type.Integer({ minimum: 1, maximum: REPEATS_MAX }), line: Type.String() }, strict),
])
const Case = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    input: Type.Optional(
      Type.Union(
        ['syslog-tcp', 'syslog-udp', 'syslog-tls', 'http-ndjson', HEALTH_INPUT].map((name) => Type.Literal(name)),
      ),
    ),
    address: Type.Optional(Type.String()),
    agency: Type.Optional(Type.String()),
    stream: Type.Optional(Type.String()),
    receivedAt: Type.Optional(Type.String()),
    values: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        uniqueItems: true,
        description: 'One case for each: it stands for {value} in the lines and in the name.',
      }),
    ),
    lines: Type.Array(Line, { minItems: 1 }),
    expect: Type.Optional(Type.Array(Type.String())),
  },
  strict,
)
const File = Type.Object({ cases: Type.Array(Case, { minItems: 1 }) }, strict)

/** For editors. */
export const RULE_TEST_SCHEMA = File

export interface RuleTestResult {
  case: string
  /** Path of the rule file that the test stands beside, below the rules folder. */
  rule: string
  /** Path of the test file, and the 1-based line of the case. */
  path: string
  line: number
  passed: boolean
  /** What was missing or too much; empty where it passed. */
  detail: string
  /** Ids of the rules that alerted. */
  alerted: string[]
}

interface TestCase {
  content: Static<typeof Case>
  atLine: number
}

/**
 * Runs every case of every `*.test.yml` below `rulesFolder` through the product's own normaliser, enrichment and engine, and
 * says what came of it. A file that cannot be read is a failed case.
 *
 * A case expects exactly the rules it names: of its own pack (first folder) where it names any, of all rules that have a test
 * where it names none. So a line that is written as ordinary traffic keeps every rule quiet.
 * @param only paths below the rules folder, of rules, tests or folders; all where absent
 */
export async function runRuleTests(rulesFolder: string, only?: readonly string[]): Promise<RuleTestResult[]> {
  const files = findYaml(rulesFolder)
  const wanted = (path: string): boolean =>
    only === undefined ||
    only.some((name) => name === '' || path === name || path === testOf(name) || path.startsWith(`${name}/`))
  const tests = files.filter((path) => path.endsWith('.test.yml') && path !== REGISTRY && wanted(path))
  const tested = new Set(files.filter((path) => path.endsWith('.test.yml')).map(ruleOf))
  const ruleSet = await loadRules(
    files
      .filter((path) => !path.endsWith('.test.yml'))
      .map((path) => ({ path, text: readFileSync(join(rulesFolder, path), 'utf8') })),
  )
  const normalise = await loadTestNormaliser(rulesFolder)
  const engine = new Engine(ruleSet, { latenessMs: LATENESS_MS })
  const blank = engine.checkpoint()
  return tests.flatMap((path) => {
    const read = readCases(path, readFileSync(join(rulesFolder, path), 'utf8'))
    if ('detail' in read) return [{ ...read, case: '', rule: ruleOf(path), path, passed: false, alerted: [] }]
    return read.cases.map(({ content, atLine }): RuleTestResult => {
      engine.restore(blank)
      const { faults, alerted } = runCase(content, { path, rules: ruleSet.rules, engine, normalise, tested })
      const passed = faults.length === 0
      return { case: content.name, rule: ruleOf(path), path, line: atLine, passed, detail: faults.join('; '), alerted }
    })
  })
}

/** What keeps a file of tests from being read; null: nothing does. */
export function testProblem(path: string, text: string): RuleProblem[] | null {
  const read = readCases(path, text)
  if ('cases' in read) return null
  return [{ path, line: read.line, column: 1, severity: 'error', code: 'bad_test', message: read.detail }]
}

/** A case as the engine meets it. */
export interface LoadedCase {
  /** Path of the rule file that it stands beside. */
  rule: string
  name: string
  /** Titles or ids. */
  expect: readonly string[]
  events: EcsEvent[]
}

/** Every case beside the rules whose file can be read, its lines parsed; lines that are dead letters are left out. */
export async function loadCases(rulesFolder: string): Promise<LoadedCase[]> {
  const normalise = await loadTestNormaliser(rulesFolder)
  return casesBelow(rulesFolder).map(({ rule, content }) => {
    const results = [...recordsOf(content)].map(normalise)
    const events = results.flatMap((result) => (result.kind === 'event' ? result.event : []))
    return { rule, name: content.name, expect: content.expect ?? [], events }
  })
}

/** For each rule, how many cases beside the rules expect it to alert, and how many beside its own file do not. */
export function countCases(
  rulesFolder: string,
  rules: readonly LoadedRule[],
): Map<string, { positive: number; negative: number }> {
  const counts = new Map(rules.map(({ id }) => [id, { positive: 0, negative: 0 }]))
  for (const { rule: path, content } of casesBelow(rulesFolder)) {
    const expected = new Set(content.expect)
    for (const { id, title, path: own } of rules) {
      const count = counts.get(id)!
      if (expected.has(id) || expected.has(title)) count.positive++
      else if (own === path) count.negative++
    }
  }
  return counts
}

function casesBelow(rulesFolder: string): { rule: string; content: Static<typeof Case> }[] {
  return findYaml(rulesFolder)
    .filter((path) => path.endsWith('.test.yml') && path !== REGISTRY)
    .flatMap((path) => {
      const read = readCases(path, readFileSync(join(rulesFolder, path), 'utf8'))
      return 'cases' in read ? read.cases.map(({ content }) => ({ rule: ruleOf(path), content })) : []
    })
}

/** `linux/x.test.yml` stands beside `linux/x.yml`. */
function ruleOf(test: string): string {
  return test.replace(/\.test\.yml$/, '.yml')
}

function testOf(rule: string): string {
  return rule.replace(/(?<!\.test)\.ya?ml$/, '.test.yml')
}

/** In the province of `registry.test.yml` where the rules bring one, else in the example that is shipped. */
async function loadTestNormaliser(rulesFolder: string): Promise<(record: SpoolRecord) => Normalised> {
  const own = join(rulesFolder, REGISTRY)
  const path = existsSync(own) ? own : join(ROOT, 'registry', 'hai-duong.yml')
  const enrich = await loadEnricher({ registry: parseRegistry(readFileSync(path, 'utf8'), path) })
  return loadNormaliser({ spoolId: 'test', timeZone: TIME_ZONE, enrich })
}

function readCases(path: string, text: string): { cases: TestCase[] } | { line: number; detail: string } {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const lineOf = (at: readonly (string | number)[]): number => {
    const node = document.getIn(at, true) as { range?: [number] | null } | undefined
    return counter.linePos(node?.range?.[0] ?? 0).line || 1
  }
  const [broken] = document.errors
  if (broken) return { line: counter.linePos(broken.pos[0]).line, detail: broken.message }
  let file: unknown
  try {
    file = document.toJS()
  } catch (error) {
    return { line: 1, detail: (error as Error).message } // an alias that names nothing
  }
  const [wrong] = Value.Errors(File, file)
  if (wrong) {
    const at = wrong.instancePath.split('/').slice(1)
    return { line: lineOf(at), detail: `${path}: ${wrong.instancePath || '/'} ${wrong.message}` }
  }
  const { cases } = file as Static<typeof File>
  const late = cases.findIndex(({ receivedAt = RECEIVED_AT }) => Number.isNaN(Date.parse(receivedAt)))
  if (late >= 0) return { line: lineOf(['cases', late, 'receivedAt']), detail: 'receivedAt is no time' }
  const idle = cases.findIndex(({ values, lines }) => values && !lines.some((line) => textOf(line).includes(VALUE)))
  if (idle >= 0) return { line: lineOf(['cases', idle, 'values']), detail: `no line of the case holds ${VALUE}` }
  return {
    cases: cases.flatMap((content, index) =>
      eachValue(content).map((one) => ({ content: one, atLine: lineOf(['cases', index]) })),
    ),
  }
}

const textOf = (line: Static<typeof Line>): string => (typeof line === 'string' ? line : line.line)

/** One case for each of its values, which the name tells; a case without is left as it is, braces and all. */
function eachValue({ values, ...one }: Static<typeof Case>): Static<typeof Case>[] {
  if (values === undefined) return [one]
  const name = one.name.includes(VALUE) ? one.name : `${one.name}: ${VALUE}`
  return values.map((value) => {
    const filled = (text: string): string => text.replaceAll(VALUE, () => value)
    const lines = one.lines.map((line) =>
      typeof line === 'string' ? filled(line) : { ...line, line: filled(line.line) },
    )
    return { ...one, name: filled(name), lines }
  })
}

interface Setting {
  path: string
  rules: readonly LoadedRule[]
  engine: Engine
  normalise: (record: SpoolRecord) => Normalised
  /** Rule files with a test beside them. */
  tested: ReadonlySet<string>
}

function runCase(
  one: Static<typeof Case>,
  { path, rules, engine, normalise, tested }: Setting,
): { faults: string[]; alerted: string[] } {
  const alerted = new Set<string>()
  const faults: string[] = []
  for (const record of recordsOf(one)) {
    const result = normalise(record)
    if (result.kind === 'dead') faults.push(`record ${record.seq} is a dead letter: ${result.letter.reason}`)
    else for (const { rule } of engine.process(result.event)) alerted.add(rule.id)
  }
  const byName = new Map(rules.flatMap((rule) => [[rule.id, rule] as const, [rule.title, rule] as const]))
  const expected = new Set<LoadedRule>()
  for (const name of one.expect ?? []) {
    const rule = byName.get(name)
    if (rule === undefined) faults.push(`no rule that loaded is called '${name}'`)
    else expected.add(rule)
  }
  for (const { id, title } of expected) if (!alerted.has(id)) faults.push(`expected: ${title}`)
  const pack = path.slice(0, path.indexOf('/') + 1)
  for (const rule of rules) {
    const counts = expected.size === 0 ? tested.has(rule.path) : rule.path.startsWith(pack)
    if (alerted.has(rule.id) && !expected.has(rule) && counts) faults.push(`unexpected: ${rule.title}`)
  }
  return { faults, alerted: [...alerted] }
}

/** The lines of a case as spool records, all received at once; `{n}` and `{nn}` in a repeated line count from 0. */
function* recordsOf(one: Static<typeof Case>): Generator<SpoolRecord> {
  const { input = 'syslog-tcp', address = '127.0.0.1', agency, stream, receivedAt = RECEIVED_AT } = one
  const origin: Origin = {
    input,
    address,
    ...(agency !== undefined && { agency }),
    ...(stream !== undefined && { stream }),
  }
  const receivedAtMs = Date.parse(receivedAt)
  let seq = 0
  for (const line of one.lines) {
    const text = textOf(line)
    const times = typeof line === 'string' ? 1 : line.times
    for (let n = 0; n < times; n++) {
      const filled =
        times === 1 ? text : text.replaceAll('{nn}', String(n).padStart(2, '0')).replaceAll('{n}', String(n))
      yield { seq: ++seq, receivedAtMs, origin, bytes: Buffer.from(filled) }
    }
  }
}
