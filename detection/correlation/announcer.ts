import type { Alert, AlertRule, Entity } from '../../model/alert.ts'
import { alertRule } from '../alert.ts'
import { fold } from '../sigma/fold.ts'
import { episodeCount, episodeExhibits, type Episode } from './episode.ts'
import type { Group } from './group.ts'
import type { Correlation } from './resolve.ts'

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
    const { rule, groupFields } = this.#correlation
    const exhibits = episodeExhibits(group, episode)
    const newest = exhibits.at(-1)?.about
    return {
      id: episode.id,
      version: episode.version,
      rule: this.#rule,
      '@timestamp': this.#time,
      seq,
      agency: group.agency,
      ...(newest?.system !== undefined && { system: newest.system }),
      entities: distinct([...groupEntities(groupFields, group.values), ...(newest?.entities ?? [])]),
      group: Object.fromEntries(rule.groupBy.map((field, i) => [field, group.values[i]!])),
      evidence: kind === 'withdraw' ? [] : exhibits.map(({ evidence }) => evidence),
      count: kind === 'withdraw' ? 0 : episodeCount(group, episode),
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

function distinct(entities: readonly Entity[]): Entity[] {
  const known = new Set<string>()
  return entities.filter(({ kind, value }) => {
    const key = `${kind}\0${fold(value)}`
    return known.size < known.add(key).size
  })
}
