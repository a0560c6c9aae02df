import { readYaml, textOf, entryOf } from '../../detection/sigma/yaml.ts'
import type { RuleFile } from '../../detection/types.ts'

/**
 * The rules of now with some files changed: those of the same path are replaced, and so is a file all of whose rules the given ones
 * have, wherever it lies. Exceptions stay.
 * @param options.whole the given files are the whole folder
 */
export function overlaid(
  now: readonly RuleFile[],
  given: readonly RuleFile[],
  { whole, remove }: { whole: boolean; remove: readonly string[] },
): RuleFile[] {
  if (whole) return [...now.filter(({ exception }) => exception !== undefined), ...given]
  const replaced = new Set([...given.map(({ path }) => path), ...remove])
  const ids = new Set(given.flatMap(idsIn))
  const isMoved = (file: RuleFile): boolean => {
    // Most files name none of the ids, and need not be read.
    if (![...ids].some((id) => file.text.includes(id))) return false
    const own = idsIn(file)
    return own.length > 0 && own.every((id) => ids.has(id))
  }
  const kept = now.filter((file) => file.exception !== undefined || (!replaced.has(file.path) && !isMoved(file)))
  return [...kept, ...given]
}

function idsIn({ text }: RuleFile): string[] {
  return readYaml(text).documents.flatMap(({ root }) => {
    return entryOf(root, 'filter') === undefined ? (textOf(entryOf(root, 'id')?.value) ?? []) : []
  })
}
