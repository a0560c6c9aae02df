import { lower } from './text.ts'

/** Places in a text, one entry for each from before its first character to after its last; 1 where it is one of them. */
type Places = Uint8Array
/** From the places where a part of an expression starts to those where it can end. */
type Part = (from: Places) => Places
type Holds = (character: string) => boolean

/**
 * Whether a regular expression is found in a text, worked out from the inside: which places can each part end at, given
 * those where it starts. There is no order of attempts and so no backtracking. Characters are code points; case is Sigma's
 * own; `.` is anything but a line feed; `\s`, `\d` and `\w` are ASCII; `$` is the very end.
 */
export function isFound(written: string, letters: readonly string[], text: string): boolean {
  const characters = Array.from(text)
  const places = new Uint8Array(characters.length + 1).fill(1)
  return partOf(written, letters, characters)(places).includes(1)
}

function partOf(written: string, letters: readonly string[], text: readonly string[]): Part {
  const [head = '', inline = ''] = /^\(\?([imsu]+)\)/.exec(written) ?? []
  const flags = new Set([...letters, ...inline.split('')])
  const source = Array.from(written.slice(head.length))
  let next = 0
  const take = (): string => source[next++]!
  const took = (wanted: string): boolean => {
    const found = source.slice(next, next + wanted.length).join('') === wanted
    if (found) next += wanted.length
    return found
  }
  const taken = (wanted: RegExp): RegExpExecArray | null => {
    const found = wanted.exec(source.slice(next).join(''))
    if (found !== null) next += Array.from(found[0]).length
    return found
  }

  const one =
    (holds: Holds): Part =>
    (from) => {
      const to = new Uint8Array(from.length)
      text.forEach((character, at) => (to[at + 1] = from[at] === 1 && holds(character) ? 1 : 0))
      return to
    }
  const where =
    (holds: (before: string | undefined, after: string | undefined) => boolean): Part =>
    (from) =>
      from.map((is, at) => (is === 1 && holds(text[at - 1], text[at]) ? 1 : 0))
  const either = (a: Places, b: Places): Places => a.map((is, at) => is | b[at]!)

  function alternatives(): Part {
    let all = sequence()
    while (took('|')) {
      const [left, right] = [all, sequence()]
      all = (from) => either(left(from), right(from))
    }
    return all
  }

  function sequence(): Part {
    let whole: Part = (from) => from
    while (next < source.length && source[next] !== '|' && source[next] !== ')') {
      const [before, part] = [whole, repeated(atom())]
      whole = (from) => part(before(from))
    }
    return whole
  }

  function repeated(part: Part): Part {
    const [found, symbol, low, comma, high] = taken(/^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/) ?? []
    if (found === undefined) return part
    const atLeast = symbol === undefined ? Number(low) : symbol === '+' ? 1 : 0
    const unbounded = symbol === '*' || symbol === '+' || (comma === ',' && high === '')
    const atMost = unbounded ? Infinity : symbol === '?' ? 1 : comma === ',' ? Number(high) : Number(low)
    return repeated((from) => {
      let places = from
      for (let i = 0; i < atLeast && places.includes(1); i++) places = part(places)
      let all = places
      for (let i = atLeast; i < atMost; i++) {
        places = part(places).map((is, at) => (is === 1 && all[at] === 0 ? 1 : 0))
        if (!places.includes(1)) break
        all = either(all, places)
      }
      return all
    })
  }

  function atom(): Part {
    const character = take()
    if (character === '(') {
      taken(/^\?(?::|P?<[A-Za-z_]\w*>)/)
      const inner = alternatives()
      take()
      return inner
    }
    if (character === '[') return one(set())
    if (character === '.') return one((own) => flags.has('s') || own !== '\n')
    const lines = flags.has('m')
    if (character === '^') return where((before) => before === undefined || (lines && before === '\n'))
    if (character === '$') return where((_before, after) => after === undefined || (lines && after === '\n'))
    if (character !== '\\') return one(sameAs(character))
    if (took('A')) return where((before) => before === undefined)
    if (took('z')) return where((_before, after) => after === undefined)
    if (took('b')) return where((before, after) => isWord(before) !== isWord(after))
    if (took('B')) return where((before, after) => isWord(before) === isWord(after))
    return one(classOf() ?? sameAs(escaped()))
  }

  /** `\d` and its kin, after the backslash. */
  function classOf(): Holds | undefined {
    const [found] = taken(/^(?:[dDwWsS]|[pP](?:\{\w+\}|\w))/) ?? []
    if (found === undefined) return undefined
    const regex = new RegExp(
      `^${found === 's' ? '[\\t-\\r ]' : found === 'S' ? '[^\\t-\\r ]' : propertyOf(found)}$`,
      'u',
    )
    return (own) => regex.test(own)
  }

  function escaped(): string {
    const [, short, long, unicode] = taken(/^(?:x([\da-fA-F]{2})|x\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4}))/) ?? []
    const code = short ?? long ?? unicode
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
    const character = take()
    return { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07', 0: '\0' }[character] ?? character
  }

  function set(): Holds {
    const negated = took('^')
    const members: Holds[] = []
    for (let first = true; first || source[next] !== ']'; first = false) {
      const low = member()
      if (typeof low !== 'string') {
        members.push(low)
        continue
      }
      const after = next
      const high = source[next] === '-' && source[next + 1] !== ']' ? (take(), member()) : low
      if (typeof high === 'string') members.push(between(low, high))
      else {
        members.push(sameAs(low))
        next = after
      }
    }
    take()
    return (own) => members.some((holds) => holds(own)) !== negated
  }

  function member(): string | Holds {
    const character = take()
    if (character !== '\\') return character
    return took('b') ? '\b' : (classOf() ?? escaped())
  }

  const ignoresCase = flags.has('i')
  const sameAs = (character: string): Holds => between(character, character)
  function between(low: string, high: string): Holds {
    const [from, to] = [low.codePointAt(0)!, high.codePointAt(0)!]
    const within = (own: string): boolean => from <= own.codePointAt(0)! && own.codePointAt(0)! <= to
    return (own) => within(own) || (ignoresCase && spellingsOf(own).some(within))
  }

  return alternatives()
}

const isWord = (character: string | undefined): boolean => character !== undefined && /^\w$/.test(character)

/** JavaScript wants to be told that a property is a script. */
function propertyOf(escape: string): string {
  const [, letter, name] = /^([pP])\{?(\w+)\}?$/.exec(escape) ?? []
  if (name === undefined) return `\\${escape}`
  return /^[LMNPSZC][a-z]?$/.test(name) ? `\\${letter}{${name}}` : `\\${letter}{Script=${name}}`
}

let spellings: Map<string, string[]> | undefined

/** The units that are the same letter as a unit; astral characters have none. */
function spellingsOf(character: string): readonly string[] {
  if (character.length > 1) return []
  if (spellings === undefined) {
    spellings = new Map()
    for (let code = 0; code < 0x10000; code++) {
      const unit = String.fromCharCode(code)
      spellings.set(lower(unit), [...(spellings.get(lower(unit)) ?? []), unit])
    }
  }
  return spellings.get(lower(character)) ?? []
}
