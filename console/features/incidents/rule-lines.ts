import type { Evidence } from './incident-api.ts'

type Proof = Evidence['proof'][number]

/**
 * Lines of a rule's text, counted from 0, that what matched stands for: the key of the selection's field, and its value. Reads
 * the YAML by indentation, as rules are written; a line that it does not find is not lit.
 */
export function litLines(text: string, proofs: readonly Proof[]): ReadonlySet<number> {
  const lines = text.split('\n')
  const lit = new Set<number>()
  for (const proof of proofs) {
    for (const block of blocksOf(lines, proof.selection)) lightIn(lines, block, proof, lit)
  }
  return lit
}

/** `[start, end)` of what stands below each `name:`. */
function blocksOf(lines: readonly string[], name: string): [number, number][] {
  return lines.flatMap((line, at): [number, number][] =>
    line.trim().replace(/^['"]|['"](?=:)/g, '') === `${name}:` ? [[at + 1, endOf(lines, at)]] : [],
  )
}

/** Where the lines end that belong to the one at `at`: those indented more, and list items at its own indentation. */
function endOf(lines: readonly string[], at: number): number {
  const depth = indentOf(lines[at]!)
  let end = at + 1
  while (end < lines.length) {
    const line = lines[end]!
    if (line.trim() !== '' && indentOf(line) <= depth && !(indentOf(line) === depth && line.trim().startsWith('- ')))
      break
    end += 1
  }
  return end
}

function lightIn(lines: readonly string[], [start, end]: [number, number], proof: Proof, lit: Set<number>): void {
  const key = [proof.field, ...proof.modifiers].join('|')
  for (let at = start; at < end; at += 1) {
    const line = lines[at]!
    if (proof.field === '') {
      if (holds(line, proof.value)) lit.add(at)
      continue
    }
    const written = line.trim().replace(/^- +/, '').replace(/^['"]/, '')
    if (!written.startsWith(`${key}:`) && !written.startsWith(`${key}':`) && !written.startsWith(`${key}":`)) continue
    lit.add(at)
    for (let below = at + 1; below < Math.min(end, endOf(lines, at)); below += 1) {
      if (holds(lines[below]!, proof.value)) lit.add(below)
    }
  }
}

/** Whether a line is a list item, or a key's value, of that value, however it is quoted. */
function holds(line: string, value: string): boolean {
  const item = line
    .trim()
    .replace(/^- +/, '')
    .replace(/\s+#.*$/, '')
  return (
    value !== '' &&
    [item, item.slice(1, -1).replaceAll("''", "'"), item.slice(1, -1).replaceAll('\\\\', '\\')].includes(value)
  )
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}
