import { Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Node } from 'yaml'

/** A file of more characters is the library's, which counts what it holds. */
const LENGTH_MAX = 100_000
const DEPTH_MAX = 32

/** Tabs, other control characters and line ends that are none of `\n`. */
const UNUSUAL = /[^\n\u0020-\u007e\u00a0-\u2027\u202a-\ufefe\uff00-\uffff]/
const PLAIN_KEY = /[A-Za-z0-9_](?:[\w .|$/\\()@-]*[\w|$/\\()@-])?(?=:(?: |\n|$))/y
const KEYED_QUOTE = /'[^'\n]*'(?=:(?: |\n|$))|"[^"\\\n]*"(?=:(?: |\n|$))/y
const SINGLE_QUOTED = /'((?:[^'\n]|'')*)'/y
const DOUBLE_QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y
const NO_PLAIN_START = /[?:,[\]{}#&*!|>'"%@`]/
const MAYBE_TYPED = /^(?:[-+.\d~]|null$|true$|false$)/i
const INTEGER = /^[-+]?[0-9]+$/
const BOOLEAN = /^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$/
const NULL = /^(?:~|[Nn]ull|NULL)$/
const OTHER_NUMBER =
  /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

/** Thrown where the text is not surely what this reader knows; only `readPlainYaml` sees it. */
const UNSURE = new Error('not plain YAML')

/**
 * The mapping of a file of one document, read as the library reads it, in an eighth of its time: SigmaHQ's rules are
 * written in block mappings and lists, scalars of one line and literal blocks, and so are nearly all others. Of what is
 * anything else (errors, several documents, anchors, tags, flow collections, folded text) it gives undefined, and the
 * library is the one to read it and to say what is wrong. Of the nodes' ranges only the first offset is the library's.
 */
export function readPlainYaml(text: string): YAMLMap | undefined {
  if (text.length > LENGTH_MAX || UNUSUAL.test(text)) return undefined
  try {
    return new PlainReader(text).root()
  } catch (error) {
    if (error === UNSURE) return undefined
    throw error
  }
}

class PlainReader {
  readonly #text: string
  /** Where the line in hand, which holds more than a comment, begins after its indentation; the text's length at its end. */
  #start = 0
  /** Its indentation, in spaces; -1 at the end of the text. */
  #indent = -1

  constructor(text: string) {
    this.#text = text
  }

  root(): YAMLMap {
    this.#toLine(0)
    if (this.#indent !== 0) throw UNSURE
    const root = this.#map(0, 0)
    if (this.#start < this.#text.length) throw UNSURE
    return root
  }

  /** Goes to the first line at or after `at`, the beginning of one, that is not blank nor, unless those count as text, a comment. */
  #toLine(at: number, withComments = false): void {
    const text = this.#text
    let begin = at
    while (begin < text.length) {
      let start = begin
      while (text.charCodeAt(start) === 0x20) start++
      const code = text.charCodeAt(start)
      if (code !== 0x0a && (withComments || code !== 0x23) && start < text.length) {
        this.#start = start
        this.#indent = start - begin
        return
      }
      begin = this.#lineEnd(start) + 1
    }
    this.#start = text.length
    this.#indent = -1
  }

  #lineEnd(at: number): number {
    const end = this.#text.indexOf('\n', at)
    return end === -1 ? this.#text.length : end
  }

  #isItem(at: number): boolean {
    const text = this.#text
    return text.charCodeAt(at) === 0x2d && (at + 1 >= text.length || text[at + 1] === ' ' || text[at + 1] === '\n')
  }

  /** The mapping whose first key is at `#start`. Ends at the first line that is not indented by `indent`. */
  #map(indent: number, depth: number): YAMLMap {
    if (depth > DEPTH_MAX) throw UNSURE
    const map = new YAMLMap()
    map.range = [this.#start, this.#start, this.#start]
    const keys = new Set<string>()
    do {
      const key = this.#key(this.#start)
      if (key === undefined || keys.has(key.source!)) throw UNSURE
      keys.add(key.source!)
      const colon = key.range![1]
      map.items.push(new Pair<Node, Node>(key, this.#value(colon + 1, indent, true, depth)))
    } while (this.#indent === indent)
    if (this.#indent > indent) throw UNSURE
    return map
  }

  #list(indent: number, depth: number): YAMLSeq {
    if (depth > DEPTH_MAX) throw UNSURE
    const list = new YAMLSeq()
    list.range = [this.#start, this.#start, this.#start]
    do list.items.push(this.#item(indent, depth))
    while (this.#indent === indent && this.#isItem(this.#start))
    if (this.#indent > indent) throw UNSURE
    return list
  }

  #item(indent: number, depth: number): Node {
    let at = this.#start + 1
    while (this.#text.charCodeAt(at) === 0x20) at++
    if (this.#key(at) === undefined) return this.#value(this.#start + 1, indent, false, depth)
    const inner = indent + at - this.#start
    this.#start = at
    this.#indent = inner
    return this.#map(inner, depth + 1)
  }

  /** The key that begins at `at`, whose `source` tells it from others, with the colon at the end of its range. */
  #key(at: number): Scalar | undefined {
    const text = this.#text
    PLAIN_KEY.lastIndex = at
    if (PLAIN_KEY.test(text)) return this.#plain(at, PLAIN_KEY.lastIndex)
    KEYED_QUOTE.lastIndex = at
    if (!KEYED_QUOTE.test(text)) return undefined
    const end = KEYED_QUOTE.lastIndex
    return scalar(text.slice(at + 1, end - 1), text[at] === "'" ? 'QUOTE_SINGLE' : 'QUOTE_DOUBLE', at, end)
  }

  /**
   * What stands after a colon or a dash, on its line or below; goes to the line after it.
   * @param at after the colon or dash
   * @param indent of the mapping or list it is in
   */
  #value(at: number, indent: number, ofMap: boolean, depth: number): Node {
    const text = this.#text
    let start = at
    while (text.charCodeAt(start) === 0x20) start++
    const code = text.charCodeAt(start)
    if (start >= text.length || code === 0x0a || (code === 0x23 && start > at))
      return this.#below(start, indent, ofMap, depth)
    if (code === 0x7c) return this.#literal(start, indent)
    const value =
      code === 0x27 ? this.#singleQuoted(start) : code === 0x22 ? this.#doubleQuoted(start) : this.#ofLine(start)
    let end = value.range![1]
    while (text.charCodeAt(end) === 0x20) end++
    const closed = end >= text.length || text.charCodeAt(end) === 0x0a
    if (!closed && (text.charCodeAt(end) !== 0x23 || end === value.range![1])) throw UNSURE
    this.#toLine(this.#lineEnd(end) + 1)
    // A line that is indented deeper would go on with this scalar.
    if (this.#indent > indent) throw UNSURE
    return value
  }

  /** The collection on the lines below, or null. */
  #below(at: number, indent: number, ofMap: boolean, depth: number): Node {
    this.#toLine(this.#lineEnd(at) + 1)
    const item = this.#isItem(this.#start)
    if (this.#indent > indent || (ofMap && item && this.#indent === indent)) {
      if (item) return this.#list(this.#indent, depth + 1)
      if (this.#key(this.#start) === undefined) throw UNSURE
      return this.#map(this.#indent, depth + 1)
    }
    // What the library takes for the end of a text that ends with an empty value is a matter of its own.
    if (this.#indent === -1) throw UNSURE
    const empty = new Scalar(null)
    empty.source = ''
    empty.type = 'PLAIN'
    empty.range = [at, at, at]
    return empty
  }

  #singleQuoted(at: number): Scalar {
    SINGLE_QUOTED.lastIndex = at
    const inner = SINGLE_QUOTED.exec(this.#text)?.[1]
    if (inner === undefined) throw UNSURE
    return scalar(
      inner.includes("''") ? inner.replaceAll("''", "'") : inner,
      'QUOTE_SINGLE',
      at,
      SINGLE_QUOTED.lastIndex,
    )
  }

  #doubleQuoted(at: number): Scalar {
    DOUBLE_QUOTED.lastIndex = at
    const quoted = DOUBLE_QUOTED.exec(this.#text)?.[0]
    if (quoted === undefined) throw UNSURE
    let value: string
    try {
      // JSON's escapes are among YAML's and mean the same.
      value = JSON.parse(quoted) as string
    } catch {
      throw UNSURE
    }
    return scalar(value, 'QUOTE_DOUBLE', at, DOUBLE_QUOTED.lastIndex)
  }

  #ofLine(at: number): Scalar {
    const text = this.#text
    if (NO_PLAIN_START.test(text[at]!) || this.#isItem(at)) throw UNSURE
    const line = text.slice(at, this.#lineEnd(at))
    const comment = line.indexOf(' #')
    let end = at + (comment === -1 ? line.length : comment)
    while (text.charCodeAt(end - 1) === 0x20) end--
    return this.#plain(at, end)
  }

  #plain(at: number, end: number): Scalar {
    const source = this.#text.slice(at, end)
    if (source.includes(': ') || source.endsWith(':')) throw UNSURE
    const plain = scalar(source, 'PLAIN', at, end)
    if (!MAYBE_TYPED.test(source)) return plain
    if (INTEGER.test(source)) plain.value = Number(source)
    else if (BOOLEAN.test(source)) plain.value = source.toLowerCase() === 'true'
    else if (NULL.test(source)) plain.value = null
    else if (OTHER_NUMBER.test(source)) throw UNSURE
    return plain
  }

  /** A literal block whose `|` is at `at`: all lines below that are blank or indented like the first of them. */
  #literal(at: number, indent: number): Scalar {
    const text = this.#text
    const header = text.slice(at, this.#lineEnd(at))
    if (header !== '|' && header !== '|-') throw UNSURE
    const begin = at + header.length + 1
    this.#toLine(begin, true)
    const own = this.#indent
    if (own <= indent) throw UNSURE
    const lines: string[] = []
    let line = begin
    let kept = 0
    while (line < text.length) {
      let start = line
      while (text.charCodeAt(start) === 0x20) start++
      const end = this.#lineEnd(start)
      if (end > start && start - line < own) {
        // Which comments between the indentations are errors, the library tells.
        if (start > line && text.charCodeAt(start) === 0x23) throw UNSURE
        break
      }
      // Blank lines before the first that holds something may not be indented deeper than it.
      if (kept === 0 && end === start && end - line > own) throw UNSURE
      lines.push(text.slice(Math.min(line + own, end), end))
      if (end > line + own) kept = lines.length
      line = end + 1
    }
    lines.length = kept
    this.#toLine(line)
    if (this.#indent > indent) throw UNSURE
    const value = header === '|' ? `${lines.join('\n')}\n` : lines.join('\n')
    return scalar(value, 'BLOCK_LITERAL', at, line)
  }
}

function scalar(
  value: string,
  type: 'PLAIN' | 'QUOTE_SINGLE' | 'QUOTE_DOUBLE' | 'BLOCK_LITERAL',
  at: number,
  end: number,
): Scalar {
  const node = new Scalar<unknown>(value)
  node.source = value
  node.type = type
  node.range = [at, end, end]
  return node
}
