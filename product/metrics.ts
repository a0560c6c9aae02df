import { Counter, Gauge, Registry } from 'prom-client'
import type { Collector } from '../collector/collector.ts'
import type { Spool } from '../collector/spool/spool.ts'
import type { DiskForecast } from './disk-forecast.ts'
import type { CorrelationCounters } from '../detection/correlation/correlator.ts'
import type { PipelineState } from '../pipeline/host.ts'
import { SOURCE_STATES, type SourceHealth, type SourceState } from '../model/health.ts'
import type { Accounts } from '../store/local/ledger.ts'

/**
 * Prometheus text of what the process knows; read when asked, so that nothing is paid per event. Names are
 * `soc_<noun>_<unit>[_total]`.
 */
export async function renderMetrics(parts: {
  spool: Spool
  collector: Collector
  pipeline: Readonly<PipelineState>
  accounts: Accounts
  disk: DiskForecast
  /** Of the sources that are watched: how many are in which state, and each. */
  health: {
    states: ReadonlyMap<SourceState, number>
    sources: readonly { source: string; agency: string; health: SourceHealth }[]
  }
}): Promise<string> {
  const registry = new Registry()
  const gauge = (name: string, help: string, value: number): void => {
    new Gauge({ name, help, registers: [registry] }).set(value)
  }
  const total = (name: string, help: string, label: string, values: readonly (readonly [string, number])[]): void => {
    const counter = new Counter({ name, help, labelNames: [label], registers: [registry] })
    for (const [key, value] of values) counter.inc({ [label]: key }, value)
  }

  const { accepting, bytes, durableSeq, pendingBytes } = parts.spool.state()
  gauge('soc_spool_accepting', '1 while the spool takes frames, 0 while it refuses them', accepting ? 1 : 0)
  gauge('soc_spool_bytes', 'Size of all spool segments', bytes)
  gauge('soc_spool_pending_bytes', 'Frames received and not yet durable', pendingBytes)
  gauge('soc_spool_position', 'Last durable position of the spool', durableSeq)
  gauge('soc_pipeline_position', 'Position up to which records are stored and raised', parts.pipeline.seq)
  gauge(
    'soc_pipeline_lag_records',
    'Durable records that are not stored yet',
    Math.max(0, durableSeq - parts.pipeline.seq),
  )
  const { freeBytes, totalBytes, bytesPerDay, fullInDays } = parts.disk
  gauge('soc_disk_free_bytes', 'Free bytes of the disk under the data folder', freeBytes)
  gauge('soc_disk_bytes', 'Size of the disk under the data folder', totalBytes)
  if (bytesPerDay !== null) gauge('soc_disk_events_bytes_per_day', 'What the events of a usual day take', bytesPerDay)
  if (fullInDays !== null) {
    const help = 'Time until no more is accepted for want of room; absent while there is enough for two years'
    gauge('soc_disk_full_in_seconds', help, fullInDays * 86_400)
  }
  const { positions, counted } = parts.accounts
  gauge('soc_ledger_positions', 'Positions of the spool worked off since the ledger began', positions)
  gauge(
    'soc_ledger_unaccounted_positions',
    'Of them, those without a known end: anything but 0 is a fault',
    positions - counted,
  )
  gauge('soc_rules', 'Rules in force', parts.pipeline.rules.length)
  const idle = parts.pipeline.rules.filter(({ neverFires }) => neverFires !== undefined)
  gauge('soc_rules_never_firing', 'Rules that no event of the known sources can make fire', idle.length)
  gauge('soc_rule_problems', 'Problems found in rules at load', parts.pipeline.problems.length)

  const { indicators, keptOut, bytes: indicatorBytes } = parts.pipeline.indicators
  gauge('soc_indicators', 'Indicators in force', indicators)
  gauge('soc_indicators_kept_out', 'Of them, those that the never-list has', keptOut)
  gauge('soc_indicator_bytes', 'Memory of the indicators in force', indicatorBytes)

  const perRule = (field: 'evaluated' | 'matches' | 'hidden' | 'alerts' | 'nanos'): (readonly [string, number])[] =>
    Object.entries(parts.pipeline.stats.rules).flatMap(([id, counted]) =>
      counted[field] > 0 ? [[id, counted[field]]] : [],
    )
  total('soc_rule_evaluations_total', 'Events on which the condition of a rule was run', 'rule', perRule('evaluated'))
  total('soc_rule_matches_total', 'Events that a rule matched', 'rule', perRule('matches'))
  total('soc_rule_hidden_total', 'Matches of a rule that a filter or an exception kept out', 'rule', perRule('hidden'))
  total('soc_rule_alerts_total', 'Alert versions that a rule raised', 'rule', perRule('alerts'))
  total(
    'soc_rule_condition_seconds_total',
    'Time spent on the condition of a rule, estimated from a sample of the events',
    'rule',
    perRule('nanos').map(([id, nanos]) => [id, nanos / 1e9]),
  )
  const perCorrelation = (field: keyof CorrelationCounters): (readonly [string, number])[] =>
    Object.entries(parts.pipeline.stats.rules).flatMap(([id, { correlation }]) =>
      correlation === undefined ? [] : [[id, correlation[field]]],
    )
  const held = (name: string, help: string, field: 'groups' | 'bytes'): void => {
    const own = new Gauge({ name, help, labelNames: ['rule'], registers: [registry] })
    for (const [rule, value] of perCorrelation(field)) own.set({ rule }, value)
  }
  held('soc_correlation_groups', 'Groups that a correlation rule keeps', 'groups')
  held('soc_correlation_bytes', 'Estimated memory of the contributions that a correlation rule keeps', 'bytes')
  total(
    'soc_correlation_contributions_total',
    'Contributions that a correlation rule counted',
    'rule',
    perCorrelation('counted'),
  )
  total(
    'soc_correlation_late_contributions_total',
    'Of them, those that came further behind their group than the lateness',
    'rule',
    perCorrelation('late'),
  )
  total(
    'soc_correlation_evicted_groups_total',
    'Groups ended before their time for want of room',
    'rule',
    perCorrelation('evicted'),
  )
  total(
    'soc_correlation_truncated_contributions_total',
    'Contributions that left a full group early',
    'rule',
    perCorrelation('truncated'),
  )
  total(
    'soc_correlation_skipped_events_total',
    'Matching events without a field that the correlation groups by or measures',
    'rule',
    perCorrelation('skipped'),
  )

  const { events, alerts, deadLetters, repeats, troubles } = parts.pipeline.totals
  total('soc_pipeline_records_total', 'What records became since start', 'outcome', [
    ['event', events],
    ['dead_letter', deadLetters],
    ['repeat', repeats],
  ])
  total('soc_alerts_total', 'Alert versions raised since start', 'kind', [['all', alerts]])
  total('soc_detection_errors_total', 'Events on which detection itself failed since start', 'kind', [
    ['all', troubles],
  ])

  const { states } = parts.health
  const perState = new Gauge({
    name: 'soc_sources',
    help: 'Registered sources that are watched, by what is the matter with them',
    labelNames: ['state'],
    registers: [registry],
  })
  for (const state of SOURCE_STATES) perState.set({ state }, states.get(state) ?? 0)
  const seconds = (name: string, help: string, field: 'clockDriftMs' | 'lagMs'): void => {
    const own = new Gauge({ name, help, labelNames: ['source', 'agency'], registers: [registry] })
    for (const { source, agency, health } of parts.health.sources) {
      const ms = health[field]
      if (ms !== undefined) own.set({ source, agency }, ms / 1_000)
    }
  }
  seconds(
    'soc_source_clock_drift_seconds',
    'How far the clock of a source is ahead (median of half an hour)',
    'clockDriftMs',
  )
  seconds('soc_source_lag_seconds', 'Receive time less event time of the newest record of a source', 'lagMs')

  const { sources, inputs, quotas } = parts.collector.counters()
  const perSource = (field: 'frames' | 'bytes' | 'dropped' | 'unacknowledged'): (readonly [string, number])[] =>
    sources.map((source) => [source.source, source[field]])
  total('soc_source_frames_total', 'Frames that became durable', 'source', perSource('frames'))
  total('soc_source_bytes_total', 'Bytes that became durable', 'source', perSource('bytes'))
  total('soc_source_dropped_frames_total', 'Frames lost where the protocol cannot wait', 'source', perSource('dropped'))
  total(
    'soc_source_unacknowledged_frames_total',
    'Frames that are durable but whose sender could not know',
    'source',
    perSource('unacknowledged'),
  )
  total(
    'soc_source_throttled_total',
    'Times that a source was held up, turned away or dropped because its agency is over its quota',
    'source',
    quotas.map(({ source, held, refused, dropped }) => [source, held + refused + dropped]),
  )
  const throttled = new Counter({
    name: 'soc_quota_throttled_total',
    help: 'Times that a sender of an agency was over its quota: held up, turned away (429) or dropped (UDP)',
    labelNames: ['agency', 'how'],
    registers: [registry],
  })
  for (const { agency, held, refused, dropped } of quotas) {
    for (const [how, count] of Object.entries({ held, refused, dropped })) throttled.inc({ agency, how }, count)
  }
  const perInput = (
    field: 'connectionsOpen' | 'connections' | 'connectionsRefused' | 'kernelDrops' | 'backlogBytes',
  ): (readonly [string, number])[] => inputs.map((input) => [input.input, input[field]])
  total('soc_input_connections_total', 'Connections taken', 'input', perInput('connections'))
  total('soc_input_connections_refused_total', 'Connections turned away', 'input', perInput('connectionsRefused'))
  total('soc_input_kernel_dropped_datagrams_total', 'Datagrams the kernel dropped', 'input', perInput('kernelDrops'))
  const open = new Gauge({
    name: 'soc_input_connections',
    help: 'Connections open now',
    labelNames: ['input'],
    registers: [registry],
  })
  for (const [input, value] of perInput('connectionsOpen')) open.set({ input }, value)
  const backlog = new Gauge({
    name: 'soc_input_backlog_bytes',
    help: 'Bytes that stand in followed files and are not read yet',
    labelNames: ['input'],
    registers: [registry],
  })
  for (const [input, value] of perInput('backlogBytes')) backlog.set({ input }, value)
  return registry.metrics()
}
