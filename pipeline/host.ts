import { MessageChannel, Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { EngineStats, RuleCounters } from '../detection/engine.ts'
import type { LoadedRule, RuleProblem } from '../detection/types.ts'
import type { FromThread, ThreadData, ToThread } from './thread.ts'
import { remoteStore } from '../store/remote.ts'
import { StoreError, type Store } from '../store/store.ts'
import { heapLimits } from './heap.ts'

/** What the batch in hand is given when the product stops: little where the store is away anyway. */
const STOP_MS_MAX = 30_000
const STOP_AWAY_MS_MAX = 3_000

export interface RuleStatistics {
  /** That went through detection. */
  events: number
  rules: Record<
    string,
    {
      evaluated: number
      matches: number
      /** That a filter kept out. */
      hidden: number
      alerts: number
      nanos: number
      withheld: number
      /** As it stands: its totals live in the checkpoint. */
      correlation?: NonNullable<RuleCounters['correlation']>
    }
  >
}

/** What the main thread knows of the pipeline. */
export interface PipelineState {
  /** Why nothing is being stored just now; absent while all is well. */
  waiting?: string
  /** Position up to which records are stored and raised. */
  seq: number
  rules: LoadedRule[]
  problems: RuleProblem[]
  /** What each rule cost and found since start, as of the last checkpoint. */
  stats: RuleStatistics
  /** In force: how many, what they take, and how many the never-list keeps out. */
  indicators: { indicators: number; keptOut: number; bytes: number }
  /** Since start. */
  totals: { events: number; alerts: number; deadLetters: number; repeats: number; troubles: number }
}

export interface PipelineHost {
  /** The event store, in the pipeline's thread; `unavailable` until it is open. */
  store: Store
  state: Readonly<PipelineState>
  durable(seq: number): void
  /** Finishes the batch in hand, writes a checkpoint, closes the store; a store that does not answer is left as after a crash. */
  stop(): Promise<void>
}

/**
 * Runs the pipeline in a thread of its own.
 * @param onCheckpoint what the spool may forget, the bundle and indicators in force there, and how much is to be said about sources
 * @param onDeath the thread ended without being told to: nothing is processed any more
 */
export function startPipeline(options: {
  config: Config
  spoolId: string
  durableSeq: number
  log: Logger
  onCheckpoint: (checkpoint: { seq: number; bundle: string; indicators: string; said: number }) => void
  onDeath: (reason: Error) => void
}): PipelineHost {
  const { config, spoolId, durableSeq, log } = options
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(new URL('thread.js', import.meta.url), {
    resourceLimits: heapLimits(config.detection.correlationBytesMax),
    workerData: { config, spoolId, storePort: port2, durableSeq } satisfies ThreadData,
    transferList: [port2],
  })
  const totals = { events: 0, alerts: 0, deadLetters: 0, repeats: 0, troubles: 0 }
  const none: RuleStatistics = { events: 0, rules: {} }
  /** Of engines whose rules are in force no longer. */
  let former = none
  const state: PipelineState = {
    waiting: 'the store is opening',
    seq: 0,
    rules: [],
    problems: [],
    stats: none,
    indicators: { indicators: 0, keptOut: 0, bytes: 0 },
    totals,
  }
  let open = false
  let stopping = false
  const send = (message: ToThread): void => worker.postMessage(message)

  worker.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'open':
        open = true
        delete state.waiting
        break
      case 'opening':
      case 'waiting':
        if (state.waiting !== message.reason)
          log.warn({ reason: message.reason }, 'store is away; the spool keeps what comes')
        state.waiting = message.reason
        break
      case 'resumed':
        log.info('store is back')
        delete state.waiting
        break
      case 'rules':
        state.rules = message.rules
        state.problems = message.problems
        log.info({ bundle: message.bundle.slice(0, 12), rules: message.rules.length }, 'rules in force')
        for (const { path, line, column, severity, code, message: text } of message.problems) {
          log[severity === 'error' ? 'error' : 'warn'](`${path}:${line}:${column}: ${code}: ${text}`)
        }
        break
      case 'indicators': {
        const { manifest, indicators, keptOut, bytes } = message
        state.indicators = { indicators, keptOut, bytes }
        log.info({ manifest: manifest.slice(0, 12), indicators, keptOut, bytes }, 'indicators in force')
        break
      }
      case 'progress':
        state.seq = message.seq
        totals.events += message.events
        totals.alerts += message.alerts
        totals.deadLetters += message.deadLetters
        totals.repeats += message.repeats
        break
      case 'checkpoint':
        state.seq = message.seq
        options.onCheckpoint(message)
        break
      case 'stats':
        state.stats = added(former, message.stats)
        if (message.last) former = state.stats
        break
      case 'trouble':
        totals.troubles += 1
        log.error(message.message)
        break
      case 'stopped':
        break
    }
  })
  worker.on('error', (error) => options.onDeath(error))
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      if (!stopping) options.onDeath(new Error('the pipeline thread ended'))
      resolve()
    })
  })
  return {
    store: untilOpen(remoteStore(port1, config.store.engine), () => open),
    state,
    durable: (seq) => send({ kind: 'durable', seq }),
    stop: async () => {
      stopping = true
      send({ kind: 'stop' })
      const giveUp = (): void => {
        log.warn('the store does not answer: what is not stored is stored at the next start')
        void worker.terminate()
      }
      // DuckDB aborts the process where its thread is ended while it opens a file, and it does not take forever.
      const opening = config.store.engine === 'embedded' && !open
      const left = opening
        ? undefined
        : setTimeout(giveUp, state.waiting === undefined ? STOP_MS_MAX : STOP_AWAY_MS_MAX)
      await exited
      clearTimeout(left)
      port1.close()
    },
  }
}

function added(former: RuleStatistics, { events, rules }: EngineStats): RuleStatistics {
  const sum = { events: former.events + events, rules: { ...former.rules } }
  for (const [id, { evaluated, matches, hidden, alerts, nanos, withheld, correlation }] of Object.entries(rules)) {
    const before = former.rules[id] ?? { evaluated: 0, matches: 0, hidden: 0, alerts: 0, nanos: 0, withheld: 0 }
    sum.rules[id] = {
      evaluated: before.evaluated + evaluated,
      matches: before.matches + matches,
      hidden: before.hidden + hidden,
      alerts: before.alerts + alerts,
      nanos: before.nanos + nanos,
      withheld: before.withheld + withheld,
      ...(correlation && { correlation }),
    }
  }
  return sum
}

/** Until the engine is open, every call is told so at once instead of waiting for an answer that may never come. */
function untilOpen(store: Store, isOpen: () => boolean): Store {
  const opened = async (): Promise<Store> => {
    if (!isOpen()) throw new StoreError('unavailable', 'the store is opening')
    return store
  }
  return {
    engine: store.engine,
    append: async (batch) => (await opened()).append(batch),
    searchEvents: async (query) => (await opened()).searchEvents(query),
    aggregate: async (query) => (await opened()).aggregate(query),
    getEvents: async (ids, scope) => (await opened()).getEvents(ids, scope),
    searchAlerts: async (query) => (await opened()).searchAlerts(query),
    searchDeadLetters: async (query) => (await opened()).searchDeadLetters(query),
    counts: async (scope) => (await opened()).counts(scope),
    ...(store.hold !== undefined && { hold: async () => (await opened()).hold!() }),
    ...(store.release !== undefined && { release: async (id: number) => (await opened()).release!(id) }),
    stored: async (query) => (await opened()).stored(query),
    partitions: async () => (await opened()).partitions(),
    drop: async (partitions) => (await opened()).drop(partitions),
    files: async () => (await opened()).files(),
    fileDigest: async (path) => (await opened()).fileDigest(path),
    ready: async () => (await opened()).ready(),
    snapshot: async (folder) => (await opened()).snapshot?.(folder),
    close: () => Promise.resolve(), // closed by its own thread
  }
}
