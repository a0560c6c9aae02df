import { isDeepStrictEqual } from 'node:util'
import { type Document, YAMLMap, YAMLSeq, isAlias, isMap, isSeq, parse, parseDocument } from 'yaml'
import { lineChanges } from './line-changes.ts'
import { RegistryError, parseRegistry } from './registry.ts'
import { readRegistryFile } from './registry-file.ts'

/**
 * What can be changed in a registry. Most begin or end something on a day, and what was before that day stays as it is; names, the days
 * of the calendar and how senders are judged are corrected.
 */
export const CHANGE_KINDS = [
  'add_agency',
  'end_agency',
  'add_system',
  'role',
  'level',
  'add_source',
  'move_source',
  'end_source',
  'names',
  'holiday',
  'working_day',
  'remove_day',
  'calendar_end',
  'health',
] as const

const THRESHOLDS = ['expected', 'silentMinutes', 'fallenPercent', 'driftSeconds'] as const

/** Days are `YYYY-MM-DD`; `from` is the first day on which it is so, or on which what ends is no more; of a holiday, its first. */
export interface RegistryChange {
  kind: (typeof CHANGE_KINDS)[number]
  from?: string | undefined
  /** Of the agency or system that it is about. */
  key?: string | undefined
  vi?: string | undefined
  en?: string | undefined
  /** All other names of an agency or system; none of them: it has no others. */
  aliases?: readonly string[] | undefined
  /** How long a holiday lasts. */
  days?: number | undefined
  /** `department`, `server` …: the kind of an agency, or of what sends. */
  type?: string | undefined
  /** Above a new agency. */
  parent?: string | undefined
  /** Who takes over the duties of an agency that ends. */
  successors?: readonly string[] | undefined
  role?: 'owner' | 'operator' | 'supervisor' | undefined
  /** Who has the role from then on, or whose the source is. */
  agency?: string | undefined
  system?: string | undefined
  level?: number | undefined
  status?: 'proposed' | 'approved' | undefined
  /** The decision that says so. */
  basis?: string | undefined
  match?: { address?: string; certificate?: string; hostname?: string; stream?: string } | undefined
  /** Place among `sources`, from 0; of `health`, absent for all that nothing else is said of. */
  source?: number | undefined
  /** Whether the source is expected to send at all. */
  expected?: boolean | undefined
  /** As `health` of the file has them; one that is absent is no longer said. */
  silentMinutes?: number | undefined
  fallenPercent?: number | undefined
  driftSeconds?: number | undefined
}

const NEEDS: Record<RegistryChange['kind'], readonly (keyof RegistryChange)[]> = {
  add_agency: ['key', 'vi', 'en', 'type', 'from'],
  end_agency: ['key', 'from'],
  add_system: ['key', 'vi', 'en', 'agency', 'from'],
  role: ['key', 'role', 'agency', 'from'],
  level: ['key', 'level', 'status', 'basis', 'from'],
  add_source: ['match', 'from'],
  move_source: ['source', 'from'],
  end_source: ['source', 'from'],
  names: ['key', 'vi', 'en'],
  holiday: ['from', 'vi', 'en'],
  working_day: ['from', 'vi', 'en'],
  remove_day: ['from'],
  calendar_end: ['from'],
  health: [],
}

/**
 * The text of the registry with the changes made, each to what the ones before it left; comments and lines that nothing was changed in
 * stay as people wrote them.
 * @throws {RegistryError} for the first change that cannot be made (`/changes/…`), or the first thing wrong with what comes of them
 */
export function changedRegistry(text: string, path: string, changes: readonly RegistryChange[]): string {
  const document = parseDocument(text)
  const before = written(document)
  changes.forEach((change, i) => apply(document, change, `/changes/${i}`))
  const after = written(document)
  const kept = keepLines(text, before, after)
  const changed = isDeepStrictEqual(parse(kept), parse(after)) ? kept : after
  parseRegistry(changed, path)
  return changed
}

function written(document: Document): string {
  return document.toString({ lineWidth: 0 })
}

/**
 * What differs between `before` and `after`, put into the text that `before` is a neater writing of: lines that nothing was changed in stay
 * as they are in `text`.
 */
function keepLines(text: string, before: string, after: string): string {
  const [mine, neat, fresh] = [text, before, after].map((each) => each.split('\n')) as [string[], string[], string[]]
  const [asWritten, changed] = [lineChanges(neat, mine), lineChanges(neat, fresh)]
  if (asWritten === undefined || changed === undefined) return after
  const oneByOne = asWritten.flatMap(({ from, to, lines }) =>
    lines.length === to - from
      ? lines.map((line, i) => ({ from: from + i, to: from + i + 1, lines: [line] }))
      : [{ from, to, lines }],
  )
  const untouched = oneByOne.filter((each) => !changed.some(({ from, to }) => each.from < to && from < each.to))
  const lines: string[] = []
  let at = 0
  for (const each of [...untouched, ...changed].sort((a, b) => a.from - b.from || a.to - b.to)) {
    lines.push(...neat.slice(at, each.from), ...each.lines)
    at = each.to
  }
  return [...lines, ...neat.slice(at)].join('\n')
}

function refuse(code: RegistryError['code'], pointer: string, what: string): never {
  throw new RegistryError(code, `${pointer}: ${what}`, pointer)
}

function apply(document: Document, change: RegistryChange, at: string): void {
  const { kind, key = '', from = '', source = -1, successors = [] } = change
  for (const name of NEEDS[kind]) {
    if (change[name] === undefined || change[name] === '') refuse('shape', `${at}/${name}`, 'is missing')
  }
  const has = (list: 'agencies' | 'systems', name = key): boolean => document.hasIn([list, name])
  switch (kind) {
    case 'add_agency': {
      if (has('agencies')) refuse('duplicate_key', `${at}/key`, `'${key}' is taken`)
      const { vi, en, type, parent } = change
      return document.setIn(
        ['agencies', key],
        document.createNode({ vi, en, kind: type, ...(parent && { parent }), validFrom: from }),
      )
    }
    case 'end_agency': {
      if (!has('agencies')) refuse('unknown_key', `${at}/key`, `there is no agency '${key}'`)
      if (document.hasIn(['agencies', key, 'validTo'])) refuse('overlap', `${at}/key`, `'${key}' ends already`)
      document.setIn(['agencies', key, 'validTo'], from)
      for (const [n, successor] of successors.entries()) {
        if (!has('agencies', successor))
          refuse('unknown_key', `${at}/successors/${n}`, `there is no agency '${successor}'`)
        listAt(document, ['agencies', successor, 'successorOf']).add(flow(document, { agency: key }))
      }
      return
    }
    case 'add_system': {
      if (has('systems')) refuse('duplicate_key', `${at}/key`, `'${key}' is taken`)
      const { vi, en, agency, level, status, basis } = change
      const levels = level === undefined ? undefined : [{ level, status, basis, from }]
      const roles = { owner: [{ agency, ...(basis && { basis }), from }] }
      return document.setIn(['systems', key], document.createNode({ vi, en, roles, ...(levels && { levels }) }))
    }
    case 'role': {
      if (!has('systems')) refuse('unknown_key', `${at}/key`, `there is no system '${key}'`)
      const { role = 'owner', agency, basis } = change
      const list = listAt(document, ['systems', key, 'roles', role])
      return begin(document, list, { agency, ...(basis && { basis }) }, { from, at })
    }
    case 'level': {
      const of = has('systems') ? 'systems' : 'agencies'
      if (!has(of)) refuse('unknown_key', `${at}/key`, `there is no system or agency '${key}'`)
      const { level, status, basis } = change
      return begin(document, listAt(document, [of, key, 'levels']), { level, status, basis }, { from, at })
    }
    case 'add_source': {
      const { match, agency, system, type } = change
      const entry = { match, ...(agency && { agency }), ...(system && { system }), ...(type && { kind: type }), from }
      return listAt(document, ['sources']).add(flow(document, entry))
    }
    case 'move_source': {
      const { agency, system } = change
      if (!agency && !system) refuse('shape', `${at}/agency`, 'is missing')
      const list = listAt(document, ['sources'])
      const entry = endSource(list, source, { from, at })
      const { agency: _agency, system: _system, ...rest } = entry
      const { from: _from, ...others } = rest
      const whose = { ...(agency && { agency }), ...(system && { system }) }
      list.items.splice(source + 1, 0, flow(document, { ...others, ...whose, from }))
      return
    }
    case 'end_source':
      return void endSource(listAt(document, ['sources']), source, { from, at })
    case 'names': {
      const of = has('systems') ? 'systems' : 'agencies'
      if (!has(of)) refuse('unknown_key', `${at}/key`, `there is no system or agency '${key}'`)
      const { vi, en, aliases = [] } = change
      document.setIn([of, key, 'vi'], vi)
      document.setIn([of, key, 'en'], en)
      return replaceIn(document, [of, key, 'aliases'], aliases.length === 0 ? undefined : aliases)
    }
    case 'holiday':
    case 'working_day': {
      const { vi, en, days = 1 } = change
      const list = listAt(document, ['calendar', kind === 'holiday' ? 'holidays' : 'workingDays'])
      const entries = (list.toJS(document) ?? []) as { date: string }[]
      if (entries.some(({ date }) => date === from)) refuse('overlap', `${at}/from`, `'${from}' is there already`)
      const later = entries.findIndex(({ date }) => date > from)
      const day = flow(document, { date: from, ...(days > 1 && { days }), vi, en })
      list.items.splice(later < 0 ? entries.length : later, 0, day)
      return
    }
    case 'remove_day': {
      for (const name of ['holidays', 'workingDays']) {
        if (!document.hasIn(['calendar', name])) continue
        const list = listAt(document, ['calendar', name])
        const place = list.items.findIndex((item) => isMap(item) && item.get('date') === from)
        if (place >= 0) return void list.items.splice(place, 1)
      }
      return refuse('unknown_key', `${at}/from`, `the calendar says nothing of '${from}'`)
    }
    case 'calendar_end':
      return document.setIn(['calendar', 'to'], from)
    case 'health': {
      const said = Object.fromEntries(
        THRESHOLDS.flatMap((name) => (change[name] === undefined ? [] : [[name, change[name]]])),
      )
      if (change.source === undefined) {
        for (const [name, value] of THRESHOLDS.map((each) => [each, said[each]] as const)) {
          replaceIn(document, ['health', name], value)
        }
        return
      }
      const node = listAt(document, ['sources']).items[source]
      if (!isMap(node)) refuse('unknown_key', `${at}/source`, `there is no source ${source}`)
      if (Object.keys(said).length === 0) node.delete('health')
      else node.set('health', flow(document, said))
    }
  }
}

/** Sets a value, or takes it away where it is undefined. */
function replaceIn(document: Document, path: readonly string[], value: unknown): void {
  if (value === undefined) return void (document.hasIn(path) && document.deleteIn(path))
  const node = document.createNode(value)
  if (isSeq(node)) node.flow = true
  document.setIn(path, node)
}

type Entry = Record<string, unknown> & { from?: string; to?: string }

/** Ends a source; gives it as it was. */
function endSource(list: YAMLSeq, index: number, { from, at }: { from: string; at: string }): Entry {
  const node = list.items[index]
  if (!isMap(node)) refuse('unknown_key', `${at}/source`, `there is no source ${index}`)
  const entry = node.toJSON() as Entry
  if (entry.to !== undefined && entry.to <= from) refuse('overlap', `${at}/from`, `it ends on ${entry.to} already`)
  if (entry.from !== undefined && entry.from >= from) refuse('overlap', `${at}/from`, `it begins on ${entry.from} only`)
  node.set('to', from)
  return entry
}

/** From that day on an entry is in force in a dated list, up to where the one that it ends ended, or the next begins. */
function begin(document: Document, list: YAMLSeq, fresh: object, { from, at }: { from: string; at: string }): void {
  const entries = (list.toJS(document) ?? []) as Entry[]
  if (entries.some((entry) => entry.from === from)) refuse('overlap', `${at}/from`, 'another change is on that day')
  const now = entries.findIndex((entry) => (entry.from ?? '') < from && (entry.to === undefined || from < entry.to))
  const next = entries.flatMap((entry) => (entry.from !== undefined && entry.from > from ? [entry.from] : [])).sort()[0]
  const former = list.items[now]
  const { from: _from, to: until = next, ...was } = entries[now] ?? {}
  if (now >= 0 && isDeepStrictEqual(was, { ...fresh })) refuse('overlap', at, 'it is so already')
  if (isMap(former)) former.set('to', from)
  list.items.splice(
    now < 0 ? placeOf(entries, from) : now + 1,
    0,
    flow(document, { ...fresh, from, ...(until && { to: until }) }),
  )
}

/** Where an entry of that day stands among the others, which are in order of time. */
function placeOf(entries: readonly Entry[], from: string): number {
  const later = entries.findIndex((entry) => entry.from !== undefined && entry.from > from)
  return later < 0 ? entries.length : later
}

/** A list of the file to be changed. One that is only a reference to another becomes a copy: the other stays as it is. */
function listAt(document: Document, path: readonly string[]): YAMLSeq {
  const node = document.getIn(path, true)
  if (isSeq(node)) return node
  const list = new YAMLSeq()
  if (isAlias(node)) {
    for (const entry of (node.resolve(document) as YAMLSeq).toJS(document) as object[]) list.add(flow(document, entry))
  }
  document.setIn(path, list)
  return list
}

/** An entry on a line of its own. */
function flow(document: Document, entry: object): YAMLMap {
  const node = document.createNode(entry) as YAMLMap
  node.flow = true
  for (const { value } of node.items) if (isMap(value) || isSeq(value)) value.flow = true
  return node
}

export const TOUCHABLE = ['agencies', 'systems', 'sources', 'calendar', 'health'] as const

/** An agency, a system, the sources, the calendar or the thresholds, and which part of it differs between two texts of a registry. */
export interface Touched {
  of: (typeof TOUCHABLE)[number]
  /** Of an agency or system. */
  key?: string
  /** `validTo`, `levels`, `roles.owner` …; `all` of what is new. */
  part: string
}

/** What two texts of a registry differ in, by their meaning: also what follows because it refers to what was changed. */
export function touchedBetween(before: string, after: string): Touched[] {
  const [old, fresh] = [before, after].map((text) => readRegistryFile(text, '').file)
  const found: Touched[] = []
  for (const of of ['agencies', 'systems'] as const) {
    for (const [key, entry] of Object.entries(fresh![of])) {
      const former = Object.hasOwn(old![of], key) ? old![of][key] : undefined
      const [was, is] = [partsOf(former), partsOf(entry)]
      if (was === undefined) found.push({ of, key, part: 'all' })
      else {
        for (const part of new Set([...Object.keys(was), ...Object.keys(is!)])) {
          if (!isDeepStrictEqual(was[part], is![part])) found.push({ of, key, part })
        }
      }
    }
  }
  for (const of of ['sources', 'calendar', 'health'] as const) {
    if (!isDeepStrictEqual(old![of], fresh![of])) found.push({ of, part: 'all' })
  }
  return found
}

function partsOf(entry: object | undefined): Record<string, unknown> | undefined {
  if (entry === undefined) return undefined
  const { roles = {}, ...others } = entry as { roles?: Record<string, unknown> }
  const named = Object.entries(roles).map(([role, holders]) => [`roles.${role}`, holders] as const)
  return { ...others, ...Object.fromEntries(named) }
}
