import { readFileSync } from 'node:fs'

/**
 * The n-th block (from 1) in `language` of a page of docs/shipping, as a reader would adapt it: what is tested is what is
 * recommended.
 * @throws if a replacement does not occur in the block
 */
export function recipe(page, language, n, replacements) {
  const text = readFileSync(new URL(`../../docs/shipping/${page}`, import.meta.url), 'utf8')
  const block = text.split('```' + language + '\n')[n]?.split('\n```')[0]
  if (block === undefined) throw new Error(`docs/shipping/${page} has no block ${n} in ${language}`)
  return Object.entries(replacements).reduce((adapted, [from, to]) => {
    if (!adapted.includes(from)) throw new Error(`docs/shipping/${page}, block ${n}: '${from}' is not in it`)
    return adapted.replaceAll(from, to)
  }, block)
}
