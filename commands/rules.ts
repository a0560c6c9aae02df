import { existsSync, readFileSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import { loadRules } from '../detection/engine.ts'
import type { RuleFile, RuleProblem } from '../detection/types.ts'
import { findYaml, runRuleTests } from '../rule-tests.ts'
import type { Command } from '../soc.ts'

const USAGE = `soc rules test [PATH…]           runs the tests beside the rules, or those of the rules and folders named
soc rules check PATH… [--json]   loads rules and says what is wrong with them, file:line:column
`

async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  })
  const [verb, ...paths] = positionals
  const { rulesFolder } = loadConfig()
  const missing = paths.find((path) => !existsSync(path))
  if (missing !== undefined) {
    process.stderr.write(`${missing} is not there\n`)
    return 2
  }
  if (verb === 'test') return test(rulesFolder, paths)
  if (verb === 'check' && paths.length > 0) return check(rulesFolder, paths, values.json === true)
  process.stderr.write(USAGE)
  return 2
}

async function test(rulesFolder: string, paths: string[]): Promise<number> {
  const outside = paths.find((path) => below(rulesFolder, path) === undefined)
  if (outside !== undefined) {
    process.stderr.write(`${outside} is not below the rules folder ${rulesFolder}\n`)
    return 2
  }
  const only = paths.map((path) => below(rulesFolder, path)!)
  const results = await runRuleTests(rulesFolder, paths.length === 0 ? undefined : only)
  const failed = results.filter(({ passed }) => !passed)
  for (const { path, line, case: name, detail } of failed) {
    process.stdout.write(`${shown(rulesFolder, path)}:${line}: ${name}: ${detail}\n`)
  }
  const passed = results.length - failed.length
  process.stdout.write(`${passed} đạt, ${failed.length} không đạt · ${passed} passed, ${failed.length} failed\n`)
  if (results.length === 0) process.stderr.write('không có bài kiểm thử nào · there is no test\n')
  return failed.length > 0 || results.length === 0 ? 1 : 0
}

async function check(rulesFolder: string, paths: string[], asJson: boolean): Promise<number> {
  const { files, asked } = gather(rulesFolder, paths)
  const { rules, problems } = await loadRules(files)
  const own = problems.filter(({ path }) => asked.has(path))
  const errors = own.filter(({ severity }) => severity === 'error')
  const report = {
    loaded: rules.filter(({ path }) => asked.has(path)).length,
    failed: errors.length,
    warnings: own.length - errors.length,
    problems: own.map((problem): RuleProblem => Object.assign({}, problem, { path: shown(rulesFolder, problem.path) })),
  }
  if (asJson) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else {
    for (const { path, line, column, severity, code, message } of report.problems) {
      process.stdout.write(`${path}:${line}:${column}: ${severity} ${code}: ${message}\n`)
    }
    const { loaded, failed, warnings } = report
    process.stdout.write(
      `${loaded} nạp được, ${failed} lỗi, ${warnings} cảnh báo · ${loaded} loaded, ${failed} failed, ${warnings} warnings\n`,
    )
  }
  return errors.length > 0 ? 1 : 0
}

/**
 * The files to load so that those named can be judged: with the pipelines and log sources of the rules folder; and with its
 * rules where some of them are named, since they may refer to each other.
 */
function gather(rulesFolder: string, paths: string[]): { files: RuleFile[]; asked: Set<string> } {
  const asked = new Set(
    paths.flatMap((path) => {
      const names = statSync(path).isDirectory() ? findYaml(path).map((name) => resolve(path, name)) : [resolve(path)]
      return names.filter((name) => !/\.test\.ya?ml$/.test(name)).map((name) => below(rulesFolder, name) ?? name)
    }),
  )
  const inside = [...asked].some((path) => below(rulesFolder, resolve(rulesFolder, path)) !== undefined)
  const context = findYaml(rulesFolder).filter(
    (path) => inside || path.startsWith('pipelines/') || path === 'logsources.yml',
  )
  const files = [...new Set([...asked, ...context])].map((path) => ({
    path,
    text: readFileSync(resolve(rulesFolder, path), 'utf8'),
  }))
  return { files, asked }
}

/** The path below the rules folder, with `/`; undefined where it lies elsewhere. */
function below(rulesFolder: string, path: string): string | undefined {
  const name = relative(rulesFolder, resolve(path))
  return name === '..' || name.startsWith(`..${sep}`) || resolve(name) === name ? undefined : name.split(sep).join('/')
}

/** As a person types it, from where they stand. */
function shown(rulesFolder: string, path: string): string {
  return relative(process.cwd(), resolve(rulesFolder, path))
}

export default {
  summary: 'kiểm tra và kiểm thử luật phát hiện · checks and tests detection rules: check, test',
  run,
} satisfies Command
