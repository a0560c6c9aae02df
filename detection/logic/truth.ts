import { selectionsOf, type Condition } from '../sigma/condition.ts'

/** A condition of more names is not tabulated. */
const NAMES_MAX = 12

function table(condition: Condition): { names: string[]; holds: boolean[] } | undefined {
  const names = [...selectionsOf(condition)]
  if (names.length > NAMES_MAX) return undefined
  const places = new Map(names.map((name, i) => [name, i]))
  const evaluate = (node: Condition, row: number): boolean => {
    switch (node.op) {
      case 'selection':
        return ((row >> places.get(node.name)!) & 1) === 1
      case 'not':
        return !evaluate(node.of, row)
      case 'and':
        return node.of.every((part) => evaluate(part, row))
      case 'or':
        return node.of.some((part) => evaluate(part, row))
    }
  }
  return { names, holds: Array.from({ length: 2 ** names.length }, (_, row) => evaluate(condition, row)) }
}

/** What the condition says whatever its selections do; undefined where that depends on them, or on too many of them. */
export function verdictOf(condition: Condition): boolean | undefined {
  if (names(condition).length === namesOnce(condition)) return undefined
  const [first, ...others] = table(condition)?.holds ?? []
  return first !== undefined && others.every((truth) => truth === first) ? first : undefined
}

/** Selections on whose truth the condition never depends. */
export function idleNames(condition: Condition): string[] {
  if (names(condition).length === namesOnce(condition)) return []
  const known = table(condition)
  if (known === undefined) return []
  const { names: all, holds } = known
  return all.filter((_, i) => holds.every((truth, row) => truth === holds[row ^ (1 << i)]))
}

/** A condition that names each selection once depends on each. */
const namesOnce = (condition: Condition): number => selectionsOf(condition).size

function names(condition: Condition): string[] {
  if (condition.op === 'selection') return [condition.name]
  return condition.op === 'not' ? names(condition.of) : condition.of.flatMap(names)
}

function signsOf(condition: Condition, positive: boolean, into: Map<string, Set<boolean>>): Map<string, Set<boolean>> {
  if (condition.op === 'selection') into.set(condition.name, (into.get(condition.name) ?? new Set()).add(positive))
  else if (condition.op === 'not') signsOf(condition.of, !positive, into)
  else for (const part of condition.of) signsOf(part, positive, into)
  return into
}

/** Selections that the condition only negates. */
export function negatedOnly(condition: Condition): string[] {
  return [...signsOf(condition, true, new Map())].flatMap(([name, signs]) => (signs.has(true) ? [] : [name]))
}

/** Selections whose being true can make the condition true. */
export function positiveNames(condition: Condition): string[] {
  return [...signsOf(condition, true, new Map())].flatMap(([name, signs]) => (signs.has(true) ? [name] : []))
}
