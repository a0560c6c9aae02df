import { readdir } from 'node:fs/promises'
import { basename, extname } from 'node:path'

/**
 * The default exports of all modules in a folder, by file name without extension, in order of name. A registry is such a
 * folder: whoever adds a file has added an input, a parser or a modifier.
 * @param folder `new URL('./parsers/', import.meta.url)`
 * @param only the one module to load, where the others are not wanted and would cost the time of their imports
 */
export async function loadFolder<T>(folder: URL, only?: string): Promise<Map<string, T>> {
  const names = (await readdir(folder))
    .filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts'))
    .filter((name) => only === undefined || basename(name, extname(name)) === only)
    .sort()
  const modules = await Promise.all(
    names.map(async (name) => (await import(new URL(name, folder).href)) as { default: T }),
  )
  return new Map(names.map((name, i) => [basename(name, extname(name)), modules[i]!.default]))
}
