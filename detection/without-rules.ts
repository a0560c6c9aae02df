import { entryOf, readYaml, textOf } from './sigma/yaml.ts'
import type { RuleFile } from './types.ts'

/** The file without the documents of these rules. A document that was made from a template of its file stays. */
export function withoutRules(file: RuleFile, ids: ReadonlySet<string>): RuleFile {
  // Most files name none of the ids, and need not be read.
  if (![...ids].some((id) => file.text.includes(id))) return file
  const gone = readYaml(file.text).documents.filter(({ root }) => {
    return entryOf(root, 'filter') === undefined && ids.has(textOf(entryOf(root, 'id')?.value) ?? '')
  })
  return { ...file, text: gone.reduce((kept, { text }) => kept.replace(text, ''), file.text) }
}
