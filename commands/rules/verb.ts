import { existsSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { Config } from '../../config.ts'

/** What follows `soc rules`. */
export interface RulesVerb {
  /** Lines of the usage, each ended. */
  usage: string
  /** @returns the exit code; null where it was not called as `usage` says */
  run(argv: string[], config: Config): Promise<number | null>
}

/** Says which of the paths is not there. */
export function oneIsMissing(paths: readonly string[]): boolean {
  const missing = paths.find((path) => !existsSync(path))
  if (missing !== undefined) process.stderr.write(`${missing} is not there\n`)
  return missing !== undefined
}

/** The path below the rules folder, with `/`; undefined where it lies elsewhere. */
export function below(rulesFolder: string, path: string): string | undefined {
  const name = relative(rulesFolder, resolve(path))
  return name === '..' || name.startsWith(`..${sep}`) || resolve(name) === name ? undefined : name.split(sep).join('/')
}

/** As a person types it, from where they stand. */
export function shown(rulesFolder: string, path: string): string {
  return relative(process.cwd(), resolve(rulesFolder, path))
}
