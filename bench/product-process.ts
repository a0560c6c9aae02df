import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../model/root.ts'

const START_MS_MAX = 120_000

/** The compiled product as a process of its own, as a user starts it, on free ports of 127.0.0.1. */
export interface ProductProcess {
  pid: number
  url: string
  ports: { http: number; syslogTcp: number; syslogUdp: number }
  dataFolder: string
  environment: Record<string, string>
  /** All it has written so far, for the reason of a failure. */
  output: () => string
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Starts it and waits until `/livez` answers.
 * @param environment settings over the defaults; pass those of an ended process to start it again on the same data and ports
 * @throws with its output if it ends or does not answer in time
 */
export async function startProductProcess(environment: Record<string, string> = {}): Promise<ProductProcess> {
  const settings = { ...(await freshSettings(environment)), ...environment }
  const child = spawn(process.execPath, ['--enable-source-maps', join(ROOT, 'dist', 'main.js')], {
    cwd: settings['SOC_DATA_FOLDER'] === undefined ? ROOT : tmpdir(),
    env: { PATH: process.env['PATH'], SOC_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${settings['SOC_HTTP_PORT']}`
  await answering(child, url, () => output)
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
    return child.exitCode
  }
  return {
    pid: child.pid!,
    url,
    ports: {
      http: Number(settings['SOC_HTTP_PORT']),
      syslogTcp: Number(settings['SOC_INPUTS_SYSLOG_TCP__PORT']),
      syslogUdp: Number(settings['SOC_INPUTS_SYSLOG_UDP__PORT']),
    },
    dataFolder: settings['SOC_DATA_FOLDER']!,
    environment: settings,
    output: () => output,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  }
}

async function freshSettings(given: Record<string, string>): Promise<Record<string, string>> {
  const ports = await Promise.all(
    ['SOC_HTTP_PORT', 'SOC_INPUTS_SYSLOG_TCP__PORT', 'SOC_INPUTS_SYSLOG_UDP__PORT'].map(
      async (name) => [name, given[name] ?? String(await freePort())] as const,
    ),
  )
  const dataFolder = given['SOC_DATA_FOLDER'] ?? mkdtempSync(join(tmpdir(), 'vong-gac-'))
  return { ...Object.fromEntries(ports), SOC_DATA_FOLDER: dataFolder }
}

async function answering(child: ChildProcess, url: string, output: () => string): Promise<void> {
  const deadline = Date.now() + START_MS_MAX
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the product ended:\n${output()}`)
    // Not kept for the next request: a caller that runs other programs meanwhile does not hear that it was closed.
    const answer = await fetch(`${url}/livez`, { headers: { connection: 'close' } }).catch(() => null)
    if (answer?.ok) return
    await sleep(50)
  }
  child.kill('SIGKILL')
  throw new Error(`no answer within ${START_MS_MAX} ms:\n${output()}`)
}
