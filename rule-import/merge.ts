import { lineChanges as changes } from '../model/line-changes.ts'

/**
 * Three-way merge of rule files: what each side changed since `base` goes together where it concerns different keys or
 * clearly different lines. It knows lines and the indentation of YAML, nothing of rules; whoever calls checks what came out.
 * Null: both changed the same, differently.
 */
export function mergeTexts(base: string, ours: string, theirs: string): string | null {
  if (ours === base || ours === theirs) return theirs
  if (theirs === base) return ours
  const [b, o, t] = [base, ours, theirs].map(splitDocuments) as [string[][], string[][], string[][]]
  const sameShape = b.length === o.length && b.length === t.length
  if (!sameShape) return joined(mergeLines(b.flat(), o.flat(), t.flat()))
  const documents = b.map((lines, i) => mergeMapping(lines, o[i]!, t[i]!))
  return documents.includes(null) ? null : joined((documents as string[][]).flat())
}

const joined = (lines: string[] | null): string | null => (lines === null ? null : `${lines.join('\n')}\n`)
const equal = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, i) => line === b[i])

/** Each with the `---` that begins it. Blank lines at the end belong to no key. */
function splitDocuments(text: string): string[][] {
  const documents: string[][] = [[]]
  for (const line of text.trimEnd().split('\n')) {
    if (/^---(?:\s|$)/.test(line)) documents.push([line])
    else documents.at(-1)!.push(line)
  }
  return documents
}

interface Block {
  key: string
  /** The line of the key and all that follows it up to the next key: its value, and comments. */
  lines: string[]
}

const KEY = /^( *)((?:[^\s#'"[\]{}&*!|>%@`,-]|-(?=\S))(?:[^:#]|:(?=\S))*|"[^"\\]*"|'[^']*'):(?=\s|$)/

/** The keys of a block mapping and the lines before the first; undefined where the lines are something else. */
function splitKeys(lines: readonly string[]): { before: string[]; blocks: Block[] } | undefined {
  const before: string[] = []
  const blocks: Block[] = []
  let indent: number | undefined
  for (const line of lines) {
    const isBlank = /^\s*(?:#.*)?$/.test(line)
    const [, spaces, key] = isBlank ? [] : (KEY.exec(line) ?? [])
    if (indent === undefined && !isBlank && !/^---(?:\s|$)/.test(line)) {
      if (key === undefined) return undefined
      indent = spaces!.length
    }
    if (key !== undefined && spaces!.length === indent) {
      if (blocks.some((block) => block.key === key)) return undefined
      blocks.push({ key, lines: [line] })
    } else if (blocks.length === 0) before.push(line)
    else if (!isBlank && line.search(/\S/) < indent!) return undefined
    else blocks.at(-1)!.lines.push(line)
  }
  return blocks.length === 0 ? undefined : { before, blocks }
}

function mergeMapping(base: string[], ours: string[], theirs: string[]): string[] | null {
  if (equal(ours, base) || equal(ours, theirs)) return theirs
  if (equal(theirs, base)) return ours
  const [b, o, t] = [splitKeys(base), splitKeys(ours), splitKeys(theirs)]
  if (!b || !o || !t) return mergeLines(base, ours, theirs)
  const before = mergeLines(b.before, o.before, t.before)
  const merged = new Map<string, string[]>()
  for (const { key } of [...t.blocks, ...o.blocks]) {
    if (merged.has(key)) continue
    const block = mergeBlock(
      key,
      [b, o, t].map(({ blocks }) => blocks.find((one) => one.key === key)?.lines ?? []),
    )
    if (block === null) return null
    merged.set(key, block)
  }
  // Theirs gives the order; a key of ours alone comes where it stood with us.
  const order = t.blocks.map(({ key }) => key)
  o.blocks.forEach(({ key }, i) => {
    if (!order.includes(key)) order.splice(i === 0 ? 0 : order.indexOf(o.blocks[i - 1]!.key) + 1, 0, key)
  })
  return before === null ? null : [...before, ...order.flatMap((key) => merged.get(key)!)]
}

/** A side without the key has no lines. */
function mergeBlock(key: string, sides: string[][]): string[] | null {
  const [base, ours, theirs] = sides as [string[], string[], string[]]
  if (equal(ours, base) || equal(ours, theirs)) return theirs
  if (equal(theirs, base)) return ours
  if (sides.some((lines) => lines.length === 0)) return null
  const isDate = key === 'modified' || key === 'date'
  if (isDate && sides.every(([, ...rest]) => rest.every((line) => line.trim() === ''))) {
    return ours[0]! > theirs[0]! ? ours : theirs // who changes a rule dates it: the later date holds for both changes
  }
  const [head] = base
  const opens = /:\s*(?:#.*)?$/.test(head!) && sides.every((lines) => lines[0] === head)
  if (!opens) return mergeLines(base, ours, theirs)
  const inner = mergeMapping(base.slice(1), ours.slice(1), theirs.slice(1))
  return inner === null ? null : [head!, ...inner]
}

/** Line by line; changes that touch one another are a conflict, unless they are the same. */
function mergeLines(base: string[], ours: string[], theirs: string[]): string[] | null {
  const [left, right] = [changes(base, ours), changes(base, theirs)]
  if (!left || !right) return null
  const merged: string[] = []
  let at = 0
  for (let l = 0, r = 0; l < left.length || r < right.length;) {
    const [a, b] = [left[l], right[r]]
    const isSame = a && b && a.from === b.from && a.to === b.to && equal(a.lines, b.lines)
    if (a && b && !isSame && a.from <= b.to && b.from <= a.to) return null
    const next = !b || (a && a.from <= b.from) ? a! : b
    if (next === a) l++
    if (next === b || isSame) r++
    merged.push(...base.slice(at, next.from), ...next.lines)
    at = next.to
  }
  return [...merged, ...base.slice(at)]
}
