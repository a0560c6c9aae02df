import { RuleError } from '../../../errors.ts'
import type { Item } from '../../rule.ts'
import { parseText } from '../../text.ts'
import { finish, textValue } from '../../value.ts'
import { entryOf, offsetOf, textsOf } from '../../yaml.ts'
import { textsIn } from '../item-values.ts'
import { flag, list, optional } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

const BY_LENGTH: { readonly [length: number]: string } = { 32: 'MD5', 40: 'SHA1', 64: 'SHA256', 128: 'SHA512' }

/** `SHA1=ab…`, `SHA1|ab…` or the bare hash, whose length tells what it is. */
function readHash(text: string): [algorithm: string, hash: string] {
  const [first = '', second, ...more] = text.split(text.includes('|') ? '|' : '=')
  const trim = (part: string): string => part.replace(/^[*?]+|[*?]+$/g, '')
  if (second !== undefined && more.length === 0) return [first.replace(/^\*+/, '').toUpperCase(), trim(second)]
  const hash = trim(first)
  return [BY_LENGTH[hash.length] ?? '', hash]
}

/** One field of many hashes (`Hashes`) becomes a field for each kind of hash, of which one must hold. */
export default {
  parameters: ['valid_hash_algos', 'field_prefix', 'drop_algo_prefix', 'field_to_parse'],
  read(step) {
    const algorithms = list(step, 'valid_hash_algos').map((name) => name.toUpperCase())
    const prefix = optional(step, 'field_prefix') ?? ''
    const isBare = flag(step, 'drop_algo_prefix')
    if (isBare && prefix === '') {
      throw new RuleError('bad_pipeline', 'drop_algo_prefix without field_prefix leaves no name', offsetOf(step))
    }
    const parsed = entryOf(step, 'field_to_parse')
    const fields = parsed ? textsOf(parsed.value) : ['Hashes', 'Hash']
    return {
      about: 'item',
      replace(item, names) {
        const texts = textsIn(item)
        if (!names.some((name) => fields.includes(name)) || texts.includes(undefined)) return undefined
        const byField = new Map<string, Item['values']>()
        for (const text of texts as string[]) {
          const [algorithm, hash] = readHash(text)
          if (!algorithms.includes(algorithm)) continue
          const field = prefix + (isBare ? '' : algorithm)
          const value = { written: hash, alternatives: [finish(textValue(parseText(hash), false), false)] }
          byField.set(field, [...(byField.get(field) ?? []), value])
        }
        if (byField.size === 0) {
          throw new RuleError('bad_rule', `'${item.field}' holds no hash of ${algorithms.join(', ')}`)
        }
        return [...byField].map(([field, values]) => ({
          field,
          values,
          modifiers: [],
          all: false,
          negated: item.negated,
        }))
      },
    }
  },
} satisfies Transformation
