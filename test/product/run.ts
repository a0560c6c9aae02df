import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../../model/root.ts'

const WAIT_MS_MAX = 90_000

export interface Run {
  pid: number
  stdout: () => string
  stderr: () => string
  /** Waits until standard output or error has `text`. */
  says(text: string | RegExp): Promise<void>
  /** Waits for its own end, and gives the exit code; -1 where a signal ended it. */
  ended(): Promise<number>
  signal(name: NodeJS.Signals): void
}

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'vong-gac-run-'))
}

/** Starts the product as `environment` says, ports left to the system, and waits for nothing: it may refuse to run. */
export function run(environment: Record<string, string>, cwd = emptyFolder()): Run {
  const child = spawn(process.execPath, ['--enable-source-maps', join(ROOT, 'dist', 'main.js')], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      SOC_HTTP_PORT: '0',
      SOC_INPUTS_SYSLOG_TCP__PORT: '0',
      SOC_INPUTS_SYSLOG_UDP__PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const exit = once(child, 'close')
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  void exit.then(() => process.off('exit', end))
  const holds = (text: string | RegExp): boolean =>
    [stdout, stderr].some((said) => (typeof text === 'string' ? said.includes(text) : text.test(said)))
  return {
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    async says(text) {
      const deadline = Date.now() + WAIT_MS_MAX
      while (!holds(text)) {
        if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
          throw new Error(`it never said ${String(text)}:\n${stdout}${stderr}`)
        }
        await sleep(25)
      }
    },
    async ended() {
      const timer = setTimeout(end, WAIT_MS_MAX)
      await exit
      clearTimeout(timer)
      return child.exitCode ?? -1
    },
    signal: (name) => void child.kill(name),
  }
}

/** The address of the console that it printed. */
export function consoleUrl({ stdout }: Run): string {
  return /https?:\/\/\S+(?=\/\n)/.exec(stdout())![0]
}
