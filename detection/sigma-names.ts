import type { RuleSet } from './rule-set.ts'
import type { LogSourceRow } from './sigma/logsource.ts'
import type { LogSource } from './sigma/rule.ts'
import type { RuleFile } from './types.ts'

// Events that no collector made carry Sigma's own names (`EventID`, `Channel`, `Image`), as the rules do. Three things are
// still between them and the rules; SigmaHQ's regression runner settles the first two as it is done here.

/**
 * Field names that differ although both are Sigma's: a process is named otherwise in Security 4688 than in Sysmon 1, and
 * Microsoft Defender otherwise than antivirus rules do.
 */
export const SIGMA_NAMES: RuleFile = {
  path: 'pipelines/sigma-names.yml',
  text: `name: sigma-names
priority: 1
transformations:
  - type: field_name_mapping
    mapping: { Image: [Image, NewProcessName], ParentImage: [ParentImage, ParentProcessName] }
    rule_conditions: [{ type: logsource, category: process_creation }]
  - type: field_name_mapping
    mapping: { Signature: [Signature, ThreatName], Filename: [Filename, Path] }
    rule_conditions: [{ type: logsource, category: antivirus }]
`,
}

/** Sigma's names of the fields by which `logsources.yml` tells the log sources of Windows. */
const NAMES: Record<string, string> = {
  'winlog.channel': 'Channel',
  'winlog.provider_name': 'Provider_Name',
  'event.code': 'EventID',
}
const EVENT_DATA = 'winlog.event_data.'

/** Without any of these an event is not of Windows. */
const OF_WINDOWS = ['Channel', 'EventID', 'Provider_Name'] as const

/** How an event says itself what it is, in the words of Sigma's `logsource`. */
const STATED = ['product', 'category', 'service'] as const

/** Set on events of which nothing says what they are. */
const UNSTATED = 'soc.log_source'

/**
 * The rules for events in Sigma's own names:
 * - one with a `Channel` is of Windows: the shipped table, by Channel and EventID;
 * - one with `product`, `category` or `service` is of that log source;
 * - one that has neither, nor an EventID or a provider, is not of Windows and may be of any other log source: the rules of all
 *   of them run (`markUnstated`).
 */
export function inSigmaNames(ruleSet: RuleSet): RuleSet {
  const distinct = new Map(
    ruleSet.network.rules.map(({ mapped: { logsource } }) => [JSON.stringify(logsource), logsource]),
  )
  const wanted = [...distinct.values()]
  return {
    ...ruleSet,
    logSources: [
      ...ruleSet.logSources.flatMap(renamed),
      ...wanted.map(statedRow),
      { when: [[UNSTATED, new Set(['unstated'])]], sources: wanted.filter(({ product }) => product !== 'windows') },
    ],
  }
}

/** Marks an event that says nothing of its log source; runs per event. */
export function markUnstated(event: Record<string, unknown>): void {
  for (const name of OF_WINDOWS) if (event[name] !== undefined) return
  for (const name of STATED) if (event[name] !== undefined) return
  event[UNSTATED] = 'unstated'
}

function renamed({ when, sources }: LogSourceRow): LogSourceRow[] {
  const own = when.map(([field, values]): LogSourceRow['when'][number] | undefined => {
    const name = field.startsWith(EVENT_DATA) ? field.slice(EVENT_DATA.length) : NAMES[field]
    return name === undefined ? undefined : [name, values]
  })
  const known = own.filter((condition) => condition !== undefined)
  return known.length === own.length ? [{ when: known, sources }] : []
}

function statedRow(source: LogSource): LogSourceRow {
  const when = STATED.flatMap((name): LogSourceRow['when'] => {
    const value = source[name]
    return value === undefined ? [] : [[name, new Set([value])]]
  })
  return { when, sources: [source] }
}
