import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** As much of a schema as says how a text of an address is read. */
interface Shape {
  type?: unknown
  properties?: Readonly<Record<string, Shape>>
  items?: Shape
}

/** Digits that a number holds exactly. */
const INTEGER = /^-?\d{1,15}$/
const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/

/**
 * Holds a part of a request against its schema. An address has only texts: a number is read from digits and `true` from its name,
 * and nothing else is taken for either.
 */
export const validator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema)
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : read(schema, given)
    if (compiled.Check(value)) return { value }
    return { error: compiled.Errors(value) as FastifySchemaValidationError[] }
  }
}

function read({ type, properties, items }: Shape, given: unknown): unknown {
  if (type === 'array') {
    const list: unknown[] = Array.isArray(given) ? given : [given]
    return list.map((each) => read(items ?? {}, each))
  }
  if (typeof given === 'string') {
    if (type === 'integer' && INTEGER.test(given)) return Number(given)
    if (type === 'number' && NUMBER.test(given)) return Number(given)
    if (type === 'boolean' && (given === 'true' || given === 'false')) return given === 'true'
    return given
  }
  if (type !== 'object' || properties === undefined || typeof given !== 'object' || given === null) return given
  return Object.fromEntries(
    Object.entries(given).map(([name, each]) => [
      name,
      Object.hasOwn(properties, name) ? read(properties[name]!, each) : each,
    ]),
  )
}
