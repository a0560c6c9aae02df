import { PARSER_FIELDS } from './fields/parsers.ts'
import { EVENT_DATA } from './fields/windows.ts'
import type { LogSourceRow } from './sigma/logsource.ts'

const DATA = 'winlog.event_data.'
/** Set beside what a parser names: the envelope of every event. */
const ALWAYS = new Set(['@timestamp', 'message', 'tags'])

interface FieldRow {
  /** A data set, or all that begin with what stands before a star. */
  dataset: RegExp
  names: ReadonlySet<string>
  globs: readonly RegExp[]
}

const glob = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.^$+?()[\]{}|\\]/g, String.raw`\$&`).replaceAll('*', '.+')}$`)

let table: FieldRow[] | undefined

function rows(): FieldRow[] {
  return (table ??= PARSER_FIELDS.replaceAll('\n  ', ' ')
    .trim()
    .split('\n')
    .map((line) => {
      const [dataset = '', ...names] = line.split(/:? /)
      return {
        dataset: glob(dataset),
        names: new Set(names.filter((name) => !name.includes('*'))),
        globs: names.filter((name) => name.includes('*')).map(glob),
      }
    }))
}

const answers = new WeakMap<LogSourceRow, Map<string, boolean>>()

/**
 * Whether events of the row can have a field, by its name there: one that the parsers set; or, where the row's events come in
 * ECS already, any that is no name of Windows' own log.
 */
export function canProduce(row: LogSourceRow, field: string): boolean {
  let known = answers.get(row)
  if (known === undefined) answers.set(row, (known = new Map()))
  let answer = known.get(field)
  if (answer === undefined) known.set(field, (answer = isProduced(row, field)))
  return answer
}

function isProduced(row: LogSourceRow, field: string): boolean {
  const { when } = row
  if (ALWAYS.has(field) || when.some(([name]) => name === field)) return true
  const conditions = new Map(when)
  const channels = conditions.get('winlog.channel')
  if (channels !== undefined && field.startsWith(DATA)) {
    const codes = [...(conditions.get('event.code') ?? [''])]
    const templates = [...channels].flatMap((channel) => codes.map((code) => EVENT_DATA[channel]?.[code]))
    const name = field.slice(DATA.length)
    return templates.some((template) => template === undefined || template.split(' ').includes(name))
  }
  const known = rowsOf(row, conditions)
  if (known.every(({ dataset }) => dataset.test('any.dataset'))) return isForeign(field)
  return known.some(
    ({ names, globs }) => names.has(field) || globs.some((one) => one.test(field)) || within(names, field),
  )
}

/** Names that events of the row have, as far as they are fixed; of Windows' own log the names that rules write. */
export function fieldsOf(row: LogSourceRow): string[] {
  const conditions = new Map(row.when)
  const codes = [...(conditions.get('event.code') ?? [])]
  const templates = [...(conditions.get('winlog.channel') ?? [])].flatMap((channel) =>
    codes.flatMap((code) => EVENT_DATA[channel]?.[code]?.split(' ') ?? []),
  )
  const known = rowsOf(row, conditions)
  if (known.every(({ dataset }) => dataset.test('any.dataset'))) return templates
  return [...templates, ...known.flatMap(({ names }) => [...names])]
}

const found = new WeakMap<LogSourceRow, readonly FieldRow[]>()

function rowsOf(row: LogSourceRow, conditions: ReadonlyMap<string, ReadonlySet<string>>): readonly FieldRow[] {
  let known = found.get(row)
  if (known === undefined) {
    known = rows().filter(({ dataset }) => concerns(dataset, conditions))
    found.set(row, known)
  }
  return known
}

/** Whether a shipper that sends ECS by itself may send the field: names of ECS have a dot. */
const isForeign = (field: string): boolean => field.includes('.') && !field.startsWith('winlog.')

/** Whether events of a data set can be those of a row. */
function concerns(dataset: RegExp, conditions: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (conditions.has('winlog.channel')) return dataset.test('windows.channel')
  const datasets = conditions.get('event.dataset')
  if (datasets !== undefined) return [...datasets].some((name) => dataset.test(name))
  const modules = conditions.get('event.module')
  return modules !== undefined && [...modules].some((name) => ofModule(dataset, name))
}

const ofModule = (dataset: RegExp, name: string): boolean =>
  dataset.source.startsWith(String.raw`^${name}\.`) || dataset.test(`${name}.`)

/** A field above or below one that is set: an object of it, or a part. */
function within(names: ReadonlySet<string>, field: string): boolean {
  for (const name of names) if (name.startsWith(`${field}.`) || field.startsWith(`${name}.`)) return true
  return false
}
