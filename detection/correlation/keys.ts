import { fold } from '../sigma/fold.ts'

/** One text as it is; more, or none, as a list. */
export type Texts = string | readonly string[]

/** Groups that one event joins: the one text that they are grouped by, or lists of all texts. */
export type Keys = string | readonly (readonly string[])[]

/** Groups that one event joins where its group-by fields hold several values. */
const KEYS_MAX = 16

/** Group-by values in one text; texts of any content do not run into one another. */
export function keyOf(values: readonly string[]): string {
  if (values.length === 1) return values[0]!
  let key = ''
  for (const value of values) key += `${value.length}:${value}`
  return key
}

/** Groups that an event joins: of fields with several values each with each. None where a field is missing. */
export function keysOf(groupBy: readonly string[], offer: { texts(field: string): Texts }): Keys {
  if (groupBy.length === 1) {
    const texts = offer.texts(groupBy[0]!)
    return typeof texts === 'string' ? fold(texts) : eachWithEach([texts])
  }
  return eachWithEach(groupBy.map((field) => offer.texts(field)))
}

/** Combinations of texts, folded; few, however many an event holds. */
export function eachWithEach(fields: readonly Texts[]): string[][] {
  if (fields.every((texts) => typeof texts === 'string')) return [fields.map(fold)]
  let keys: string[][] = [[]]
  for (const texts of fields) {
    const own = typeof texts === 'string' ? [fold(texts)] : [...new Set(texts.map(fold))]
    keys = keys.flatMap((key) => own.map((value) => [...key, value])).slice(0, KEYS_MAX)
  }
  return keys
}
