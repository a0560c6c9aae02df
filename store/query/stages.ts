import { Unreadable } from './lexer.ts'
import { COUNT_SORT, FIELDS_MAX, GROUP_FIELDS_MAX, type Output, TOP_MAX } from './query.ts'

/** What may follow a `|`, with its form. */
export const STAGES = {
  count: 'count [by field, field]',
  top: 'top 20',
  histogram: 'histogram [5m] [by field]',
  fields: 'fields field, field',
  sort: 'sort count|field [asc|desc]',
} as const

/** Groups that are given where no `top` says how many; of a histogram, the series. */
const GROUPS_NORMAL = 100
const SERIES_NORMAL = 10
const INTERVAL_MS_MAX = 366 * 86_400_000

export const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

interface Word {
  text: string
  start: number
  end: number
  quoted: boolean
}

/** Reads the stages from the `|` at `at` to the end; without one, events are wanted, newest first. @throws {Unreadable} */
export function parseStages(text: string, at: number): Output {
  let output: Output = { kind: 'events', order: 'newest' }
  let first = true
  for (const words of stagesOf(text, at)) {
    output = apply(words, output, first)
    first = false
  }
  return output
}

/** The words of each stage; a comma is a word. */
function stagesOf(text: string, at: number): Word[][] {
  const stages: Word[][] = []
  for (const { 0: found, index } of text.slice(at).matchAll(/\||,|"(?:[^"\\]|\\.)*"|"|[^\s\u00a0|,"]+/g)) {
    const start = at + index
    const end = start + found.length
    if (found === '"') throw new Unreadable('unclosed_quote', start, text.length, 'the quotation mark is never closed')
    if (found === '|') stages.push([{ text: '|', start, end, quoted: false }])
    else {
      const quoted = found.startsWith('"')
      stages.at(-1)!.push({ text: quoted ? found.slice(1, -1).replace(/\\(.)/g, '$1') : found, start, end, quoted })
    }
  }
  return stages
}

function apply([pipe, name, ...words]: Word[], before: Output, first: boolean): Output {
  const blame = name ?? pipe!
  const stage = name?.text.toLowerCase()
  if (stage === undefined || !Object.hasOwn(STAGES, stage)) {
    throw new Unreadable('unknown_stage', blame.start, blame.end, `a stage is one of ${Object.keys(STAGES).join(', ')}`)
  }
  const refuse = (word: Word | undefined, message: string): never => {
    const { start, end } = word ?? words.at(-1) ?? blame
    throw new Unreadable('bad_stage', start, end, message)
  }
  switch (stage) {
    case 'count': {
      if (!first) refuse(blame, 'count comes first')
      const by = words.length === 0 ? [] : fieldsOf(afterBy(words, refuse), GROUP_FIELDS_MAX, refuse)
      return { kind: 'count', by, top: GROUPS_NORMAL, sort: COUNT_SORT }
    }
    case 'histogram': {
      if (!first) refuse(blame, 'histogram comes first')
      const interval = words[0] === undefined || isBy(words[0]) ? undefined : intervalOf(words.shift()!, refuse)
      const [by] = words.length === 0 ? [] : fieldsOf(afterBy(words, refuse), 1, refuse)
      const top = SERIES_NORMAL
      return { kind: 'histogram', ...(interval !== undefined && { intervalMs: interval }), ...(by && { by }), top }
    }
    case 'top': {
      const [word, extra] = words
      if (before.kind === 'events' || (before.kind === 'count' && before.by.length === 0)) {
        return refuse(blame, 'top follows «count by» or «histogram by»')
      }
      if (word === undefined || extra !== undefined || !/^\d{1,4}$/.test(word.text))
        return refuse(extra ?? word, STAGES.top)
      const top = Number(word.text)
      return top >= 1 && top <= TOP_MAX ? { ...before, top } : refuse(word, `1 to ${TOP_MAX}`)
    }
    case 'fields':
      if (before.kind !== 'events') return refuse(blame, 'fields is for events')
      return { ...before, fields: fieldsOf(words, FIELDS_MAX, refuse) }
    default:
      return sorted(words, before, refuse)
  }
}

type Refuse = (word: Word | undefined, message: string) => never

function sorted(words: readonly Word[], before: Output, refuse: Refuse): Output {
  const [word, direction, extra] = words
  const way = direction?.text.toLowerCase() ?? 'desc'
  if (word === undefined || extra !== undefined || (way !== 'asc' && way !== 'desc')) {
    return refuse(extra ?? direction ?? word, STAGES.sort)
  }
  if (before.kind === 'events') {
    if (word.text !== '@timestamp') return refuse(word, 'events are sorted by @timestamp')
    return { ...before, order: way === 'asc' ? 'oldest' : 'newest' }
  }
  if (before.kind !== 'count') return refuse(word, 'a histogram is sorted by time')
  const at = before.by.indexOf(word.text)
  if (at === -1 && (word.text !== 'count' || word.quoted)) return refuse(word, 'sort by count or by a counted field')
  return { ...before, sort: { by: at === -1 ? 'count' : at, descending: way === 'desc' } }
}

function isBy(word: Word | undefined): boolean {
  return word !== undefined && !word.quoted && word.text.toLowerCase() === 'by'
}

function afterBy(words: readonly Word[], refuse: Refuse): Word[] {
  return isBy(words[0]) ? words.slice(1) : refuse(words[0], '«by» and fields must follow')
}

/** `a, b, c`. */
function fieldsOf(words: readonly Word[], most: number, refuse: Refuse): string[] {
  const fields = words.filter((_, i) => i % 2 === 0)
  const comma = words.find((word, i) => (word.text === ',' && !word.quoted) !== (i % 2 === 1))
  if (comma !== undefined || fields.length === 0 || words.length % 2 === 0)
    return refuse(comma, 'field names, with commas between')
  if (fields.length > most) return refuse(fields[most], `at most ${most}`)
  const names = fields.map(({ text }) => text)
  const twice = fields.find(({ text }, i) => text === '' || names.indexOf(text) < i)
  return twice === undefined ? names : refuse(twice, 'each field once')
}

function intervalOf(word: Word, refuse: Refuse): number {
  const [, number, unit = ''] = /^(\d{1,5})([smhd])$/i.exec(word.text) ?? []
  const ms = Number(number) * (UNITS_MS[unit.toLowerCase()] ?? 0)
  return ms > 0 && ms <= INTERVAL_MS_MAX ? ms : refuse(word, 'an interval is written 30s, 5m, 1h or 1d')
}
