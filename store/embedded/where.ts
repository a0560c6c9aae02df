import { IPV4_PATTERN, IPV6_PATTERN } from '../query/address.ts'
import { foldLiteral, MARKS, variants } from '../query/fold.ts'
import type { Part, Pattern } from '../query/pattern.ts'
import type { Expression, Sieve } from '../event-source.ts'
import { FREE_TEXT, NUMBER_PATTERN, type Range, TIME_PATTERN } from '../query/query.ts'
import { COLUMNS, time } from './columns.ts'
import type { Parameters } from './conditions.ts'
import { instantMs } from './conditions.ts'

/**
 * SQL that holds for the rows that are meant; it may be NULL where it does not hold. `spilled` rows may hold a column's field
 * in `rest`, others cannot.
 */
export function whereSql(condition: Sieve, spilled: boolean, parameters: Parameters): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.of.map((part) => whereSql(part, spilled, parameters)).join(condition.kind === 'and' ? ' AND ' : ' OR ')})`
    case 'not':
      return `NOT coalesce(${whereSql(condition.of, spilled, parameters)}, false)`
    case 'match': {
      const { field, pattern } = condition
      const test = (text: string, isColumn: boolean): string => matches(text, pattern, isColumn, parameters)
      const first = anchored(anchorOf(pattern), parameters)
      const on = (name: string): string => onField(name, test, spilled, parameters, first)
      if (field !== '') return on(field)
      const [line, message] = FREE_TEXT
      // What is looked for may stand anywhere, so that a message which is a part of its line need not be looked through again.
      const isNew = spilled ? 'true' : `contains("${line}", "${message}") IS NOT TRUE`
      return `(${on(line)} OR (${isNew} AND ${on(message)}))`
    }
    case 'anywhere':
      return anywhere(condition.text, parameters)
    case 'spelled': {
      const texts = condition.texts.map((text) => parameters.add(text)).join(', ')
      return onField(condition.field, (text) => `lower(${text}) IN (${texts})`, spilled, parameters)
    }
    case 'expression':
      return expression(condition, spilled, parameters)
    default: {
      const native = nativeRange(condition, parameters)
      const test = (text: string): string => textRange(text, condition, parameters)
      if (native === null) return onField(condition.field, test, spilled, parameters)
      return spilled ? `(${native} OR ${inRest(condition.field, test, parameters)})` : native
    }
  }
}

/** Columns that the event brought with it. */
const OWN = [...COLUMNS].filter(([name, kind]) => kind !== 'time' && !name.startsWith('soc.'))
const JSON_AS_IS = /[^"\\\0-\x1f]+/g

/** The text in any column, or in the JSON, however deep. */
function anywhere(text: string, parameters: Parameters): string {
  const isNumeric = /^[-0-9]+$/.test(text)
  const columns = OWN.filter(([, kind]) => kind === 'text' || isNumeric).map(([name]) => columnText(name)!)
  // JSON writes some characters otherwise: of a text that has such, what is between them.
  const [longest = ''] = (text.match(JSON_AS_IS) ?? []).sort((a, b) => b.length - a.length)
  const tests = columns.map((column) => matches(column, { kind: 'contains', text }, true, parameters))
  tests.push(matches('"rest"', { kind: 'contains', text: longest }, true, parameters))
  return `(${tests.join(' OR ')})`
}

/** An expression found in a value of a field, or of any of the event's own. */
function expression({ field, whole, inJson }: Expression, spilled: boolean, parameters: Parameters): string {
  const found = (text: string, regex = whole): string => `regexp_matches(${text}, ${parameters.add(regex)})`
  const inRest = (): string => found('"rest"', inJson)
  if (field === '') return `(${[...OWN.map(([name]) => found(columnText(name)!)), inRest()].join(' OR ')})`
  // DuckDB writes exponents otherwise.
  const test = (text: string, isColumn: boolean): string =>
    isColumn ? found(text) : `(${found(text)} OR ${found(text, '^-?[0-9.]+e[+-]?[0-9]+$')})`
  return onField(field, test, spilled, parameters, inRest)
}

/** SQL of a column's text, or `null` where the field has none. */
export function columnText(field: string): string | null {
  if (field === 'soc.record') return `("soc.spool" || '-' || "soc.seq")`
  switch (COLUMNS.get(field)) {
    case 'text':
      return `"${field}"`
    case 'integer':
      return `CAST("${field}" AS VARCHAR)`
    case 'time':
      return `strftime("${field}", '%Y-%m-%dT%H:%M:%S.%gZ')`
    default:
      return null
  }
}

/** The value of a field of `rest`, as JSON. The test spares taking JSON apart that is without the field. */
export function jsonOf(field: string, parameters: Parameters): string {
  const { key, pointer } = inJson(field, parameters)
  return `CASE WHEN contains("rest", ${key}) THEN json_extract("rest", ${pointer}) END`
}

/** The texts of a value as a list; there may be NULL in it. */
export function textsOfJson(json: string): string {
  return `CASE json_type(${json}) WHEN 'ARRAY' THEN list_transform(list_filter(json_extract(${json}, '$[*]'),
      lambda v: json_type(v) NOT IN ('OBJECT', 'ARRAY', 'NULL')), lambda v: v->>'$')
    WHEN 'OBJECT' THEN [] ELSE [(${json})->>'$'] END`
}

type Test = (text: string, isColumn: boolean) => string

function onField(field: string, test: Test, spilled: boolean, parameters: Parameters, first?: First): string {
  const column = columnText(field)
  if (column === null) return inRest(field, test, parameters, first)
  return spilled ? `(${test(column, true)} OR ${inRest(field, test, parameters, first)})` : test(column, true)
}

/** A condition that `rest` meets where a value in it does: JSON that does not is not parsed, which costs far more. */
type First = () => string

/** A field of `rest`: a scalar, or any scalar of a list. */
function inRest(field: string, test: Test, parameters: Parameters, first: First = () => 'true'): string {
  const { key, pointer } = inJson(field, parameters)
  const element = `(json_type(v) NOT IN ('OBJECT', 'ARRAY', 'NULL') AND ${test(`(v->>'$')`, false)})`
  // Not AND: where the whole is denied, DuckDB would work out both sides of it for every row.
  return `CASE WHEN contains("rest", ${key}) AND ${first()} THEN CASE json_type("rest", ${pointer})
    WHEN 'ARRAY' THEN len(list_filter(json_extract(json_extract("rest", ${pointer}), '$[*]'), lambda v: ${element})) > 0
    WHEN 'OBJECT' THEN false
    ELSE coalesce(${test(`json_extract_string("rest", ${pointer})`, false)}, false) END ELSE false END`
}

function inJson(field: string, parameters: Parameters): { key: string; pointer: string } {
  return {
    key: parameters.add(`${JSON.stringify(field)}:`),
    pointer: parameters.add(pointerTo(field)),
  }
}

/** A field in JSON (RFC 6901). */
export function pointerTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** @param anchor what the text of every value that fits holds, in lower case */
function anchored(anchor: string | null, parameters: Parameters): First | undefined {
  if (anchor === null) return undefined
  return () =>
    `CASE WHEN strlen("rest") = length("rest") THEN contains(lower("rest"), ${parameters.add(anchor)}) ELSE true END`
}

/** The longest literal of a pattern that JSON writes as it is; `null` where there is none worth looking for. */
function anchorOf(pattern: Pattern): string | null {
  if (pattern.kind === 'exists') return null
  const parts: readonly Part[] = pattern.kind === 'wildcard' ? pattern.parts : [pattern]
  const literals = parts.flatMap((part) => ('text' in part ? [foldLiteral(part.text)] : []))
  const [longest = ''] = literals.sort((a, b) => b.length - a.length)
  // Two characters are everywhere; others than these may be escaped, or be of a number that JSON writes otherwise.
  return /^[a-z0-9 ._:/@-]{3,}$/.test(longest) && !/^[-0-9.]*e[-0-9.]*$/.test(longest) ? longest : null
}

/**
 * Whether a text fits. What has no other form is compared as it stands, so that files are passed over by their statistics;
 * ASCII by `lower`; the rest by a regular expression of RE2, whose time is linear in the text. (`strip_accents` costs ten
 * times as much and ends at a NUL.)
 */
function matches(text: string, pattern: Pattern, isColumn: boolean, parameters: Parameters): string {
  if (pattern.kind === 'exists') return `${text} IS NOT NULL`
  if (pattern.kind === 'wildcard') return fullMatch(text, pattern.parts.map(regexOf).join(''), parameters)
  const wanted = foldLiteral(pattern.text)
  if (Array.from(wanted).every((character) => variants(character).length === 1)) {
    return compared(pattern.kind, text, parameters.add(wanted))
  }
  const [before, after] = AROUND[pattern.kind]
  const folded = fullMatch(text, before + regexOf({ text: pattern.text }) + after, parameters)
  if (!isColumn) return folded // reading it out of JSON once costs more than the expression
  const ascii = /^[\0-\x7f]*$/.test(wanted) ? compared(pattern.kind, `lower(${text})`, parameters.add(wanted)) : 'false'
  return `CASE WHEN strlen(${text}) = length(${text}) THEN ${ascii} ELSE ${folded} END`
}

type Literal = Exclude<Pattern['kind'], 'exists' | 'wildcard'>

const AROUND: Record<Literal, [string, string]> = {
  equals: ['', ''],
  prefix: ['', '.*'],
  suffix: ['.*', ''],
  contains: ['.*', '.*'],
}

function compared(kind: Literal, text: string, wanted: string): string {
  switch (kind) {
    case 'equals':
      return `${text} = ${wanted}`
    case 'prefix':
      return `starts_with(${text}, ${wanted})`
    case 'suffix':
      return `suffix(${text}, ${wanted})`
    default:
      return `contains(${text}, ${wanted})`
  }
}

function fullMatch(text: string, regex: string, parameters: Parameters): string {
  return `regexp_full_match(${text}, ${parameters.add(regex)}, 's')`
}

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz', (letter) => variants(letter).map(escaped).join('')).join('')

/** What folds to a part, in RE2's syntax. */
function regexOf(part: Part): string {
  if ('any' in part) return part.any === 'run' ? '.*' : `(?:[${LETTERS}][${MARKS}]*|[^${LETTERS}${MARKS}])`
  return Array.from(foldLiteral(part.text), (character) => {
    const all = variants(character)
    const one = all.length === 1 ? escaped(character) : `[${all.map(escaped).join('')}]`
    return /[a-z]/.test(character) ? `${one}[${MARKS}]*` : one
  }).join('')
}

function escaped(character: string): string {
  if (character > '\x7f' || /[a-z0-9]/i.test(character)) return character
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

const OPERATORS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

function between(value: string, range: Range, bind: (bound: string | number) => string): string {
  const bounds = (Object.keys(OPERATORS) as (keyof typeof OPERATORS)[]).flatMap((name) => {
    const bound = range[name]
    return bound === undefined ? [] : [`${value} ${OPERATORS[name]} ${bind(bound)}`]
  })
  return `(${bounds.join(' AND ')})`
}

/** A range over a column that is of its kind, or of a kind that holds none of it; `null` where the column is text. */
function nativeRange(range: Range, parameters: Parameters): string | null {
  const kind = COLUMNS.get(range.field)
  if (kind === undefined || kind === 'text') return null
  const column = `"${range.field}"`
  if (kind === 'integer' && range.as === 'number')
    return between(column, range, (bound) => parameters.add(Number(bound)))
  if (kind === 'time' && range.as === 'time') {
    return between(column, range, (bound) => parameters.add(time(instantMs(String(bound)))))
  }
  return 'false'
}

function textRange(text: string, range: Range, parameters: Parameters): string {
  if (range.as === 'number') {
    const number = `TRY_CAST(${text} AS DOUBLE)`
    const within = between(number, range, (bound) => parameters.add(Number(bound)))
    return `CASE WHEN regexp_full_match(${text}, '${NUMBER_PATTERN}') THEN isfinite(${number}) AND ${within} ELSE false END`
  }
  if (range.as === 'time') {
    const within = between(text, range, (bound) => parameters.add(bound))
    return `(regexp_full_match(${text}, '${TIME_PATTERN}') AND ${within})`
  }
  return isOfFour(range) ? inFour(text, range) : inSix(text, range, parameters)
}

/** `rangeOf` and `networkOf` make ranges of one family. */
function isOfFour({ gt, gte, lt, lte }: Range): boolean {
  return String(gt ?? gte ?? lt ?? lte).startsWith('4')
}

/** IPv4 addresses are compared as integers. */
function inFour(text: string, range: Range): string {
  const octet = (n: number): string => `CAST(split_part(${text}, '.', ${n}) AS UINTEGER)`
  const first = `CAST(string_split(split_part(${text}, '.', 1), ':')[-1] AS UINTEGER)`
  const integer = `(${first} * 16777216 + ${octet(2)} * 65536 + ${octet(3)} * 256 + ${octet(4)})`
  const within = between(integer, range, (bound) => String(parseInt(String(bound).slice(1), 16)))
  const exact = `CASE WHEN regexp_full_match(${text}, '${IPV4_PATTERN}') THEN ${within} ELSE false END`
  const begin = commonOctets(range)
  return begin === '' ? exact : `((starts_with(${text}, '${begin}') OR starts_with(${text}, '::')) AND ${exact})`
}

/** How every address between the bounds begins, as `10.` does: most texts are done with by that. */
function commonOctets({ gt, gte, lt, lte }: Range): string {
  const octets = (key: unknown): number[] => [...Buffer.from(String(key).slice(1), 'hex')]
  const [low, high] = [octets(gt ?? gte), octets(lt ?? lte)]
  const differs = low.findIndex((octet, i) => octet !== high[i])
  return low
    .slice(0, differs < 0 ? 3 : differs)
    .map((octet) => `${octet}.`)
    .join('')
}

/** IPv6 addresses are written out as `addressKey` does. A lambda over one element gives a value a name. */
function inSix(text: string, range: Range, parameters: Parameters): string {
  const groups = `list_filter(string_split(t, ':'), lambda g: g <> '')`
  const whole = `string_split(replace(t, '::', ':' || repeat('0:', greatest(0, 8 - len(${groups})))), ':')`
  const key = `array_to_string(list_transform(list_filter(${whole}, lambda g: g <> ''), lambda g: lpad(g, 4, '0')), '')`
  const within = between('k', range, (bound) => parameters.add(String(bound).slice(1)))
  return `CASE WHEN contains(${text}, ':') AND regexp_full_match(${text}, '${IPV6_PATTERN}')
    THEN list_transform(list_transform([lower(${text})], lambda t: ${key}), lambda k: length(k) = 32 AND ${within})[1] ELSE false END`
}
