import type { Subject } from '../sigma/scalar.ts'
import type { Gate } from '../test.ts'
import { AffixTrie } from './affix-trie.ts'
import { GramTable } from './gram-table.ts'

/** What is known once a gate holds. */
export interface Hit {
  /** Predicates that are thereby true. */
  proves: number[]
  /** Rules that may now match, by their place in the class of events. */
  touches: number[]
  /** The look through a text that found it last: a literal may stand there more than once. */
  found: number
}

/** Below the least, filing under the rarest run pays more than skipping; above the most, too many runs are filed. */
const STRIDES = [4, 16] as const
const NOT_ASCII = /[^\0-\x7f]/

/** A table of all literals, which are looked for as sparsely as the shortest allows; none where there are none. */
function gramTable(literals: ReadonlyMap<string, number>): GramTable | undefined {
  if (literals.size === 0) return undefined
  const shortest = Math.min(...[...literals.keys()].map(({ length }) => length))
  const stride = Math.min(STRIDES[1], shortest - 3)
  return new GramTable(literals, stride < STRIDES[0] ? 1 : stride)
}

/** Collects the gates of one field, then builds its index. */
export class FieldIndexBuilder {
  readonly #hits = new Map<string, Hit & Pick<Gate, 'at' | 'text'>>()

  add({ at, text, proves }: Gate, predicate: number, touches: readonly number[]): void {
    const key = `${at}:${text}`
    let hit = this.#hits.get(key)
    if (hit === undefined) this.#hits.set(key, (hit = { at, text, proves: [], touches: [], found: 0 }))
    if (proves && !hit.proves.includes(predicate)) hit.proves.push(predicate)
    for (const rule of touches) if (!hit.touches.includes(rule)) hit.touches.push(rule)
  }

  build(): FieldIndex {
    const hits = [...this.#hits.values()]
    const texts = (at: Gate['at']): Map<string, number> =>
      new Map(hits.flatMap((hit, id) => (hit.at === at ? [[hit.text, id] as const] : [])))
    const affix = (side: 'start' | 'end'): AffixTrie | undefined => {
      const literals = texts(side)
      return literals.size === 0 ? undefined : new AffixTrie(side, literals)
    }
    const exact = (at: 'whole' | 'number'): Map<string, Hit> | undefined => {
      const found = new Map([...texts(at)].map(([text, id]) => [text, hits[id]!]))
      return found.size === 0 ? undefined : found
    }
    return {
      hits,
      whole: exact('whole'),
      wholeLengths: new Set([...texts('whole').keys()].map(({ length }) => length)),
      number: exact('number'),
      start: affix('start'),
      end: affix('end'),
      inside: gramTable(new Map([...texts('inside')].filter(([text]) => !NOT_ASCII.test(text)))),
      insideWide: gramTable(new Map([...texts('inside')].filter(([text]) => NOT_ASCII.test(text)))),
      present: hits.find((hit) => hit.at === 'present'),
    }
  }
}

/** The gates of one field, over the rules of one class of events. */
export interface FieldIndex {
  hits: readonly Hit[]
  whole: ReadonlyMap<string, Hit> | undefined
  /** Lengths there are among `whole`: a value of another length need not be folded. */
  wholeLengths: ReadonlySet<number>
  number: ReadonlyMap<string, Hit> | undefined
  start: AffixTrie | undefined
  end: AffixTrie | undefined
  inside: GramTable | undefined
  /** Literals that are not ASCII, as the other dashes of options are: text that is has none of them. */
  insideWide: GramTable | undefined
  present: Hit | undefined
}

/**
 * Reports every gate that holds for one value: `hit` by its place in `index.hits`, `found` directly.
 * Hot: two call-backs made once and text read through the fold table, so that almost nothing is allocated per value.
 */
export function probe(index: FieldIndex, subject: Subject, hit: (id: number) => void, found: (hit: Hit) => void): void {
  if (index.number !== undefined && subject.number !== null) {
    const exact = index.number.get(subject.number)
    if (exact !== undefined) found(exact)
  }
  const { text } = subject
  if (index.whole !== undefined && index.wholeLengths.has(text.length)) {
    const whole = index.whole.get(subject.folded)
    if (whole !== undefined) found(whole)
  }
  index.start?.walk(text, hit)
  index.end?.walk(text, hit)
  probeInside(index, text, hit)
}

/** Reports the literals that stand anywhere in a text. */
export function probeInside({ inside, insideWide }: FieldIndex, text: string, hit: (id: number) => void): void {
  const seen = inside === undefined ? -1 : inside.scan(text, hit)
  if (insideWide !== undefined && (seen < 0 ? NOT_ASCII.test(text) : seen > 0x7f)) insideWide.scan(text, hit)
}
