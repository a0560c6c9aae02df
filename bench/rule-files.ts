import { createHash } from 'node:crypto'
import { isMap, isScalar, isSeq, parseAllDocuments, type Node } from 'yaml'
import type { RuleFile } from '../detection/types.ts'
import { shipped, sigmaHqRules } from './sigmahq.ts'

/** Pipelines and log sources as the product ships them, for events as its normaliser makes them. */
export function shippedTables(): RuleFile[] {
  return ['pipelines/placeholders.yml', 'pipelines/windows.yml', 'pipelines/linux.yml', 'logsources.yml'].map(shipped)
}

/** Rule files of the corpus: so many, spread evenly over its folders, or all of them with copies of other literals. */
export function rulesOfSize(size: '100' | '500' | '1000' | 'all' | '2x' | '5x'): RuleFile[] {
  const files = sigmaHqRules()
  if (size === 'all') return files
  if (size === '2x' || size === '5x') {
    const copies = Number(size[0]) - 1
    return [...files, ...files.flatMap((file) => copiesOf(file, copies))]
  }
  const count = Number(size)
  return Array.from({ length: count }, (_, i) => files[Math.floor((i * files.length) / count)]!)
}

/** Fields whose values say which events a rule is about: a copy is about the same ones. */
const ROUTING = new Set(['eventid', 'channel', 'provider_name', 'eventsource', 'eventname', 'type', 'operationname'])
/** Items whose text is not searched for, or has a grammar of its own. */
const NOT_LITERAL = /\|(?:cidr|expand|fieldref|exists)\b/

/**
 * Copies of a rule that look for other texts: the later half of every word of four letters and more is shifted in the
 * alphabet, further in each copy, so that beginnings and extensions are shared as they are among real rules.
 */
export function copiesOf({ path, text }: RuleFile, copies: number): RuleFile[] {
  const places: [from: number, to: number][] = []
  const ids: [from: number, to: number][] = []
  for (const document of parseAllDocuments(text)) {
    const root = document.contents
    if (!isMap(root)) continue
    const id = root.get('id', true) as Node | undefined
    if (id?.range) ids.push([id.range[0], id.range[1]])
    const detection = root.get('detection', true)
    if (!isMap(detection)) continue
    for (const { key, value } of detection.items) {
      if (isScalar(key) && key.value !== 'condition' && key.value !== 'timeframe')
        collect(value as Node | null, '', places)
    }
  }
  return Array.from({ length: copies }, (_, i) => {
    let copy = ''
    let at = 0
    for (const [from, to] of [...places, ...ids].sort((a, b) => a[0] - b[0])) {
      const old = text.slice(from, to)
      copy += text.slice(at, from) + (ids.some(([own]) => own === from) ? idOf(old, i + 1) : shifted(old, i + 1))
      at = to
    }
    return { path: path.replace(/\.yml$/, `-copy-${i + 1}.yml`), text: copy + text.slice(at) }
  })
}

function collect(node: Node | null, field: string, places: [number, number][]): void {
  if (isMap(node)) {
    for (const { key, value } of node.items)
      collect(value as Node | null, String(isScalar(key) ? key.value : ''), places)
  } else if (isSeq(node)) {
    for (const item of node.items) collect(item as Node | null, field, places)
  } else if (isScalar(node) && typeof node.value === 'string' && node.range) {
    if (!ROUTING.has(field.split('|')[0]!.toLowerCase()) && !NOT_LITERAL.test(field)) {
      places.push([node.range[0], node.range[1]])
    }
  }
}

function shifted(source: string, by: number): string {
  // The letter after a backslash may be an escape: of a double-quoted YAML text, or of a regular expression.
  return source.replaceAll(/(\\?)([A-Za-z]{4,})/g, (_, backslash: string, word: string) => {
    const half = word.length >> 1
    const rest = word.slice(half).replaceAll(/./g, (letter) => {
      const a = letter >= 'a' ? 97 : 65
      return String.fromCharCode(((letter.charCodeAt(0) - a + by) % 26) + a)
    })
    return backslash + word.slice(0, half) + rest
  })
}

function idOf(id: string, copy: number): string {
  const hex = createHash('sha256').update(`${id} ${copy}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
