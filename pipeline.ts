import { setTimeout as sleep } from 'node:timers/promises'
import { raiseIncidents } from './api/incidents/raise.ts'
import type { Bundle, Control } from './bundle.ts'
import { loadEnricher } from './collector/enrich.ts'
import { loadNormaliser, type Normalised } from './collector/normalise.ts'
import { SpoolError, type Damage } from './collector/spool/errors.ts'
import type { SpoolReader } from './collector/spool/reader.ts'
import { Engine, loadRules, type RuleSet } from './detection/engine.ts'
import type { Alert } from './model/alert.ts'
import { UNREGISTERED, type EcsEvent } from './model/event.ts'
import { recordId, sourceKey, type DeadLetter, type SpoolRecord } from './model/record.ts'
import { criticality, parseRegistry, type Registry } from './model/registry.ts'
import { readCheckpoint, writeCheckpoint } from './store/local/checkpoint.ts'
import type { LocalDatabase } from './store/local/database.ts'
import { findRepeats } from './store/local/sender-ids.ts'
import { addSourceCounts, type SourceCounts } from './store/local/sources.ts'
import { StoreError, type Batch, type Store } from './store/store.ts'

const RECORDS_MAX = 1_000
const BYTES_MAX = 4 * 1024 * 1024
/**
 * A checkpoint bounds what a restart does again, and costs what correlation has in hand: in a flood that is a hundred
 * megabytes, so that the time between two is ten times what the last one took, within these bounds.
 */
const CHECKPOINT_EVERY_MS_MIN = 1_000
const CHECKPOINT_EVERY_MS_MAX = 30_000
const CHECKPOINT_SHARE = 10
/** Quiet after which the checkpoint is brought up to date. */
const IDLE_MS = 200
/** What was lost on the disk itself is counted under this source. */
const LOST_SOURCE = 'spool/'
const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 5_000

export interface PipelineOptions {
  spoolId: string
  latenessMs: number
  lookBackMs: number
  loadBundle: (hash: string) => Bundle
}

export interface PipelineParts {
  /** A reader of the spool whose first record is `seq`. */
  openReader: (seq: number) => Promise<SpoolReader>
  store: Store
  local: LocalDatabase
  /** Last spool position that is durable, which is how far the pipeline may read. */
  durable: () => number
  /** Resolves when more than `seq` is durable, when the pipeline was stopped, or after `waitMsMax`. */
  moreDurable: (seq: number, waitMsMax?: number) => Promise<void>
  stopped: () => boolean
  report: (report: PipelineReport) => void
}

/** What the pipeline tells the main thread. */
export type PipelineReport =
  | { kind: 'rules'; bundle: string; rules: RuleSet['rules']; problems: RuleSet['problems'] }
  | { kind: 'checkpoint'; seq: number; bundle: string }
  | { kind: 'progress'; seq: number; events: number; alerts: number; deadLetters: number; repeats: number }
  | { kind: 'waiting'; reason: string }
  | { kind: 'resumed' }
  | { kind: 'trouble'; message: string }

/** Everything that a bundle decides. */
interface Understanding {
  hash: string
  normalise: (record: SpoolRecord) => Normalised
  engine: Engine
  registry: Registry
}

async function understand(hash: string, options: PipelineOptions): Promise<Understanding & { ruleSet: RuleSet }> {
  const bundle = options.loadBundle(hash)
  const registry = parseRegistry(bundle.registry.text, bundle.registry.path)
  const enrich = await loadEnricher({ registry })
  const normalise = await loadNormaliser({ spoolId: options.spoolId, timeZone: bundle.timeZone, enrich })
  const ruleSet = await loadRules(bundle.rules)
  return { hash, normalise, registry, ruleSet, engine: new Engine(ruleSet, { latenessMs: options.latenessMs }) }
}

/**
 * Turns the spool, from the checkpoint on, into stored events, dead letters, alerts and incidents, until stopped. Everything
 * after the checkpoint is done again after a crash, so every step changes nothing the second time: the store by position,
 * incidents by alert and version, counts by being committed with the checkpoint.
 */
export async function runPipeline(options: PipelineOptions, parts: PipelineParts): Promise<void> {
  const { store, local, report } = parts
  const checkpoint = readCheckpoint(local)
  let reader = await parts.openReader(checkpoint.seq + 1)
  let seq = checkpoint.seq
  let checkpointed = checkpoint.seq
  let checkpointDueMs = 0
  let current: Understanding | undefined
  const counts = new Map<string, SourceCounts>()

  const adopt = async (hash: string, state: string | undefined): Promise<void> => {
    const next = await understand(hash, options)
    const carried = current?.engine.checkpoint() ?? state
    if (carried) next.engine.restore(carried)
    current = next
    report({ kind: 'rules', bundle: hash, rules: next.ruleSet.rules, problems: next.ruleSet.problems })
  }
  const commit = (): void => {
    if (seq === checkpointed) return
    const begunMs = performance.now()
    const write = local.transaction(() => {
      addSourceCounts(local, [...counts.values()])
      writeCheckpoint(local, { seq, bundle: current?.hash ?? '', correlation: current?.engine.checkpoint() ?? '' })
    })
    write.immediate()
    counts.clear()
    checkpointed = seq
    const tookMs = performance.now() - begunMs
    const pauseMs = Math.min(Math.max(tookMs * CHECKPOINT_SHARE, CHECKPOINT_EVERY_MS_MIN), CHECKPOINT_EVERY_MS_MAX)
    checkpointDueMs = performance.now() + pauseMs
    report({ kind: 'checkpoint', seq, bundle: current?.hash ?? '' })
  }

  if (checkpoint.bundle) await adopt(checkpoint.bundle, checkpoint.correlation)
  while (!parts.stopped()) {
    const throughSeq = parts.durable()
    const records = await readOrLose(reader, throughSeq)
    if ('damage' in records) {
      const { damage } = records
      report({ kind: 'trouble', message: `spool positions ${damage.seq} to ${damage.resumeSeq - 1} do not read back` })
      for (const batch of lostBatches(damage, options.spoolId)) {
        if (!(await append(store, batch, parts, options.spoolId))) return
        const lost = countOf(counts, LOST_SOURCE, { agency: UNREGISTERED, seenAt: batch.deadLetters[0]!.receivedAt })
        lost.deadLetters += batch.deadLetters.length
        seq = batch.through
      }
      await reader.close()
      reader = await parts.openReader(damage.resumeSeq)
      continue
    }
    if (records.length === 0) {
      const pauseMs = Math.max(IDLE_MS, checkpointDueMs - performance.now())
      if (seq > checkpointed) await parts.moreDurable(throughSeq, pauseMs)
      if (parts.durable() > throughSeq) continue
      commit()
      await parts.moreDurable(throughSeq)
      continue
    }
    for (const stretch of cutAtBundles(records)) {
      const control = readControl(stretch[0]!)
      if (control && 'bundle' in control) {
        if (control.bundle !== current?.hash) await adopt(control.bundle, undefined)
        seq = stretch[0]!.seq
        continue
      }
      if (!current) throw new Error(`record ${stretch[0]!.seq} comes before any rules were announced`)
      const done = work(stretch, current, local, counts, options.spoolId, report)
      const refused = await append(store, done.batch, parts, options.spoolId)
      if (!refused) return // stopped while the store was away
      for (const event of refused) recount(counts, event)
      if (done.batch.alerts.length > 0) {
        const { registry } = current
        raiseIncidents(local, done.batch.alerts, {
          criticality: (agency, system, at) => criticality(registry, agency, system, at),
          lookBackMs: options.lookBackMs,
        })
      }
      seq = done.batch.through
      const { events, alerts, deadLetters } = done.batch
      const sizes = { events: events.length, alerts: alerts.length, deadLetters: deadLetters.length }
      report({ kind: 'progress', seq, ...sizes, repeats: done.repeats })
    }
    if (performance.now() > checkpointDueMs) commit()
  }
  commit()
  await reader.close()
}

async function readOrLose(reader: SpoolReader, throughSeq: number): Promise<SpoolRecord[] | { damage: Damage }> {
  try {
    return await reader.read({ recordsMax: RECORDS_MAX, bytesMax: BYTES_MAX, throughSeq })
  } catch (error) {
    if (error instanceof SpoolError && error.damage) return { damage: error.damage }
    throw error
  }
}

/** A position that the disk no longer gives back is a dead letter without bytes: the loss is counted and seen (law 2). */
function* lostBatches({ segment, offset, seq, resumeSeq }: Damage, spoolId: string): Generator<Batch> {
  for (let from = seq; from < resumeSeq; from += RECORDS_MAX) {
    const through = Math.min(from + RECORDS_MAX, resumeSeq) - 1
    const deadLetters = Array.from({ length: through - from + 1 }, (_, i) => ({
      record: recordId(spoolId, from + i),
      seq: from + i,
      source: LOST_SOURCE,
      agency: UNREGISTERED,
      receivedAt: new Date(0).toISOString(), // unknown, and the same at every replay
      code: 'spool_damaged',
      reason: `segment ${segment} is damaged at byte ${offset}`,
      bytes: '',
      origin: { input: 'spool', address: '' },
    }))
    yield { from, through, events: [], alerts: [], deadLetters }
  }
}

/** A record that changes the bundle stands alone; what is before it is done under the former one. */
function cutAtBundles(records: readonly SpoolRecord[]): SpoolRecord[][] {
  const stretches: SpoolRecord[][] = []
  let open: SpoolRecord[] | undefined
  for (const record of records) {
    const control = readControl(record)
    if (control && 'bundle' in control) {
      stretches.push([record])
      open = undefined
    } else if (open) {
      open.push(record)
    } else {
      open = [record]
      stretches.push(open)
    }
  }
  return stretches
}

function readControl(record: SpoolRecord): Control | undefined {
  if (record.origin.input !== 'control') return undefined
  return JSON.parse(Buffer.from(record.bytes).toString()) as Control
}

/** Pure but for `findRepeats` and `counts`: what a stretch of records becomes. */
function work(
  records: readonly SpoolRecord[],
  { normalise, engine }: Understanding,
  local: LocalDatabase,
  counts: Map<string, SourceCounts>,
  spoolId: string,
  report: PipelineParts['report'],
): { batch: Batch; repeats: number } {
  const events: EcsEvent[] = []
  const alerts = new Map<string, Alert>()
  const deadLetters: DeadLetter[] = []
  const payload = records.filter((record) => record.origin.input !== 'control')
  const normalised = payload.map((record) => ({ record, result: normalise(record) }))
  const repeats = findRepeats(
    local,
    normalised.flatMap(({ record, result }) => {
      const senderId = record.senderId ?? (result.kind === 'event' ? result.senderId : undefined)
      if (senderId === undefined) return []
      const { agency, address } = record.origin
      return [{ seq: record.seq, sender: agency ?? address, senderId, receivedAtMs: record.receivedAtMs }]
    }),
  )
  for (const { record, result } of normalised) {
    const letter = result.kind === 'dead' ? result.letter : undefined
    const event = result.kind === 'event' ? result.event : undefined
    const delta = countOf(counts, sourceKey(record.origin), {
      agency: event?.['soc.agency'] ?? letter?.agency ?? UNREGISTERED,
      ...(event?.['soc.system'] !== undefined && { system: event['soc.system'] }),
      seenAt: new Date(record.receivedAtMs).toISOString(),
    })
    delta.bytes += record.bytes.length
    if (repeats.has(record.seq)) {
      delta.repeats += 1
    } else if (letter) {
      delta.deadLetters += 1
      deadLetters.push(letter)
    } else if (event) {
      delta.events += 1
      events.push(event)
      try {
        for (const alert of engine.process(event)) alerts.set(`${alert.id} ${alert.version}`, alert)
      } catch (error) {
        // One event that breaks the engine must not stop the log; it stays stored and searchable, and is spoken of.
        report({ kind: 'trouble', message: `detection failed on ${recordId(spoolId, record.seq)}: ${String(error)}` })
      }
    }
  }
  for (const record of records) {
    const control = readControl(record)
    if (!control || !('drops' in control)) continue
    const seenAt = new Date(record.receivedAtMs).toISOString()
    for (const { source, count } of control.drops) {
      countOf(counts, source, { agency: UNREGISTERED, seenAt }).dropped += count
    }
  }
  const batch = {
    from: records[0]!.seq,
    through: records.at(-1)!.seq,
    events,
    alerts: [...alerts.values()],
    deadLetters,
  }
  return { batch, repeats: repeats.size }
}

function countOf(
  counts: Map<string, SourceCounts>,
  source: string,
  seen: { agency: string; system?: string; seenAt: string },
): SourceCounts {
  const key = countKey(source, seen.agency)
  const known = counts.get(key)
  if (known) return Object.assign(known, seen)
  const fresh = { source, ...seen, events: 0, deadLetters: 0, repeats: 0, dropped: 0, bytes: 0 }
  counts.set(key, fresh)
  return fresh
}

function countKey(source: string, agency: string): string {
  return `${agency} ${source}`
}

/** An event that the store refused for good is a dead letter after all. */
function recount(counts: Map<string, SourceCounts>, event: EcsEvent): void {
  const delta = counts.get(countKey(event['soc.source'], event['soc.agency']))!
  delta.events -= 1
  delta.deadLetters += 1
}

/** Tries until the store has the batch; the spool holds what comes meanwhile. Gives the events it refused for good, which are
 * then dead letters; null if stopped before that. */
async function append(store: Store, batch: Batch, parts: PipelineParts, spoolId: string): Promise<EcsEvent[] | null> {
  let waitMs = 0
  while (!parts.stopped()) {
    try {
      const { refused } = await store.append(batch)
      const reasons = new Map(refused.map(({ seq, reason }) => [seq, reason]))
      const events = batch.events.filter((event) => reasons.has(event['soc.seq']))
      if (events.length > 0) {
        const deadLetters = events.map((event) => refusedLetter(event, reasons.get(event['soc.seq'])!, spoolId))
        await store.append({ from: batch.from, through: batch.through, events: [], alerts: [], deadLetters })
      }
      if (waitMs > 0) parts.report({ kind: 'resumed' })
      return events
    } catch (error) {
      if (!(error instanceof StoreError) || error.code === 'corrupt') throw error
      waitMs = Math.min(Math.max(waitMs * 2, RETRY_FIRST_MS), RETRY_MAX_MS)
      parts.report({ kind: 'waiting', reason: `${error.code}: ${error.message}` })
      await sleep(waitMs)
    }
  }
  return null
}

function refusedLetter(event: EcsEvent, reason: string, spoolId: string): DeadLetter {
  const isBase64 = event['soc.original_encoding'] === 'base64'
  return {
    record: recordId(spoolId, event['soc.seq']),
    seq: event['soc.seq'],
    source: event['soc.source'],
    agency: event['soc.agency'],
    receivedAt: event['event.ingested'],
    code: 'store_refused',
    reason,
    bytes: isBase64 ? event['event.original'] : Buffer.from(event['event.original']).toString('base64'),
    origin: { input: event['soc.source'].split('/')[0] ?? '', address: event['log.source.address'] ?? '' },
  }
}
