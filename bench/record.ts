import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../model/root.ts'

/** Writes `figures` to `bench/results/<name>-<date>.json` with machine, versions and commit, and gives the path. */
export function record(name: string, figures: Record<string, unknown>): string {
  const git = (...args: string[]): string => execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8' }).trim()
  const at = new Date().toISOString()
  const folder = join(ROOT, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}-${at.slice(0, 10)}.json`)
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: process.platform,
  }
  const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') ? '+changes' : '')
  const text = JSON.stringify({ name, at, commit, node: process.version, machine, figures }, null, 2)
  writeFileSync(path, `${text}\n`)
  return path
}

/** A table in Markdown, as documents show figures. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
