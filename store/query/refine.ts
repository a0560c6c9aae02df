import { parseQuery, stagesBegin } from './parse.ts'

/** Words between terms; as values they stand in quotation marks. */
export const OPERATOR_WORDS = ['and', 'or', 'not']

/** A value as it is written in a search, in quotation marks where it must be. */
export function valueText(value: string): string {
  const plain =
    /^[^\s\u00a0()|"*?[\\/:][^\s\u00a0()|"*?[/]*$/.test(value) && !OPERATOR_WORDS.includes(value.toLowerCase())
  return plain ? value : `"${value.replace(/(\\*)("|$)/g, quoteEnd)}"`
}

/** Backslashes are doubled only where a quotation mark follows them. */
function quoteEnd(_: string, slashes: string, mark: string): string {
  return slashes + slashes + (mark === '' ? '' : `\\${mark}`)
}

/** The name of a field as it is written in a search. */
export function fieldText(name: string): string {
  return /^[A-Za-z@_][\w.@-]*$/.test(name) ? name : `"${name.replace(/["\\]/g, String.raw`\$&`)}"`
}

/** Only events whose field has this value. */
export function only(field: string, value: string): string {
  return `${fieldText(field)}:${valueText(value)}`
}

/** Of what `search` means, the events whose field has this value. What it wants of them (its stages) stays. */
export function including(search: string, field: string, value: string): string {
  return narrowed(search, only(field, value))
}

/** Of what `search` means, the events whose field has another value, or none. */
export function excluding(search: string, field: string, value: string): string {
  return narrowed(search, `not ${only(field, value)}`)
}

/** The condition of `search`, without what it wants of the events. */
export function conditionOf(search: string): string {
  return search.slice(0, stagesBegin(search)).trim()
}

function narrowed(search: string, term: string): string {
  const condition = conditionOf(search)
  const stages = search.slice(stagesBegin(search)).trim()
  const parsed = parseQuery(condition)
  const loose = 'query' in parsed && parsed.query.where?.kind === 'or' // "and" binds closer
  const parts = [loose ? `(${condition})` : condition, condition === '' ? '' : 'and', term, stages]
  return parts.filter((part) => part !== '').join(' ')
}
