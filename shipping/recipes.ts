import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { ROOT } from '../model/root.ts'

const strict = { additionalProperties: false }
const Recipe = Type.Object(
  {
    /** Page below docs/shipping that shows it. */
    page: Type.String(),
    /** Of the page's block. */
    language: Type.String(),
    /** Input of the collector that it ships to. */
    input: Type.String(),
    /** By what the collector knows whose the records are. */
    identity: Type.Union([Type.Literal('address'), Type.Literal('token')]),
    /** Where the text belongs on the sender. */
    file: Type.String(),
    /** Whether the collector's answer means that a record is on its disk. */
    acknowledges: Type.Boolean(),
    ca: Type.Optional(Type.String()),
    state: Type.Optional(Type.String()),
    /** Versions that were run as written; absent: none. */
    tested: Type.Optional(Type.String()),
    // oxlint-disable-next-line unicorn/no-thenable -- what to do then; nothing awaits a recipe
    then: Type.Object({ vi: Type.String(), en: Type.String() }, strict),
    text: Type.String(),
  },
  strict,
)
const File = Type.Object({ transports: Type.Record(Type.String(), Recipe, { minProperties: 1 }) }, strict)

export type Recipe = Static<typeof Recipe>

/** What is filled in: `«host»` and so on in the text. */
export interface Filling {
  host: string
  port: string
  scheme: string
  token: string
  /** What the sender calls its records, where it can say so. */
  stream: string
  /** File on the sender with the authority that signed the collector's certificate. */
  ca: string
  /** Folder on the sender for its disk queue. */
  state: string
}

/** Ports of inputs, unless the settings say otherwise. */
export const PORTS: Record<string, number> = {
  'syslog-udp': 5514,
  'syslog-tcp': 5514,
  'syslog-tls': 6514,
  relp: 2514,
  lumberjack: 5044,
  'elasticsearch-bulk': 9201,
  'http-ndjson': 8080,
  'otlp-http': 4318,
}

/** Shippers by name, each with its ways to the collector, the one to take first. A file of `shipping/` is one. */
export function loadRecipes(): Map<string, Map<string, Recipe>> {
  const folder = join(ROOT, 'shipping')
  return new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.yml'))
      .sort()
      .map((name) => {
        const content: unknown = parse(readFileSync(join(folder, name), 'utf8'))
        if (!Value.Check(File, content)) {
          const [error] = Value.Errors(File, content)
          throw new Error(`shipping/${name}: ${error?.instancePath}: ${error?.message}`)
        }
        return [name.slice(0, -'.yml'.length), new Map(Object.entries(content.transports))] as const
      }),
  )
}

/** As the pages show it. */
export function exampleFilling(shipper: string, { input, ca = '', state = '' }: Recipe): Filling {
  const port = String(PORTS[input])
  return { host: 'soc.example', port, scheme: 'https', token: 'soc_…', stream: shipper, ca, state }
}

/** The text for one sender. @throws if it asks for something that is none of `Filling` */
export function fillRecipe({ text }: Recipe, filling: Filling): string {
  return text.trimEnd().replaceAll(/«([a-z]+)»/g, (_, name: string) => {
    const value = (filling as unknown as Record<string, string | undefined>)[name]
    if (value === undefined) throw new Error(`a recipe asks for «${name}»`)
    return value
  })
}
