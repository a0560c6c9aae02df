import { parseDocument, isMap, isScalar } from 'yaml'
import { DISABLED_PATH, readDisabled } from '../detection/disabled.ts'
import { loadRules } from '../detection/engine.ts'
import { RuleError } from '../detection/errors.ts'
import { LIFE_PATH, readLife, type RuleEdit } from '../detection/life.ts'
import { entryOf, readYaml, textOf } from '../detection/sigma/yaml.ts'
import type { RuleFile } from '../detection/types.ts'

/** Who settles it, why, and on what day. */
export interface EditNote {
  by: string
  why: string
  day: string
}

/** The edit cannot be made; the message is for the person who asked. */
export class RuleEditError extends Error {
  override readonly name = 'RuleEditError'
}

/**
 * The files that an edit changes, in their new text and in the order in which they are to be written: what says that a new rule is a draft
 * stands before it, so that it never runs. All else in them, comments too, stays as it was written.
 * @param files of the rules folder
 * @throws {RuleEditError}
 */
export async function editedFiles(files: readonly RuleFile[], edit: RuleEdit, note: EditNote): Promise<RuleFile[]> {
  const { rule } = edit
  if (edit.kind === 'text') return [await withText(files, edit)]
  if (edit.kind !== 'new') return [settled(files, edit, note)]
  if (files.some((file) => documentOf(file, rule) !== undefined)) throw new RuleEditError('there is a rule of that id')
  return [
    settled(files, { kind: 'state', rule, state: 'draft' }, note),
    await withText(files, { ...edit, kind: 'text' }),
  ]
}

function settled(
  files: readonly RuleFile[],
  edit: Exclude<RuleEdit, { kind: 'text' | 'new' }>,
  note: EditNote,
): RuleFile {
  const path = edit.kind === 'switch' ? DISABLED_PATH : LIFE_PATH
  const text = files.find((file) => file.path === path)?.text ?? ''
  const line = edit.kind === 'switch' ? switched(text, edit, note) : lived(text, edit, note)
  return { path, text: withLine(text, path, edit.rule, line) }
}

function lived(
  text: string,
  edit: Extract<RuleEdit, { kind: 'state' | 'budget' }>,
  { by, why, day }: EditNote,
): string {
  const known = readTop(text, readLife).find(({ id }) => id === edit.rule)
  const state = edit.kind === 'state' ? edit.state : (known?.state ?? 'live')
  const budget = edit.kind === 'budget' ? edit.perDay : (known?.budget?.perDay ?? null)
  const owner = (edit.kind === 'budget' ? edit.owner : undefined) ?? known?.owner
  return written({ state, budget, owner, by, since: day, why: why === '' ? undefined : why })
}

/** Null: the rule is on everywhere. */
function switched(text: string, edit: Extract<RuleEdit, { kind: 'switch' }>, { why }: EditNote): string | null {
  const known = readTop(text, readDisabled).find(({ id }) => id === edit.rule)
  if (edit.agencies === undefined) return edit.off ? quoted(why) : null
  if (known !== undefined && known.agencies === undefined) {
    if (edit.off) throw new RuleEditError('it is off everywhere')
    throw new RuleEditError('it is off everywhere: switch it on, then off where it is to stay off')
  }
  const before = known?.agencies ?? []
  const agencies = edit.off
    ? [...new Set([...before, ...edit.agencies])].sort()
    : before.filter((agency) => !edit.agencies!.includes(agency))
  if (agencies.length === 0) return null
  return written({ agencies, why: edit.off || known === undefined ? why : known.reason })
}

function readTop<T>(text: string, read: (document: ReturnType<typeof readYaml>['documents'][number]) => T[]): T[] {
  const { documents, problems } = readYaml(text)
  if (problems.length > 0) throw new RuleEditError(`the file does not load: ${problems[0]?.message}`)
  try {
    return documents.flatMap(read)
  } catch (error) {
    if (error instanceof RuleError) throw new RuleEditError(`the file does not load: ${error.message}`)
    throw error
  }
}

/** A flow mapping on one line; what is undefined or null is left out. */
function written(fields: Record<string, string | number | readonly string[] | null | undefined>): string {
  const parts = Object.entries(fields).flatMap(([key, value]) => {
    if (value === undefined || value === null) return []
    if (typeof value === 'object') return `${key}: [${value.map(quoted).join(', ')}]`
    return `${key}: ${typeof value === 'number' ? value : quoted(value)}`
  })
  return `{ ${parts.join(', ')} }`
}

/** On one line, whatever it holds: plain where that is safe, else as JSON, which is YAML. */
function quoted(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]*$/.test(text) && !/^(?:null|true|false)$/i.test(text)) return text
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The text with the line of `id` replaced, added at the end, or taken out. */
function withLine(text: string, path: string, id: string, value: string | null): string {
  const { contents } = parseDocument(text)
  const pair = isMap(contents)
    ? contents.items.find(({ key }) => isScalar(key) && (key.source ?? key.value) === id)
    : undefined
  if (pair === undefined) {
    if (value === null) throw new RuleEditError(`${path} has no line for it`)
    const head = text === '' || text.endsWith('\n') ? text : `${text}\n`
    return `${head}${keyOf(id)}: ${value}\n`
  }
  const from = (pair.key as { range?: [number, number, number] }).range![0]
  const node = pair.value as { range?: [number, number, number] } | null
  const valueEnd = node?.range?.[1] ?? text.indexOf(':', from) + 1
  if (value !== null) return `${text.slice(0, from)}${keyOf(id)}: ${value}${text.slice(valueEnd)}`
  const lineEnd = text.indexOf('\n', valueEnd)
  return text.slice(0, from) + (lineEnd < 0 ? '' : text.slice(lineEnd + 1))
}

const keyOf = (id: string): string => (/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(id) && !/^\d+$/.test(id) ? id : quoted(id))

async function withText(
  files: readonly RuleFile[],
  { rule, text, path }: Extract<RuleEdit, { kind: 'text' }>,
): Promise<RuleFile> {
  if (readYaml(text).documents.length !== 1) {
    throw new RuleEditError('its text is not one document (a template, or several rules): edit the file by hand')
  }
  if (documentOf({ path, text }, rule) === undefined) throw new RuleEditError(`its id is not ${rule}`)
  const ended = text.endsWith('\n') ? text : `${text}\n`
  const holder = files.find((file) => documentOf(file, rule) !== undefined)
  const there = holder ?? files.find((file) => file.path === path)
  const former = holder === undefined ? undefined : documentOf(holder, rule)!
  if (holder !== undefined && !holder.text.includes(former!.text)) {
    throw new RuleEditError('its file has a template for several rules: edit it by hand')
  }
  const whole =
    former !== undefined
      ? holder!.text.replace(former.text, () => ended)
      : there === undefined
        ? ended
        : `${there.text.replace(/\n*$/, '\n')}---\n${ended.replace(/^---[^\n]*\n/, '')}`
  const made = { path: there?.path ?? path, text: whole }
  const context = files.filter((file) => file.path !== made.path)
  const { problems } = await loadRules([...context, made])
  const error = problems.find((problem) => problem.severity === 'error' && problem.path === made.path)
  if (error) throw new RuleEditError(`it does not load: ${error.code}: ${error.message}`)
  return made
}

function documentOf({ text }: RuleFile, rule: string) {
  if (!text.includes(rule.slice(0, 8)) && !/^[0-9a-f]{32}$/.test(rule)) return undefined
  return readYaml(text).documents.find(
    ({ root, hash }) =>
      entryOf(root, 'filter') === undefined && (textOf(entryOf(root, 'id')?.value) ?? hash.slice(0, 32)) === rule,
  )
}
