import {
  FormatError,
  type IndicatorFormat,
  type Written,
  confidenceOf,
  given,
  parsedJson,
  textOf,
  tlpOf,
} from '../format.ts'
import type { Indicator, IndicatorKind, Tlp } from '../indicator.ts'

/** Ids of the marking definitions of TLP 1.0 (STIX 2.1 §7.2.1.4) and 2.0 (OASIS' common objects). */
const MARKINGS: Readonly<Record<string, Tlp>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'clear',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'green',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'amber',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': 'clear',
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'green',
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'amber',
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': 'amber+strict',
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': 'red',
}
const ORDER: readonly Tlp[] = ['clear', 'green', 'amber', 'amber+strict', 'red']

const KINDS: Readonly<Record<string, IndicatorKind>> = {
  'ipv4-addr:value': 'ip',
  'ipv6-addr:value': 'ip',
  'domain-name:value': 'domain',
  'url:value': 'url',
  'file:hashes.md5': 'hash',
  "file:hashes.'md5'": 'hash',
  'file:hashes.sha1': 'hash',
  "file:hashes.'sha-1'": 'hash',
  "file:hashes.'sha1'": 'hash',
  'file:hashes.sha256': 'hash',
  "file:hashes.'sha-256'": 'hash',
  "file:hashes.'sha256'": 'hash',
}

/** A bundle, or a list of objects, of STIX 2.1: its indicators with patterns that name single things. */
export default {
  claims: (head) => /^\s*[[{]/.test(head) && /"(?:spec_version|pattern_type|pattern)"|"type"\s*:\s*"bundle"/.test(head),

  *read(text) {
    const file = parsedJson(text) as { objects?: unknown } | unknown[] | null
    const objects = Array.isArray(file) ? file : file?.objects
    if (!Array.isArray(objects)) throw new FormatError('no STIX: there is no list of objects')
    const markings = new Map(Object.entries(MARKINGS))
    for (const object of objects as Record<string, unknown>[]) {
      if (object?.['type'] !== 'marking-definition') continue
      const tlp = tlpOf(object['name']) ?? tlpOf((object['definition'] as { tlp?: unknown } | undefined)?.tlp)
      if (tlp !== undefined) markings.set(String(object['id']), tlp)
    }
    for (const [i, object] of (objects as (Record<string, unknown> | null)[]).entries()) {
      if (object?.['type'] !== 'indicator') continue
      const at = `objects/${i}`
      if (object['revoked'] === true) yield { at, refused: 'revoked' }
      else yield* indicatorsOf(object, at, markings)
    }
  },
} satisfies IndicatorFormat

function* indicatorsOf(
  object: Record<string, unknown>,
  at: string,
  markings: ReadonlyMap<string, Tlp>,
): Generator<Written> {
  const { pattern, pattern_type: type = 'stix', object_marking_refs: refs } = object
  const named = type === 'stix' && typeof pattern === 'string' ? readPattern(pattern) : null
  if (named === null) return yield { at, refused: 'pattern_unsupported' }
  const tlps = Array.isArray(refs) ? refs.flatMap((ref) => markings.get(String(ref)) ?? []) : []
  for (const { kind, value } of named) {
    yield given<Pick<Indicator, 'kind' | 'value'> & Partial<Indicator> & { at: string }>({
      at,
      kind,
      value,
      confidence: confidenceOf(object['confidence']),
      tlp: tlps.toSorted((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0],
      validFrom: textOf(object['valid_from']),
      validUntil: textOf(object['valid_until']),
      name: textOf(object['name']) ?? textOf(object['description']),
    })
  }
}

const PATTERN_CHARS_MAX = 20_000
const TOKEN = /\s*(?:([[\]()])|(OR)\b|((?:[\w-]+:[\w-]+(?:\.(?:[\w-]+|'[^']*'))*))|(=|ISSUBSET\b)|'((?:[^'\\]|\\.)*)')/y

/**
 * The things that a pattern names, where it says that one of them is enough: comparisons with `=` (or `ISSUBSET` for a network),
 * joined by OR, in one observation or several. Null for any other: half of «A and B» would alarm about what nobody meant.
 */
export function readPattern(pattern: string): { kind: IndicatorKind; value: string }[] | null {
  if (pattern.length > PATTERN_CHARS_MAX) return null
  const found: { kind: IndicatorKind; value: string }[] = []
  let [kind, operator, depth]: [IndicatorKind | undefined, string, number] = [undefined, '', 0]
  /** What may come next. */
  let expected: 'comparison' | 'operator' | 'value' | 'joint' = 'comparison'
  const tokens = new RegExp(TOKEN)
  while (tokens.lastIndex < pattern.trimEnd().length) {
    const token = tokens.exec(pattern)
    if (token === null) return null
    const [, bracket, or, path, comparison, value] = token
    if (bracket === '[' || bracket === '(') {
      if (expected !== 'comparison') return null
      depth++
    } else if (bracket !== undefined) {
      if (expected !== 'joint' || --depth < 0) return null
    } else if (or !== undefined) {
      if (expected !== 'joint') return null
      expected = 'comparison'
    } else if (path !== undefined) {
      kind = KINDS[path.toLowerCase()]
      if (expected !== 'comparison' || kind === undefined || depth === 0) return null
      expected = 'operator'
    } else if (comparison !== undefined) {
      operator = comparison
      if (expected !== 'operator' || (operator !== '=' && kind !== 'ip')) return null
      expected = 'value'
    } else {
      if (expected !== 'value' || kind === undefined || value === undefined) return null
      found.push({ kind, value: value.replace(/\\(.)/g, '$1') })
      expected = 'joint'
    }
  }
  return expected === 'joint' && depth === 0 ? found : null
}
