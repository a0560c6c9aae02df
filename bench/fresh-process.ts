import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { YOUNG_MIB } from '../pipeline/heap.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024

/** The core that measured processes run on; the last one, as the first serves most interrupts. */
const CORE = process.env['BENCH_CORE'] ?? '1'

/** Whether processes can be bound to one core: `taskset` of util-linux, on Linux with more than one. */
const bindable = ((): boolean => {
  try {
    execFileSync('taskset', ['-c', CORE, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

export const boundTo = bindable ? `core ${CORE}` : 'no core (taskset is absent)'

/** The words of a command that runs a program on one core, where that can be. */
export function onOneCore(program: string, args: readonly string[]): string[] {
  return bindable ? ['taskset', '-c', CORE, program, ...args] : [program, ...args]
}

/**
 * Runs a program to its end, on one core, and gives the JSON that it prints.
 * @throws where it fails, with what it wrote to stderr
 */
export function runOnOneCore(program: string, args: readonly string[], timeoutMs = 600_000): unknown {
  const [first = program, ...rest] = onOneCore(program, args)
  const output = execFileSync(first, rest, {
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: timeoutMs,
  })
  return JSON.parse(output) as unknown
}

/** The young generation as the product's thread that matches and correlates has it: V8 divides it into three. */
export const YOUNG = `--max-semi-space-size=${YOUNG_MIB / 3}`

/** Runs a program of this folder in a fresh process of Node; `task` is its only argument, as JSON. */
export function runFresh(script: string, task: unknown, flags: readonly string[] = []): unknown {
  return runOnOneCore(process.execPath, ['--expose-gc', ...flags, join(HERE, script), JSON.stringify(task)])
}

/** The middle value; of an even number, the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

/** CPU time of this process so far, all its threads: a compiler and a collector at work are paid for, too. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** So many milliseconds in which hardly anything is done tell that nothing is left to do; looked for so often at most. */
const IDLE_MS = 50
const IDLE_US = 2000
const LOOKS = 100

/** Collects what is no longer used and waits for the threads that sweep up after it, lest what is measured next pay for them. */
export async function cleared(): Promise<void> {
  globalThis.gc?.()
  for (let i = 0, before = cpuUs(); i < LOOKS; i++) {
    await setTimeout(IDLE_MS)
    const now = cpuUs()
    if (now - before < IDLE_US) return
    before = now
  }
}
