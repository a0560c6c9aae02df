import type { Node } from 'yaml'
import { LEVELS, type Level } from '../../model/alert.ts'
import { RuleError } from '../errors.ts'
import { entriesOf, entryOf, itemsOf, offsetOf, textOf, textsOf, type SigmaDocument } from './yaml.ts'

export interface Metadata {
  /** As written; a rule without one is known by the hash of its text. */
  id: string
  name?: string
  title: string
  titleVi?: string
  descriptionVi?: string
  triageVi?: string
  level: Level
  status: string
  description?: string
  author?: string
  /** SPDX expression, as written. */
  license?: string
  tags: string[]
  falsepositives: string[]
  hash: string
  text: string
  path: string
  taxonomy: string
  /** Days, `YYYY-MM-DD`; slashes of older rules are read as dashes. */
  date?: string
  modified?: string
  references: string[]
  /** Fields worth a look at in a match. */
  fields: string[]
  /** Whom or what the rule is meant for, in its author's words. It does not limit where it runs. */
  scope: string[]
  related: Related[]
}

export interface Related {
  id: string
  type: string
}

export const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']

/** The attributes that every kind of rule has. Throws `RuleError` where the title or a constrained value is wrong. */
export function readMetadata({ root, text, hash }: SigmaDocument, path: string): Metadata {
  const top = new Map(entriesOf(root, 'the rule').map((entry) => [entry.key, entry]))
  const value = (key: string): string | undefined => textOf(top.get(key)?.value)
  const title = value('title')
  if (title === undefined || title === '') throw new RuleError('bad_rule', 'the title is missing', offsetOf(root))
  if (title.length > 256)
    throw new RuleError('bad_rule', 'the title is longer than 256 characters', top.get('title')!.at)
  const level = value('level') ?? 'informational'
  if (!(LEVELS as readonly string[]).includes(level)) {
    throw new RuleError('bad_rule', `level '${level}' is none of ${LEVELS.join(', ')}`, top.get('level')!.at)
  }
  const status = value('status') ?? 'experimental'
  if (!STATUSES.includes(status)) {
    throw new RuleError('bad_rule', `status '${status}' is none of ${STATUSES.join(', ')}`, top.get('status')!.at)
  }
  const [name, description, license] = [value('name'), value('description'), value('license')]
  const author = textsOf(top.get('author')?.value).join(', ') // older rules list several
  const [titleVi, descriptionVi, triageVi] = [value('title_vi'), value('description_vi'), value('triage_vi')]
  if ((description?.length ?? 0) > 65_535) {
    throw new RuleError('bad_rule', 'the description is longer than 65535 characters', top.get('description')!.at)
  }
  const list = (key: string): string[] => textsOf(top.get(key)?.value)
  const [date, modified] = [value('date'), value('modified')].map((day) => day?.replaceAll('/', '-'))
  return {
    id: value('id') ?? hash.slice(0, 32),
    ...(name !== undefined && { name }),
    title,
    ...(titleVi !== undefined && { titleVi }),
    ...(descriptionVi !== undefined && { descriptionVi }),
    ...(triageVi !== undefined && { triageVi }),
    level: (value('level') === undefined ? 'medium' : level) as Level,
    status,
    ...(description !== undefined && { description }),
    ...(author !== '' && { author }),
    ...(license !== undefined && { license }),
    tags: list('tags'),
    falsepositives: list('falsepositives'),
    hash,
    text,
    path,
    taxonomy: value('taxonomy') ?? 'sigma',
    ...(date !== undefined && { date }),
    ...(modified !== undefined && { modified }),
    references: list('references'),
    fields: list('fields'),
    scope: list('scope'),
    related: relatedOf(top.get('related')?.value),
  }
}

function relatedOf(node: Node | null | undefined): Related[] {
  return itemsOf(node ?? null).flatMap((item) => {
    const [id, type] = [textOf(entryOf(item, 'id')?.value), textOf(entryOf(item, 'type')?.value)]
    return id === undefined || type === undefined ? [] : [{ id, type }]
  })
}

const RELATIONS = ['derived', 'obsolete', 'merged', 'renamed', 'similar']
const DAY = /^\d{4}[-/](?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01])$/
const TAG = /^[a-z0-9_-]+\.[a-z0-9._-]+$/

/** What is not as the specification has it, and keeps no rule from working. */
export function metadataWarnings({ root }: SigmaDocument): { code: string; message: string; at: number }[] {
  const warnings: ReturnType<typeof metadataWarnings> = []
  const warn = (node: Node | null | undefined, message: string): void => {
    warnings.push({ code: 'odd_metadata', message, at: offsetOf(node) })
  }
  for (const key of ['date', 'modified']) {
    const node = entryOf(root, key)?.value
    const text = textOf(node)
    if (text !== undefined && !DAY.test(text)) warn(node, `${key} '${text}' is no day (YYYY-MM-DD)`)
  }
  for (const node of itemsOf(entryOf(root, 'tags')?.value ?? null)) {
    const tag = textOf(node)
    if (tag !== undefined && !TAG.test(tag)) warn(node, `tag '${tag}' is not like namespace.name, in lower case`)
  }
  for (const node of itemsOf(entryOf(root, 'related')?.value ?? null)) {
    const [related] = relatedOf(node)
    if (node !== null && (related === undefined || !RELATIONS.includes(related.type))) {
      warn(node, `related takes an id and a type, one of ${RELATIONS.join(', ')}`)
    }
  }
  return warnings
}
