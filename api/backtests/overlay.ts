import { isMap, parseDocument } from 'yaml'
import { DISABLED_PATH } from '../../detection/disabled.ts'
import { LIFE_PATH } from '../../detection/life.ts'
import { readYaml, textOf, entryOf } from '../../detection/sigma/yaml.ts'
import type { RuleFile } from '../../detection/types.ts'
import { withoutRules } from '../../detection/without-rules.ts'

/**
 * The rules of now with some files changed: those of the same path are replaced, and a rule that the given ones have is taken out
 * wherever it lies. Exceptions stay.
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
  const kept = now
    .filter(({ path, exception }) => exception !== undefined || !replaced.has(path))
    .flatMap((file) => {
      const left = file.exception === undefined ? withoutRules(file, ids) : file
      return left !== file && readYaml(left.text).documents.length === 0 ? [] : [left]
    })
  return [...kept, ...given]
}

function idsIn({ text }: RuleFile): string[] {
  return readYaml(text).documents.flatMap(({ root }) => {
    return entryOf(root, 'filter') === undefined ? (textOf(entryOf(root, 'id')?.value) ?? []) : []
  })
}

/** The same with some rules running, whatever their stage and switches say: drafts are tried before they are live. */
export function running(files: readonly RuleFile[], ids: readonly string[]): RuleFile[] {
  if (ids.length === 0) return [...files]
  return files.map((file) => {
    if (file.path !== LIFE_PATH && file.path !== DISABLED_PATH) return file
    const document = parseDocument(file.text)
    if (!isMap(document.contents)) return file
    for (const id of ids) document.delete(id)
    return { ...file, text: String(document) }
  })
}
