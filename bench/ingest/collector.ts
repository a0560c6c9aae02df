import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onOneCore } from '../fresh-process.ts'
import { cpuSeconds } from './receivers.ts'

export interface CollectorTask {
  folder: string
  /** As in the configuration; others are off. */
  inputs: Record<string, unknown>
  freeBytesMin?: number
}

/** Since start. */
export interface CollectorTold {
  /** Position up to which all is durable: the number of records. */
  durable: number
  bytes: number
  /** Why the spool takes nothing now, `''` where it does. */
  refusing: string
  dropped: number
  kernelDrops: number
  residentBytes: number
}

/** A collector that runs. */
export interface RunningCollector {
  tell(): Promise<CollectorTold>
  cpuSeconds(): number
  close(): Promise<void>
}

/** Starts the collector in a process of its own, bound to the receivers' core. */
export async function startCollectorProcess(task: Omit<CollectorTask, 'folder'>): Promise<RunningCollector> {
  const parent = mkdtempSync(join(tmpdir(), 'vong-gac-collector-'))
  const words = JSON.stringify({ ...task, folder: join(parent, 'spool') } satisfies CollectorTask)
  const [program, ...args] = onOneCore(process.execPath, [join(import.meta.dirname, 'collector-process.js'), words])
  const child: ChildProcess = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const next = async (): Promise<CollectorTold> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the collector has ended')
    return JSON.parse(value) as CollectorTold
  }
  await next()
  return {
    tell() {
      child.stdin!.write('\n')
      return next()
    },
    cpuSeconds: () => cpuSeconds(child.pid!),
    async close() {
      const exited = once(child, 'exit')
      child.stdin!.end()
      await exited
      rmSync(parent, { recursive: true, force: true })
    },
  }
}
