import { RuleError } from './errors.ts'
import { fileKind, isRead } from './rule-set.ts'
import { entriesOf, entryOf, readYaml, textOf, textsOf, type SigmaDocument } from './sigma/yaml.ts'
import type { RuleFile } from './types.ts'

/**
 * Two sets of rule files without the rules that no difference between them concerns, so that thousands can be held against each other
 * without all being read. What stays means what it meant: a correlation stays with all that it counts, and a rule with all that
 * counts it.
 * @param kept ids of rules that stay in any case
 * @param read of a file's text
 * @returns the sets as they are, where what differs may concern any rule
 */
export function concerned(
  before: readonly RuleFile[],
  after: readonly RuleFile[],
  kept: Iterable<string>,
  read = readYaml,
): readonly [before: readonly RuleFile[], after: readonly RuleFile[]] {
  const sides = [before.filter(isRead), after.filter(isRead)] as const
  const [old, now] = sides.map(filesByPath)
  const isSame = ({ path }: RuleFile): boolean => isAlike(old!.get(path) ?? [], now!.get(path) ?? [])
  const names = new Set(kept)
  for (const file of sides.flatMap((side) => side.filter((each) => !isSame(each)))) {
    const changed = changedBy(file, sides, read)
    if (changed === undefined) return [before, after]
    for (const name of changed) names.add(name)
  }
  const others = sides[0].filter((file) => isSame(file) && fileKind(file.path) === 'rules')
  const stays = connected(names, others, read)
  const isConcerned = (file: RuleFile): boolean =>
    !isSame(file) || fileKind(file.path) !== 'rules' || stays.has(file.path) || maybe('filter', file)
  return [sides[0].filter(isConcerned), sides[1].filter(isConcerned)]
}

function filesByPath(files: readonly RuleFile[]): Map<string, RuleFile[]> {
  const byPath = new Map<string, RuleFile[]>()
  for (const file of files) {
    const known = byPath.get(file.path)
    if (known === undefined) byPath.set(file.path, [file])
    else known.push(file)
  }
  return byPath
}

function isAlike(some: readonly RuleFile[], others: readonly RuleFile[]): boolean {
  const isLike = (one: RuleFile, other: RuleFile | undefined): boolean =>
    one.text === other?.text && JSON.stringify(one.exception) === JSON.stringify(other.exception)
  return some.length === others.length && some.every((one, i) => isLike(one, others[i]))
}

/** Ids and names of what a file that differs may change; undefined: that may be any rule. */
function changedBy(
  file: RuleFile,
  sides: readonly (readonly RuleFile[])[],
  read: typeof readYaml,
): string[] | undefined {
  switch (fileKind(file.path)) {
    case 'pipeline':
    case 'logsources':
      return undefined
    case 'life':
    case 'disabled': {
      const [old, now] = sides.map((side) =>
        linesOf(
          side.find(({ path }) => path === file.path),
          read,
        ),
      )
      if (old === undefined || now === undefined) return undefined
      return [...old.keys(), ...now.keys()].filter((id) => old.get(id) !== now.get(id))
    }
    case 'rules': {
      const named = namedIn(file, read)
      return named.some(({ isOfAny }) => isOfAny)
        ? undefined
        : named.flatMap(({ names, refersTo }) => [...names, ...refersTo])
    }
  }
}

/** Undefined where it cannot be read. */
function linesOf(file: RuleFile | undefined, read: typeof readYaml): Map<string, string> | undefined {
  const { documents, problems } = read(file?.text ?? '')
  if (problems.length > 0) return undefined
  const lines = attempt(() => documents.flatMap(({ root }) => entriesOf(root, 'a line')))
  return lines && new Map(lines.map(({ key, value }) => [key, JSON.stringify(value)]))
}

/** Undefined where it is no rule that loads. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RuleError) return undefined
    throw error
  }
}

/** What a document is called, and the rules it refers to. */
interface Named {
  names: string[]
  refersTo: string[]
  /** A filter of whatever rule. */
  isOfAny: boolean
}

function namedIn({ text }: RuleFile, read: typeof readYaml): Named[] {
  return read(text).documents.flatMap((document) => attempt(() => namedBy(document)) ?? [])
}

function namedBy({ root, hash }: SigmaDocument): Named {
  const [id = hash.slice(0, 32), name] = ['id', 'name'].map((key) => textOf(entryOf(root, key)?.value))
  const filter = entryOf(root, 'filter')
  const body = (filter ?? entryOf(root, 'correlation'))?.value ?? null
  const refersTo = textsOf(entryOf(body, 'rules')?.value)
  const isOfAny =
    filter !== undefined && (refersTo.length === 0 || refersTo.some((rule) => rule.toLowerCase() === 'any'))
  return { names: [id, ...(name === undefined ? [] : [name])], refersTo, isOfAny }
}

/** Files with rules of these names, and with all that hangs together with them by correlations. Adds to the names. */
function connected(names: Set<string>, files: readonly RuleFile[], read: typeof readYaml): Set<string> {
  const known = new Map<string, Named[]>()
  const knownIn = (file: RuleFile): Named[] => {
    const named = known.get(file.path) ?? namedIn(file, read)
    known.set(file.path, named)
    return named
  }
  const correlations = files.filter((file) => maybe('correlation', file))
  const found = new Set<string>()
  for (let seen = 0; seen < names.size;) {
    // Those that came after the last look.
    const fresh = [...names].slice(seen)
    seen = names.size
    for (const file of correlations) {
      if (!maySay(file, fresh)) continue
      for (const { names: own, refersTo } of knownIn(file)) {
        const all = [...own, ...refersTo]
        if (all.some((name) => names.has(name))) for (const name of all) names.add(name)
      }
    }
    for (const file of files) {
      if (found.has(file.path) || !mayHave(file, fresh)) continue
      const own = knownIn(file).flatMap((one) => one.names)
      if (!own.some((name) => names.has(name))) continue
      found.add(file.path)
      for (const name of own) names.add(name)
    }
  }
  return found
}

const CALLED = /\b(id|name)["']?[ \t]*:([^\n]*)/g

/** Whether a file may have a rule of one of these names, told without reading it: most need not be read. */
function mayHave({ text }: RuleFile, names: readonly string[]): boolean {
  const said = [...text.matchAll(CALLED)]
  // A rule without an id has one that its text does not tell; a value may stand on lines of its own.
  if (!said.some(([, key]) => key === 'id')) return true
  return said.some(([, , value = '']) => /^\s*(?:[|>&*!]|$)/.test(value) || names.some((name) => value.includes(name)))
}

/** Whether a file may be about a rule of one of these names, or be it. */
function maySay(file: RuleFile, names: readonly string[]): boolean {
  const { text } = file
  return text.includes('\\') || names.some((name) => !isPlain(name) || text.includes(name)) || mayHave(file, names)
}

/** Whether YAML without escapes can write it in one way only: not on several lines, nor as a number with another sign. */
function isPlain(name: string): boolean {
  return /^[\w.-]+$/.test(name) && Number.isNaN(Number(name)) && !/^(?:true|false)$/.test(name)
}

/** Whether a file may have a document of the kind, which must say what rules it is about. */
function maybe(kind: 'filter' | 'correlation', { text }: RuleFile): boolean {
  return text.includes(kind) && /\brules["']?\s*:/.test(text)
}
