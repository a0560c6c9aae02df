import { covers } from '../../detection/sigma/logsource.ts'
import type { LoadedRule } from '../../detection/types.ts'
import { attackOf, type Attack } from '../../model/attack.ts'

interface LogSource {
  product?: string
  category?: string
  service?: string
}

export interface Seen {
  /** Events by the log sources they carry. */
  sources: readonly { sources: readonly LogSource[]; events: number }[]
  /** Incidents by tag: `attack.t1110`. */
  tags: ReadonlyMap<string, number>
}

/** Whether a rule's alerts can come, and if not, why. */
export const STANDINGS = ['live', 'no_events', 'shadow', 'off', 'never_fires'] as const
export type Standing = (typeof STANDINGS)[number]

/** Events of the log source of a detection rule; undefined of a correlation, which meets the matches of others. */
export function eventsOf({ logsource }: LoadedRule, sources: Seen['sources']): number | undefined {
  if (logsource === undefined) return undefined
  return sources.reduce((sum, one) => sum + (one.sources.some((own) => covers(logsource, own)) ? one.events : 0), 0)
}

export function standingOf(rule: LoadedRule, sources: Seen['sources']): Standing {
  if (rule.disabled !== undefined) return 'off'
  if (rule.neverFires !== undefined) return 'never_fires'
  if (rule.state === 'shadow') return 'shadow'
  return eventsOf(rule, sources) === 0 ? 'no_events' : 'live'
}

export interface Technique {
  id: string
  name: string
  tactics: readonly string[]
  rules: { id: string; title: string; titleVi?: string; standing: Standing }[]
  incidents: number
}

export interface Coverage {
  version: string
  tactics: { key: string; id: string; en: string; vi: string; rules: number }[]
  techniques: Technique[]
  /** Ids that tags name and this version of ATT&CK has not. */
  unknown: string[]
}

/** What of ATT&CK the rules are about, and what of it incidents were about. Rules that raise no alerts of their own are parts, not coverage. */
export function coverageOf(rules: readonly LoadedRule[], seen: Seen, attack: Attack): Coverage {
  const byTechnique = new Map<string, Technique['rules']>()
  const byTactic = new Map<string, number>()
  for (const rule of rules) {
    if (rule.level === 'informational') continue
    const { techniques, tactics } = attackOf(rule.tags)
    const standing = standingOf(rule, seen.sources)
    const { id, title, titleVi } = rule
    const shown = { id, title, ...(titleVi !== undefined && { titleVi }), standing }
    for (const technique of new Set(techniques)) {
      const own = byTechnique.get(technique) ?? []
      byTechnique.set(technique, own)
      own.push(shown)
    }
    for (const tactic of new Set(tactics)) byTactic.set(tactic, (byTactic.get(tactic) ?? 0) + 1)
  }
  const incidents = (id: string): number => seen.tags.get(`attack.${id.toLowerCase()}`) ?? 0
  const named = new Set([...byTechnique.keys(), ...attackOf([...seen.tags.keys()]).techniques])
  return {
    version: attack.version,
    tactics: [...attack.tactics].map(([key, names]) => ({ key, ...names, rules: byTactic.get(key) ?? 0 })),
    techniques: [...attack.techniques].map(([id, { name, tactics }]) => ({
      id,
      name,
      tactics,
      rules: byTechnique.get(id) ?? [],
      incidents: incidents(id),
    })),
    unknown: [...named].filter((id) => !attack.techniques.has(id)).sort(),
  }
}

export interface Gaps {
  /** Seen in incidents, and no rule that is live is about them. */
  techniques: { id: string; name: string; incidents: number }[]
  /** Events came, and no rule that runs is about them. */
  logSources: (LogSource & { events: number })[]
  /** Events of no known log source. */
  unrouted: number
  /** Rules whose alerts cannot come: they never fire, or no event of their log source came. */
  rules: { id: string; title: string; titleVi?: string; why: string; logsource?: LogSource }[]
}

/** What is seen without a rule, and which rules see nothing. */
export function gapsOf(rules: readonly LoadedRule[], seen: Seen, attack: Attack): Gaps {
  const running = rules.filter(({ disabled, state }) => disabled === undefined && state !== 'shadow')
  const covered = new Set(
    running
      .filter((rule) => rule.level !== 'informational' && standingOf(rule, seen.sources) === 'live')
      .flatMap(({ tags }) => attackOf(tags).techniques),
  )
  const logSources = seen.sources.filter(
    ({ sources }) =>
      sources.length > 0 &&
      !running.some(({ logsource }) => logsource && sources.some((own) => covers(logsource, own))),
  )
  return {
    techniques: attackOf([...seen.tags.keys()])
      .techniques.filter((id) => !covered.has(id))
      .map((id) => ({
        id,
        name: attack.techniques.get(id)?.name ?? '',
        incidents: seen.tags.get(`attack.${id.toLowerCase()}`)!,
      }))
      .sort((a, b) => b.incidents - a.incidents || (a.id < b.id ? -1 : 1)),
    logSources: logSources.map(({ sources, events }) => ({ ...sources[0], events })),
    unrouted: seen.sources.reduce((sum, { sources, events }) => sum + (sources.length === 0 ? events : 0), 0),
    rules: running.flatMap(({ id, title, titleVi, neverFires, logsource, ...rest }) => {
      const standing = standingOf({ id, title, logsource, neverFires, ...rest } as LoadedRule, seen.sources)
      if (standing !== 'no_events' && standing !== 'never_fires') return []
      const why = neverFires?.code ?? 'no_events'
      return {
        id,
        title,
        ...(titleVi !== undefined && { titleVi }),
        why,
        ...(logsource !== undefined && { logsource }),
      }
    }),
  }
}

/** A layer of ATT&CK Navigator, layer format 4.5: a technique's score is how many live rules are about it. */
export function navigatorLayer({ version, techniques }: Coverage, name: string) {
  const scored = techniques.flatMap(({ id, rules, incidents }) => {
    if (rules.length + incidents === 0) return []
    const score = rules.filter(({ standing }) => standing === 'live').length
    const comment = rules.map((rule) => `${rule.title} (${rule.standing})`).join('\n')
    const metadata = [{ name: 'incidents', value: String(incidents) }]
    return [{ techniqueID: id, score, comment, enabled: true, metadata }]
  })
  return {
    name,
    versions: { attack: version.split('.')[0]!, navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: '',
    techniques: scored,
    gradient: {
      colors: ['#ffffff', '#66b1ff'],
      minValue: 0,
      maxValue: Math.max(1, ...scored.map(({ score }) => score)),
    },
  }
}

/** How often a rule was right, of the incidents that analysts have decided: null where none is. Inconclusive ones do not count. */
export function precisionOf(verdicts: readonly { verdict: string | null; incidents: number }[]): number | null {
  const of = (...wanted: string[]): number =>
    verdicts.reduce((sum, { verdict, incidents }) => sum + (wanted.includes(verdict ?? '') ? incidents : 0), 0)
  const right = of('true_positive')
  const decided = right + of('benign_positive', 'false_positive')
  return decided === 0 ? null : right / decided
}
