import { type TSchema, Type } from 'typebox'
import { LEVELS } from '../../model/alert.ts'
import { STATES, VERDICTS } from '../../model/incident.ts'

/** One of `values`. A union of literals would answer a wrong value with one error for each. */
export function oneOf<const V extends readonly string[]>(values: V, description?: string) {
  return Type.Unsafe<V[number]>({ type: 'string', enum: values, ...(description !== undefined && { description }) })
}

/** An object of just these properties: what is not named is refused in a request and left out of an answer. */
export function exact<P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

export const Level = oneOf(LEVELS)
export const State = oneOf(STATES)
export const Verdict = oneOf(VERDICTS)

export const TIME_PATTERN =
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})$'
/** `YYYY-MM-DDTHH:mm:ssZ` with or without milliseconds, or with an offset. */
export const Time = Type.String({ pattern: TIME_PATTERN, maxLength: 35 })
/** Of receipt, UTC: by such days records are kept and deleted. */
export const Day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'Of receipt, UTC.' })
/** What somebody says for whoever reads the history: blanks say nothing. */
export function said(most: number, description?: string, least = 1) {
  const pattern = String.raw`\S`
  return Type.String({ minLength: least, maxLength: most, pattern, ...(description !== undefined && { description }) })
}

/** A body that is a file. It is a stream, which no schema looks into. */
export const FileBody = {
  content: { 'application/octet-stream': { schema: Type.Unknown({ description: 'The bytes of the file.' }) } },
}

export const Key = Type.String({ minLength: 1, maxLength: 200 })
/** Not required by the schema, so that its absence is a 428 and not a 400. */
export const IfMatch = Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 200 })) })
export const Cursor = Type.String({ minLength: 1, maxLength: 1_000 })

export function limit(most: number, normal: number) {
  return Type.Integer({ minimum: 1, maximum: most, default: normal, description: `Default ${normal}.` })
}

/** A page of a list; without `next` it is the last. */
export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), next: Type.Optional(Cursor) })
}

export const AgencyList = Type.Union([oneOf(['all']), Type.Array(Key, { maxItems: 200 })])
