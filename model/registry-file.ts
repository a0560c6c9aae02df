import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { LineCounter, parseDocument } from 'yaml'
import { ENCODINGS } from './encoding.ts'

export type RegistryErrorCode =
  | 'syntax' // not YAML
  | 'shape' // a key, a type or a value that does not belong there
  | 'unknown_key' // names an agency, system or group that is not there
  | 'duplicate_key'
  | 'bad_date'
  | 'bad_address'
  | 'overlap' // two in one role, or two parents, at one time
  | 'outside_life' // an agency in a role, or sending, before it began or after it ended
  | 'cycle'

/** What is wrong with a registry, and where: `path:line:column: pointer: what`. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  /** The entry in the file, as a JSON Pointer; empty where it is not YAML at all. */
  readonly pointer: string
  constructor(code: RegistryErrorCode, message: string, pointer = '') {
    super(message)
    this.code = code
    this.pointer = pointer
  }
}

const strict = { additionalProperties: false }
const Text = Type.String({ minLength: 1, maxLength: 1000 })
const Key = Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 })
const Day = Type.String()
const LevelNumber = Type.Union([1, 2, 3, 4, 5].map((level) => Type.Literal(level as 1 | 2 | 3 | 4 | 5)))
const Dates = { from: Type.Optional(Day), to: Type.Optional(Day) }
const Bilingual = { vi: Text, en: Text }
const ResolutionFile = Type.Object(
  {
    title: Text,
    clause: Type.Optional(Text),
    pl01: Type.Optional(Text),
    pl02: Type.Optional(Text),
    owner: Type.Optional(Text),
    coordinator: Type.Optional(Text),
    budget: Type.Optional(Type.Record(Type.String(), Type.Number())),
  },
  strict,
)
const LevelFile = Type.Object(
  {
    level: LevelNumber,
    status: Type.Union([Type.Literal('proposed'), Type.Literal('approved')]),
    basis: Text,
    ...Dates,
  },
  strict,
)
const HolderFile = Type.Object({ agency: Key, basis: Type.Optional(Text), ...Dates }, strict)
const AgencyFile = Type.Object(
  {
    ...Bilingual,
    aliases: Type.Optional(Type.Array(Text)),
    kind: Key,
    parent: Type.Optional(Key),
    parents: Type.Optional(Type.Array(Type.Object({ agency: Key, ...Dates }, strict))),
    validFrom: Type.Optional(Day),
    validTo: Type.Optional(Day),
    successorOf: Type.Optional(Type.Array(Type.Object({ agency: Key, note: Type.Optional(Text) }, strict))),
    levels: Type.Optional(Type.Array(LevelFile)),
  },
  strict,
)
const GroupFile = Type.Object({ ...Bilingual, open: Type.Boolean(), resolution: Type.Optional(ResolutionFile) }, strict)
const SystemFile = Type.Object(
  {
    ...Bilingual,
    aliases: Type.Optional(Type.Array(Text)),
    sameAs: Type.Optional(Type.Array(Type.Object({ key: Key, ...Bilingual, clause: Type.Optional(Text) }, strict))),
    group: Type.Optional(Key),
    resolution: Type.Optional(ResolutionFile),
    roles: Type.Object(
      {
        owner: Type.Array(HolderFile, { minItems: 1 }),
        operator: Type.Optional(Type.Array(HolderFile)),
        supervisor: Type.Optional(Type.Array(HolderFile)),
      },
      strict,
    ),
    levels: Type.Optional(Type.Array(LevelFile)),
  },
  strict,
)
const Own = {
  expected: Type.Optional(Type.Boolean()),
  silentMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })),
  fallenPercent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  driftSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
}
const { expected: _, ...Thresholds } = Own
const HealthFile = Type.Object(
  {
    ...Thresholds,
    learnDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 90 })),
    pauseMinutesMin: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_440 })),
    pauseFactor: Type.Optional(Type.Number({ minimum: 1, maximum: 100 })),
    fallenRecordsMin: Type.Optional(Type.Integer({ minimum: 1 })),
    maintenance: Type.Optional(
      Type.Array(
        Type.Object(
          {
            agency: Type.Optional(Key),
            system: Type.Optional(Key),
            source: Type.Optional(Text),
            from: Text,
            to: Text,
            reason: Type.Optional(Text),
          },
          strict,
        ),
      ),
    ),
  },
  strict,
)
const SourceFile = Type.Object(
  {
    match: Type.Object(
      {
        address: Type.Optional(Type.Union([Text, Type.Array(Text, { minItems: 1 })])),
        certificate: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
        hostname: Type.Optional(Type.String({ pattern: '^[^\\s]+$', maxLength: 255 })),
        stream: Type.Optional(Text),
      },
      { ...strict, minProperties: 1 },
    ),
    agency: Type.Optional(Key),
    system: Type.Optional(Key),
    kind: Type.Optional(Key),
    encoding: Type.Optional(Type.Union(ENCODINGS.map((name) => Type.Literal(name)))),
    timeZone: Type.Optional(Text),
    health: Type.Optional(Type.Object(Own, { ...strict, minProperties: 1 })),
    ...Dates,
  },
  strict,
)
const NamedDay = Type.Object(
  { date: Day, days: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })), ...Bilingual },
  strict,
)
const Schema = Type.Object(
  {
    format: Type.Literal(1),
    name: Type.Object(Bilingual, strict),
    timeZone: Text,
    defaults: Type.Object({ level: LevelNumber }, strict),
    calendar: Type.Object(
      {
        workingHours: Type.Array(
          Type.Object(
            {
              days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 })),
              hours: Type.Array(Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-4]):[0-5]\\d$' })),
              ...Dates,
            },
            strict,
          ),
        ),
        from: Day,
        to: Day,
        holidays: Type.Array(NamedDay),
        workingDays: Type.Optional(Type.Array(NamedDay)),
      },
      strict,
    ),
    agencies: Type.Record(Type.String(), AgencyFile),
    groups: Type.Optional(Type.Record(Type.String(), GroupFile)),
    systems: Type.Record(Type.String(), SystemFile),
    sources: Type.Array(SourceFile),
    health: Type.Optional(HealthFile),
  },
  strict,
)

export type RegistryFile = Static<typeof Schema>
export type LevelEntry = Static<typeof LevelFile>
export type NamedDays = Static<typeof NamedDay>
export type Pointer = readonly (string | number)[]
export type Fail = (code: RegistryErrorCode, at: Pointer, what: string) => never

/** Whether `key` can name an agency, a group or a system. */
export function isKey(key: string): boolean {
  return Value.Check(Key, key)
}

/**
 * Reads the text of a registry: its shape is right, its meaning is not checked yet. `fail` throws for what is found wrong
 * with it later, at the same place in the text.
 * @throws {RegistryError}
 */
export function readRegistryFile(text: string, path: string): { file: RegistryFile; fail: Fail } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0])
    throw new RegistryError('syntax', `${path}:${line}:${col}: ${broken.message.split('\n')[0]}`)
  }
  const fail: Fail = (code, at, what) => {
    const pointer = `/${at.join('/')}`
    for (let depth = at.length; depth >= 0; depth--) {
      const node = document.getIn(at.slice(0, depth), true) as { range?: [number] | null } | undefined
      if (!node?.range) continue // reached through an alias: the nearest thing written out
      const { line, col } = lines.linePos(node.range[0])
      throw new RegistryError(code, `${path}:${line}:${col}: ${pointer}: ${what}`, pointer)
    }
    throw new RegistryError(code, `${path}: ${pointer}: ${what}`, pointer)
  }
  const file: unknown = document.toJS({ maxAliasCount: 100_000 })
  const [wrong] = Value.Errors(Schema, file)
  if (wrong) {
    const unknown = (wrong.params as { additionalProperties?: string[] }).additionalProperties?.[0]
    const at = wrong.instancePath.split('/').slice(1)
    if (wrong.keyword === 'boolean') fail('shape', at, 'no such setting')
    fail(
      'shape',
      unknown === undefined ? at : [...at, unknown],
      unknown === undefined ? wrong.message : 'no such setting',
    )
  }
  return { file: file as RegistryFile, fail }
}
