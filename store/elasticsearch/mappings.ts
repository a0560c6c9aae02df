type FieldType = 'keyword' | 'ip' | 'long' | 'double' | 'date' | 'boolean'

/**
 * ECS fields with a mapping of their own: those that the shipped parsers set and that analysts filter or aggregate by. Any
 * other field is in `soc.fields`, one `flattened` field, so that hostile input cannot grow the mapping.
 */
const TYPED: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ...list('date', 'event.created event.start event.end'),
  ...list(
    'ip',
    'source.ip destination.ip client.ip server.ip host.ip related.ip log.source.address source.nat.ip destination.nat.ip dns.resolved_ip',
  ),
  ...list(
    'long',
    'source.port destination.port client.port server.port process.pid process.parent.pid process.thread.id process.exit_code',
  ),
  ...list(
    'long',
    'http.response.status_code http.response.body.bytes http.request.body.bytes source.bytes destination.bytes network.bytes',
  ),
  ...list(
    'long',
    'event.severity event.duration event.sequence log.syslog.priority log.syslog.facility.code log.syslog.severity.code',
  ),
  ...list('double', 'event.risk_score'),
  ...list(
    'keyword',
    'soc.system soc.source event.kind event.module event.dataset event.category event.type event.action event.outcome event.code event.id event.provider event.reason',
  ),
  ...list(
    'keyword',
    'host.name host.hostname host.id host.os.type agent.id agent.name agent.type observer.name observer.vendor observer.product observer.type',
  ),
  ...list(
    'keyword',
    'user.name user.id user.domain user.effective.name user.effective.id user.target.name user.roles source.user.name group.name group.id related.user related.hosts related.hash',
  ),
  ...list(
    'keyword',
    'process.name process.executable process.command_line process.entity_id process.working_directory process.hash.md5 process.hash.sha1 process.hash.sha256',
  ),
  ...list(
    'keyword',
    'process.parent.name process.parent.executable process.parent.command_line process.parent.entity_id process.args',
  ),
  ...list(
    'keyword',
    'file.name file.path file.extension file.hash.sha256 registry.path registry.key registry.value registry.data.strings dll.name dll.path service.name rule.id rule.name',
  ),
  ...list(
    'keyword',
    'source.address source.domain destination.address destination.domain source.geo.country_iso_code destination.geo.country_iso_code source.as.organization.name',
  ),
  ...list(
    'keyword',
    'network.transport network.protocol network.application network.direction network.community_id dns.question.name dns.question.type tls.version tls.cipher',
  ),
  ...list(
    'keyword',
    'url.original url.full url.path url.query url.domain url.scheme url.extension http.request.method http.request.referrer http.version user_agent.original user_agent.name',
  ),
  ...list('keyword', 'log.level log.file.path log.syslog.hostname log.syslog.appname tags ecs.version error.message'),
  ...list(
    'keyword',
    'winlog.channel winlog.event_id winlog.provider_name winlog.computer_name winlog.record_id winlog.event_data.TargetUserName winlog.event_data.SubjectUserName winlog.event_data.LogonType',
  ),
])

function list(type: FieldType, names: string): [string, FieldType][] {
  return names.split(' ').map((name) => [name, type])
}

/** Longer values of a keyword can neither be searched nor counted (they are stored all the same): Lucene takes no term above
 * 32,766 bytes. */
export const KEYWORD_CHARS_MAX = 8_000

const keyword = { type: 'keyword', ignore_above: KEYWORD_CHARS_MAX }
/** The text as it is, for counting; searches go to `soc.pairs`. */
const counted = { ...keyword, index: false }
const searched = { ...keyword, ignore_above: 32_766, doc_values: false }

/** Fields that are always there, with what the engine itself needs of them: exact values for scope and identity. */
const OWN = {
  '@timestamp': { type: 'date', fields: { text: counted } },
  'event.ingested': { type: 'date', fields: { text: counted } },
  'soc.record': keyword,
  'soc.seq': { type: 'long', fields: { text: counted } },
  'soc.agency': keyword,
  message: counted,
  // What follows is made by `terms.ts` and not in `_source`.
  'soc.pairs': searched,
  'soc.order': searched,
  /** Texts of the fields without a mapping, for counting. */
  'soc.values': { type: 'flattened', index: false, ignore_above: KEYWORD_CHARS_MAX },
}

/** The indexed field that holds the texts of an event's field, for counting; `null` where none does. */
export function countedField(field: string): string | null {
  if (field === 'event.original') return null
  if (TEXT_BESIDE.has(field)) return `${field}.text`
  if (field === 'message' || field === 'soc.record' || field === 'soc.agency' || TYPED.has(field)) return field
  return `soc.values.${field}`
}

/** Whether a field's texts are in `soc.values`. */
export function isUnmapped(field: string): boolean {
  return countedField(field)?.startsWith('soc.values.') === true
}

const mapping = (type: FieldType): Record<string, unknown> => {
  switch (type) {
    case 'keyword':
      return keyword
    case 'boolean':
      return { type, fields: { text: counted } }
    default:
      return { type, ignore_malformed: true, fields: { text: counted } } // logs lie; the text counts all the same
  }
}

const TEXT_BESIDE: ReadonlySet<string> = new Set([
  '@timestamp',
  'event.ingested',
  'soc.seq',
  ...[...TYPED].flatMap(([name, type]) => (type === 'keyword' ? [] : [name])),
])

export const META = { product: 'vong-gac', layout: 2 }

const SETTINGS = {
  'index.refresh_interval': '1s', // said outright, so that an index nobody searches is refreshed, too
  'index.codec': 'best_compression',
  'index.max_regex_length': 5_000, // a value of 1,000 characters, written out
}

/** `subobjects: false`: a record with both `user` and `user.name` is an event, not an error. */
export const EVENT_MAPPINGS = {
  _meta: META,
  dynamic: false,
  subobjects: false,
  _source: { excludes: ['soc.pairs', 'soc.order', 'soc.values'] },
  properties: { ...Object.fromEntries([...TYPED].map(([name, type]) => [name, mapping(type)])), ...OWN },
} as const

export const ALERT_MAPPINGS = {
  _meta: META,
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date' },
    id: { type: 'keyword' },
    seq: { type: 'long' },
    agency: { type: 'keyword' },
    version: { type: 'long' },
    rule: { properties: { id: { type: 'keyword' }, title: { type: 'keyword' }, level: { type: 'keyword' } } },
  },
} as const

export const DEAD_LETTER_MAPPINGS = {
  _meta: META,
  dynamic: false,
  properties: {
    receivedAt: { type: 'date' },
    record: { type: 'keyword' },
    seq: { type: 'long' },
    agency: { type: 'keyword' },
    source: { type: 'keyword' },
    code: { type: 'keyword' },
  },
} as const

export interface IndexSettings {
  shards: number
  replicas: number
}

/** The composable index templates, by name. */
export function templates(prefix: string, { shards, replicas }: IndexSettings): Map<string, object> {
  const template = (pattern: string, mappings: object): object => ({
    index_patterns: [pattern],
    priority: 500,
    _meta: META,
    template: {
      settings: { ...SETTINGS, 'index.number_of_shards': shards, 'index.number_of_replicas': replicas },
      mappings,
    },
  })
  return new Map([
    [`${prefix}-events`, template(`${prefix}-events-*`, EVENT_MAPPINGS)],
    [`${prefix}-alerts`, template(`${prefix}-alerts`, ALERT_MAPPINGS)],
    [`${prefix}-dead-letters`, template(`${prefix}-dead-letters-*`, DEAD_LETTER_MAPPINGS)],
  ])
}
