import { UNITS } from '../sigma/fold.ts'

/** The other units that are folded to one of ASCII. */
const OTHERS = new Map<string, string[]>()
UNITS.forEach((folded, unit) => {
  if (folded >= 0x80 || folded === unit) return
  const own = String.fromCharCode(folded)
  OTHERS.set(own, [...(OTHERS.get(own) ?? []), String.fromCharCode(unit)])
})

/**
 * A few folded literals of ASCII, of a unit or two, that the runtime is asked for one after another, in each way they may be written: it
 * looks through a text many units at a time.
 *
 * Hot: allocates nothing per text.
 */
export class FewLiterals {
  /** Text → id. */
  readonly literals = new Map<string, number>()
  readonly #spellings: string[] = []
  readonly #ids: number[] = []

  /** A shorter text holds none. */
  shortest = Infinity

  add(text: string, id: number): void {
    this.literals.set(text, id)
    this.shortest = Math.min(this.shortest, text.length)
    for (const spelling of spellings(text)) {
      this.#spellings.push(spelling)
      this.#ids.push(id)
    }
  }

  /** Calls `hit` with the id of every literal that stands in a text, perhaps more than once. */
  scan(text: string, hit: (id: number) => void): void {
    for (let i = 0; i < this.#spellings.length; i++) if (text.includes(this.#spellings[i]!)) hit(this.#ids[i]!)
  }
}

function spellings(text: string): string[] {
  return text
    .split('')
    .reduce<string[]>(
      (before, unit) => before.flatMap((begun) => [unit, ...(OTHERS.get(unit) ?? [])].map((own) => begun + own)),
      [''],
    )
}
