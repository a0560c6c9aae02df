import { HEALTH_INPUT, type Trouble } from '../../model/health.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import type { Frame, Origin } from '../../model/record.ts'
import { isoTime } from '../time.ts'

/** Something the collector has noticed about what it hears, to be written into the log as a record of its own. */
export interface Statement {
  atMs: number
  /** `lost`: positions of the spool that do not read back; `disk`: the disk will be full; `broken`: what is stored is not as it came. */
  kind: Trouble | 'lost' | 'disk' | 'broken'
  state: 'raised' | 'ended' | 'muted'
  /** Whose the source is; absent: nobody's. */
  agency?: string
  /** The source's address, so that the registry knows its system; empty where it is about several. */
  address: string
  stream?: string
  /** Names one trouble from its beginning to its end: all that is said of it is one alert. */
  episode: string
  /** What makes this statement this one, so that it is written once however often it is made. */
  key: string
  /** In Vietnamese and English, for people. */
  words: { vi: string; en: string }
  /** Below `soc.health.` */
  facts: Record<string, EcsValue>
}

export function frameOf({ atMs, kind, state, agency, address, stream, episode, key, words, facts }: Statement): Frame {
  const origin: Origin = {
    input: HEALTH_INPUT,
    address,
    ...(agency !== undefined && { agency }),
    ...(stream !== undefined && { stream }),
  }
  const record = {
    '@timestamp': isoTime(atMs),
    'event.action': `source_${kind}_${state}`,
    'soc.health.kind': kind,
    'soc.health.state': state,
    'soc.health.episode': episode,
    ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`soc.health.${name}`, value])),
    message: `${words.vi} · ${words.en}`,
  }
  return { origin, bytes: Buffer.from(JSON.stringify(record)), senderId: `health:${key}` }
}

/** Makes the event of a statement, which nobody but the collector itself has written. */
export function putStatement(event: EcsEvent, text: string): void {
  Object.assign(event, JSON.parse(text))
  event['event.dataset'] = 'soc.health'
  if (event['log.source.address'] === '') delete event['log.source.address']
}
