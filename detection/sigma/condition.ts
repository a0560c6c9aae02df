import { RuleError } from '../errors.ts'

/** A condition: identifiers of selections joined. `any`/`every` of a pattern is resolved to the identifiers it stands for. */
export type Condition =
  | { op: 'selection'; name: string }
  | { op: 'not'; of: Condition }
  | { op: 'and' | 'or'; of: Condition[] }

interface Token {
  text: string
  at: number
}

const TOKEN = /\s+|([()|])|([^\s()|]+)/g
const DEPTH_MAX = 60

function tokens(text: string): Token[] {
  return [...text.matchAll(TOKEN)].flatMap(({ 0: token, index }) =>
    token.trim() === '' ? [] : [{ text: token, at: index }],
  )
}

/** Whether `pattern` with `*` names the whole of `name`. */
function patternNames(pattern: string): (name: string) => boolean {
  const pieces = pattern.split('*').map((piece) => piece.replace(/[.\\+^$?{}()[\]|]/g, '\\$&'))
  const regex = new RegExp(`^${pieces.join('.*')}$`, 's')
  return (name) => regex.test(name) && (!name.startsWith('_') || pattern.startsWith('_'))
}

/**
 * Parses a condition (Sigma spec, «Condition»): `or` binds loosest, then `and`, `not`, then `1 of`, `all of`, `any of` and
 * parentheses. Keywords may be written in either case; identifiers may not.
 * @param names the identifiers there are
 * @param at offset of the condition's text in the file
 * @throws {RuleError} `bad_condition`, placed
 */
export function parseCondition(text: string, names: readonly string[], at: number): Condition {
  const all = tokens(text)
  let next = 0
  let depth = 0

  const refuse = (message: string, token = all[next]): never => {
    throw new RuleError('bad_condition', message, at + (token?.at ?? text.length))
  }
  const keyword = (...words: string[]): boolean => words.includes(all[next]?.text.toLowerCase() ?? '')

  function either(): Condition {
    if (++depth > DEPTH_MAX) refuse('nested too deep')
    const of = [both()]
    while (keyword('or')) {
      next++
      of.push(both())
    }
    depth--
    return of.length === 1 ? of[0]! : { op: 'or', of }
  }

  function both(): Condition {
    const of = [negation()]
    while (keyword('and')) {
      next++
      of.push(negation())
    }
    return of.length === 1 ? of[0]! : { op: 'and', of }
  }

  function negation(): Condition {
    let negated = false
    while (keyword('not')) {
      next++
      negated = !negated
    }
    const of = term()
    return negated ? { op: 'not', of } : of
  }

  function term(): Condition {
    const token = all[next]
    if (token === undefined) return refuse('the condition ends where a selection is expected')
    if (token.text === '(') {
      next++
      const of = either()
      if (all[next]?.text !== ')') refuse('missing )')
      next++
      return of
    }
    if (token.text === ')' || keyword('and', 'or')) return refuse(`'${token.text}' where a selection is expected`)
    if (token.text === '|') return refuse('aggregations with | were removed from Sigma: write a correlation rule')
    if (all[next + 1]?.text.toLowerCase() === 'of') return quantified(token)
    next++
    if (token.text.includes('*')) return refuse(`a pattern needs '1 of' or 'all of' before it`, token)
    if (!names.includes(token.text)) return refuse(`no selection is called '${token.text}'`, token)
    return { op: 'selection', name: token.text }
  }

  function quantified(quantifier: Token): Condition {
    const word = quantifier.text.toLowerCase()
    if (word !== '1' && word !== 'any' && word !== 'all') refuse(`'${quantifier.text} of' is not 1, any or all`)
    next += 2
    const pattern = all[next] ?? refuse(`nothing after '${word} of'`)
    next++
    const matches = pattern.text.toLowerCase() === 'them' ? patternNames('*') : patternNames(pattern.text)
    const of = names.filter(matches).map((name): Condition => ({ op: 'selection', name }))
    if (of.length === 0) refuse(`no selection is called '${pattern.text}'`, pattern)
    return of.length === 1 ? of[0]! : { op: word === 'all' ? 'and' : 'or', of }
  }

  const condition = either()
  if (all[next]?.text === '|') refuse('aggregations with | were removed from Sigma: write a correlation rule')
  if (next < all.length) refuse(`'${all[next]!.text}' is not expected here`)
  return condition
}

/** Names a condition refers to. */
export function selectionsOf(condition: Condition): Set<string> {
  if (condition.op === 'selection') return new Set([condition.name])
  if (condition.op === 'not') return selectionsOf(condition.of)
  return new Set(condition.of.flatMap((part) => [...selectionsOf(part)]))
}
