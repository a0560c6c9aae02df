import { EventLines } from '../event-lines.ts'

/** Where two engines differ on one lane, rule by rule, both having loaded the rule. */
export interface Difference {
  rule: string
  /** Events that only the first found, and only the second. */
  onlyOurs: number
  onlyTheirs: number
  /** Index of the first event on which they differ. */
  firstEvent: number
}

function readMatches(path: string, events: number): Map<string, Set<number>> {
  const lines = new EventLines(path)
  const byRule = new Map<string, Set<number>>()
  for (let i = 0; i < lines.length; i++) {
    if (lines.bytes(i).length === 0) continue
    const { event, rules } = JSON.parse(lines.text(i)) as { event: number; rules: string[] }
    if (event >= events) break
    for (const rule of rules) {
      let events = byRule.get(rule)
      if (events === undefined) byRule.set(rule, (events = new Set()))
      events.add(event)
    }
  }
  return byRule
}

const NONE: ReadonlySet<number> = new Set()

/** Compares two files of matches of the first `events` over the rules that both engines loaded; widest differences first. */
export function differences(
  ours: string,
  theirs: string,
  loaded: (id: string) => boolean,
  events: number,
): Difference[] {
  const [own, other] = [readMatches(ours, events), readMatches(theirs, events)]
  return [...new Set([...own.keys(), ...other.keys()])]
    .filter(loaded)
    .flatMap((rule): Difference[] => {
      const [a, b] = [own.get(rule) ?? NONE, other.get(rule) ?? NONE]
      const onlyOurs = [...a].filter((event) => !b.has(event))
      const onlyTheirs = [...b].filter((event) => !a.has(event))
      if (onlyOurs.length + onlyTheirs.length === 0) return []
      return [
        {
          rule,
          onlyOurs: onlyOurs.length,
          onlyTheirs: onlyTheirs.length,
          firstEvent: Math.min(onlyOurs[0] ?? Infinity, onlyTheirs[0] ?? Infinity),
        },
      ]
    })
    .sort((a, b) => b.onlyOurs + b.onlyTheirs - a.onlyOurs - a.onlyTheirs || (a.rule < b.rule ? -1 : 1))
}
