import type { Alert, AlertRule, Entity } from '../../model/alert.ts'
import { alertRule } from '../alert.ts'
import { fold } from '../sigma/fold.ts'
import { episodeCount, episodeExhibits, type Episode } from './episode.ts'
import type { Group } from './group.ts'
import type { Correlation } from './resolve.ts'

/** What all alerts of a group say of it. */
export interface Label {
  record: Record<string, string>
  entities: Entity[]
}

/** Makes the alerts of one correlation. */
export class Announcer {
  readonly #correlation: Correlation
  readonly #rule: AlertRule
  /** The time that was written last: alerts of one event are of one time. */
  #at = Number.NaN
  #time = ''

  constructor(correlation: Correlation) {
    this.#correlation = correlation
    this.#rule = alertRule(correlation.rule)
  }

  /** @param seq position of the record that raises this version */
  alert(group: Group, { kind, episode }: { kind: string; episode: Episode }, seq: number): Alert {
    if (episode.to !== this.#at) {
      this.#at = episode.to
      this.#time = new Date(episode.to).toISOString()
    }
    const gone = kind === 'withdraw'
    const exhibits = episodeExhibits(group, episode)
    const newest = exhibits.length === 0 ? undefined : exhibits[exhibits.length - 1]!.about
    const { record, entities } = (group.label ??= this.#labelOf(group))
    const alert: Alert = {
      id: episode.id,
      version: episode.version,
      rule: this.#rule,
      '@timestamp': this.#time,
      seq,
      agency: group.agency,
      entities: newest === undefined ? entities : together(entities, newest.entities),
      group: record,
      evidence: gone ? [] : exhibits.map(({ evidence }) => evidence),
      count: gone ? 0 : episodeCount(group, episode),
    }
    if (newest?.system !== undefined) alert.system = newest.system
    return alert
  }

  #labelOf({ values }: Group): Label {
    const { rule, groupFields } = this.#correlation
    return {
      record: Object.fromEntries(rule.groupBy.map((field, i) => [field, values[i]!])),
      entities: together([], groupEntities(groupFields, values)),
    }
  }
}

const KINDS: readonly [pattern: RegExp, kind: Entity['kind']][] = [
  [/^host\.(?:name|hostname)$|^winlog\.computer_name$|^log\.source\.address$/, 'host'],
  [/^(?:source|client)\.(?:ip|address)$/, 'ip'],
  [/^(?:user|user\.effective|user\.target|related)\.(?:name|user)$/, 'user'],
]

/** Group-by values that are a host, an address or a user. */
function groupEntities(fields: readonly string[][], values: readonly string[]): Entity[] {
  return values.flatMap((value, i) => {
    const found = KINDS.find(([pattern]) => fields[i]!.some((name) => pattern.test(name)))
    return found === undefined ? [] : [{ kind: found[1], value }]
  })
}

/** What both name, each once, whatever the case. */
function together(known: readonly Entity[], further: readonly Entity[]): Entity[] {
  const all = [...known]
  for (const own of further) if (!all.some((other) => isSame(own, other))) all.push(own)
  return all
}

function isSame(a: Entity, b: Entity): boolean {
  return a.kind === b.kind && a.value.length === b.value.length && fold(a.value) === fold(b.value)
}
