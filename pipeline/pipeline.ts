import { setImmediate as otherWork, setTimeout as sleep } from 'node:timers/promises'
import type { GroupingSettings } from '../api/incidents/grouping-settings.ts'
import { primaryEntity } from '../api/incidents/grouping.ts'
import { raiseIncidents } from '../api/incidents/raise.ts'
import { ruleFilesOf, type Bundle, type Control } from './bundle.ts'
import { loadEnricher } from '../collector/enrich.ts'
import { frameOf, type Statement } from '../collector/health/statement.ts'
import { SourceWatch } from '../collector/health/watch.ts'
import { loadNormaliser, type Normalised } from '../collector/normalise.ts'
import { loadUserParsers } from '../collector/user-parser.ts'
import { SpoolError, type Damage } from '../collector/spool/errors.ts'
import type { SpoolReader } from '../collector/spool/reader.ts'
import {
  Engine,
  loadRules,
  type EngineOptions,
  type EngineStats,
  type HiddenCount,
  type RuleSet,
} from '../detection/engine.ts'
import type { IndicatorSet } from '../detection/indicators/set.ts'
import { Ledger, ledgerClasses, type LedgerClasses } from './ledger.ts'
import type { LoadedRule } from '../detection/types.ts'
import type { Alert } from '../model/alert.ts'
import { UNREGISTERED, type EcsEvent } from '../model/event.ts'
import { HEALTH_INPUT } from '../model/health.ts'
import { recordId, sourceKey, type DeadLetter, type SpoolRecord } from '../model/record.ts'
import { Masking, parsePersonal } from '../model/personal.ts'
import { criticality } from '../model/criticality.ts'
import { parseRegistry, readingOf, type Registry } from '../model/registry.ts'
import { eventEvidence, leafOf, letterEvidence, levelOf, NO_LEVEL } from '../store/integrity/leaf.ts'
import type { UnitEntry } from '../store/integrity/entry.ts'
import { Units } from '../store/integrity/units.ts'
import { readCheckpoint, writeCheckpoint } from '../store/local/checkpoint.ts'
import type { LocalDatabase } from '../store/local/database.ts'
import { addHidden } from '../store/local/hidden.ts'
import { addToChain, chainEnd, keepUnits, MarksFolder, openUnits } from '../store/local/integrity.ts'
import { accountsOf, addCorrelated, addToLedger, type CorrelationCount } from '../store/local/ledger.ts'
import { noteRevisions, type ChangeNote } from '../store/local/rule-revisions.ts'
import { ShadowTally } from '../store/local/shadow.ts'
import { findRepeats, forgetSenderIds, type Sent } from '../store/local/sender-ids.ts'
import { keepWatch, loadWatch } from '../store/local/source-health.ts'
import { addSourceCounts, type SourceCounts } from '../store/local/sources.ts'
import { inTransaction } from '../store/local/transaction.ts'
import { StoreError, type Batch, type Store } from '../store/store.ts'

const RECORDS_MAX = 1_000
const BYTES_MAX = 4 * 1024 * 1024
/** Of those that are made out while others are stored: so many between two steps of the store. */
const RECORDS_AHEAD = 50
/**
 * A checkpoint bounds what a restart does again, and costs what correlation has in hand: in a flood that is a hundred
 * megabytes, so that the time between two is so many times what the last one took, within these bounds; less where nothing waits to be done.
 */
const CHECKPOINT_EVERY_MS_MIN = 1_000
const CHECKPOINT_EVERY_MS_MAX = 30_000
const CHECKPOINT_SHARE = 40
const CHECKPOINT_SHARE_IDLE = 10
/** Quiet after which the checkpoint is brought up to date. */
const IDLE_MS = 200
/** What was lost on the disk itself is counted under this source. */
const LOST_SOURCE = 'spool/'
const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 5_000

export interface PipelineOptions {
  spoolId: string
  latenessMs: number
  grouping: GroupingSettings
  /** What else is set for correlations. */
  correlation?: Pick<EngineOptions, 'latenessByAgency' | 'bytesMax'>
  /** How long after a record another one with its sender's identity is a repeat. */
  rememberSenderIdsMs: number
  loadBundle: (hash: string) => Bundle
  /** Where the marks of the proof lie. */
  integrityFolder: string
  /** The indicators that a manifest names. */
  loadIndicators: (hash: string) => IndicatorSet
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
  /** `bytes`: what they take in memory; `keptOut`: how many of them the never-list has. */
  | { kind: 'indicators'; manifest: string; indicators: number; keptOut: number; bytes: number }
  /** `said`: how many statements about sources wait to be written into the log. */
  | { kind: 'checkpoint'; seq: number; bundle: string; indicators: string; said: number }
  /** Of the engine at work; `last` before another takes its place and counts from zero. */
  | { kind: 'stats'; stats: EngineStats; last: boolean }
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
  classes: LedgerClasses
  /** Levels that are kept equally long; absent: all. */
  retention: readonly string[] | undefined
  rules: RuleSet['rules']
}

async function understand(hash: string, options: PipelineOptions): Promise<Understanding & { ruleSet: RuleSet }> {
  const bundle = options.loadBundle(hash)
  const registry = parseRegistry(bundle.registry.text, bundle.registry.path)
  const enrich = await loadEnricher({ registry })
  const read = await loadNormaliser({
    spoolId: options.spoolId,
    timeZone: bundle.timeZone,
    enrich,
    reading: ({ origin, receivedAtMs }) => readingOf(registry, origin, receivedAtMs),
    userParsers: loadUserParsers(bundle.parsers ?? []),
  })
  const masking = bundle.personal && new Masking(parsePersonal(bundle.personal.text, bundle.personal.path))
  const normalise = (record: SpoolRecord): Normalised => {
    const result = read(record)
    if (result.kind === 'event') masking?.note(result.event)
    return result
  }
  const ruleSet = await loadRules(ruleFilesOf(bundle))
  ruleSet.problems.push(...(bundle.problems ?? []))
  const { timeZone } = bundle
  const engine = new Engine(ruleSet, { latenessMs: options.latenessMs, timeZone, ...options.correlation })
  const { rules } = ruleSet
  const classes = ledgerClasses(hash, ruleSet)
  return { hash, normalise, registry, ruleSet, engine, classes, retention: bundle.retention, rules }
}

/**
 * Turns the spool, from the checkpoint on, into stored events, dead letters, alerts and incidents, until stopped. Everything
 * after the checkpoint is done again after a crash, so every step changes nothing the second time: the store by position,
 * incidents by alert and version, counts by being committed with the checkpoint.
 */
export async function runPipeline(options: PipelineOptions, parts: PipelineParts): Promise<void> {
  const { store, local, report } = parts
  const checkpoint = readCheckpoint(local)
  // A spool begun anew counts from 1 again: all of it is to be done, with the rules and the correlation there were. What
  // senders sent into the former one is forgotten: its positions cannot be held against the new ones.
  const begunAnew = !['', options.spoolId].includes(checkpoint.spool)
  if (begunAnew) forgetSenderIds(local, Number.MAX_SAFE_INTEGER)
  const doneSeq = begunAnew ? 0 : checkpoint.seq
  const begin = { kind: 'begin' as const, spool: options.spoolId, from: doneSeq + 1, at: new Date().toISOString() }
  const begun = await insist(parts, () => {
    if (chainEnd(local).n === 0) addToChain(local, [begin])
    return true
  })
  if (begun === null) return
  const units = new Units(options.spoolId, openUnits(local))
  const marks = new MarksFolder(options.integrityFolder)
  const complete: UnitEntry[] = []
  let reader = await parts.openReader(doneSeq + 1)
  let seq = doneSeq
  let checkpointed = doneSeq
  /** When the last one ended, and how long it took. */
  let checkpointedAt = { ms: Number.NEGATIVE_INFINITY, tookMs: 0 }
  let current: Understanding | undefined
  let indicators: IndicatorSet | undefined
  /** Name of their manifest; empty: none were ever announced. */
  let manifest = ''
  const counts = new Map<string, SourceCounts>()
  const ledger = new Ledger()
  const watch = new SourceWatch(options.spoolId, loadWatch(local))
  const statements: Statement[] = []
  const shadows = new ShadowTally()
  const hidden: HiddenCount[] = []
  const correlated: CorrelationCount[] = []
  /** Of the bundles that were in force since the last checkpoint. */
  const classes = new Map<string, LedgerClasses>()

  const adopt = async (hash: string, state: string | undefined): Promise<void> => {
    const next = await understand(hash, options)
    const carried = current ? stateOf(current.engine) : state
    if (carried === null)
      report({ kind: 'trouble', message: 'correlations begin anew: their state was too large to hand on' })
    if (carried) next.engine.restore(carried)
    if (current) {
      hidden.push(...current.engine.takeHidden())
      correlated.push(...current.engine.takeCorrelated())
      report({ kind: 'stats', stats: current.engine.stats(), last: true })
    }
    current = next
    watch.use(next.registry)
    classes.set(hash, next.classes)
    report({ kind: 'rules', bundle: hash, rules: next.ruleSet.rules, problems: next.ruleSet.problems })
  }
  const adoptIndicators = (hash: string): void => {
    indicators = undefined // so that there are never two sets in memory
    indicators = options.loadIndicators(hash)
    manifest = hash
    const { size, keptOut, bytes } = indicators
    report({ kind: 'indicators', manifest, indicators: size, keptOut, bytes })
  }
  /** What ends the batches that are on their way into the store, in the order in which they began. */
  const underWay: (() => Promise<boolean>)[] = []
  const atOnce = store.batchesAtOnce ?? 1
  /** Waits until no more than `left` are under way. False: stopped before the first of them ended, and then none behind it ever counts as done. */
  const ended = async (left: number): Promise<boolean> => {
    for (; underWay.length > left; underWay.shift()) if (!(await underWay[0]!())) return false
    return true
  }
  /** Of what has ended; what was begun is waited for, and that wait is part of what a checkpoint costs. */
  const commit = async (): Promise<void> => {
    const begunMs = performance.now()
    if (!(await ended(0)) || seq === checkpointed) return
    const bundle = current?.hash ?? ''
    const correlation = current ? stateOf(current.engine) : ''
    if (correlation === null) {
      checkpointedAt = { ms: begunMs, tookMs: Infinity }
      const message = `no checkpoint since position ${checkpointed}: the state of correlations is too large; tried again later`
      return report({ kind: 'trouble', message })
    }
    statements.push(...watch.take())
    if (current) {
      hidden.push(...current.engine.takeHidden())
      correlated.push(...current.engine.takeCorrelated())
    }
    const said = statements.map((statement) => ({ frame: frameOf(statement), atMs: statement.atMs }))
    const kept = watch.save()
    complete.push(...units.take().map((unit) => marks.append(unit)))
    const open = units.keep()
    const written = await insist(parts, () => {
      inTransaction(local, () => {
        addSourceCounts(local, [...counts.values()])
        const stretch = { spool: options.spoolId, from: checkpointed + 1, through: seq }
        addToLedger(local, stretch, ledger.counts(), (hash) => classes.get(hash)?.rules ?? [])
        addCorrelated(local, correlated)
        addHidden(local, hidden)
        keepWatch(local, kept, said)
        keepUnits(local, complete, open)
        shadows.write(local)
        writeCheckpoint(local, { spool: options.spoolId, seq, bundle, indicators: manifest, correlation })
      })
      return true
    })
    if (!written) return
    counts.clear()
    ledger.clear()
    shadows.clear()
    statements.length = 0
    complete.length = 0
    hidden.length = 0
    correlated.length = 0
    for (const hash of classes.keys()) if (hash !== current?.hash) classes.delete(hash)
    checkpointed = seq
    const { positions, counted } = accountsOf(local)
    if (positions !== counted) {
      report({
        kind: 'trouble',
        message: `of ${positions} positions of the spool the ledger has an end for ${counted}`,
      })
    }
    const ms = performance.now()
    checkpointedAt = { ms, tookMs: ms - begunMs }
    if (current) report({ kind: 'stats', stats: current.engine.stats(), last: false })
    report({ kind: 'checkpoint', seq, bundle, indicators: manifest, said: said.length })
  }

  /** Until the next checkpoint may be written; below zero: it is overdue. */
  const msToCheckpoint = (share: number): number => {
    const { ms, tookMs } = checkpointedAt
    const pauseMs = Math.min(Math.max(tookMs * share, CHECKPOINT_EVERY_MS_MIN), CHECKPOINT_EVERY_MS_MAX)
    return ms + pauseMs - performance.now()
  }

  /** The rules that are in force from a control record on. */
  const note = ({ bundle, change }: { bundle: string; change?: ChangeNote }, record: SpoolRecord): true => {
    const place = { spool: options.spoolId, seq: record.seq, at: new Date(record.receivedAtMs).toISOString(), bundle }
    noteRevisions(local, place, current!.rules.map(inForce), change)
    return true
  }

  const read = async (): Promise<Next> => {
    const throughSeq = parts.durable()
    return { throughSeq, records: await readOrLose(reader, throughSeq), made: new Map(), by: current }
  }
  /** Reads on, and makes out what it can, while the store is busy with what came before, for which this thread would only wait. */
  const readAhead = async (): Promise<Next> => {
    const next = await read()
    if ('damage' in next.records) return next
    for (const [i, record] of next.records.entries()) {
      const control = readControl(record)
      if (control && isChange(control)) break
      if (!control) next.made.set(record.seq, next.by!.normalise(record))
      if (i % RECORDS_AHEAD === 0) await otherWork()
    }
    return next
  }
  let ahead: Promise<() => Next> | undefined

  /** Begins to store what a stretch became; the rest, which must come in the order of the log, when it ends. */
  const beginToStore = (work: Work, { batch, failed, shadowed }: Outcome, understood: Understanding): void => {
    const { records, normalised, repeats } = work
    const { registry, rules } = understood
    // An alert never comes before its events, and those may be of a batch that is not stored yet.
    const alertsLast = atOnce > 1 && batch.alerts.length > 0
    const first = alertsLast ? { ...batch, alerts: [] } : batch
    const storing = settled(insist(parts, () => append(store, first, records)))
    underWay.push(async () => {
      const stored = (await storing)()
      if (!stored) return false
      const { refused } = stored
      for (const event of refused) recount(counts, event)
      const last = { ...batch, events: [], deadLetters: [] }
      if (alertsLast && !(await insist(parts, () => store.append(last)))) return false
      const raised = await insist(parts, () =>
        raiseIncidents(local, batch.alerts, {
          ownerOf: (rule) => rules.find(({ id }) => id === rule)?.owner,
          criticality: (agency, system, at) => criticality(registry, agency, system, at),
          grouping: options.grouping,
        }),
      )
      if (!raised) return false
      for (const alert of shadowed) shadows.add(alert, primaryEntity(alert))
      listen(watch, records, normalised)
      account(ledger, understood.classes, records, normalised, { repeats, failed, refused })
      prove(units, stored)
      units.advance(new Date(records.at(-1)!.receivedAtMs).toISOString())
      seq = batch.through
      const { events, alerts, deadLetters } = batch
      const sizes = { events: events.length, alerts: alerts.length, deadLetters: deadLetters.length }
      report({ kind: 'progress', seq, ...sizes, repeats: repeats.size })
      return true
    })
  }

  if (checkpoint.bundle) await adopt(checkpoint.bundle, checkpoint.correlation)
  if (checkpoint.indicators) adoptIndicators(checkpoint.indicators)
  while (!parts.stopped()) {
    const { throughSeq, records, made, by } = ahead ? (await ahead)() : await read()
    ahead = undefined
    if (('damage' in records || records.length === 0) && !(await ended(0))) return
    if ('damage' in records) {
      const { damage } = records
      report({ kind: 'trouble', message: `spool positions ${damage.seq} to ${damage.resumeSeq - 1} do not read back` })
      await reader.close()
      reader = await parts.openReader(damage.resumeSeq)
      const receivedAt = await timeOfFirst(reader, throughSeq)
      for (const batch of lostBatches(damage, options.spoolId, receivedAt)) {
        if (!(await insist(parts, () => store.append(batch)))) return
        const lost = countOf(counts, LOST_SOURCE, { agency: UNREGISTERED, seenAt: batch.deadLetters[0]!.receivedAt })
        lost.deadLetters += batch.deadLetters.length
        for (const { receivedAt, code } of batch.deadLetters) {
          ledger.count(current?.hash ?? '', Date.parse(receivedAt), UNREGISTERED, `dead:${code}`)
        }
        prove(units, batch)
        seq = batch.through
      }
      watch.lost(damage, Date.parse(receivedAt))
      await reader.close()
      reader = await parts.openReader(damage.resumeSeq)
      continue
    }
    if (records.length === 0) {
      const pauseMs = Math.max(IDLE_MS, msToCheckpoint(CHECKPOINT_SHARE_IDLE))
      if (seq > checkpointed) await parts.moreDurable(throughSeq, pauseMs)
      if (parts.durable() > throughSeq) continue
      await commit()
      await parts.moreDurable(throughSeq)
      continue
    }
    const stretches = cutAtChanges(records)
    for (const stretch of stretches) {
      const control = readControl(stretch[0]!)
      if (control && isChange(control)) {
        if (!(await ended(0))) return
        if ('bundle' in control && control.bundle !== current?.hash) await adopt(control.bundle, undefined)
        if ('bundle' in control && !(await insist(parts, () => note(control, stretch[0]!)))) return
        if ('indicators' in control && control.indicators !== manifest) adoptIndicators(control.indicators)
        watch.advance(stretch[0]!.receivedAtMs, stretch[0]!.seq)
        units.advance(new Date(stretch[0]!.receivedAtMs).toISOString())
        ledger.count(current?.hash ?? '', stretch[0]!.receivedAtMs, UNREGISTERED, 'control')
        seq = stretch[0]!.seq
        continue
      }
      if (!current) throw new Error(`record ${stretch[0]!.seq} comes before any rules were announced`)
      const { normalise } = current
      const payload = stretch.filter(({ origin }) => origin.input !== 'control')
      const known = by === current ? made : new Map<number, Normalised>()
      const normalised = payload.map((record) => ({ record, result: known.get(record.seq) ?? normalise(record) }))
      const repeats = await insist(parts, () => findRepeats(local, sentIn(normalised), options.rememberSenderIdsMs))
      if (!repeats) return // stopped while the database or the store was away: done again after the next start
      const { engine } = current
      const work = { records: stretch, normalised, repeats, engine, indicators, counts, spoolId: options.spoolId }
      const outcome = worked(work, report)
      if (current.retention !== undefined) outcome.batch.classes = current.retention
      beginToStore(work, outcome, current)
      if (stretch === stretches.at(-1)) ahead = settled(readAhead())
      if (!(await ended(atOnce - 1))) return
    }
    if (msToCheckpoint(CHECKPOINT_SHARE) < 0) await commit()
  }
  await ahead
  await commit()
  await reader.close()
}

/** What was read on, how far the log was durable then, and what was made of it already, by what was in force. */
interface Next {
  throughSeq: number
  records: SpoolRecord[] | { damage: Damage }
  /** By position. */
  made: Map<number, Normalised>
  by: Understanding | undefined
}

/** Its outcome, for whoever comes to it later, or never: a failure is thrown there. */
function settled<T>(work: Promise<T>): Promise<() => T> {
  return work.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error
    },
  )
}

function inForce({ id, path, hash, text, state = 'live', budget, owner, disabled, disabledIn }: LoadedRule) {
  const settings = {
    state,
    ...(budget !== undefined && { budget: budget.perDay }),
    ...(owner !== undefined && { owner }),
    ...(disabled !== undefined && { disabled }),
    ...(disabledIn !== undefined && { disabledIn }),
  }
  return { id, path, hash, text, settings }
}

/** Null where a flood has made it longer than a string can be. It shrinks as the windows of correlations pass. */
function stateOf(engine: Engine): string | null {
  try {
    return engine.checkpoint()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

async function readOrLose(reader: SpoolReader, throughSeq: number): Promise<SpoolRecord[] | { damage: Damage }> {
  try {
    return await reader.read({ recordsMax: RECORDS_MAX, bytesMax: BYTES_MAX, throughSeq })
  } catch (error) {
    if (error instanceof SpoolError && error.damage) return { damage: error.damage }
    throw error
  }
}

/** Receive time of what can be read after a loss: near enough for the loss itself, and the same at every replay. */
async function timeOfFirst(reader: SpoolReader, throughSeq: number): Promise<string> {
  const [first] = await reader.read({ recordsMax: 1, bytesMax: BYTES_MAX, throughSeq }).catch(() => [])
  return new Date(first?.receivedAtMs ?? 0).toISOString()
}

/** A position that the disk no longer gives back is a dead letter without bytes: the loss is counted and seen (law 2). */
function* lostBatches(
  { segment, offset, seq, resumeSeq }: Damage,
  spoolId: string,
  receivedAt: string,
): Generator<Batch> {
  for (let from = seq; from < resumeSeq; from += RECORDS_MAX) {
    const through = Math.min(from + RECORDS_MAX, resumeSeq) - 1
    const deadLetters = Array.from({ length: through - from + 1 }, (_, i) => ({
      record: recordId(spoolId, from + i),
      seq: from + i,
      source: LOST_SOURCE,
      agency: UNREGISTERED,
      receivedAt,
      code: 'spool_damaged',
      reason: `segment ${segment} is damaged at byte ${offset}`,
      bytes: '',
      origin: { input: 'spool', address: '' },
    }))
    yield { from, through, events: [], alerts: [], deadLetters }
  }
}

/** Whether from here on other rules or other indicators are in force. */
function isChange(control: Control): control is Extract<Control, { bundle: string } | { indicators: string }> {
  return 'bundle' in control || 'indicators' in control
}

/** A record that changes what is in force stands alone; what is before it is done under the former. */
function cutAtChanges(records: readonly SpoolRecord[]): SpoolRecord[][] {
  const stretches: SpoolRecord[][] = []
  let open: SpoolRecord[] | undefined
  for (const record of records) {
    const control = readControl(record)
    if (control && isChange(control)) {
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

interface Understood {
  record: SpoolRecord
  result: Normalised
}

/** Records with their sender's identity, of the frame or else found in their content. */
function sentIn(normalised: readonly Understood[]): Sent[] {
  const sent: Sent[] = []
  for (const { record, result } of normalised) {
    const senderId = record.senderId ?? (result.kind === 'event' ? result.senderId : undefined)
    if (senderId === undefined) continue
    const { agency, address } = record.origin
    sent.push({ seq: record.seq, sender: agency ?? address, senderId, receivedAtMs: record.receivedAtMs })
  }
  return sent
}

interface Work {
  records: readonly SpoolRecord[]
  normalised: readonly Understood[]
  repeats: ReadonlySet<number>
  engine: Engine
  indicators: IndicatorSet | undefined
  counts: Map<string, SourceCounts>
  spoolId: string
}

interface Outcome {
  batch: Batch
  /** Positions of the events on which detection itself failed. */
  failed: Set<number>
  /** Every version of an alert of a rule in shadow. */
  shadowed: Alert[]
}

/** Pure but for `counts` and the engine's own state: what a stretch of records becomes. */
function worked(
  { records, normalised, repeats, engine, indicators, counts, spoolId }: Work,
  report: PipelineParts['report'],
): Outcome {
  const failed = new Set<number>()
  const events: EcsEvent[] = []
  const alerts = new Map<string, Alert>()
  const shadowed: Alert[] = []
  const deadLetters: DeadLetter[] = []
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
      delta.parseFailures += 1
      deadLetters.push(letter)
    } else if (event) {
      delta.events += 1
      if (event['error.code'] !== undefined) delta.parseFailures += 1
      events.push(event)
      try {
        for (const alert of engine.process(event)) {
          if (alert.shadow === true) shadowed.push(alert)
          else alerts.set(`${alert.id} ${alert.version}`, alert)
        }
        for (const alert of indicators?.alerts(event) ?? []) alerts.set(`${alert.id} ${alert.version}`, alert)
      } catch (error) {
        failed.add(record.seq)
        // One event that breaks the engine must not stop the log; it stays stored and searchable, and is spoken of.
        report({ kind: 'trouble', message: `detection failed on ${recordId(spoolId, record.seq)}: ${String(error)}` })
      }
    }
  }
  for (const record of records) {
    const control = readControl(record)
    if (control && 'hunted' in control) {
      for (const alert of control.hunted) alerts.set(`${alert.id} ${alert.version}`, { ...alert, seq: record.seq })
    }
    if (!control || !('drops' in control)) continue
    const seenAt = new Date(record.receivedAtMs).toISOString()
    for (const { source, agency = UNREGISTERED, count } of control.drops) {
      countOf(counts, source, { agency, seenAt }).dropped += count
    }
  }
  const [from, through] = [records[0]!.seq, records.at(-1)!.seq]
  return { batch: { from, through, events, alerts: [...alerts.values()], deadLetters }, failed, shadowed }
}

/** Time passes for the watch with every record; the collector's own are no sign of life of a source. */
function listen(watch: SourceWatch, records: readonly SpoolRecord[], normalised: readonly Understood[]): void {
  // In the order of the records, of which some are no payload.
  let next = 0
  for (const record of records) {
    const { seq, receivedAtMs, origin } = record
    watch.advance(receivedAtMs, seq)
    if (normalised[next]?.record !== record) continue
    const { result } = normalised[next++]!
    if (origin.input === HEALTH_INPUT) continue
    const event = result.kind === 'event' ? result.event : undefined
    const own = event !== undefined && event['@timestamp'] !== event['event.ingested']
    watch.observe({ seq, receivedAtMs, origin, ...(own && { eventMs: Date.parse(event['@timestamp']) }) })
  }
}

/** Notes the end that each record of a stretch came to. */
function account(
  ledger: Ledger,
  { bundle, classOf }: LedgerClasses,
  records: readonly SpoolRecord[],
  normalised: readonly Understood[],
  ends: { repeats: ReadonlySet<number>; failed: ReadonlySet<number>; refused: readonly EcsEvent[] },
): void {
  const refused = new Set(ends.refused.map((event) => event['soc.seq']))
  for (const { record, result } of normalised) {
    const { seq, receivedAtMs } = record
    const note = (agency: string, what: string, sources?: string): void =>
      ledger.count(bundle, receivedAtMs, agency, what, sources)
    const agency = result.kind === 'event' ? result.event['soc.agency'] : result.letter.agency
    if (ends.repeats.has(seq)) note(agency, 'repeat')
    else if (result.kind === 'dead') note(agency, `dead:${result.letter.code}`)
    else if (refused.has(seq)) note(agency, 'dead:store_refused')
    else note(agency, ends.failed.has(seq) ? 'failed' : 'evaluated', classOf(result.event))
  }
  for (const record of records) {
    const control = readControl(record)
    if (!control) continue
    ledger.count(bundle, record.receivedAtMs, UNREGISTERED, 'control')
    const dropped = 'drops' in control ? control.drops.reduce((sum, { count }) => sum + count, 0) : 0
    if (dropped > 0) ledger.count(bundle, record.receivedAtMs, UNREGISTERED, 'dropped', '', dropped)
  }
}

function countOf(
  counts: Map<string, SourceCounts>,
  source: string,
  seen: { agency: string; system?: string; seenAt: string },
): SourceCounts {
  const key = countKey(source, seen.agency)
  const known = counts.get(key)
  if (known) return Object.assign(known, seen)
  const fresh = { source, ...seen, events: 0, deadLetters: 0, parseFailures: 0, repeats: 0, dropped: 0, bytes: 0 }
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

/** What the store has of a batch now: events that it refuses for good are dead letters, and are given back as they were. */
interface Stored extends Pick<Batch, 'events' | 'deadLetters'> {
  refused: EcsEvent[]
}

async function append(store: Store, batch: Batch, records: readonly SpoolRecord[]): Promise<Stored> {
  const { refused } = await store.append(batch)
  if (refused.length === 0) return { events: batch.events, deadLetters: batch.deadLetters, refused: [] }
  const reasons = new Map(refused.map(({ seq, reason }) => [seq, reason]))
  const events = batch.events.filter((event) => reasons.has(event['soc.seq']))
  const deadLetters = events.map((event) => {
    const seq = event['soc.seq']
    return refusedLetter(
      records.find((record) => record.seq === seq)!,
      event,
      reasons.get(seq)!,
    )
  })
  await store.append({ from: batch.from, through: batch.through, events: [], alerts: [], deadLetters })
  return {
    events: batch.events.filter((event) => !reasons.has(event['soc.seq'])),
    deadLetters: [...batch.deadLetters, ...deadLetters],
    refused: events,
  }
}

/** Gives what was stored to the proof, in order of position. */
function prove(units: Units, { events, deadLetters }: Pick<Batch, 'events' | 'deadLetters'>): void {
  const letters = deadLetters.toSorted((a, b) => a.seq - b.seq)
  let next = 0
  const lettersBefore = (seq: number): void => {
    for (; next < letters.length && letters[next]!.seq < seq; next++) {
      const letter = letters[next]!
      units.add(letter.seq, letter.receivedAt, NO_LEVEL, leafOf(letterEvidence(letter)))
    }
  }
  for (const event of events) {
    lettersBefore(event['soc.seq'])
    const level = levelOf(event['soc.criticality'])
    units.add(event['soc.seq'], event['event.ingested'], level, leafOf(eventEvidence(event)))
  }
  lettersBefore(Infinity)
}

/**
 * Tries until it is done, as long as what fails is a store or a local database that is away, locked or without room: the
 * spool holds what comes meanwhile. Null if stopped before that.
 */
async function insist<T>(parts: PipelineParts, attempt: () => T | Promise<T>): Promise<T | null> {
  for (let waitMs = 0; ; waitMs = Math.min(Math.max(waitMs * 2, RETRY_FIRST_MS), RETRY_MAX_MS)) {
    if (waitMs > 0) await sleep(waitMs)
    try {
      const done = await attempt()
      if (waitMs > 0) parts.report({ kind: 'resumed' })
      return done
    } catch (error) {
      const reason = whyAway(error)
      if (reason === null) throw error
      if (parts.stopped()) return null
      parts.report({ kind: 'waiting', reason })
    }
  }
}

/** Null: nothing that passes by itself. */
function whyAway(error: unknown): string | null {
  if (error instanceof StoreError) return error.code === 'corrupt' ? null : `${error.code}: ${error.message}`
  const { code, message } = error as { code?: unknown; message?: string }
  return typeof code === 'string' && /^SQLITE_(?:BUSY|FULL|IOERR)/.test(code) ? `local database: ${message}` : null
}

function refusedLetter(record: SpoolRecord, event: EcsEvent, reason: string): DeadLetter {
  return {
    record: event['soc.record'],
    seq: record.seq,
    source: event['soc.source'],
    agency: event['soc.agency'],
    receivedAt: event['event.ingested'],
    code: 'store_refused',
    reason,
    bytes: Buffer.from(record.bytes).toString('base64'),
    origin: record.origin,
  }
}
