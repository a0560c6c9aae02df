/**
 * What correlations should find, worked out from the whole stream at once: every window is built anew and judged by the
 * words of the rule. Shares nothing with the engine, not even the sorted lists.
 */
export interface Spec {
  id: string
  type: string
  /** Of `act`s, or ids of specs that stand before. */
  rules: string[]
  groupBy: string[]
  spanMs: number
  /** Operator and value. */
  condition: [string, number][]
  field?: string
  percentile?: number
  /** For temporal: which rules must be there and which must not. */
  expression?: { all: string[]; none: string[] }
}

export interface Happening {
  at: number
  act: string
  line: string
  fields: Record<string, string>
}

interface Contribution {
  at: number
  part: number
  lines: string[]
  fields: Record<string, string>
  opens: boolean
}

export interface Finding {
  id: string
  group: Record<string, string>
  count: number
  lines: string[]
}

const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
}

const COUNTING = new Set(['event_count', 'value_sum', 'value_avg', 'value_median', 'value_percentile'])

function metricOf(spec: Spec, window: readonly Contribution[]): number {
  const numbers = window.map(({ fields }) => Number(fields[spec.field ?? '']))
  const sum = numbers.reduce((total, number) => total + number, 0)
  const quantile = (share: number): number => {
    const sorted = numbers.toSorted((a, b) => a - b)
    const rank = share * (sorted.length - 1)
    const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!]
    return low + (high - low) * (rank - Math.floor(rank))
  }
  switch (spec.type) {
    case 'event_count':
      return window.length
    case 'value_count':
      return new Set(window.map(({ fields }) => fields[spec.field!])).size
    case 'temporal':
      return new Set(window.map(({ part }) => part)).size
    case 'temporal_ordered': {
      let next = 0
      for (const { part } of window) if (part === next) next++
      return next
    }
    case 'value_sum':
      return sum
    case 'value_avg':
      return sum / numbers.length
    case 'value_median':
      return quantile(0.5)
    default:
      return quantile(spec.percentile! / 100)
  }
}

function holds(spec: Spec, window: readonly Contribution[]): boolean {
  const there = (rule: string): boolean => window.some(({ part }) => spec.rules[part] === rule)
  if (spec.expression !== undefined) return spec.expression.all.every(there) && !spec.expression.none.some(there)
  return spec.condition.every(([operator, value]) => COMPARE[operator]!(metricOf(spec, window), value))
}

/** The alerts of all specs, in their last version. */
export function findings(specs: readonly Spec[], happenings: readonly Happening[]): Finding[] {
  const found: Finding[] = []
  const matchesOf = new Map<string, Contribution[]>()
  for (const spec of specs) {
    const contributions = spec.rules.flatMap((rule, part): Contribution[] => {
      const inner = matchesOf.get(rule)
      if (inner !== undefined) {
        return inner.filter(({ opens }) => opens || !COUNTING.has(spec.type)).map((own) => ({ ...own, part }))
      }
      const own = happenings.filter(({ act }) => act === rule)
      return own.map(({ at, line, fields }) => ({ at, part, lines: [line], fields, opens: true }))
    })
    const needed = [...spec.groupBy, ...(spec.field === undefined ? [] : [spec.field])]
    const groups = new Map<string, Contribution[]>()
    for (const own of contributions) {
      if (needed.some((name) => own.fields[name] === undefined)) continue
      const key = JSON.stringify(spec.groupBy.map((name) => own.fields[name]))
      groups.set(key, [...(groups.get(key) ?? []), own])
    }
    const matches: Contribution[] = []
    for (const [key, own] of groups) {
      const values = JSON.parse(key) as string[]
      const group = Object.fromEntries(spec.groupBy.map((name, i) => [name, values[i]!]))
      const items = own.toSorted((a, b) => a.at - b.at || a.part - b.part)
      const episodes: { from: number; to: number }[] = []
      let start = 0
      items.forEach((item, i) => {
        const window = items.slice(0, i + 1).filter(({ at }) => at >= item.at - spec.spanMs)
        if (!holds(spec, window)) return
        const from = window[0]!.at
        const last = episodes.at(-1)
        const opens = last === undefined || from > last.to
        if (opens) {
          episodes.push({ from, to: item.at })
          start = items.indexOf(window[0]!)
        } else last.to = item.at
        const lines = items.slice(start, i + 1).flatMap((each) => each.lines)
        start = i + 1
        matches.push({ at: item.at, part: -1, lines, fields: { ...item.fields, ...group }, opens })
      })
      for (const { from, to } of episodes) {
        const lines = items.filter(({ at }) => at >= from && at <= to).flatMap((each) => each.lines)
        found.push({ id: spec.id, group, count: lines.length, lines })
      }
    }
    matchesOf.set(spec.id, matches)
  }
  return found
}
