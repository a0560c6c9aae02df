import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileKind } from '../detection/engine.ts'
import { entryOf, readYaml, textOf, textsOf } from '../detection/sigma/yaml.ts'
import type { RuleFile } from '../detection/types.ts'

/**
 * An import builds its folder `x` as `.x.new` beside the one there is, and puts it in its place by two renames. Between them
 * `.x.new` is `x`; whoever reads knows it, so that a crash there leaves the new rules, and one before it the old.
 */
export function stagedName(name: string): string {
  return `.${name}.new`
}

const STAGED = /^\.(.+)\.new$/
/** Tries to find the folder at rest; a swap takes microseconds. */
const READS_MAX = 20

/**
 * Paths of the YAML files below a folder, relative to it, with `/`, in order; what begins with a dot is left out, and so are
 * links.
 */
export function findYaml(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.name.startsWith('.')) return []
      if (entry.isFile()) return /\.ya?ml$/.test(entry.name) ? [entry.name] : []
      return entry.isDirectory() ? findYaml(join(folder, entry.name)).map((path) => `${entry.name}/${path}`) : []
    })
    .sort()
}

/**
 * Every YAML file of the rules folder, tests of rules left out, in order of path; as it was at one moment, whatever import
 * goes on meanwhile.
 */
export function readRulesFolder(folder: string): RuleFile[] {
  for (let tries = 1; ; tries++) {
    try {
      const before = generation(folder)
      const files = foldersOf(folder)
        .flatMap(({ name, at }) => findYaml(at).map((path) => ({ path: `${name}${path}`, at: join(at, path) })))
        .concat(ownYaml(folder))
        .filter(({ path }) => !/\.test\.ya?ml$/.test(path))
        .map(({ path, at }) => ({ path, text: readFileSync(at, 'utf8') }))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
      if (generation(folder) === before || tries === READS_MAX) return files
    } catch (error) {
      const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!gone || tries === READS_MAX || !existsSync(folder)) throw error
    }
  }
}

/** Folders right below, each under the name it goes by, with a `/` behind. */
function foldersOf(folder: string): { name: string; at: string }[] {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []))
  return names.flatMap((name) => {
    const staged = STAGED.exec(name)?.[1]
    const stands = staged === undefined ? !name.startsWith('.') : !names.includes(staged)
    return stands ? [{ name: `${staged ?? name}/`, at: join(folder, name) }] : []
  })
}

function ownYaml(folder: string): { path: string; at: string }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && !entry.name.startsWith('.'))
    .map(({ name }) => ({ path: name, at: join(folder, name) }))
}

/** Changes when one of the folders right below is put in place of another. */
function generation(folder: string): string {
  return foldersOf(folder)
    .map(({ name, at }) => `${name}${statSync(at).ino}`)
    .join()
}

/**
 * Of the files of a rules folder: the one that has the rule, those of the rules it refers to by id or name, and all that is no
 * rule; enough to load the rule as it is meant.
 */
export function filesAround(files: readonly RuleFile[], rule: string): RuleFile[] {
  const around = files.filter(({ path }) => fileKind(path) !== 'rules')
  const wanted = [rule]
  const seen = new Set(wanted)
  for (const name of wanted) {
    const holder = files.find((file) => !around.includes(file) && file.text.includes(name) && holds(file, name))
    if (holder === undefined) continue
    around.push(holder)
    for (const { root } of readYaml(holder.text).documents) {
      for (const reference of textsOf(entryOf(entryOf(root, 'correlation')?.value ?? null, 'rules')?.value)) {
        if (!seen.has(reference)) wanted.push(reference)
        seen.add(reference)
      }
    }
  }
  return around
}

function holds({ text }: RuleFile, name: string): boolean {
  return readYaml(text).documents.some(({ root }) =>
    ['id', 'name'].some((key) => textOf(entryOf(root, key)?.value) === name),
  )
}
