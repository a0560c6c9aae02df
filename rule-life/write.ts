import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { RuleFile } from '../detection/types.ts'
import { RuleEditError } from './edit.ts'

/**
 * Puts a file of the rules folder in its place at once: whoever reads finds the former or the new one.
 * @throws {RuleEditError} outside of the folder, or the folder cannot be written
 */
export function writeRuleFile(rulesFolder: string, { path, text }: RuleFile): void {
  const target = resolve(rulesFolder, path)
  if (!target.startsWith(`${resolve(rulesFolder)}${sep}`))
    throw new RuleEditError(`${path} leads out of the rules folder`)
  const aside = join(dirname(target), `.${basename(target)}.new`)
  try {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(aside, text, { flush: true })
    renameSync(aside, target)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'failed'
    throw new RuleEditError(`the rules folder cannot be written: ${code}`, { cause: error })
  }
}
