/** Lines of one text that became others. */
export interface LineChange {
  /** Of the lines of the base: `[from, to)`. */
  from: number
  to: number
  lines: string[]
}

const CELLS_MAX = 4_000_000

/** What leads from `base` to `other`, by a longest common subsequence; undefined where both differ in too many lines. */
export function lineChanges(base: readonly string[], other: readonly string[]): LineChange[] | undefined {
  let head = 0
  while (head < base.length && head < other.length && base[head] === other[head]) head++
  let tail = 0
  while (
    tail < base.length - head &&
    tail < other.length - head &&
    base[base.length - 1 - tail] === other[other.length - 1 - tail]
  ) {
    tail++
  }
  const [a, b] = [base.slice(head, base.length - tail), other.slice(head, other.length - tail)]
  if ((a.length + 1) * (b.length + 1) > CELLS_MAX) return undefined
  const width = b.length + 1
  const common = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j
      common[at] = a[i] === b[j] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!)
    }
  }
  const found: LineChange[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++
      j++
      continue
    }
    const [fromI, fromJ] = [i, j]
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
      const skipsBase = i < a.length && (j === b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
      if (skipsBase) i++
      else j++
    }
    found.push({ from: head + fromI, to: head + i, lines: b.slice(fromJ, j) })
  }
  return found
}

/** A stretch of a unified diff: lines begin with a blank, `-` or `+`. */
export interface Hunk {
  /** First lines, from 1. */
  oldStart: number
  newStart: number
  lines: string[]
}

const AROUND = 3

/** What leads from one text to another, as a unified diff shows it; all of both where they differ in too many lines. */
export function diffOf(before: string, after: string): Hunk[] {
  const [old, fresh] = [linesOf(before), linesOf(after)]
  const all = lineChanges(old, fresh) ?? [{ from: 0, to: old.length, lines: fresh }]
  const hunks: Hunk[] = []
  let shift = 0
  for (let i = 0; i < all.length;) {
    let last = i
    while (last + 1 < all.length && all[last + 1]!.from - all[last]!.to <= 2 * AROUND) last++
    const own = all.slice(i, last + 1)
    const begin = Math.max(0, own[0]!.from - AROUND)
    const end = Math.min(old.length, own.at(-1)!.to + AROUND)
    const lines: string[] = []
    let at = begin
    const newStart = begin + shift + 1
    for (const change of own) {
      lines.push(...old.slice(at, change.from).map((line) => ` ${line}`))
      lines.push(...old.slice(change.from, change.to).map((line) => `-${line}`))
      lines.push(...change.lines.map((line) => `+${line}`))
      at = change.to
      shift += change.lines.length - (change.to - change.from)
    }
    lines.push(...old.slice(at, end).map((line) => ` ${line}`))
    hunks.push({ oldStart: begin + 1, newStart, lines })
    i = last + 1
  }
  return hunks
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}
