import { createHash } from 'node:crypto'
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, YAMLMap } from 'yaml'
import type { Document, Node, ParsedNode, Scalar } from 'yaml'
import { RuleError } from '../errors.ts'
import { readPlainYaml } from './plain-yaml.ts'
import type { Written } from './value.ts'

/** One entry of a YAML mapping. */
export interface Entry {
  key: string
  /** Offset of the key in the file. */
  at: number
  value: Node | null
}

/** One YAML document of a rule file, as a mapping whose nodes know where they stand. */
export interface SigmaDocument {
  root: YAMLMap
  /** The document's own text, with that of a global template merged into it before. */
  text: string
  /** SHA-256 of `text`, lower-case hex. */
  hash: string
}

export interface YamlFile {
  documents: SigmaDocument[]
  problems: RuleError[]
  /** 1-based place of an offset. */
  place(at: number): { line: number; column: number }
}

/** Offset of a node; 0 for one made here. */
export function offsetOf(node: Node | null | undefined): number {
  return node?.range?.[0] ?? 0
}

/** Entries of a mapping in the order they are written. Throws `RuleError` where `node` is no mapping. */
export function entriesOf(node: Node | null, what: string, at = 0): Entry[] {
  if (!isMap(node)) throw new RuleError('bad_rule', `${what} must be a mapping`, offsetOf(node) || at)
  return node.items.map(({ key, value }) => {
    const own = key as Node
    if (!isScalar(own)) throw new RuleError('bad_rule', `a key of ${what} must be plain text`, offsetOf(own))
    if (keyText(own) === '<<') {
      throw new RuleError('bad_yaml', 'YAML 1.2 has no merge keys: write out what << stands for', offsetOf(own))
    }
    return { key: keyText(own), at: offsetOf(own), value: value as Node | null }
  })
}

function keyText(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

export function entryOf(node: Node | null, key: string): Entry | undefined {
  return isMap(node) ? entriesOf(node, 'this').find((entry) => entry.key === key) : undefined
}

/** `5.` and `.5` are numbers of YAML. */
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/

/** What a scalar node holds; undefined where the node is a mapping or a list. */
export function writtenOf(node: Node | null): Written | undefined {
  if (node === null) return { null: true }
  if (!isScalar(node)) return undefined
  const { value } = node
  if (value === null || value === undefined) return { null: true }
  if (typeof value === 'string') return { text: value }
  if (typeof value === 'boolean') return { boolean: value }
  // 0x1F is how logs write handles: text. A number keeps the text it was written in, for those beyond 2^53.
  const source = node.source ?? ''
  const [whole, sign = '', integer, fraction = '', exponent = ''] = NUMBER.exec(source) ?? []
  if (whole === undefined) return { text: source }
  return { number: `${sign}${integer === '' ? '0' : integer}${fraction === '' ? '' : `.${fraction}`}${exponent}` }
}

/** Text of a scalar node, a number or boolean as written; undefined for null, mappings and lists. */
export function textOf(node: Node | null | undefined): string | undefined {
  const written = writtenOf(node ?? null)
  if (written === undefined || 'null' in written) return undefined
  return 'text' in written ? written.text : 'number' in written ? written.number : String(written.boolean)
}

/** The items of a list, or the one item that stands alone. */
export function itemsOf(node: Node | null): (Node | null)[] {
  return isSeq(node) ? (node.items as (Node | null)[]) : [node]
}

/** Texts of a list or of a lone scalar; entries that are no text are left out. */
export function textsOf(node: Node | null | undefined): string[] {
  return itemsOf(node ?? null).flatMap((item) => textOf(item) ?? [])
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Deep merge of `over` into `base`: maps entry by entry, anything else is replaced. */
function merge(base: YAMLMap, over: YAMLMap): YAMLMap {
  const merged = new YAMLMap()
  merged.range = base.range ?? null
  merged.items = [...base.items]
  for (const pair of over.items) {
    const key = keyText(pair.key as Scalar)
    const index = merged.items.findIndex((item) => keyText(item.key as Scalar) === key)
    const own = merged.items[index]
    if (own === undefined) merged.items.push(pair)
    else if (isMap(own.value) && isMap(pair.value)) {
      merged.items[index] = Object.assign(own.clone(), { key: own.key, value: merge(own.value, pair.value) })
    } else merged.items[index] = pair
  }
  return merged
}

function without(root: YAMLMap, key: string): YAMLMap {
  const rest = new YAMLMap()
  rest.range = root.range ?? null
  rest.items = root.items.filter((item) => keyText(item.key as Scalar) !== key)
  return rest
}

const DEPTH_MAX = 64
/** What a document may grow to when its aliases are written out: ten aliases of ten aliases of ten … are a bomb. */
const NODES_MAX = 100_000

/** Replaces aliases by what they stand for, so that nothing later has to know of them. */
function resolveAliases(document: Document<ParsedNode>): void {
  /** Nodes below and including one, written out; 0 while it is being walked. */
  const sizes = new Map<unknown, number>()
  const resolved = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)
  const walk = (node: unknown, depth: number): number => {
    const known = sizes.get(node)
    if (known !== undefined && known > 0) return known
    if (known === 0 || depth > DEPTH_MAX) throw new RuleError('bad_yaml', 'nested too deep', offsetOf(node as Node))
    sizes.set(node, 0)
    let size = 1
    if (isMap(node)) for (const pair of node.items) size += walk((pair.value = resolved(pair.value) as Node), depth + 1)
    if (isSeq(node)) {
      node.items = node.items.map(resolved)
      for (const item of node.items) size += walk(item, depth + 1)
    }
    if (size > NODES_MAX) throw new RuleError('bad_yaml', 'aliases make it too large', offsetOf(node as Node))
    if (isMap(node) || isSeq(node)) sizes.set(node, size)
    else sizes.delete(node)
    return size
  }
  walk(document.contents, 0)
}

/** `readYaml` for sets of files that have most in common: each text is read once. What it gives is for reading alone. */
export function readsOnce(): typeof readYaml {
  const known = new Map<string, YamlFile>()
  return (text) => {
    const file = known.get(text) ?? readYaml(text)
    known.set(text, file)
    return file
  }
}

/** A document of a file before the legacy `action`s are resolved. */
interface ReadDocument {
  root: YAMLMap
  /** The part of the file that is its own. */
  own: string
}

/** The documents of a file, those that are empty left out; of a broken one what is wrong with it. */
function documentsIn(text: string): (ReadDocument | RuleError)[] {
  const plain = readPlainYaml(text)
  if (plain !== undefined) return [{ root: plain, own: text.slice(plain.range![0]) }]
  const parsed = parseAllDocuments(text, { keepSourceTokens: false, prettyErrors: false })
  return (Array.isArray(parsed) ? (parsed as Document.Parsed[]) : []).flatMap((document) => {
    try {
      return readDocument(document, text) ?? []
    } catch (error) {
      if (error instanceof RuleError) return error
      throw error
    }
  })
}

function readDocument(document: Document.Parsed, text: string): ReadDocument | undefined {
  const [error] = document.errors
  if (error)
    throw new RuleError(error.code === 'DUPLICATE_KEY' ? 'duplicate_key' : 'bad_yaml', error.message, error.pos[0])
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return undefined
  resolveAliases(document)
  const root: unknown = document.contents
  if (!isMap(root)) throw new RuleError('bad_yaml', 'a rule must be a mapping', document.range[0])
  return { root, own: text.slice(document.range[0], document.range[2]) }
}

/**
 * Reads a rule file: YAML 1.2 (core schema), one or more documents, duplicate keys refused. The legacy `action` documents
 * are resolved: `global` is merged into the plain rules after it, `repeat` merges into the rule before it, `reset`
 * forgets the template. A document that is broken becomes a problem; the others are returned.
 */
export function readYaml(text: string): YamlFile {
  const problems: RuleError[] = []
  const documents: SigmaDocument[] = []
  let template: { root: YAMLMap; text: string } | undefined
  let previous: SigmaDocument | undefined
  for (const document of documentsIn(text)) {
    try {
      if (document instanceof RuleError) throw document
      const { root, own } = document
      const action = entryOf(root, 'action')
      const plain = without(root, 'action')
      const rule = entryOf(root, 'correlation') === undefined && entryOf(root, 'filter') === undefined
      const add = (merged: YAMLMap, whole: string): void => {
        previous = { root: merged, text: whole, hash: sha256(whole) }
        documents.push(previous)
      }
      switch (action === undefined ? undefined : textOf(action.value)) {
        case undefined:
          if (template === undefined || !rule) add(root, own)
          else add(merge(root, template.root), `${template.text}---\n${own}`)
          break
        case 'global':
          template = { root: plain, text: own }
          break
        case 'reset':
          template = undefined
          break
        case 'repeat':
          if (previous === undefined) throw new RuleError('bad_action', 'nothing to repeat', action!.at)
          add(merge(previous.root, plain), `${previous.text}---\n${own}`)
          break
        default:
          throw new RuleError('bad_action', `unknown action '${textOf(action!.value)}'`, action!.at)
      }
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      problems.push(error)
    }
  }
  return { documents, problems, place: (at) => placeIn(text, at) }
}

function placeIn(text: string, at: number): { line: number; column: number } {
  let line = 1
  let begin = 0
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', begin)) {
    line++
    begin = end + 1
  }
  return { line, column: at - begin + 1 }
}
