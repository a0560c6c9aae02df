import { readFileSync } from 'node:fs'
import { backtest, type Answer, type Progress, type Question } from '../api/backtests/backtest.ts'
import type { GroupingSettings } from '../api/incidents/grouping-settings.ts'
import type { Config } from '../config.ts'
import type { Alert } from '../model/alert.ts'
import { criticality, type Levels } from '../model/criticality.ts'
import { readHeld } from '../store/embedded/held.ts'
import { eventsOf, type EventSource } from '../store/event-source.ts'
import type { Held } from '../store/store.ts'

/** Process shell: one backtest, asked for and answered in messages; the parent has it run at low priority. */
export interface Order {
  question: Question
  /** Of the embedded engine; absent: the cluster that the settings name. */
  held?: Held
  config: Config
  /** As far as it goes for security levels: a registry takes longer to read than most backtests. */
  levels: Levels
  grouping: GroupingSettings
}

export type ToProcess = { kind: 'order'; order: Order } | { kind: 'alerts'; page: Alert[] }
export type FromProcess =
  | { kind: 'progress'; progress: Progress }
  /** Asks for the page of stored alerts after this one. */
  | { kind: 'alerts'; after?: { timestamp: string; seq: number; id: string } }
  | { kind: 'answer'; answer: Answer }
  | { kind: 'failed'; message: string }

const PROGRESS_EVERY_MS = 250

const tell = (message: FromProcess): void => void process.send!(message)
let givePage: (page: Alert[]) => void = () => undefined

process.on('message', (message: ToProcess) => {
  if (message.kind === 'alerts') givePage(message.page)
  else void work(message.order)
})
process.on('disconnect', () => process.exit(1)) // the parent is gone: nobody waits for the answer

async function* alerts(): AsyncGenerator<Alert[]> {
  for (let after: { timestamp: string; seq: number; id: string } | undefined; ;) {
    const page = await new Promise<Alert[]>((resolve) => {
      givePage = resolve
      tell({ kind: 'alerts', ...(after !== undefined && { after }) })
    })
    const last = page.at(-1)
    if (last === undefined) return
    after = { timestamp: last['@timestamp'], seq: last.seq, id: last.id }
    yield page
  }
}

async function sourceOf({ held, config }: Order): Promise<EventSource> {
  if (held !== undefined) return readHeld(held)
  // Its client takes as long to load as all the rest.
  const { openElasticsearch } = await import('../store/elasticsearch/elasticsearch.ts')
  const { node, ca, apiKey, username, password, prefix } = config.store
  const store = await openElasticsearch({
    node: node!,
    ...(apiKey !== undefined && { auth: { apiKey } }),
    ...(username !== undefined && { auth: { username, password: password ?? '' } }),
    ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
    ...(prefix !== undefined && { prefix }),
  })
  return { ...eventsOf(store), close: () => store.close() }
}

async function work(order: Order): Promise<void> {
  const { question, config, levels, grouping } = order
  try {
    const source = await sourceOf(order)
    let toldAt = 0
    const answer = await backtest(question, {
      source,
      alerts,
      engine: {
        latenessMs: config.detection.latenessMs,
        timeZone: config.timeZone,
        latenessByAgency: new Map(Object.entries(config.detection.latenessByAgency)),
        bytesMax: config.detection.correlationBytesMax,
      },
      criticality: (agency, system, at) => criticality(levels, agency, system, at),
      grouping,
      onProgress: (progress) => {
        if (performance.now() - toldAt < PROGRESS_EVERY_MS) return
        toldAt = performance.now()
        tell({ kind: 'progress', progress })
      },
    })
    await source.close()
    tell({ kind: 'answer', answer })
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
  process.disconnect()
}
