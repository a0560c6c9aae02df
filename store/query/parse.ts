import { type QueryError, type Token, tokenAt, Unreadable } from './lexer.ts'
import { type Part, wildcardsOf } from './pattern.ts'
import {
  type Bounds,
  type Condition,
  match,
  matchOrNetwork,
  type Query,
  rangeOf,
  VALUE_CHARS_MAX,
  WILDCARDS_MAX,
} from './query.ts'
import { parseStages } from './stages.ts'

const QUERY_CHARS_MAX = 4_000
const TERMS_MAX = 256
/** Elasticsearch takes 30 levels, and a level here can be two there. */
const DEPTH_MAX = 12

/**
 * Reads a search: a condition, then stages behind `|`. Pure, linear in the length of `text`, and free of anything but this
 * folder, so that a browser reads it the same.
 *
 *     user.name:(root or admin*) and not source.ip:10.0.0.0/8 "Failed password" | count by source.ip | top 20
 */
export function parseQuery(text: string): { query: Query } | { error: QueryError } {
  try {
    if (text.length > QUERY_CHARS_MAX) {
      throw new Unreadable('too_long', QUERY_CHARS_MAX, text.length, `at most ${QUERY_CHARS_MAX} characters`)
    }
    const parser = new Parser(text)
    const where = parser.peek().kind === 'end' || parser.peek().kind === 'pipe' ? undefined : parser.or(null, 0)
    const { kind, start, end } = parser.peek()
    if (kind !== 'end' && kind !== 'pipe') throw new Unreadable('unexpected', start, end, 'nothing is open here')
    const output = parseStages(text, start)
    return { query: { ...(where !== undefined && { where }), output } }
  } catch (error) {
    if (error instanceof Unreadable) return { error: error.error }
    throw error
  }
}

/** Where the stages of a search begin: at its first `|` that stands for one, or at its end. Pure; never throws. */
export function stagesBegin(text: string): number {
  try {
    const parser = new Parser(text)
    if (parser.peek().kind !== 'end' && parser.peek().kind !== 'pipe') parser.or(null, 0)
    return parser.peek().kind === 'pipe' ? parser.peek().start : text.length
  } catch (error) {
    if (error instanceof Unreadable) return text.length
    throw error
  }
}

class Parser {
  readonly #text: string
  #token: Token
  #terms = 0

  constructor(text: string) {
    this.#text = text
    this.#token = tokenAt(text, 0, false)
  }

  peek(): Token {
    return this.#token
  }

  #next(afterColon: boolean): Token {
    const token = this.#token
    this.#token = tokenAt(this.#text, token.end, afterColon)
    return token
  }

  /** `field`: the field that a list of values in brackets belongs to, `null` outside of one. */
  or(field: string | null, depth: number): Condition {
    const of = [this.#and(field, depth)]
    while (this.#word() === 'or') {
      this.#next(field !== null)
      of.push(this.#and(field, depth))
    }
    return of.length === 1 ? of[0]! : { kind: 'or', of }
  }

  #and(field: string | null, depth: number): Condition {
    const of = [this.#not(field, depth)]
    for (;;) {
      if (this.#word() === 'and') this.#next(field !== null)
      else if (this.#word() === 'or' || ['end', 'pipe', 'close'].includes(this.#token.kind)) break
      of.push(this.#not(field, depth))
    }
    return of.length === 1 ? of[0]! : { kind: 'and', of }
  }

  #not(field: string | null, depth: number): Condition {
    if (this.#word() !== 'not') return this.#primary(field, depth)
    const { start, end } = this.#next(field !== null)
    return { kind: 'not', of: this.#not(field, this.#deeper(depth, start, end)) }
  }

  #primary(field: string | null, depth: number): Condition {
    const token = this.#token
    const { kind, start, end } = token
    if (kind === 'open') return this.#brackets(field, depth, field !== null)
    if (kind === 'value' && this.#word() === null) {
      this.#next(field !== null)
      return this.#value(field ?? '', token.parts, token.word !== null, start, end)
    }
    if (kind === 'field') {
      this.#next(true)
      return this.#ofField(token.name, token.operator, start, depth)
    }
    throw new Unreadable('unexpected', start, end, 'a term must stand here')
  }

  /** `valuesFollow`: the bracket stands in a list of values. */
  #brackets(field: string | null, depth: number, valuesFollow: boolean): Condition {
    const { start, end } = this.#next(field !== null)
    const inner = this.or(field, this.#deeper(depth, start, end))
    if (this.#token.kind !== 'close') {
      throw new Unreadable('unclosed_bracket', start, this.#token.start, 'the bracket is never closed')
    }
    this.#next(valuesFollow)
    return inner
  }

  #ofField(name: string, operator: string, fieldStart: number, depth: number): Condition {
    const token = this.#token
    const { kind, start, end } = token
    if (kind === 'open' && operator === ':') return this.#brackets(name, depth, false)
    if (kind === 'interval' && operator === ':') {
      this.#next(false)
      const bounds: Bounds<string> = {}
      if (token.from !== '*') bounds.gte = token.from
      if (token.to !== '*') bounds.lte = token.to
      return this.#range(name, bounds, start, end)
    }
    if (kind !== 'value') throw new Unreadable('missing_value', fieldStart, start, `a value must follow ${name}`)
    this.#next(false)
    if (operator === ':') return this.#value(name, token.parts, token.word !== null, start, end)
    const bound = token.parts.map((part) => ('text' in part ? part.text : '*')).join('')
    const key = ({ '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' } as const)[operator as '>']
    return this.#range(name, { [key]: bound }, start, end)
  }

  #value(field: string, parts: readonly Part[], plain: boolean, start: number, end: number): Condition {
    this.#count(start, end)
    if (field === '' && parts.every((part) => 'text' in part && part.text === '')) {
      throw new Unreadable('missing_value', start, end, 'empty text is everywhere')
    }
    if (wildcardsOf(parts) > WILDCARDS_MAX) {
      throw new Unreadable('too_many_wildcards', start, end, `a value has at most ${WILDCARDS_MAX} wildcards`)
    }
    if (end - start > VALUE_CHARS_MAX) {
      throw new Unreadable('value_too_long', start, end, `a value has at most ${VALUE_CHARS_MAX} characters`)
    }
    return plain ? matchOrNetwork(field, parts) : match(field, parts)
  }

  #range(field: string, bounds: Bounds<string>, start: number, end: number): Condition {
    this.#count(start, end)
    const range = Object.keys(bounds).length === 0 ? null : rangeOf(field, bounds)
    if (range !== null) return range
    throw new Unreadable('bad_bound', start, end, 'a bound is a number, an address or a time, and both are of a kind')
  }

  #count(start: number, end: number): void {
    if (++this.#terms > TERMS_MAX) throw new Unreadable('too_many_terms', start, end, `at most ${TERMS_MAX} terms`)
  }

  #deeper(depth: number, start: number, end: number): number {
    if (depth < DEPTH_MAX) return depth + 1
    throw new Unreadable('too_deep', start, end, `at most ${DEPTH_MAX} levels`)
  }

  #word(): 'and' | 'or' | 'not' | null {
    const { kind } = this.#token
    const word = kind === 'value' ? this.#token.word?.toLowerCase() : undefined
    return word === 'and' || word === 'or' || word === 'not' ? word : null
  }
}
