import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../model/root.ts'

const FOLDER = join(ROOT, 'dist', 'console')
const SCRIPT_BYTES_MAX = 200 * 1024
const STYLE_BYTES_MAX = 30 * 1024

interface Chunk {
  name: string
  file: string
  imports?: string[]
  css?: string[]
}

const manifest = JSON.parse(readFileSync(join(FOLDER, '.vite', 'manifest.json'), 'utf8')) as Record<string, Chunk>

const keyOf = (name: string): string => Object.entries(manifest).find(([, chunk]) => chunk.name === name)![0]

/** A chunk and all that has to be there before it runs. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const other of manifest[name]!.imports ?? []) withImports(other, seen)
  return seen
}

const packedBytes = (file: string): number => statSync(join(FOLDER, `${file}.gz`)).size

/** What the page names, besides what is drawn then. */
const FIRST = ['early', 'start']

test.each(['list', 'login', 'incident-page', 'overview-page'])(
  'all that must be loaded before %s is drawn fits in 200 KiB of script, packed',
  (page) => {
    const chunks = [...FIRST, page].flatMap((name) => [...withImports(keyOf(name))]).map((name) => manifest[name]!)
    const sum = (files: string[]): number => [...new Set(files)].reduce((bytes, file) => bytes + packedBytes(file), 0)
    const scripts = sum(chunks.map(({ file }) => file))
    expect(scripts).toBeGreaterThan(100_000)
    expect(scripts).toBeLessThanOrEqual(SCRIPT_BYTES_MAX)
    expect(sum(chunks.flatMap(({ css = [] }) => css))).toBeLessThanOrEqual(STYLE_BYTES_MAX)
  },
)

test('what is needed first is named in the page, and is few files', () => {
  const page = readFileSync(join(FOLDER, 'index.html'), 'utf8')
  const needed = [...FIRST, 'list'].flatMap((name) => [...withImports(keyOf(name))]).map((name) => manifest[name]!)
  for (const { file, css = [] } of needed) for (const each of [file, ...css]) expect(page).toContain(`"/${each}"`)
  expect(new Set(needed).size).toBeLessThanOrEqual(5)
})
