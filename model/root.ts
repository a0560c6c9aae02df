import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('no package.json above the program')
  return findRoot(parent)
}

/** The folder that holds `rules/`, `registry/` and `package.json`, for the sources and for `dist/` alike. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)))

/** Version of the product. */
export function productVersion(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version
}
