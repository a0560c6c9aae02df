import { type Token, tokenAt, Unreadable } from './lexer.ts'
import { OPERATOR_WORDS, valueText } from './refine.ts'
import { STAGES, UNITS_MS } from './stages.ts'

/** What may stand at the cursor of an unfinished search. */
export interface Expected {
  /** The stretch that a choice replaces: what has been typed of it so far. */
  from: number
  to: number
  /** Field names fit. */
  fields: boolean
  /** Values of this field fit. */
  valuesOf?: string
  /** Words and signs of the language that fit. */
  words: readonly string[]
}

export interface Choice {
  kind: 'field' | 'value' | 'word'
  text: string
}

/** What may come at `cursor`, judged by what stands before it. Pure; never throws, whatever `text` is. */
export function expectedAt(text: string, cursor: number): Expected {
  const before = text.slice(0, cursor)
  const at = (from: number, more: Omit<Expected, 'from' | 'to'>): Expected => ({ from, to: cursor, ...more })
  /** The fields of the brackets that are open: `null` for brackets around terms. */
  const open: (string | null)[] = []
  let field: string | null = null
  let afterTerm = false
  const here = (from: number): Expected => {
    const valuesOf = field ?? open.at(-1) ?? null
    if (field === null && afterTerm) {
      const words = [...OPERATOR_WORDS, open.length > 0 ? ')' : '|']
      return at(from, valuesOf === null ? { fields: true, words } : { fields: false, valuesOf, words })
    }
    const words = field === null ? ['not', '('] : ['(']
    return at(from, valuesOf === null ? { fields: true, words } : { fields: false, valuesOf, words })
  }
  for (let position = 0; ;) {
    let token: Token
    try {
      token = tokenAt(before, position, field !== null || (open.at(-1) ?? null) !== null)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      const { valuesOf } = here(cursor)
      return at(error.error.position, { fields: false, ...(valuesOf !== undefined && { valuesOf }), words: [] })
    }
    position = token.end
    switch (token.kind) {
      case 'end':
        return here(cursor)
      case 'pipe':
        return stageAt(before, token.start, cursor)
      case 'open':
        open.push(field ?? open.at(-1) ?? null)
        field = null
        afterTerm = false
        break
      case 'close':
        open.pop()
        afterTerm = true
        break
      case 'field':
        field = token.name
        afterTerm = false
        break
      default: {
        const word = token.kind === 'value' ? (token.word?.toLowerCase() ?? null) : null
        if (token.end === cursor && token.kind === 'value') return here(token.start)
        afterTerm = !(field === null && word !== null && OPERATOR_WORDS.includes(word))
        field = null
      }
    }
  }
}

/** Inside the stages, the first of which begins at `pipe`. */
function stageAt(before: string, pipe: number, cursor: number): Expected {
  const from = cursor - /[^\s\u00a0|,]*$/.exec(before)![0].length
  const stages = before.slice(pipe + 1, from).split('|')
  const done = stages
    .at(-1)!
    .trim()
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  const [stage, ...words] = done
  const list = before.slice(0, from).trimEnd().endsWith(',')
  const expected = (fields: boolean, choices: readonly string[]): Expected => ({
    from,
    to: cursor,
    fields,
    words: choices,
  })
  if (stage === undefined) {
    const [earlier] = stages[0]!.trim().toLowerCase().split(/\s+/)
    const follows = stages.length === 1 ? ['count', 'histogram', 'fields', 'sort'] : (FOLLOWING[earlier ?? ''] ?? [])
    return expected(false, follows)
  }
  const last = words.at(-1)
  switch (stage) {
    case 'count':
      return last === undefined
        ? expected(false, ['by', '|'])
        : expected(last === 'by' || list, last === 'by' || list ? [] : [',', '|'])
    case 'histogram':
      if (last === 'by') return expected(true, [])
      if (words.includes('by')) return expected(false, ['|'])
      return expected(
        false,
        last === undefined ? [...Object.keys(UNITS_MS).map((unit) => `1${unit}`), 'by', '|'] : ['by', '|'],
      )
    case 'fields':
      return expected(last === undefined || list, last === undefined || list ? [] : [',', '|'])
    case 'sort':
      return last === undefined ? expected(true, ['count', '@timestamp']) : expected(false, ['asc', 'desc', '|'])
    case 'top':
      return expected(false, last === undefined ? ['10', '20', '100'] : ['|'])
    default:
      return expected(false, [])
  }
}

const FOLLOWING: Readonly<Record<string, readonly (keyof typeof STAGES)[]>> = {
  count: ['top', 'sort'],
  histogram: ['top'],
  fields: ['sort'],
  sort: ['fields'],
}

/**
 * Choices for `expected`, those that begin as what has been typed.
 * @param values of the field that `expected` names; the caller knows where to ask for them
 */
export function choices(
  text: string,
  expected: Expected,
  fields: readonly string[],
  values: readonly string[] = [],
): Choice[] {
  const typed = text.slice(expected.from, expected.to).replace(/^"/, '').toLowerCase()
  const fits = (choice: string): boolean => choice.toLowerCase().startsWith(typed)
  return [
    ...(expected.valuesOf === undefined
      ? []
      : values.filter(fits).map((value): Choice => ({ kind: 'value', text: valueText(value) }))),
    ...(expected.fields ? fields.filter(fits).map((name): Choice => ({ kind: 'field', text: name })) : []),
    ...expected.words.filter(fits).map((word): Choice => ({ kind: 'word', text: word })),
  ]
}
