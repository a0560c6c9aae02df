import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'

const FOLDER = join(ROOT, 'dist', 'console')
const SCRIPT_BYTES_MAX = 200 * 1024
const STYLE_BYTES_MAX = 30 * 1024

interface Chunk {
  file: string
  imports?: string[]
  css?: string[]
}

const manifest = JSON.parse(readFileSync(join(FOLDER, '.vite', 'manifest.json'), 'utf8')) as Record<string, Chunk>

/** A chunk and all that has to be there before it runs. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const other of manifest[name]!.imports ?? []) withImports(other, seen)
  return seen
}

const packedBytes = (file: string): number => statSync(join(FOLDER, `${file}.gz`)).size

test.each(['index.html', 'features/incidents/list-page.tsx', 'features/incidents/incident-page.tsx'])(
  'all that must be loaded before %s is drawn fits in 200 KiB of script, packed',
  (page) => {
    const chunks = [...withImports('index.html'), ...withImports(page)].map((name) => manifest[name]!)
    const sum = (files: string[]): number => [...new Set(files)].reduce((bytes, file) => bytes + packedBytes(file), 0)
    const scripts = sum(chunks.map(({ file }) => file))
    expect(scripts).toBeGreaterThan(100_000)
    expect(scripts).toBeLessThanOrEqual(SCRIPT_BYTES_MAX)
    expect(sum(chunks.flatMap(({ css = [] }) => css))).toBeLessThanOrEqual(STYLE_BYTES_MAX)
  },
)
