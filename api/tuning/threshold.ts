/** One event that a part of a correlation matched, in its group. */
export interface Contribution {
  group: string
  atMs: number
  /** Of value_count: what is counted. */
  value?: string
}

export interface ThresholdStep {
  /** `gte`. */
  threshold: number
  /** Groups that reach it, and times at which one did: windows that overlap are one. */
  groups: number
  alerts: number
}

export interface ThresholdSuggestion {
  now: number
  /** The least at which no more than `alertsPerDay` come and every group judged a threat still does; undefined: there is none. */
  suggested?: number
  alertsPerDay: number
  days: number
  /** Groups by the most that one window of theirs held. */
  peaks: { p50: number; p90: number; p99: number; max: number }
  steps: ThresholdStep[]
}

/** Thresholds that are tried: all small ones, then about a quarter more each time. */
function ladder(max: number): number[] {
  const steps: number[] = []
  for (let step = 1; step <= max; step = Math.max(step + 1, Math.ceil(step * 1.25))) steps.push(step)
  return steps
}

/**
 * What thresholds would have come to on what was seen.
 * @param threats groups that analysts judged true
 */
export function thresholdFor(
  contributions: readonly Contribution[],
  options: { timespanMs: number; now: number; days: number; alertsPerDay: number; threats: ReadonlySet<string> },
): ThresholdSuggestion {
  const { timespanMs, now, days, alertsPerDay, threats } = options
  const groups = new Map<string, Contribution[]>()
  for (const one of contributions) {
    const own = groups.get(one.group) ?? []
    groups.set(one.group, own)
    own.push(one)
  }
  const series = [...groups].map(([group, own]) => ({ group, windows: windowsOf(own, timespanMs) }))
  const peakOf = ({ windows }: (typeof series)[number]): number =>
    windows.reduce((most, { count }) => Math.max(most, count), 0)
  const peaks = series.map(peakOf).sort((a, b) => a - b)
  const rank = (share: number): number => peaks[Math.max(0, Math.ceil(share * peaks.length) - 1)] ?? 0
  const steps = [...new Set([...ladder(peaks.at(-1) ?? 0), now])]
    .sort((a, b) => a - b)
    .map((threshold): ThresholdStep => {
      const alerts = series.map(({ windows }) => episodes(windows, threshold, timespanMs))
      return { threshold, groups: alerts.filter((n) => n > 0).length, alerts: alerts.reduce((sum, n) => sum + n, 0) }
    })
  const most = Math.min(...series.filter(({ group }) => threats.has(group)).map(peakOf), Infinity)
  const suggested = steps.find(({ threshold, alerts }) => alerts / days <= alertsPerDay && threshold <= most)?.threshold
  return {
    now,
    ...(suggested !== undefined && { suggested }),
    alertsPerDay,
    days,
    peaks: { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) },
    steps,
  }
}

interface Window {
  endMs: number
  count: number
}

/** What the window that ends with each contribution holds: contributions, or different values. */
function windowsOf(own: readonly Contribution[], timespanMs: number): Window[] {
  const ordered = own.toSorted((a, b) => a.atMs - b.atMs)
  const held = new Map<string, number>()
  let from = 0
  return ordered.map(({ atMs, value }, i) => {
    while (ordered[from]!.atMs < atMs - timespanMs) {
      const gone = ordered[from++]!.value
      if (gone === undefined) continue
      const left = held.get(gone)! - 1
      if (left === 0) held.delete(gone)
      else held.set(gone, left)
    }
    if (value !== undefined) held.set(value, (held.get(value) ?? 0) + 1)
    return { endMs: atMs, count: value === undefined ? i - from + 1 : held.size }
  })
}

/** How many alerts a threshold makes of the windows: satisfied ones that touch the one before belong to it. */
function episodes(windows: readonly Window[], threshold: number, timespanMs: number): number {
  let found = 0
  let lastMs = -Infinity
  for (const { endMs, count } of windows) {
    if (count < threshold) continue
    if (endMs - timespanMs > lastMs) found++
    lastMs = endMs
  }
  return found
}
