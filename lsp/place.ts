/** What the cursor stands in, told from indentation: a document that is being written is no YAML yet. */
export interface Place {
  /** Keys around the line, the outermost first. */
  path: string[]
  /** The line's own key with its modifiers, as far as it is written; empty where it has none. */
  key: string
  /** Whether the cursor is in the key, or where one could begin. */
  inKey: boolean
  /** The scalar behind the key or the dash, without quotes. */
  value: string
}

const LINE = /^(\s*(?:- +)*)("[^"]*"|'[^']*'|[^\s:#][^:#]*)?(:(?=\s|$))?(.*)$/
/** Lines above that are looked at. */
const LINES_MAX = 2_000

export function placeAt(lines: readonly string[], line: number, column: number): Place {
  const own = lines[line] ?? ''
  const [, indent = '', word = '', colon, rest = ''] = LINE.exec(own) ?? []
  const path: string[] = []
  let depth = indent.includes('-') ? indent.indexOf('-') + 1 : indent.length
  for (let i = line - 1, seen = 0; i >= 0 && depth > 0 && seen < LINES_MAX; i--, seen++) {
    const text = lines[i] ?? ''
    if (/^---(?:\s|$)/.test(text)) break
    if (text.trim() === '' || text.trim().startsWith('#')) continue
    const [, before = '', name = '', opens] = LINE.exec(text) ?? []
    if (opens === undefined || before.length >= depth) continue
    path.unshift(unquoted(name))
    depth = before.includes('-') ? before.indexOf('-') + 1 : before.length
  }
  const keyEnd = indent.length + word.length
  const isKey = colon !== undefined
  return {
    path,
    key: isKey ? unquoted(word) : '',
    inKey: isKey ? column <= keyEnd : true,
    value: unquoted((isKey ? rest : word).trim().replace(/\s+#.*$/, '')),
  }
}

const unquoted = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, '$2')

/** The field that a place is about: of its own key, or of the key whose list it stands in; undefined outside of selections. */
export function fieldAt({ path, key }: Place): { field: string; modifiers: string[] } | undefined {
  if (!['detection', 'filter'].includes(path[0] ?? '') || path.length < 2) return undefined
  const written = key === '' ? path[2] : key
  const [field, ...modifiers] = (written ?? '').split('|')
  return field === undefined || field === '' ? undefined : { field, modifiers }
}
