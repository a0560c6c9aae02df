import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from '../../model/root.ts'

/** The core of the sender; receivers have the other one. */
const CORE = '0'

export interface Sent {
  sent: number
  /** Epoch ms of the first byte. */
  at: number
  /** From there until every receiver has closed its side; over UDP until the last datagram was handed over. */
  ms: number
}

/** Compiles the sender into `folder` and gives its path. @throws where there is no C compiler */
export function compileSender(folder: string): string {
  const program = join(folder, 'sender')
  execFileSync('cc', ['-O2', '-o', program, join(ROOT, 'bench', 'ingest', 'sender.c')], { stdio: 'pipe' })
  return program
}

/** Starts it; `sent` resolves when it has ended by itself. */
export function startSender(
  program: string,
  args: readonly (string | number)[],
): { child: ChildProcess; sent: Promise<Sent> } {
  const child = spawn('taskset', ['-c', CORE, program, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const sent = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`sender ${args.join(' ')} ended with ${String(code)}`)
    return JSON.parse(output) as Sent
  })
  return { child, sent }
}
