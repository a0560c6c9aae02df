import { fileKind } from '../detection/rule-set.ts'
import { entryOf, readYaml, textOf } from '../detection/sigma/yaml.ts'
import { mergeTexts } from './merge.ts'
import type { Refusal } from './release.ts'

/** What became of one file. `kept`: changed here alone, or deleted here. */
export type Outcome = 'added' | 'updated' | 'unchanged' | 'kept' | 'merged' | 'conflict' | 'removed' | 'moved'

export interface FileOutcome {
  path: string
  outcome: Outcome
  /** Of a `moved` file: where it was. */
  from?: string
  /** Why, where it is not plain. */
  detail?: string
}

/** What the folder of a pack is to hold. */
export interface Plan {
  /** Every YAML file of the folder, those that the release knows nothing of included. */
  files: Map<string, string>
  /** Their version, where ours stays in a conflict: under a name that is not loaded. */
  beside: Map<string, string>
  /** Both sides of what was merged, by path, for `withdrawMerge`. */
  merges: Map<string, { ours: string; theirs: string }>
  /** In order of path. */
  outcomes: FileOutcome[]
  refused: Refusal[]
}

/** Behind the name of a rule file: the version of the release, to be merged by hand and then deleted. */
export const BESIDE = '.upstream'

const plain = (text: string): string => text.replaceAll('\r\n', '\n')

/**
 * Three-way: what we changed since the last import stays, what the release changed is taken, by file and then by key.
 * @param base what the last import brought; empty before the first
 * @param ours what the folder holds now
 * @param idsElsewhere ids of rules outside of the folder, with the path of each: a release may not replace them
 */
export function planImport(input: {
  base: ReadonlyMap<string, string>
  ours: ReadonlyMap<string, string>
  theirs: ReadonlyMap<string, string>
  idsElsewhere: ReadonlyMap<string, string>
}): Plan {
  const { base, ours } = input
  const { theirs, refused } = admitted(input.theirs, input.idsElsewhere)
  const files = new Map(ours)
  const beside = new Map<string, string>()
  const merges: Plan['merges'] = new Map()
  const outcomes: FileOutcome[] = []

  // A rule is known by its id, wherever its file goes, with them or with us.
  const goneByKey = new Map([...base].filter(([path]) => !theirs.has(path)).map(([path, text]) => [keyOf(text), path]))
  const ownByKey = new Map(
    [...ours].filter(([path]) => !base.has(path) && !theirs.has(path)).map(([path, text]) => [keyOf(text), path]),
  )
  const renamed = new Set<string>()
  for (const [path, text] of theirs) {
    const key = keyOf(text)
    const isNew = !base.has(path) && !ours.has(path) && key !== undefined
    const former = isNew ? (goneByKey.get(key) ?? path) : path
    if (former !== path) renamed.add(former)
    const b = base.get(former)
    const movedHere = !ours.has(former) && key !== undefined ? ownByKey.get(key) : undefined
    const at = ours.has(former) ? former : movedHere
    const o = at === undefined ? undefined : ours.get(at)
    const to = at === former ? path : (at ?? path) // where we moved it, it stays
    const say = (outcome: Outcome, detail?: string): void => {
      const isMove = former !== path && at === former
      outcomes.push({
        path: to,
        outcome: isMove && (outcome === 'unchanged' || outcome === 'updated') ? 'moved' : outcome,
        ...(isMove && { from: former }),
        ...(detail !== undefined && { detail }),
      })
    }
    if (at === former && former !== path) files.delete(former)

    if (o === undefined && b === undefined) {
      files.set(to, text)
      say('added')
    } else if (o === undefined) say('kept', 'it was deleted here')
    else if (plain(o) === text || b === text) {
      files.set(to, o)
      say(plain(o) === text ? 'unchanged' : 'kept')
    } else if (b !== undefined && plain(o) === b) {
      files.set(to, text)
      say('updated')
    } else {
      const both = b === undefined ? null : sound(mergeTexts(b, plain(o), text), o)
      files.set(to, both ?? o)
      if (both === null) beside.set(`${to}${BESIDE}`, text)
      else merges.set(to, { ours: o, theirs: text })
      say(both === null ? 'conflict' : 'merged')
    }
  }
  for (const [path, text] of base) {
    const o = ours.get(path)
    if (theirs.has(path) || renamed.has(path) || o === undefined) continue
    if (plain(o) === text) files.delete(path)
    outcomes.push(
      plain(o) === text
        ? { path, outcome: 'removed' }
        : { path, outcome: 'kept', detail: 'the release has it no more, but it was changed here' },
    )
  }
  outcomes.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { files, beside, merges, outcomes, refused }
}

/** A merge that turned out to load no longer becomes a conflict: ours stays. */
export function withdrawMerge(plan: Plan, path: string): void {
  const { ours, theirs } = plan.merges.get(path)!
  plan.files.set(path, ours)
  plan.beside.set(`${path}${BESIDE}`, theirs)
  const outcome = plan.outcomes.find((one) => one.path === path)!
  outcome.outcome = 'conflict'
  outcome.detail = 'both together do not load'
}

/** Null unless the merge is YAML still, with as many documents as ours. */
function sound(merged: string | null, ours: string): string | null {
  if (merged === null) return null
  const { documents, problems } = readYaml(merged)
  return problems.length === 0 && documents.length === readYaml(ours).documents.length ? merged : null
}

/** The first id of a file. */
function keyOf(text: string): string | undefined {
  return /^id:\s*['"]?([\w-]+)/m.exec(text)?.[1]
}

/** A release brings rules: nothing that changes what the rules of others mean, and none in the place of another. */
function admitted(
  release: ReadonlyMap<string, string>,
  idsElsewhere: ReadonlyMap<string, string>,
): { theirs: Map<string, string>; refused: Refusal[] } {
  const theirs = new Map<string, string>()
  const refused: Refusal[] = []
  for (const [path, text] of release) {
    const reason = reasonAgainst(path, text, idsElsewhere)
    if (reason === undefined) theirs.set(path, text)
    else refused.push({ path, reason })
  }
  return { theirs, refused }
}

function reasonAgainst(path: string, text: string, idsElsewhere: ReadonlyMap<string, string>): string | undefined {
  if (fileKind(path) !== 'rules') return 'it is a setting of rules, not a rule'
  if (/\.test\.ya?ml$/.test(path)) return 'it is a test, which only the rules here have'
  for (const { root } of readYaml(text).documents) {
    if (entryOf(root, 'filter') !== undefined) return 'it is a filter, which would change other rules'
    const id = textOf(entryOf(root, 'id')?.value)
    const other = id === undefined ? undefined : idsElsewhere.get(id)
    if (other !== undefined) return `its id ${id} belongs to ${other}`
  }
  return undefined
}
