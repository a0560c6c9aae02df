import type { Alert, Level } from '../../model/alert.ts'
import type { Incident } from '../../model/incident.ts'
import type { Simulated } from './simulate.ts'

/** An alert as a result shows it: what it is, and where to read on. */
export interface ShownAlert {
  id: string
  rule: { id: string; title: string; titleVi?: string; level: Level }
  '@timestamp': string
  agency: string
  count: number
  /** Newest last. */
  evidence: { record: string; '@timestamp': string; original: string }[]
}

/** An incident under the rules of now, of then, or of both. */
export interface ComparedIncident {
  title: string
  titleVi: string
  level: Level
  priority: number
  agency: string
  entity: Incident['entity']
  firstEventAt: string
  lastEventAt: string
  rules: { id: string; title: string; titleVi: string }[]
  /** How many alerts it has under the rules of now, and under the changed ones. */
  alerts: { before: number; after: number }
  /** Level and priority under the rules of now, where they were others. */
  was?: { level: Level; priority: number }
  /** Alerts that it alone of the two has; the first of them. */
  evidence: { gone: ShownAlert[]; new: ShownAlert[]; changed: ShownAlert[] }
  /** Ids of alerts that are gone from it. */
  goneIds: string[]
}

export interface Comparison {
  alerts: { before: number; after: number; gone: number; new: number; changed: number }
  appear: ComparedIncident[]
  vanish: ComparedIncident[]
  change: ComparedIncident[]
  /** Of those about the same hosts, addresses and users, or in a storm with them, those that stay as they are. */
  unchanged: number
}

const SHOWN_ALERTS = 5
const SHOWN_EVIDENCE = 3

/**
 * Incidents of two groupings of the same time: those that share an alert are one. Several that share, because the change joined
 * or divided them, are told as one that changed.
 */
export function compare(before: Simulated, after: Simulated): Comparison {
  const gone = [...before.alerts.keys()].filter((id) => !after.alerts.has(id))
  const fresh = [...after.alerts.keys()].filter((id) => !before.alerts.has(id))
  const other = [...after.alerts].flatMap(([id, alert]) => {
    const was = before.alerts.get(id)
    return was !== undefined && !isAlike(was, alert) ? [id] : []
  })
  const result: Comparison = {
    alerts: {
      before: before.alerts.size,
      after: after.alerts.size,
      gone: gone.length,
      new: fresh.length,
      changed: other.length,
    },
    appear: [],
    vanish: [],
    change: [],
    unchanged: 0,
  }
  const sets = { gone: new Set(gone), new: new Set(fresh), changed: new Set(other) }
  for (const group of groupsOf(before, after)) {
    const told = toldOf(group, before, after, sets)
    if (told === undefined) result.unchanged += 1
    else if (group.before.length === 0) result.appear.push(told)
    else if (group.after.length === 0) result.vanish.push(told)
    else result.change.push(told)
  }
  const graver = (a: ComparedIncident, b: ComparedIncident): number =>
    b.priority - a.priority || (a.firstEventAt < b.firstEventAt ? -1 : 1)
  for (const list of [result.appear, result.vanish, result.change]) list.sort(graver)
  return result
}

/** Incidents of either side that hang together by the alerts they share. */
interface Group {
  before: string[]
  after: string[]
  alerts: Set<string>
}

function groupsOf(before: Simulated, after: Simulated): Group[] {
  const groups = new Map<string, Group>()
  const find = (key: string): Group => {
    let group = groups.get(key)
    if (group === undefined) {
      group = { before: [], after: [], alerts: new Set() }
      group[key.startsWith('-') ? 'before' : 'after'].push(key.slice(1))
      groups.set(key, group)
    }
    return group
  }
  const join = (a: Group, b: Group): void => {
    if (a === b) return
    const [large, small] = a.alerts.size >= b.alerts.size ? [a, b] : [b, a]
    large.before.push(...small.before)
    large.after.push(...small.after)
    for (const id of small.alerts) large.alerts.add(id)
    for (const id of small.before) groups.set(`-${id}`, large)
    for (const id of small.after) groups.set(`+${id}`, large)
  }
  for (const [id, incident] of before.placeOf) find(`-${incident}`).alerts.add(id)
  for (const [id, incident] of after.placeOf) {
    const own = find(`+${incident}`)
    own.alerts.add(id)
    const was = before.placeOf.get(id)
    if (was !== undefined) join(find(`-${was}`), own)
  }
  return [...new Set(groups.values())]
}

/** Undefined where nothing about the incident changed. */
function toldOf(
  group: Group,
  before: Simulated,
  after: Simulated,
  sets: Record<'gone' | 'new' | 'changed', Set<string>>,
): ComparedIncident | undefined {
  const olds = group.before.map((id) => before.incidents.get(id)!)
  const news = group.after.map((id) => after.incidents.get(id)!)
  const ids = [...group.alerts]
  const of = (set: Set<string>): string[] => ids.filter((id) => set.has(id))
  const [gone, fresh, changed] = [of(sets.gone), of(sets.new), of(sets.changed)]
  const [old, now] = [gravest(olds), gravest(news)]
  const isSame = old !== undefined && now !== undefined && old.level === now.level && old.priority === now.priority
  const isWhole = olds.length === 1 && news.length === 1
  if (isSame && isWhole && gone.length + fresh.length + changed.length === 0) return undefined
  const { title, titleVi, level, priority, agency, entity } = (now ?? old)!
  const all = [...olds, ...news]
  const shown = (from: readonly string[], side: Simulated): ShownAlert[] =>
    from.slice(0, SHOWN_ALERTS).map((id) => shownAlert(side.alerts.get(id)!))
  return {
    title,
    titleVi,
    level,
    priority,
    agency,
    entity,
    firstEventAt: all.map(({ firstEventAt }) => firstEventAt).reduce((a, b) => (a < b ? a : b)),
    lastEventAt: all.map(({ lastEventAt }) => lastEventAt).reduce((a, b) => (a > b ? a : b)),
    rules: [...new Map(all.flatMap(({ rules }) => rules.map((rule) => [rule.id, rule] as const))).values()].map(
      (rule) => ({ id: rule.id, title: rule.title, titleVi: rule.titleVi }),
    ),
    alerts: {
      before: ids.filter((id) => before.alerts.has(id)).length,
      after: ids.filter((id) => after.alerts.has(id)).length,
    },
    ...(old !== undefined && now !== undefined && !isSame && { was: { level: old.level, priority: old.priority } }),
    evidence: { gone: shown(gone, before), new: shown(fresh, after), changed: shown(changed, after) },
    goneIds: gone,
  }
}

function gravest(incidents: readonly Incident[]): Incident | undefined {
  return [...incidents].sort((a, b) => b.priority - a.priority || a.number - b.number)[0]
}

/** Whether two versions say the same, whatever the text of their rule. */
function isAlike(a: Alert, b: Alert): boolean {
  return (
    a.count === b.count &&
    a.rule.level === b.rule.level &&
    a.rule.title === b.rule.title &&
    a['@timestamp'] === b['@timestamp'] &&
    a.evidence.length === b.evidence.length &&
    a.evidence.every(({ record }, i) => record === b.evidence[i]!.record)
  )
}

function shownAlert({ id, rule, agency, count, evidence, '@timestamp': at }: Alert): ShownAlert {
  const { titleVi } = rule
  return {
    id,
    rule: { id: rule.id, title: rule.title, ...(titleVi !== undefined && { titleVi }), level: rule.level },
    '@timestamp': at,
    agency,
    count,
    evidence: evidence
      .slice(-SHOWN_EVIDENCE)
      .map(({ record, original, '@timestamp': time }) => ({ record, '@timestamp': time, original })),
  }
}
