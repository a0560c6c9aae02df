import type { Node } from 'yaml'
import { RuleError } from '../../errors.ts'
import type { Written } from '../value.ts'
import { entriesOf, entryOf, offsetOf, textOf, textsOf, writtenOf } from '../yaml.ts'

// Parameters of steps and conditions, read from their YAML.

const bad = (message: string, node: Node): RuleError => new RuleError('bad_pipeline', message, offsetOf(node))

/** @throws {RuleError} `bad_pipeline` where it is missing */
export function required(node: Node, key: string): string {
  const text = textOf(entryOf(node, key)?.value)
  if (text === undefined) throw bad(`'${key}' is missing`, node)
  return text
}

export const optional = (node: Node, key: string): string | undefined => textOf(entryOf(node, key)?.value)

/** @throws {RuleError} `bad_pipeline` */
export function oneOf<const T extends string>(node: Node, key: string, choices: readonly T[], otherwise?: T): T {
  const text = optional(node, key) ?? otherwise
  const choice = choices.find((own) => own === text)
  if (choice === undefined) throw bad(`'${key}' must be one of ${choices.join(', ')}`, node)
  return choice
}

/** @throws {RuleError} `bad_pipeline` where it is neither true nor false */
export function flag(node: Node, key: string): boolean {
  return oneOf(node, key, ['true', 'false'], 'false') === 'true'
}

/** @throws {RuleError} `bad_pipeline` where it is missing or no single value */
export function valueIn(node: Node, key: string): Written {
  const entry = entryOf(node, key)
  const written = entry && writtenOf(entry.value)
  if (written === undefined) throw bad(`'${key}' must be a single value`, node)
  return written
}

/** @throws {RuleError} `bad_pipeline` where it is missing or empty */
export function list(node: Node, key: string): string[] {
  const texts = textsOf(entryOf(node, key)?.value)
  if (texts.length === 0) throw bad(`'${key}' is missing`, node)
  return texts
}

/** `key: {from: to}` or `{from: [to, …]}`. */
export function mapping(node: Node, key: string): Map<string, string[]> {
  const entry = entryOf(node, key)
  if (entry === undefined) throw bad(`'${key}' is missing`, node)
  return new Map(entriesOf(entry.value, `'${key}'`, entry.at).map((own) => [own.key, textsOf(own.value)]))
}

/** The test that `include` or `exclude` of a step stands for. */
export function includes(node: Node): (name: string) => boolean {
  const [include, exclude] = ['include', 'exclude'].map((key) => {
    const entry = entryOf(node, key)
    return entry && textsOf(entry.value)
  })
  if (include && exclude) throw bad('include and exclude cannot both be given', node)
  if (include) return (name) => include.includes(name)
  return (name) => !exclude?.includes(name)
}

/** @throws {RuleError} `bad_pipeline` for a key that is none of `known`: a misspelt one would change what is meant */
export function refuseUnknown(node: Node, what: string, known: readonly string[]): void {
  for (const { key, at } of entriesOf(node, what)) {
    if (!known.includes(key)) throw new RuleError('bad_pipeline', `${what} has no '${key}'`, at)
  }
}
