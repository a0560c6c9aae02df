/** What this reads of a JSON Schema (2020-12) as TypeBox writes it. */
interface Schema {
  type?: string
  format?: string
  enum?: readonly unknown[]
  const?: unknown
  anyOf?: readonly Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: readonly string[]
  additionalProperties?: boolean | Schema
  patternProperties?: Record<string, Schema>
  description?: string
}

interface Content {
  content?: Record<string, { schema?: Schema }>
}

interface Operation {
  summary?: string
  parameters?: readonly { name: string; in: string; required?: boolean; schema?: Schema }[]
  requestBody?: Content
  responses: Record<string, Content>
}

export interface Description {
  paths: Record<string, Record<string, Operation>>
}

const HEAD = `/**
 * What each route takes and gives, read off the description of the API. \`test/console/api.test.ts\` fails where the two differ
 * and writes this file anew with \`-u\`.
 */
export interface Routes {
`

/** The file of types for all routes below `prefix`, in order of path and method. @throws for a schema it does not know */
export function routeTypes({ paths }: Description, prefix: string): string {
  const routes = Object.entries(paths)
    .filter(([path]) => path.startsWith(prefix))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path.slice(prefix.length)}`,
        operation,
      ]),
    )
    .sort(([a], [b]) => (sortKey(a) < sortKey(b) ? -1 : 1))
  return `${HEAD}${routes.map(([route, operation]) => routeType(route, operation)).join('')}}\n`
}

const sortKey = (route: string): string => route.split(' ').reverse().join(' ')

function routeType(route: string, { summary, parameters = [], requestBody, responses }: Operation): string {
  const of = (place: string): Schema => {
    const found = parameters.filter((parameter) => parameter.in === place)
    return {
      type: 'object',
      properties: Object.fromEntries(found.map(({ name, schema = {} }) => [name, schema])),
      required: found.filter(({ required }) => required === true).map(({ name }) => name),
      additionalProperties: false,
    }
  }
  const [params, query] = [of('path'), of('query')]
  const answer = Object.entries(responses).find(([status]) => status.startsWith('2') && !status.endsWith('XX'))
  const parts = [
    ...(isEmpty(params) ? [] : [`params: ${typeOf(params, 'asked', '    ')}`]),
    ...(isEmpty(query) ? [] : [`query${allOptional(query) ? '?' : ''}: ${typeOf(query, 'asked', '    ')}`]),
    ...(requestBody === undefined ? [] : [`body: ${contentType(requestBody, 'asked')}`]),
    `answer: ${answer === undefined ? 'undefined' : contentType(answer[1], 'told')}`,
  ]
  return `${comment(summary, '  ')}  '${route}': {\n${parts.map((part) => `    ${part}\n`).join('')}  }\n`
}

const isEmpty = ({ properties = {} }: Schema): boolean => Object.keys(properties).length === 0
const allOptional = ({ required = [] }: Schema): boolean => required.length === 0

/** What is JSON has a type of its own, no content is `undefined`, and all else is bytes. */
function contentType({ content = {} }: Content, side: Side): string {
  const json = Object.entries(content).find(([type]) => type.startsWith('application/json'))
  if (json !== undefined) return typeOf(json[1].schema ?? {}, side, '    ')
  return Object.keys(content).length === 0 ? 'undefined' : 'Blob'
}

/** What is asked may be left out or be `undefined`, which is the same on the wire. */
type Side = 'asked' | 'told'

function typeOf(schema: Schema, side: Side, indent: string): string {
  const { anyOf, enum: values, type, items, properties, additionalProperties, patternProperties } = schema
  if (anyOf !== undefined) return anyOf.map((one) => typeOf(one, side, indent)).join(' | ')
  if (values !== undefined) return values.map(literal).join(' | ')
  if ('const' in schema) return literal(schema.const)
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'integer':
    case 'number':
      return 'number'
    case 'array': {
      const item = typeOf(items ?? {}, side, indent)
      return /[|]/.test(item.replaceAll(/\{[^]*\}/g, '')) ? `(${item})[]` : `${item}[]`
    }
    case 'object': {
      const [rest] = Object.values(patternProperties ?? {})
      if (properties !== undefined) return objectType(schema, side, indent)
      const values = rest ?? (typeof additionalProperties === 'object' ? additionalProperties : {})
      return `Record<string, ${typeOf(values, side, indent)}>`
    }
    case undefined:
      return 'unknown'
    default:
      throw new Error(`a schema of type '${type}' is not known here`)
  }
}

function objectType({ properties = {}, required = [] }: Schema, side: Side, indent: string): string {
  const inner = `${indent}  `
  const lines = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`
    const optional = !required.includes(name)
    const maybe = optional && side === 'asked' ? ' | undefined' : ''
    return `${comment(schema.description, inner)}${inner}${key}${optional ? '?' : ''}: ${typeOf(schema, side, inner)}${maybe}\n`
  })
  return `{\n${lines.join('')}${indent}}`
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'` : JSON.stringify(value)
}

function comment(text: string | undefined, indent: string): string {
  return text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ')} */\n`
}
