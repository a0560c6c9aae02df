import type { Check } from '../check.ts'
import { conflictOf } from '../logic/terms.ts'
import { shownLiteral } from '../logic/shown.ts'

/** A selection with which no way of the condition can hold, though others can. */
export default {
  *check({ terms }) {
    if (terms === undefined) return
    const conflicts = terms.map((term) => ({ term, pair: conflictOf(term) }))
    const alive = new Set(
      conflicts.flatMap(({ term, pair }) => (pair === undefined ? term.map(({ selection }) => selection) : [])),
    )
    if (alive.size === 0) return // nothing can hold: said elsewhere
    const told = new Set<string>()
    for (const { pair } of conflicts) {
      const [first, second] = pair ?? []
      if (first === undefined || second === undefined || !first.positive || !second.positive) continue
      const dead = [second, first].find(({ selection }) => !alive.has(selection))
      if (dead === undefined || first.selection === second.selection || told.has(dead.selection)) continue
      told.add(dead.selection)
      const other = dead === first ? second : first
      const message = `'${dead.selection}' never counts: ${shownLiteral(dead)} can never hold together with ${shownLiteral(other)} of '${other.selection}'`
      yield { message, at: dead.at }
    }
  },
} satisfies Check
