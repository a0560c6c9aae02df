import { type ChildProcess, fork } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import type { Answer } from '../api/backtests/backtest.ts'
import type { StartBacktest } from '../api/backtests/jobs.ts'
import type { FromProcess, Order, ToProcess } from './process.ts'
import type { GroupingSettings } from '../api/incidents/grouping-settings.ts'
import type { Config } from '../config.ts'
import type { Levels } from '../model/criticality.ts'
import { LIMIT_MAX, type Store } from '../store/store.ts'

/** Memory of the process, beside what its DuckDB takes. */
const HEAP_MB = 1_536

/** What backtests are about. */
interface World {
  config: Config
  store: Store
  levels: () => Levels
  grouping: GroupingSettings
}

/** Backtests in a process of their own each, which gets what time everything else leaves over. */
export function backtestsIn({ config, store, levels, grouping }: World): StartBacktest {
  return (question, onProgress) => {
    const controller = new AbortController()
    const answer = (async () => {
      const started = start() // it loads its program while files are held for it
      try {
        const held = await store.hold?.()
        try {
          controller.signal.throwIfAborted()
          const { agencies, systems, defaultLevel } = levels()
          const order: Order = {
            question,
            config,
            levels: { agencies, systems, defaultLevel },
            grouping,
            ...(held !== undefined && { held }),
          }
          return await ask(started, order, store, onProgress, controller.signal)
        } finally {
          if (held !== undefined) await store.release?.(held.id)
        }
      } finally {
        started.child.kill('SIGKILL') // whatever it has not answered is of no use
      }
    })()
    return { answer, cancel: () => controller.abort() }
  }
}

interface Started {
  child: ChildProcess
  /** Rejects when it is over. */
  ended: Promise<never>
}

function start(): Started {
  const child = fork(new URL('process.js', import.meta.url), {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  // At once: the threads it starts take it from its first.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject)
    child.on('exit', (code, by) => reject(new Error(`the backtest ended without an answer (${by ?? code})`)))
  })
  ended.catch(() => undefined) // it may end while nobody asks
  return { child, ended }
}

function ask(
  { child, ended }: Started,
  order: Order,
  store: Store,
  onProgress: Parameters<StartBacktest>[1],
  signal: AbortSignal,
): Promise<Answer> {
  const cancel = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', cancel, { once: true })
  const send = (message: ToProcess): void => void child.send(message)
  const { scope, range } = order.question
  const answered = new Promise<Answer>((resolve, reject) => {
    child.on('message', (message: FromProcess) => {
      switch (message.kind) {
        case 'progress':
          onProgress(message.progress)
          break
        case 'alerts': {
          const { after } = message
          store
            .searchAlerts({ scope, range, limit: LIMIT_MAX, ...(after !== undefined && { after }) })
            .then((page) => send({ kind: 'alerts', page }))
            .catch((error: unknown) => {
              reject(error instanceof Error ? error : new Error(String(error)))
              cancel()
            })
          break
        }
        case 'answer':
          resolve(message.answer)
          break
        case 'failed':
          reject(new Error(message.message))
          break
      }
    })
    send({ kind: 'order', order })
  })
  return Promise.race([answered, ended]).finally(() => signal.removeEventListener('abort', cancel))
}
