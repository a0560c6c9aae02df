import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadRules } from '../../detection/engine.ts'
import type { RuleFile, RuleProblem } from '../../detection/types.ts'
import { findYaml } from '../../rule-life/folder.ts'
import { below, oneIsMissing, shown, type RulesVerb } from './verb.ts'

/** A rule that loads and can never fire. */
interface Idle {
  path: string
  rule: string
  title: string
  code: string
  message: string
}

export default {
  usage:
    'soc rules check PATH… [--json]   nạp luật và nói chỗ sai, tệp:dòng:cột · loads rules and says what is wrong with them, file:line:column\n',

  async run(argv, { rulesFolder }) {
    const { values, positionals: paths } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    })
    if (paths.length === 0) return null
    if (oneIsMissing(paths)) return 2
    const { files, asked } = gather(rulesFolder, paths)
    const { rules, problems } = await loadRules(files)
    const own = problems.filter(({ path }) => asked.has(path))
    const errors = own.filter(({ severity }) => severity === 'error')
    const loadedHere = rules.filter(({ path }) => asked.has(path))
    const neverFire = loadedHere.flatMap(({ id, title, path, neverFires }): Idle[] =>
      neverFires === undefined ? [] : [{ path: shown(rulesFolder, path), rule: id, title, ...neverFires }],
    )
    const report = {
      loaded: loadedHere.length,
      disabled: loadedHere.filter((rule) => rule.disabled !== undefined).length,
      failed: errors.length,
      warnings: own.length - errors.length,
      neverFire,
      problems: own.map((problem): RuleProblem =>
        Object.assign({}, problem, { path: shown(rulesFolder, problem.path) }),
      ),
    }
    if (values.json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
    else {
      for (const { path, line, column, severity, code, message } of report.problems) {
        process.stdout.write(`${path}:${line}:${column}: ${severity} ${code}: ${message}\n`)
      }
      for (const { path, title, code, message } of neverFire) {
        process.stdout.write(`${path}: không bao giờ báo động · never fires: '${title}': ${code}: ${message}\n`)
      }
      const { loaded, disabled, failed, warnings } = report
      if (disabled > 0) process.stdout.write(`${disabled} bị tắt · ${disabled} disabled\n`)
      process.stdout.write(
        `${loaded} nạp được, ${failed} lỗi, ${warnings} cảnh báo · ${loaded} loaded, ${failed} failed, ${warnings} warnings\n`,
      )
    }
    return errors.length > 0 ? 1 : 0
  },
} satisfies RulesVerb

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
